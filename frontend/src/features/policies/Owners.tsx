import { ActionIcon, Button, Group, MultiSelect, Paper, Stack, TagsInput, TextInput } from "@mantine/core";
import { IconPlus, IconTrash } from "@tabler/icons-react";
import type { governance, workspace } from "@/api/models";
import { useTranslation } from "@/i18n/use-translation";

type Props = {
  policy: governance.Policy;
  all: workspace.Policies;
  onChange: (policy: governance.Policy) => void;
};

/** Who answers for which customizations: one of them approves every change of these, in a seat of its own. */
export function Owners({ policy, all, onChange }: Props) {
  const { t } = useTranslation();
  const owners = policy.owners ?? [];
  const set = (next: governance.Ownership[]) => onChange({ ...policy, owners: next });
  const edit = (at: number, some: Partial<governance.Ownership>) =>
    set(owners.map((each, i) => (i === at ? { ...each, ...some } : each)));
  const types = ["*", ...new Set(all.categories.flatMap((each) => each.types))];
  return (
    <Stack gap="xs">
      {owners.map((one, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: what is owned has no other name than its place
        <Paper key={i} withBorder p="sm" radius="md">
          <Stack gap="xs">
            <Group gap="xs" align="flex-end" wrap="nowrap">
              <TextInput
                size="xs"
                flex={1}
                label={t("policies.owners.name")}
                description={t("policies.owners.nameHint")}
                value={one.name}
                onChange={(e) => edit(i, { name: e.currentTarget.value })}
              />
              <ActionIcon
                variant="subtle"
                color="gray"
                aria-label={t("policies.owners.remove", { name: one.name })}
                onClick={() => set(owners.filter((_, at) => at !== i))}
              >
                <IconTrash size={15} aria-hidden />
              </ActionIcon>
            </Group>
            <MultiSelect
              size="xs"
              label={t("policies.owners.types")}
              data={[...new Set([...types, ...one.types])]}
              value={one.types}
              onChange={(next) => edit(i, { types: next })}
              searchable
              hidePickedOptions
              limit={100}
              comboboxProps={{ transitionProps: { duration: 0 } }}
            />
            <TagsInput
              size="xs"
              label={t("policies.owners.names")}
              description={t("policies.owners.namesHint")}
              value={one.names}
              onChange={(next) => edit(i, { names: next })}
              acceptValueOnBlur
            />
            <MultiSelect
              size="xs"
              label={t("policies.owners.members")}
              data={all.members.map((member) => ({ value: member.id, label: member.name }))}
              value={one.members}
              onChange={(next) => edit(i, { members: next })}
              hidePickedOptions
              comboboxProps={{ transitionProps: { duration: 0 } }}
            />
          </Stack>
        </Paper>
      ))}
      <Group>
        <Button
          size="compact-xs"
          variant="subtle"
          leftSection={<IconPlus size={13} aria-hidden />}
          onClick={() => set([...owners, { name: "", types: [], names: ["*"], members: [] }])}
        >
          {t("policies.owners.add")}
        </Button>
      </Group>
    </Stack>
  );
}
