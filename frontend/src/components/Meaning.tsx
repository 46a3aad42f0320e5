import { Button, Code, Group, Table, Text } from "@mantine/core";
import { IconArrowsSort, IconChevronRight } from "@tabler/icons-react";
import { Fragment, useState } from "react";
import type { metadata } from "@/api/models";
import { useTranslation } from "@/i18n/use-translation";
import { MeaningValue } from "./MeaningValue";
import { lineOf, stepsOf } from "./paths";

const first = 100;

/** What differs, one line a meaning: where, what the target has now and what it would have. */
export function Meaning({ changes, target }: { changes: metadata.Change[]; target: string }) {
  const { t } = useTranslation();
  const [all, setAll] = useState(false);
  const shown = all ? changes : changes.slice(0, first);
  return (
    <>
      <Table layout="fixed" verticalSpacing={6} horizontalSpacing="xs" withTableBorder>
        <Table.Caption className="unseen">{t("difference.byMeaning")}</Table.Caption>
        <Table.Thead className="table-head">
          <Table.Tr>
            <Table.Th w="30%">{t("difference.where")}</Table.Th>
            <Table.Th>{t("difference.before", { target })}</Table.Th>
            <Table.Th>{t("difference.after")}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {shown.map((change, i) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: a path can stand twice, and the list never changes
            <Table.Tr key={i} style={{ verticalAlign: "top" }}>
              <Table.Td>
                <Where change={change} />
              </Table.Td>
              <Table.Td>
                <MeaningValue
                  value={change.before}
                  other={change.after}
                  side="before"
                  absent={change.kind === "added"}
                />
              </Table.Td>
              <Table.Td>
                <MeaningValue
                  value={change.after}
                  other={change.before}
                  side="after"
                  absent={change.kind === "removed"}
                />
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
      {shown.length < changes.length && (
        <Button mt="xs" size="xs" variant="default" onClick={() => setAll(true)}>
          {t("difference.allChanges", { count: changes.length })}
        </Button>
      )}
    </>
  );
}

function Where({ change }: { change: metadata.Change & { readable?: string } }) {
  const { t } = useTranslation();
  const line = lineOf(change.path);
  const steps = stepsOf(change.path);
  return (
    <div title={change.path}>
      <Text size="sm" style={{ overflowWrap: "anywhere" }}>
        {line > 0
          ? t("difference.line", { line })
          : change.readable ||
            (steps.length === 0
              ? t("difference.wholeFile")
              : steps.map((step, i) => (
                  // biome-ignore lint/suspicious/noArrayIndexKey: the steps of one fixed path
                  <Fragment key={i}>
                    {i > 0 && (
                      <IconChevronRight
                        size={12}
                        aria-label=","
                        style={{ margin: "0 2px", verticalAlign: -1 }}
                      />
                    )}
                    {step.word}
                    {step.key && (
                      <>
                        {" "}
                        <Code fz="xs">{step.key}</Code>
                      </>
                    )}
                  </Fragment>
                )))}
      </Text>
      {change.kind === "moved" && (
        <Group gap={4} c="dimmed">
          <IconArrowsSort size={13} aria-hidden />
          <Text size="xs">{t("difference.moved")}</Text>
        </Group>
      )}
    </div>
  );
}
