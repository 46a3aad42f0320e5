import { Box, Progress, Stack, Text, Title } from "@mantine/core";
import type { workspace } from "@/api/models";
import { Mark } from "@/components/Mark";
import { useWaited } from "@/components/Waiting";
import { useTranslation } from "@/i18n/use-translation";

/** While the demo's story is told: how far it is, and what is done now. */
export function Preparing({ preparing }: { preparing?: workspace.Preparing | null }) {
  const { t } = useTranslation();
  const seconds = useWaited();
  const { done = 0, total = 0 } = preparing ?? {};
  return (
    <Box component="main" id="main" tabIndex={-1} className="first-start">
      <Stack gap="sm" maw="34rem" mx="auto" p="lg" pt="18vh">
        <Mark size={44} />
        <Title order={1} fz="xl">
          {t("firstStart.preparing.title")}
        </Title>
        <Text size="md" c="dimmed">
          {t("firstStart.preparing.text")}
        </Text>
        <Progress
          value={total > 0 ? (100 * done) / total : 0}
          size="md"
          transitionDuration={0}
          aria-label={t("firstStart.preparing.progress")}
        />
        <Text size="sm" role="status">
          {preparing?.sentence
            ? t(`firstStart.story.${preparing.code}`, { defaultValue: preparing.sentence })
            : t("firstStart.preparing.first")}
        </Text>
        <Text size="sm" c="dimmed" className="tabular">
          {total > 0 && t("firstStart.preparing.of", { done, total })}
          {total > 0 && seconds !== undefined && " · "}
          {seconds !== undefined && t("firstStart.preparing.so", { seconds })}
        </Text>
      </Stack>
    </Box>
  );
}
