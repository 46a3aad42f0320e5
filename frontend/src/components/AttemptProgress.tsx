import { Box, Button, Group, Progress, Stack, Text } from "@mantine/core";
import { IconPlayerStop } from "@tabler/icons-react";
import { cancelAttempt } from "@/api/deployment-logs";
import type { workspace } from "@/api/models";
import { isKnown } from "@/api/times";
import { useTranslation } from "@/i18n/use-translation";
import { usePageActions } from "./page-actions";
import { keyOfAct, useAct } from "./use-act";
import { duration, useNow } from "./WorkProgress";

/**
 * An attempt that runs in an org: components and tests, what the org works on, how long it takes so far, when the org
 * was last heard, its place in the queue, and the way to stop it.
 */
export function AttemptProgress({ view }: { view: workspace.LogView }) {
  const { t } = useTranslation();
  const { log, queue, record } = view;
  const now = useNow(true);
  const cancel = useAct(cancelAttempt, { key: keyOfAct.cancelAttempt(log.id) });
  usePageActions(`${record.label} ${record.name}`, [
    view.canCancel && { id: "stop-attempt", busy: cancel.isPending, run: () => cancel.mutate(log.id) },
  ]);
  const since = (at: string) => Math.max(0, (now - new Date(at).getTime()) / 1000);
  const heard = isKnown(log.lastContact);
  const color = record.production ? "red.9" : undefined;
  const facts = [
    queue > 0 && t("attempt.queue", { place: queue }),
    log.stateDetail,
    t("attempt.elapsed", { time: duration(since(log.startedAt)) }),
    heard && t("attempt.heard", { count: Math.round(since(log.lastContact)) }),
  ].filter(Boolean);
  return (
    <Stack gap="xs">
      <Group justify="space-between" align="flex-start" gap="md">
        <Box className="columns" data-columns="2-xs" data-gap="lg" flex={1} miw={220} maw={720}>
          <Meter
            label={t("attempt.components")}
            done={log.componentsDone}
            total={log.componentsTotal}
            errors={log.componentErrors}
            color={color}
          />
          <Meter
            label={t("attempt.tests")}
            done={log.testsDone}
            total={log.testsTotal}
            errors={log.testErrors}
            color={color}
          />
        </Box>
        {(view.canCancel || log.cancelWanted) && (
          <Button
            size="xs"
            variant="default"
            leftSection={<IconPlayerStop size={14} aria-hidden />}
            disabled={log.cancelWanted}
            loading={cancel.isPending}
            onClick={() => cancel.mutate(log.id)}
          >
            {t(log.cancelWanted ? "attempt.cancelling" : "common.cancel")}
          </Button>
        )}
      </Group>
      <Text size="sm" className="tabular" style={{ overflowWrap: "anywhere" }}>
        {facts.join(" · ")}
      </Text>
      {log.cancelWanted && <Text size="sm">{t("attempt.cancelWanted")}</Text>}
      <Text size="xs" c="dimmed">
        {t("attempt.mayClose")}
      </Text>
    </Stack>
  );
}

type MeterProps = { label: string; done: number; total: number; errors: number; color?: string };

function Meter({ label, done, total, errors, color }: MeterProps) {
  const { t } = useTranslation();
  return (
    <div>
      <Group justify="space-between" gap="xs" mb={4}>
        <Text size="sm" fw={550}>
          {label}
        </Text>
        <Text size="sm" className="tabular">
          {total > 0 ? t("work.of", { done, total }) : t("attempt.notYet")}
          {errors > 0 && (
            <Text span size="sm" c="var(--mantine-color-red-light-color)" fw={550}>
              {" · "}
              {t("attempt.errors", { count: errors })}
            </Text>
          )}
        </Text>
      </Group>
      <Progress
        value={total > 0 ? Math.min(100, (100 * done) / total) : 0}
        size="sm"
        radius="xs"
        transitionDuration={0}
        color={color}
        aria-label={label}
      />
    </div>
  );
}
