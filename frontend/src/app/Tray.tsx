import { ActionIcon, Box, Button, Group, Popover, ScrollArea, Stack, Text } from "@mantine/core";
import { IconAlertTriangle, IconCheck, IconPlayerPlay, IconPlayerStop, IconX } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { cancelAttempt } from "@/api/deployment-logs";
import { dismissWork, runs, works } from "@/api/home";
import { workspace } from "@/api/models";
import { EnvironmentBadge } from "@/components/EnvironmentBadge";
import { faultHint, keyOfAct, useAct } from "@/components/use-act";
import { useOutcome } from "@/components/use-said";
import { When } from "@/components/When";
import { WorkLink } from "@/components/WorkLink";
import { WorkProgress } from "@/components/WorkProgress";
import { useTranslation } from "@/i18n/use-translation";

const { Retrieve, Validate, Deploy, Quick, ReverseCheck } = workspace.WorkKind;
const attempts: string[] = [Retrieve, Validate, Deploy, Quick, ReverseCheck];

/** What runs and what ended, from every page: how far it is, how to stop it, and that the window may be closed. */
export function Tray() {
  const { t } = useTranslation();
  const outcome = useOutcome();
  const [opened, setOpened] = useState(false);
  const all = useQuery(works).data ?? [];
  const running = all.filter(runs);
  const ended = all.filter((w) => !runs(w));
  const failed = ended.filter((w) => !w.succeeded).length;
  const dismissAll = useAct(async () => {
    for (const w of ended) await dismissWork(w.id);
  });
  const close = () => setOpened(false);
  return (
    <>
      <Popover
        opened={opened}
        onChange={setOpened}
        position="bottom-end"
        width="min(440px, 92vw)"
        shadow="md"
        trapFocus
        returnFocus
        transitionProps={{ duration: 0 }}
      >
        <Popover.Target>
          <Button
            size="xs"
            variant={running.length > 0 ? "default" : "subtle"}
            color={running.length > 0 ? undefined : "gray"}
            className="tabular"
            style={{ flex: "none" }}
            leftSection={
              running.length > 0 ? (
                <IconPlayerPlay size={14} color="var(--text-active)" aria-hidden />
              ) : failed > 0 ? (
                <IconAlertTriangle size={14} color="var(--mantine-color-red-light-color)" aria-hidden />
              ) : (
                <IconCheck size={14} aria-hidden />
              )
            }
            aria-haspopup="dialog"
            onClick={() => setOpened((o) => !o)}
          >
            {running.length > 0
              ? t("tray.running", { count: running.length })
              : failed > 0
                ? t("tray.failed", { count: failed })
                : t("tray.idle")}
          </Button>
        </Popover.Target>
        <Popover.Dropdown p={0} aria-label={t("tray.label")}>
          {all.length === 0 ? (
            <Text size="sm" c="dimmed" p="md" data-autofocus tabIndex={-1}>
              {t("tray.none")}
            </Text>
          ) : (
            <ScrollArea.Autosize mah="60vh" type="auto">
              <Stack gap={0} component="ul" m={0} p={0} style={{ listStyle: "none" }}>
                {running.map((work) => (
                  <Running key={work.id} work={work} onOpen={close} />
                ))}
                {ended.map((work) => (
                  <Ended key={work.id} work={work} onOpen={close} />
                ))}
              </Stack>
            </ScrollArea.Autosize>
          )}
          <Group
            justify="space-between"
            px="md"
            py="xs"
            gap="xs"
            style={{ borderTop: "1px solid var(--mantine-color-default-border)" }}
          >
            <Text size="xs" c="dimmed" flex="1 1 200px">
              {t("tray.safe")}
            </Text>
            {ended.length > 1 && (
              <Button size="compact-xs" variant="subtle" onClick={() => dismissAll.mutate()}>
                {t("tray.dismissAll")}
              </Button>
            )}
          </Group>
        </Popover.Dropdown>
      </Popover>
      <div className="unseen" role="status">
        {ended[0] ? `${title(t, ended[0])}: ${outcome(ended[0])}` : ""}
      </div>
    </>
  );
}

type RowProps = { work: workspace.Work; onOpen: () => void };

function Running({ work, onOpen }: RowProps) {
  const { t } = useTranslation();
  const cancel = useAct(cancelAttempt, { key: keyOfAct.cancelAttempt(work.logId) });
  const cancellable = work.logId !== "" && attempts.includes(work.kind);
  return (
    <Box component="li" className="task" px="md" py="sm" data-production={work.production || undefined}>
      <Group justify="space-between" wrap="nowrap" gap="xs" mb={6}>
        <Name work={work} onOpen={onOpen} />
        {cancellable && (
          <Button
            size="compact-xs"
            variant="default"
            leftSection={<IconPlayerStop size={13} aria-hidden />}
            loading={cancel.isPending}
            onClick={() => cancel.mutate(work.logId)}
            aria-label={t("tray.cancel", { what: title(t, work) })}
          >
            {t("common.cancel")}
          </Button>
        )}
      </Group>
      <WorkProgress work={work} />
    </Box>
  );
}

function Ended({ work, onOpen }: RowProps) {
  const { t } = useTranslation();
  const outcome = useOutcome();
  const dismiss = useAct(dismissWork);
  const Icon = work.succeeded ? IconCheck : IconAlertTriangle;
  return (
    <Box component="li" className="task" px="md" py="sm">
      <Group gap="xs" wrap="nowrap" align="flex-start">
        <Icon
          size={17}
          stroke={1.8}
          role="img"
          aria-label={t(work.succeeded ? "tray.succeeded" : "tray.notSucceeded")}
          style={{
            flex: "none",
            marginTop: 2,
            color: work.succeeded
              ? "var(--mantine-color-green-light-color)"
              : "var(--mantine-color-red-light-color)",
          }}
        />
        <Box flex={1} style={{ minWidth: 0 }}>
          <Name work={work} onOpen={onOpen} />
          <Text size="sm" style={{ overflowWrap: "anywhere" }}>
            {outcome(work)}
          </Text>
          {work.problem?.hint && (
            <Text size="sm" fw={500} style={{ overflowWrap: "anywhere" }}>
              {faultHint(t, work.problem)}
            </Text>
          )}
          <When at={work.endedAt} />
        </Box>
        <ActionIcon
          size="sm"
          variant="subtle"
          color="gray"
          aria-label={t("tray.dismiss", { what: title(t, work) })}
          onClick={() => dismiss.mutate(work.id)}
        >
          <IconX size={14} />
        </ActionIcon>
      </Group>
    </Box>
  );
}

function Name({ work, onOpen }: RowProps) {
  const { t } = useTranslation();
  return (
    <Group gap={8} style={{ minWidth: 0, rowGap: 2 }}>
      <WorkLink work={work} className="task-name" onClick={onOpen}>
        <Text span size="sm" fw={550}>
          {title(t, work)}
        </Text>
      </WorkLink>
      {work.environment && work.environment !== work.title && (
        <EnvironmentBadge size="sm" id="" name={work.environment} production={work.production} />
      )}
    </Group>
  );
}

const title = (t: (key: string) => string, work: workspace.Work) =>
  `${t(`tray.kind.${work.kind}`)} ${work.title}`.trim();
