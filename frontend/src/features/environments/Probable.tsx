import { Box, Button, Group, Paper, Stack, Text } from "@mantine/core";
import { IconChevronDown, IconChevronRight } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useId, useState } from "react";
import { findProbable, probablyDeployed } from "@/api/environments";
import type { workspace } from "@/api/models";
import { NotRead } from "@/components/NotRead";
import { useAct } from "@/components/use-act";
import { Waiting } from "@/components/Waiting";
import { When } from "@/components/When";
import { useTranslation } from "@/i18n/use-translation";

const step = 50;

/** What the user of a deployment changed in its time and its answer does not name: no finding, and never left out. */
export function Probable({ environment, count }: { environment: string; count: number }) {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  const id = useId();
  const Chevron = open ? IconChevronDown : IconChevronRight;
  return (
    <Paper withBorder radius="md" p="sm">
      <Button
        variant="subtle"
        size="compact-md"
        leftSection={<Chevron size={16} aria-hidden />}
        aria-expanded={open}
        aria-controls={open ? id : undefined}
        onClick={() => setOpen(!open)}
      >
        {t("environments.probable.title", { count })}
      </Button>
      <Text size="sm" c="dimmed" mt={4}>
        {t("environments.probable.why")}
      </Text>
      {open && (
        <Box id={id}>
          <Lines environment={environment} />
        </Box>
      )}
    </Paper>
  );
}

function Lines({ environment }: { environment: string }) {
  const { t } = useTranslation();
  const list = useQuery(probablyDeployed(environment));
  const [shown, setShown] = useState(step);
  if (!list.data)
    return list.isError ? <NotRead title={t("environments.probable.notRead")} query={list} /> : <Waiting />;
  return (
    <>
      <Stack component="ul" gap={6} p={0} m={0} mt="sm" aria-label={t("environments.probable.label")}>
        {list.data.slice(0, shown).map((line) => (
          <Line key={line.kind + line.ref} environment={environment} line={line} />
        ))}
      </Stack>
      {list.data.length > shown && (
        <Button mt="sm" size="xs" variant="default" onClick={() => setShown(shown + step)}>
          {t("environments.outside.more")}
        </Button>
      )}
    </>
  );
}

function Line({ environment, line }: { environment: string; line: workspace.ProbableChange }) {
  const { t } = useTranslation();
  const find = useAct(() => findProbable(environment, [line.ref]), {
    key: ["find-probable", line.ref],
    done: () => t("environments.probable.found"),
  });
  const what = line.text || line.component.replace(":", " ");
  return (
    <Group component="li" gap="sm" wrap="nowrap" justify="space-between" style={{ listStyle: "none" }}>
      <Box miw={0}>
        <Text size="sm" style={{ overflowWrap: "anywhere" }}>
          {what}
        </Text>
        <Text size="xs" c="dimmed">
          {line.by} · <When at={line.at} /> · {t("environments.probable.deployment", { id: line.deployment })}
        </Text>
      </Box>
      <Button
        size="xs"
        variant="default"
        flex="none"
        loading={find.isPending}
        aria-label={t("environments.probable.notItsLabel", { what })}
        onClick={() => find.mutate()}
      >
        {t("environments.probable.notIts")}
      </Button>
    </Group>
  );
}
