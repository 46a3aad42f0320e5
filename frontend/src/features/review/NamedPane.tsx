import { Alert, Anchor, Stack, Table, Text } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import type { workspace } from "@/api/models";
import { When } from "@/components/When";
import { useTranslation } from "@/i18n/use-translation";
import type { Entry } from "./entries";
import { Heading } from "./Heading";

type Props = {
  entry: Entry;
  content: workspace.ContentItem;
  /** Deployment Records in which the content was or can be scanned. */
  records: workspace.RecordRow[];
  others: workspace.Overlap[];
};

/** A customization as a request names it: what becomes of it, how strict the policy is with it, what is known of it. */
export function NamedPane({ entry, content, records, others }: Props) {
  const { t } = useTranslation();
  const same = others.filter((o) => o.shared.some((c) => c.type === content.type && c.name === content.name));
  const rows: [string, ReactNode][] = [
    [t("review.action"), t(`review.kind.${entry.kind}`)],
    [t("review.category"), t(`category.${content.category}`, { defaultValue: content.category })],
    [t("review.level"), t(`level.${content.level}`, { defaultValue: content.level })],
    [
      t("review.lastChanged"),
      content.by ? (
        <>
          {content.by} · <When at={content.at} />
        </>
      ) : (
        t(content.exists ? "review.changedByUnknown" : "review.notInInventory")
      ),
    ],
  ];
  if (content.package) rows.push([t("review.package"), content.package]);
  if (content.manifest) rows.push([t("review.manifest"), content.manifest]);
  return (
    <Stack gap="sm">
      <Heading entry={entry} />
      <Table variant="vertical" layout="fixed" withTableBorder verticalSpacing={6} fz="sm">
        <Table.Tbody>
          {rows.map(([label, value]) => (
            <Table.Tr key={label}>
              <Table.Th w="36%">{label}</Table.Th>
              <Table.Td style={{ overflowWrap: "anywhere" }}>{value}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
      {!content.exists && entry.kind !== "add" && (
        <Alert color="yellow" variant="light" p="xs">
          {t("review.proposed")}
        </Alert>
      )}
      {same.map((o) => (
        <Alert key={o.request.id} color="yellow" variant="light" p="xs">
          {t("review.alsoIn")}{" "}
          <Anchor
            size="sm"
            renderRoot={(props) => (
              <Link {...props} to="/change-requests/$id" params={{ id: o.request.id }} />
            )}
          >
            {o.request.label} {o.request.name}
          </Anchor>
        </Alert>
      ))}
      {records.length > 0 ? (
        <Text size="sm">
          {t("review.differenceIn")}{" "}
          {records.map((r, i) => (
            <span key={r.id}>
              {i > 0 && ", "}
              <Anchor
                size="sm"
                renderRoot={(props) => (
                  <Link
                    {...props}
                    to="/deployments/$id/review"
                    params={{ id: r.id }}
                    search={{ item: entry.key }}
                  />
                )}
              >
                {t("review.recordTo", { label: r.label, target: r.target })}
              </Anchor>
            </span>
          ))}
        </Text>
      ) : (
        <Text size="sm" c="dimmed">
          {t("review.differenceLater")}
        </Text>
      )}
    </Stack>
  );
}
