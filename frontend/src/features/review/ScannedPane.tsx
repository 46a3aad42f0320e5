import { Alert, Group, SegmentedControl, Stack, Text } from "@mantine/core";
import { IconAlertTriangle } from "@tabler/icons-react";
import { useNavigate, useSearch } from "@tanstack/react-router";
import type { metadata, scan, workspace } from "@/api/models";
import { isKnown } from "@/api/times";
import { EnvironmentBadge } from "@/components/EnvironmentBadge";
import { Meaning } from "@/components/Meaning";
import { lineOf } from "@/components/paths";
import { When } from "@/components/When";
import { useTranslation } from "@/i18n/use-translation";
import type { Entry } from "./entries";
import { Files } from "./Files";
import { Heading } from "./Heading";

type Props = { entry: Entry; item: scan.Item; view: workspace.RecordView };

/** A customization of a record: what differs between target and source, and who changed it last on each side. */
export function ScannedPane({ entry, item, view }: Props) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const { tab } = useSearch({ strict: false });
  const changes = item.changes ?? [];
  const meaningful = changes.length > 0;
  const shown = meaningful ? (tab ?? (readsAsText(changes) ? "text" : "meaning")) : "text";
  const { source, target } = view;
  const { type, name, action } = item;
  return (
    <Stack gap="sm">
      <Heading entry={entry} />
      <Stamps item={item} source={source} target={target} />
      {overwrites(item) && (
        <Alert color="yellow" variant="light" p="xs" icon={<IconAlertTriangle aria-hidden />}>
          {t("review.newerInTarget", {
            by: item.targetBy || t("review.someone"),
            target: target.environment.name,
          })}
        </Alert>
      )}
      <Group justify="space-between" gap="xs">
        <Text size="sm" fw={550}>
          {meaningful
            ? t("review.differences", { count: changes.length })
            : t(`review.nothing.${entry.kind}`, {
                target: target.environment.name,
                source: source.environment.name,
                defaultValue: t("review.nothing.changed"),
              })}
        </Text>
        {meaningful && (
          <SegmentedControl
            size="xs"
            transitionDuration={0}
            aria-label={t("review.show")}
            value={shown}
            onChange={(value) =>
              navigate({ to: ".", search: (old) => ({ ...old, tab: value }), replace: true })
            }
            data={[
              { value: "meaning", label: t("difference.byMeaning") },
              { value: "text", label: t("review.asText") },
            ]}
          />
        )}
      </Group>
      {shown === "meaning" ? (
        <Meaning key={entry.key} changes={changes} target={target.environment.name} />
      ) : (
        <Files
          key={entry.key}
          record={view.record.id}
          customization={{ type, name, action }}
          target={target.environment.name}
          source={source.environment.name}
        />
      )}
    </Stack>
  );
}

/** Code is compared by its lines, and lines read best in their text. */
const readsAsText = (changes: metadata.Change[]) => changes.every((c) => lineOf(c.path) > 0 || c.path === "");

/** The target was changed after the source: deploying would put the older content over it. */
export const overwrites = (item: scan.Item) => {
  const there = new Date(item.targetAt).getTime();
  const here = new Date(item.sourceAt).getTime();
  return item.state === "changed" && isKnown(item.targetAt) && isKnown(item.sourceAt) && there > here;
};

type StampsProps = { item: scan.Item; source: workspace.EnvironmentView; target: workspace.EnvironmentView };

function Stamps({ item, source, target }: StampsProps) {
  const { t } = useTranslation();
  const sides = [
    { side: target, by: item.targetBy, at: item.targetAt, there: item.state !== "new" },
    {
      side: source,
      by: item.sourceBy,
      at: item.sourceAt,
      there: item.state !== "missing in source" && item.state !== "delete",
    },
  ];
  return (
    <Group gap="xl" style={{ rowGap: 4 }}>
      {sides.map(({ side, by, at, there }) => (
        <Group key={side.environment.id} gap={8} style={{ rowGap: 2 }}>
          <EnvironmentBadge
            size="sm"
            id={side.environment.id}
            name={side.environment.name}
            kind={side.environment.kind}
            production={side.production}
          />
          <Text size="sm" c={by ? undefined : "dimmed"}>
            {by
              ? t("review.changedBy", { by })
              : t(there ? "review.changedByUnknown" : "difference.notThere")}{" "}
            {isKnown(at) && <When at={at} />}
          </Text>
        </Group>
      ))}
    </Group>
  );
}
