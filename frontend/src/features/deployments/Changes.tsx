import { Anchor, Button, Code, Group, ScrollArea, Stack, Table, Text } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { scan } from "@/api/models";
import { StateBadge } from "./StateBadge";

const atOnce = 50;

/** The difference of one customization by meaning: what is added, removed or changed, from the target to the source. */
export function Changes({ item, recordId }: { item: scan.Item; recordId: string }) {
  const { t } = useTranslation();
  const [shown, setShown] = useState(atOnce);
  return (
    <Stack gap="xs" component="section" aria-label={t("deployments.changesOf", { name: item.name })}>
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
              search={{ item: `${item.type}:${item.name}` }}
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
        <ScrollArea.Autosize
          mah={320}
          viewportProps={{
            tabIndex: 0,
            role: "group",
            "aria-label": t("deployments.changesOf", { name: item.name }),
          }}
        >
          <Table fz="sm" verticalSpacing={4} layout="fixed" withRowBorders>
            <Table.Thead className="table-head">
              <Table.Tr>
                <Table.Th w="28%">{t("deployments.column.where")}</Table.Th>
                <Table.Th w={92}>{t("deployments.column.kind")}</Table.Th>
                <Table.Th>{t("deployments.column.before")}</Table.Th>
                <Table.Th>{t("deployments.column.after")}</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {item.changes.slice(0, shown).map((c, i) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: a place can differ twice
                <Table.Tr key={i}>
                  <Table.Td style={{ overflowWrap: "anywhere" }}>
                    {c.path || t("deployments.wholeFile")}
                  </Table.Td>
                  <Table.Td>{t(`deployments.changeKind.${c.kind}`, { defaultValue: c.kind })}</Table.Td>
                  <Table.Td>
                    <Value text={c.before} />
                  </Table.Td>
                  <Table.Td>
                    <Value text={c.after} />
                  </Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </ScrollArea.Autosize>
      )}
      {item.changes.length > shown && (
        <Button size="xs" variant="default" onClick={() => setShown(shown + 200)} w="fit-content">
          {t("deployments.moreChanges", { count: item.changes.length - shown })}
        </Button>
      )}
    </Stack>
  );
}

function Value({ text }: { text: string }) {
  if (!text) return <Text c="dimmed">–</Text>;
  return (
    <Code block={text.includes("\n")} style={{ whiteSpace: "pre-wrap", overflowWrap: "anywhere" }}>
      {text}
    </Code>
  );
}
