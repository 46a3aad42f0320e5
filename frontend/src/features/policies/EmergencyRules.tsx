import { Badge, Group, NumberInput, Stack, Switch } from "@mantine/core";
import type { governance } from "@/api/models";
import { useTranslation } from "@/i18n/use-translation";
import { usual } from "./draft";

type Props = {
  policy: governance.Policy;
  /** The policy of Change Requests, which says when a review is due. */
  requests: boolean;
  onChange: (policy: governance.Policy) => void;
};

/** How long approvals of an Emergency live, when its review is due, and what an overdue one does. */
export function EmergencyRules({ policy, requests, onChange }: Props) {
  const { t } = useTranslation();
  const figure = (name: keyof typeof usual, most: number) => (
    <NumberInput
      label={t(`policies.field.${name}`)}
      description={t(`policies.means.${name}`)}
      min={1}
      max={most}
      clampBehavior="strict"
      allowDecimal={false}
      allowNegative={false}
      maw={420}
      inputWrapperOrder={["label", "description", "input", "error"]}
      value={policy[name] || usual[name]}
      onChange={(n) => typeof n === "number" && n >= 1 && onChange({ ...policy, [name]: n })}
    />
  );
  return (
    <Stack gap="md">
      {figure("emergencyHours", 72)}
      {requests ? figure("reviewDays", 90) : figure("overdueReviews", 100)}
      {!requests && (
        <Switch
          checked={policy.emergencyInFreeze ?? false}
          onChange={(e) => onChange({ ...policy, emergencyInFreeze: e.currentTarget.checked })}
          label={
            <Group gap={6} component="span" display="inline-flex">
              {t("policies.field.emergencyInFreeze")}
              {policy.emergencyInFreeze && (
                <Badge component="span" size="sm" color="yellow" variant="light" tt="none" radius="sm">
                  {t("policies.relaxed")}
                </Badge>
              )}
            </Group>
          }
          description={t("policies.means.emergencyInFreeze")}
        />
      )}
    </Stack>
  );
}
