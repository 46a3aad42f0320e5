import {
  ActionIcon,
  Button,
  Group,
  Menu,
  NumberInput,
  Paper,
  Select,
  Stack,
  Switch,
  Text,
} from "@mantine/core";
import { IconPlus, IconTrash } from "@tabler/icons-react";
import { governance, type workspace } from "@/api/models";
import { useTranslation } from "@/i18n/use-translation";
import { ruleKey, withRule } from "./draft";
import { useWords } from "./use-words";

type Props = {
  policy: governance.Policy;
  all: workspace.Policies;
  onChange: (policy: governance.Policy) => void;
};

const everyType = "" as governance.ChangeType;
const mostPeople = 100;

/** Who has to approve at each Change Level: for every Change Type, or for one of them by an exception. */
export function SeatRules({ policy, all, onChange }: Props) {
  const { t } = useTranslation();
  const levels = all.vocabulary.levels as governance.ChangeLevel[];
  return (
    <Paper withBorder radius="md">
      {levels.map((level, i) => {
        const rules = policy.rules
          .filter((rule) => rule.level === level)
          .sort((a, b) => a.changeType.localeCompare(b.changeType));
        const free = ["", ...all.vocabulary.types].filter(
          (type) => !rules.some((rule) => rule.changeType === type),
        );
        return (
          <Stack
            key={level}
            gap="xs"
            p="sm"
            role="group"
            aria-label={t(`level.${level}`, { defaultValue: level })}
            style={{ borderTop: i > 0 ? "1px solid var(--mantine-color-default-border)" : undefined }}
          >
            <Group justify="space-between" gap="xs" wrap="nowrap" align="flex-start">
              <div>
                <Text size="sm" fw={600}>
                  {t(`level.${level}`, { defaultValue: level })}
                </Text>
                <Text size="xs" c="dimmed">
                  {t(`policies.levelMeans.${level}`, { defaultValue: "" })}
                </Text>
              </div>
              {free.length > 0 && (
                <Menu position="bottom-end" transitionProps={{ duration: 0 }}>
                  <Menu.Target>
                    <Button
                      size="compact-xs"
                      flex="none"
                      variant="subtle"
                      leftSection={<IconPlus size={13} aria-hidden />}
                    >
                      {t("policies.seats.addRule")}
                    </Button>
                  </Menu.Target>
                  <Menu.Dropdown>
                    {free.map((type) => (
                      <Menu.Item
                        key={type}
                        onClick={() => {
                          const rule = freshRule(level, type as governance.ChangeType);
                          onChange(withRule(policy, rule, rule));
                        }}
                      >
                        {type
                          ? t("policies.seats.only", {
                              type: t(`changeType.${type}`, { defaultValue: type }),
                            })
                          : t("policies.seats.every")}
                      </Menu.Item>
                    ))}
                  </Menu.Dropdown>
                </Menu>
              )}
            </Group>
            {rules.length === 0 && (
              <Text size="sm" c="dimmed">
                {t("policies.seats.stricter")}
              </Text>
            )}
            {rules.map((rule) => (
              <Rule
                key={ruleKey(rule)}
                rule={rule}
                roles={all.vocabulary.roles}
                solo={all.solo}
                onChange={(next) => onChange(withRule(policy, rule, next))}
              />
            ))}
          </Stack>
        );
      })}
    </Paper>
  );
}

const freshRule = (
  level: governance.ChangeLevel,
  changeType: governance.ChangeType,
): governance.SeatRule => ({
  level,
  changeType,
  ordered: false,
  steps: [{ quorum: 1, role: governance.Role.Approver }],
});

type RuleProps = {
  rule: governance.SeatRule;
  roles: string[];
  solo: boolean;
  onChange: (next?: governance.SeatRule) => void;
};

function Rule({ rule, roles, solo, onChange }: RuleProps) {
  const { t } = useTranslation();
  const words = useWords();
  const name =
    rule.changeType === everyType
      ? t("policies.seats.every")
      : t("policies.seats.only", {
          type: t(`changeType.${rule.changeType}`, { defaultValue: rule.changeType }),
        });
  const setStep = (at: number, step?: governance.ApprovalStep) => {
    const steps = [...rule.steps];
    if (step) steps[at] = step;
    else steps.splice(at, 1);
    onChange({ ...rule, steps, ordered: rule.ordered && steps.length > 1 });
  };
  return (
    <Stack gap={6} pl="sm" style={{ borderLeft: "2px solid var(--mantine-color-default-border)" }}>
      <Group justify="space-between" gap="xs">
        <Text size="sm" c="dimmed">
          {name}: {words.steps(rule)}
        </Text>
        <Button
          size="compact-xs"
          variant="subtle"
          color="gray"
          onClick={() => onChange(undefined)}
          aria-label={t("policies.seats.removeRuleOf", {
            rule: name,
            level: t(`level.${rule.level}`, { defaultValue: rule.level }),
          })}
        >
          {t("policies.seats.removeRule")}
        </Button>
      </Group>
      {rule.steps.map((step, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: steps have no other name than their place
        <Group key={i} gap="xs" wrap="nowrap">
          <NumberInput
            w={76}
            size="xs"
            min={1}
            max={solo ? 1 : mostPeople}
            clampBehavior="strict"
            allowDecimal={false}
            allowNegative={false}
            aria-label={t("policies.seats.quorum", { step: i + 1 })}
            value={step.quorum}
            onChange={(n) => typeof n === "number" && n >= 1 && setStep(i, { ...step, quorum: n })}
          />
          <Text size="sm">×</Text>
          <Select
            size="xs"
            flex={1}
            maw={220}
            aria-label={t("policies.seats.role", { step: i + 1 })}
            data={roles.map((role) => ({ value: role, label: words.role(role) }))}
            value={step.role}
            onChange={(role) => role && setStep(i, { ...step, role: role as governance.Role })}
            allowDeselect={false}
          />
          {rule.steps.length > 1 && (
            <ActionIcon
              variant="subtle"
              color="gray"
              aria-label={t("policies.seats.removeStep", { step: i + 1 })}
              onClick={() => setStep(i)}
            >
              <IconTrash size={15} />
            </ActionIcon>
          )}
        </Group>
      ))}
      {!solo && (
        <Group gap="md">
          <Button
            size="compact-xs"
            variant="subtle"
            leftSection={<IconPlus size={13} aria-hidden />}
            onClick={() => setStep(rule.steps.length, { quorum: 1, role: governance.Role.Approver })}
          >
            {t("policies.seats.addStep")}
          </Button>
          {rule.steps.length > 1 && (
            <Switch
              size="xs"
              checked={rule.ordered}
              onChange={(e) => onChange({ ...rule, ordered: e.currentTarget.checked })}
              label={t("policies.seats.ordered")}
            />
          )}
        </Group>
      )}
    </Stack>
  );
}
