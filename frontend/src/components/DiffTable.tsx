import { Group, Stack, Table, Text } from "@mantine/core";
import { IconArrowRight } from "@tabler/icons-react";
import type { workspace } from "@/api/models";
import { useTranslation } from "@/i18n/use-translation";
import { type Said, useSaid } from "./use-said";

/** One thing that a version changes. */
export type Difference = { policy: string; what: string; before: string; after: string };

type Props = { diff: Difference[]; label: string };

/** What one version changes against the one before it, a line each. */
export function DiffTable({ diff, label }: Props) {
  const { t } = useTranslation();
  if (diff.length === 0) return <Nothing />;
  return (
    <Table.ScrollContainer minWidth={480}>
      <Table aria-label={label} verticalSpacing={6} fz="sm" withTableBorder layout="fixed">
        <Table.Thead className="table-head">
          <Table.Tr>
            <Table.Th w="18%">{t("policies.diff.policy")}</Table.Th>
            <Table.Th w="20%">{t("policies.diff.what")}</Table.Th>
            <Table.Th>{t("policies.diff.before")}</Table.Th>
            <Table.Th>{t("policies.diff.after")}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {diff.map((each) => (
            <Table.Tr key={`${each.policy}/${each.what}`} style={{ verticalAlign: "top" }}>
              <Table.Td style={{ overflowWrap: "anywhere" }}>{each.policy}</Table.Td>
              <Table.Td style={{ overflowWrap: "anywhere" }}>{each.what}</Table.Td>
              <Table.Td>
                <Before text={each.before} />
              </Table.Td>
              <Table.Td>
                <After text={each.after} />
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

/** The same where there is little room: one below the other. */
export function DiffList({ diff, label }: Props) {
  if (diff.length === 0) return <Nothing />;
  return (
    <Stack component="ul" gap={0} m={0} p={0} style={{ listStyle: "none" }} aria-label={label}>
      {diff.map((each) => (
        <li
          key={`${each.policy}/${each.what}`}
          style={{ borderTop: "1px solid var(--mantine-color-default-border)", padding: "0.5rem 0" }}
        >
          <Text size="xs" c="dimmed">
            {each.policy}
          </Text>
          <Text size="sm" fw={550}>
            {each.what}
          </Text>
          <Group gap={6} align="flex-start">
            <Before text={each.before} />
            <IconArrowRight size={14} aria-hidden style={{ marginTop: 3 }} />
            <After text={each.after} />
          </Group>
        </li>
      ))}
    </Stack>
  );
}

function Nothing() {
  const { t } = useTranslation();
  return (
    <Text size="sm" c="dimmed">
      {t("policies.diff.nothing")}
    </Text>
  );
}

/** Several sentences come a line each. */
const lines = { whiteSpace: "pre-line", overflowWrap: "anywhere" } as const;

const Before = ({ text }: { text: string }) => (
  <Text component="del" size="sm" c="dimmed" style={lines} td={text ? "line-through" : "none"}>
    {text || "–"}
  </Text>
);

function After({ text }: { text: string }) {
  const { t } = useTranslation();
  return (
    <Text component="ins" size="sm" fw={600} style={lines} td="none">
      {text || t("policies.diff.gone")}
    </Text>
  );
}

/** What a version changed, with words for the codes of what. */
export function useDiffOf() {
  const { t } = useTranslation();
  const say = useSaid("policies");
  const lines = (text: string, said?: Said[]) =>
    said && said.length > 0 ? said.map((one) => say(one.text, one)).join("\n") : text;
  return (change: Pick<workspace.PolicyChange, "diff">): Difference[] =>
    change.diff.map((each) => ({
      ...each,
      before: lines(each.before, each.gone),
      after: lines(each.after, each.come),
      what: t(`policies.diff.of.${each.what}`, {
        defaultValue: t(`policies.field.${each.what}`, { defaultValue: each.what }),
      }),
    }));
}
