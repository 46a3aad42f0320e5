import { Button, Progress, Stack, Table, Text } from "@mantine/core";
import { useState } from "react";
import type { workspace } from "@/api/models";
import { useTranslation } from "@/i18n/use-translation";

const atOnce = 100;

/** The coverage of each class, worst first, with the lines that are still needed for what Salesforce asks. */
export function CoverageTable({ view }: { view: workspace.LogView }) {
  const { t } = useTranslation();
  const [shown, setShown] = useState(atOnce);
  if (view.coverage.length === 0)
    return (
      <Text size="sm" c="dimmed">
        {t("logs.noCoverage")}
      </Text>
    );
  return (
    <Stack gap="xs">
      {view.orgPercent >= 0 && <Text size="sm">{t("logs.coverageAll", { percent: view.orgPercent })}</Text>}
      <Table fz="sm" verticalSpacing={6} className="tabular" maw={900}>
        <Table.Thead className="table-head">
          <Table.Tr>
            <Table.Th>{t("logs.column.class")}</Table.Th>
            <Table.Th w={200}>{t("logs.column.coverage")}</Table.Th>
            <Table.Th w={120} ta="right">
              {t("logs.column.uncovered")}
            </Table.Th>
            <Table.Th w={170} ta="right">
              {t("logs.column.needed")}
            </Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {view.coverage.slice(0, shown).map((c) => (
            <Table.Tr key={`${c.type}:${c.name}`}>
              <Table.Td style={{ overflowWrap: "anywhere" }}>
                {c.name}{" "}
                <Text span size="xs" c="dimmed">
                  {c.type}
                </Text>
              </Table.Td>
              <Table.Td>
                <Text size="sm" className="tabular">
                  {t("logs.percent", { percent: c.percent })}
                </Text>
                <Progress
                  value={c.percent}
                  size="xs"
                  transitionDuration={0}
                  color={c.needed > 0 ? "red" : "green"}
                  aria-label={t("logs.coverageOf", { name: c.name })}
                />
              </Table.Td>
              <Table.Td ta="right">{t("work.of", { done: c.uncovered, total: c.locations })}</Table.Td>
              <Table.Td
                ta="right"
                fw={c.needed > 0 ? 600 : undefined}
                c={c.needed > 0 ? "var(--mantine-color-red-light-color)" : "dimmed"}
              >
                {c.needed > 0 ? t("logs.needed", { count: c.needed }) : t("logs.enough")}
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
      {view.coverage.length > shown && (
        <Button size="xs" variant="default" w="fit-content" onClick={() => setShown(shown + 300)}>
          {t("logs.more", { count: view.coverage.length - shown })}
        </Button>
      )}
    </Stack>
  );
}
