import { Button, Group, Paper, Stack, Text } from "@mantine/core";
import { IconCircleCheck } from "@tabler/icons-react";
import { useState } from "react";
import { governance, type workspace } from "@/api/models";
import { useTranslation } from "@/i18n/use-translation";

const atOnce = 30;

/** The tests: failing ones first, each with message and stack; what ran beside them is a number. */
export function TestFailures({ view }: { view: workspace.LogView }) {
  const { t } = useTranslation();
  const [shown, setShown] = useState(atOnce);
  const { log } = view;
  const failing = log.outcome.tests;
  const passed = Math.max(0, log.testsDone - log.testErrors);
  return (
    <Stack gap="xs">
      {failing.slice(0, shown).map((test, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a method can fail twice
        <Paper key={i} withBorder p="sm" radius="sm">
          <Text size="sm" fw={600} style={{ overflowWrap: "anywhere" }}>
            {test.class}.{test.method}
          </Text>
          <Text size="sm" style={{ overflowWrap: "anywhere" }}>
            {test.message}
          </Text>
          {test.stack && (
            <Text
              component="pre"
              size="xs"
              c="dimmed"
              ff="monospace"
              m={0}
              mt={4}
              style={{ whiteSpace: "pre-wrap", overflowWrap: "anywhere" }}
            >
              {test.stack}
            </Text>
          )}
        </Paper>
      ))}
      {failing.length > shown && (
        <Button size="xs" variant="default" w="fit-content" onClick={() => setShown(shown + 100)}>
          {t("logs.more", { count: failing.length - shown })}
        </Button>
      )}
      {failing.length === 0 && log.testsTotal === 0 && (
        <Text size="sm" c="dimmed">
          {t(log.progress === governance.Progress.Done ? "logs.noTests" : "logs.noTestsYet")}
        </Text>
      )}
      {passed > 0 && (
        <Group gap={6}>
          <IconCircleCheck size={16} aria-hidden />
          <Text size="sm" className="tabular">
            {t("logs.passed", { count: passed })}
          </Text>
        </Group>
      )}
    </Stack>
  );
}
