import { Checkbox, Stack } from "@mantine/core";
import type { governance, workspace } from "@/api/models";
import { useTranslation } from "@/i18n/use-translation";

type Props = {
  all: workspace.Members;
  value: governance.Role[];
  onChange: (roles: governance.Role[]) => void;
};

/** The roles of a member, each with what it is for. */
export function RoleChoice({ all, value, onChange }: Props) {
  const { t } = useTranslation();
  return (
    <Checkbox.Group
      label={t("members.roles")}
      value={value}
      onChange={(next) => onChange(next as governance.Role[])}
    >
      <Stack gap={6} mt={4}>
        {all.roles.map((role) => (
          <Checkbox
            key={role}
            value={role}
            label={t(`role.${role}`)}
            description={t(`members.roleWhat.${role.replace(" ", "-")}`)}
          />
        ))}
      </Stack>
    </Checkbox.Group>
  );
}
