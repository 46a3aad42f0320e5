import { Alert, Group, List, Stack, Text, ThemeIcon, Title } from "@mantine/core";
import { IconAlertTriangle, IconShieldCheck } from "@tabler/icons-react";
import type { workspace } from "@/api/models";
import { type Said, useWhy } from "@/components/use-said";
import { useTranslation } from "@/i18n/use-translation";

/** What a file proves by itself, what it does not, and what is in doubt. */
export function Report({ report }: { report: workspace.FileReport }) {
  const { t } = useTranslation();
  const { say } = useWhy();
  const sound = report.doubts.length === 0;
  const Icon = sound ? IconShieldCheck : IconAlertTriangle;
  return (
    <Stack gap="md" maw={880}>
      <Group gap="sm" wrap="nowrap" align="flex-start" role="status">
        <ThemeIcon size={34} radius="xl" variant="light" color={sound ? "green" : "red"}>
          <Icon size={20} stroke={1.7} aria-hidden />
        </ThemeIcon>
        <div>
          <Text size="md" fw={600}>
            {sound
              ? t("exchange.report.sound")
              : t("exchange.report.doubtful", { count: report.doubts.length })}
          </Text>
          <Text size="sm" c="dimmed">
            {say(report.summary.text, report.summary)}
          </Text>
        </div>
      </Group>
      {!sound && (
        <Alert color="red" variant="light" icon={<IconAlertTriangle aria-hidden />} role="alert">
          <Sentences all={report.doubts} />
        </Alert>
      )}
      <section>
        <Title order={3} fz="md" mb={6}>
          {t("exchange.report.proved")}
        </Title>
        <Sentences all={report.proved} />
      </section>
      <section>
        <Title order={3} fz="md" mb={6}>
          {t("exchange.report.notProved")}
        </Title>
        <Sentences all={report.notProved} />
      </section>
    </Stack>
  );
}

function Sentences({ all }: { all: Said[] }) {
  const { say } = useWhy();
  return (
    <List size="sm" spacing={4}>
      {all.map((sentence) => (
        <List.Item key={sentence.text} style={{ overflowWrap: "anywhere" }}>
          {say(sentence.text, sentence)}
        </List.Item>
      ))}
    </List>
  );
}
