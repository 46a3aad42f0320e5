import { Badge, Group, NumberInput, Select, Stack, Switch, Text } from "@mantine/core";
import type { governance, workspace } from "@/api/models";
import { useTranslation } from "@/i18n/use-translation";
import { useWords } from "./use-words";

type Props = {
  policy: governance.Policy;
  all: workspace.Policies;
  /** The policy of Change Requests, which knows no deployer. */
  requests: boolean;
  onChange: (policy: governance.Policy) => void;
};

const ofRequests = ["authorMayApprove", "severalSeatsEach", "delegation"] as const;
const ofDeployments = [
  "authorMayApprove",
  "severalSeatsEach",
  "approverMayDeploy",
  "authorMayDeploy",
  "delegation",
] as const;
const first = ["validationFirst", "testFirst", "findingsClose"] as const;

/** How long approvals count, who may deploy, and the switches of separation of duties with what each means. */
export function Duties({ policy, all, requests, onChange }: Props) {
  const { t } = useTranslation();
  const words = useWords();
  const set = (some: Partial<governance.Policy>) => onChange({ ...policy, ...some });
  const days = (name: "approvalDays" | "validationDays", most: number) => (
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
      value={policy[name]}
      onChange={(n) => typeof n === "number" && n >= 1 && set({ [name]: n })}
    />
  );
  return (
    <Stack gap="md">
      {(requests ? ofRequests : ofDeployments).map((name) => (
        <Switch
          key={name}
          checked={policy[name] ?? false}
          onChange={(e) => set({ [name]: e.currentTarget.checked })}
          label={
            <Group gap={6} component="span" display="inline-flex">
              {t(`policies.field.${name}`)}
              {policy[name] && (
                <Badge component="span" size="sm" color="yellow" variant="light" tt="none" radius="sm">
                  {t("policies.relaxed")}
                </Badge>
              )}
            </Group>
          }
          description={t(`policies.means.${name}`)}
        />
      ))}
      {!requests &&
        first.map((name) => (
          <Switch
            key={name}
            checked={policy[name] ?? false}
            onChange={(e) => set({ [name]: e.currentTarget.checked })}
            label={t(`policies.field.${name}`)}
            description={t(`policies.means.${name}`)}
          />
        ))}
      {days("approvalDays", 365)}
      {!requests && days("validationDays", 10)}
      {!requests && (
        <Select
          label={t("policies.field.deployerRole")}
          description={t("policies.means.deployerRole")}
          maw={420}
          data={[
            { value: "", label: t("policies.anyRole") },
            ...all.vocabulary.roles.map((role) => ({ value: role, label: words.role(role) })),
          ]}
          value={policy.deployerRole}
          onChange={(role) => role !== null && set({ deployerRole: role as governance.Role })}
          allowDeselect={false}
        />
      )}
      {all.solo && (
        <Text size="sm" c="dimmed">
          {t("policies.solo")}
        </Text>
      )}
    </Stack>
  );
}
