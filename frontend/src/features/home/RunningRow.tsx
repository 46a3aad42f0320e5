import { Box, Group, Text } from "@mantine/core";
import type { workspace } from "@/api/models";
import { EnvironmentBadge } from "@/components/EnvironmentBadge";
import { WorkLink } from "@/components/WorkLink";
import { WorkProgress } from "@/components/WorkProgress";
import { useTranslation } from "@/i18n/use-translation";

/** Something that runs, with how far it is. */
export function RunningRow({ work }: { work: workspace.Work }) {
  const { t } = useTranslation();
  return (
    <Box component="li" className="task" px="sm" py={10} data-production={work.production || undefined}>
      <Group gap={8} mb={4} style={{ rowGap: 2 }}>
        <WorkLink work={work} className="task-name" data-task>
          <Text span size="sm" fw={550}>
            {t(`tray.kind.${work.kind}`)}
          </Text>{" "}
          <Text span size="sm" c="dimmed" className="tabular">
            {work.title}
          </Text>
        </WorkLink>
        {work.environment && work.environment !== work.title && (
          <EnvironmentBadge size="sm" id="" name={work.environment} production={work.production} />
        )}
      </Group>
      <WorkProgress work={work} />
    </Box>
  );
}
