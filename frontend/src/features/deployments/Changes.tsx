import { Anchor, Group, ScrollArea, Stack, Text } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import type { scan } from "@/api/models";
import { Meaning } from "@/components/Meaning";
import { useTranslation } from "@/i18n/use-translation";
import { StateBadge } from "./StateBadge";

type Props = { item: scan.Item; recordId: string; target: string };

/** The difference of one customization by meaning: what is added, removed or changed, from the target to the source. */
export function Changes({ item, recordId, target }: Props) {
  const { t } = useTranslation();
  const label = t("deployments.changesOf", { name: item.name });
  return (
    <Stack gap="xs" component="section" aria-label={label}>
      <Group gap="xs">
        <StateBadge state={item.state} />
        <Text size="sm" fw={600}>
          {item.type}: {item.name}
        </Text>
        <Anchor
          size="sm"
          renderRoot={(props) => (
            <Link
              to="/deployments/$id/review"
              params={{ id: recordId }}
              search={{ item: `${item.type}/${item.name}` }}
              {...props}
            />
          )}
        >
          {t("deployments.asText")}
        </Anchor>
      </Group>
      {item.changes.length === 0 ? (
        <Text size="sm" c="dimmed">
          {t(`deployments.noChanges.${item.state}`)}
        </Text>
      ) : (
        <ScrollArea.Autosize mah={320} viewportProps={{ tabIndex: 0, role: "group", "aria-label": label }}>
          <Meaning changes={item.changes} target={target} />
        </ScrollArea.Autosize>
      )}
    </Stack>
  );
}
