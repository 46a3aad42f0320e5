import { Select, Table, Text, UnstyledButton } from "@mantine/core";
import { useState } from "react";
import type { governance, workspace } from "@/api/models";
import { useTranslation } from "@/i18n/use-translation";
import { withLevel } from "./draft";

type Props = {
  policy: governance.Policy;
  all: workspace.Policies;
  onChange: (policy: governance.Policy) => void;
};

const strictest = "strictest";

/** How much control each category of change needs, with the metadata types that belong to it. */
export function LevelTable({ policy, all, onChange }: Props) {
  const { t } = useTranslation();
  const word = (category: string) => t(`category.${category}`, { defaultValue: category });
  const set = (category: governance.Category, level: string | null) =>
    onChange(
      withLevel(
        policy,
        category,
        level && level !== strictest ? (level as governance.ChangeLevel) : undefined,
      ),
    );
  return (
    <Table verticalSpacing={6} fz="sm" withTableBorder layout="fixed" aria-label={t("policies.edit.levels")}>
      <Table.Thead className="table-head">
        <Table.Tr>
          <Table.Th>{t("policies.edit.category")}</Table.Th>
          <Table.Th w="54%">{t("policies.edit.level")}</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {all.categories.map((each) => (
          <Table.Tr key={each.category}>
            <Table.Td>
              <Text size="sm" fw={550}>
                {word(each.category)}
              </Text>
              <Types types={each.types} />
            </Table.Td>
            <Table.Td style={{ verticalAlign: "top" }}>
              <Select
                aria-label={t("policies.edit.levelOf", { category: word(each.category) })}
                value={policy.levels.find((level) => level.category === each.category)?.level ?? strictest}
                onChange={(level) => set(each.category, level)}
                data={[
                  ...all.vocabulary.levels.map((level) => ({
                    value: level,
                    label: t(`level.${level}`, { defaultValue: level }),
                  })),
                  { value: strictest, label: t("policies.strictest") },
                ]}
                allowDeselect={false}
              />
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}

const few = 3;

function Types({ types }: { types: string[] }) {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  if (types.length === 0)
    return (
      <Text size="xs" c="dimmed">
        {t("policies.edit.otherTypes")}
      </Text>
    );
  return (
    <Text size="xs" c="dimmed" style={{ overflowWrap: "anywhere" }}>
      {(open ? types : types.slice(0, few)).join(", ")}{" "}
      {types.length > few && (
        <UnstyledButton fz="xs" td="underline" aria-expanded={open} onClick={() => setOpen(!open)}>
          {open ? t("policies.edit.fewer") : t("policies.edit.more", { count: types.length - few })}
        </UnstyledButton>
      )}
    </Text>
  );
}
