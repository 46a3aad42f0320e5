import { ActionIcon, Button, Chip, Group, Paper, Select, Stack, Text, TextInput } from "@mantine/core";
import { IconPlus, IconTrash } from "@tabler/icons-react";
import type { governance } from "@/api/models";
import { useTranslation } from "@/i18n/use-translation";

type Props = { policy: governance.Policy; onChange: (policy: governance.Policy) => void };

const days = [1, 2, 3, 4, 5, 6, 7];
const zones = ["UTC", ...Intl.supportedValuesOf("timeZone").filter((zone) => zone !== "UTC")];

const today = () => new Date().toISOString().slice(0, 10);

/** When something may be deployed: in which time zone, outside of which freezes, in which windows. */
export function Calendar({ policy, onChange }: Props) {
  const { t } = useTranslation();
  const freezes = policy.freezes ?? [];
  const windows = policy.windows ?? [];
  const set = (some: Partial<governance.Policy>) => onChange({ ...policy, ...some });
  const setFreeze = (at: number, some: Partial<governance.Freeze>) =>
    set({ freezes: freezes.map((each, i) => (i === at ? { ...each, ...some } : each)) });
  const setWindow = (at: number, some: Partial<governance.Window>) =>
    set({ windows: windows.map((each, i) => (i === at ? { ...each, ...some } : each)) });
  const known = policy.zone && !zones.includes(policy.zone) ? [policy.zone, ...zones] : zones;
  return (
    <Stack gap="md">
      <Select
        label={t("policies.field.zone")}
        description={t("policies.means.zone")}
        maw={420}
        data={known}
        value={policy.zone || "UTC"}
        onChange={(zone) => zone && set({ zone: zone === "UTC" ? "" : zone })}
        searchable
        limit={50}
        allowDeselect={false}
        comboboxProps={{ transitionProps: { duration: 0 } }}
      />
      <Stack gap="xs" role="group" aria-label={t("policies.field.freezes")}>
        <Text size="sm" fw={550}>
          {t("policies.field.freezes")}
        </Text>
        <Text size="xs" c="dimmed">
          {t("policies.means.freezes")}
        </Text>
        {freezes.map((freeze, i) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: freezes have no other name than their place
          <Group key={i} gap="xs" align="flex-end">
            <TextInput
              size="xs"
              flex="1 1 140px"
              label={t("policies.calendar.name")}
              value={freeze.name}
              onChange={(e) => setFreeze(i, { name: e.currentTarget.value })}
            />
            <TextInput
              size="xs"
              type="date"
              label={t("policies.calendar.first")}
              value={freeze.from}
              onChange={(e) => setFreeze(i, { from: e.currentTarget.value })}
            />
            <TextInput
              size="xs"
              type="date"
              label={t("policies.calendar.last")}
              value={freeze.until}
              onChange={(e) => setFreeze(i, { until: e.currentTarget.value })}
            />
            <Remove
              label={t("policies.calendar.removeFreeze", { name: freeze.name })}
              onClick={() => set({ freezes: freezes.filter((_, at) => at !== i) })}
            />
          </Group>
        ))}
        <Add
          label={t("policies.calendar.addFreeze")}
          onClick={() => set({ freezes: [...freezes, { name: "", from: today(), until: today() }] })}
        />
      </Stack>
      <Stack gap="xs" role="group" aria-label={t("policies.field.windows")}>
        <Text size="sm" fw={550}>
          {t("policies.field.windows")}
        </Text>
        <Text size="xs" c="dimmed">
          {t("policies.means.windows")}
        </Text>
        {windows.map((window, i) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: windows have no other name than their place
          <Paper key={i} withBorder p="xs" radius="md">
            <Stack gap="xs">
              <Chip.Group
                multiple
                value={window.days.map(String)}
                onChange={(chosen) => setWindow(i, { days: chosen.map(Number).sort() })}
              >
                <Group gap={4} role="group" aria-label={t("policies.calendar.days")}>
                  {days.map((day) => (
                    <Chip key={day} value={String(day)} size="xs" radius="sm">
                      {t(`policies.day.${day}`)}
                    </Chip>
                  ))}
                </Group>
              </Chip.Group>
              <Group gap="xs" align="flex-end">
                <TextInput
                  size="xs"
                  type="time"
                  label={t("policies.calendar.from")}
                  value={window.from}
                  onChange={(e) => setWindow(i, { from: e.currentTarget.value })}
                />
                <TextInput
                  size="xs"
                  type="time"
                  label={t("policies.calendar.until")}
                  value={window.until === "24:00" ? "00:00" : window.until}
                  onChange={(e) =>
                    setWindow(i, {
                      until: e.currentTarget.value === "00:00" ? "24:00" : e.currentTarget.value,
                    })
                  }
                />
                <Remove
                  label={t("policies.calendar.removeWindow", { place: i + 1 })}
                  onClick={() => set({ windows: windows.filter((_, at) => at !== i) })}
                />
              </Group>
            </Stack>
          </Paper>
        ))}
        <Add
          label={t("policies.calendar.addWindow")}
          onClick={() =>
            set({ windows: [...windows, { days: [1, 2, 3, 4], from: "18:00", until: "22:00" }] })
          }
        />
      </Stack>
    </Stack>
  );
}

function Add({ label, onClick }: { label: string; onClick: () => void }) {
  return (
    <Group>
      <Button
        size="compact-xs"
        variant="subtle"
        leftSection={<IconPlus size={13} aria-hidden />}
        onClick={onClick}
      >
        {label}
      </Button>
    </Group>
  );
}

function Remove({ label, onClick }: { label: string; onClick: () => void }) {
  return (
    <ActionIcon variant="subtle" color="gray" aria-label={label} title={label} onClick={onClick}>
      <IconTrash size={15} aria-hidden />
    </ActionIcon>
  );
}
