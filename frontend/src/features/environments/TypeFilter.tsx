import { Checkbox, Group, Paper, ScrollArea, Stack, Text, TextInput, UnstyledButton } from "@mantine/core";
import { IconFilter } from "@tabler/icons-react";
import { useState } from "react";
import type { workspace } from "@/api/models";
import { useNumber } from "@/components/use-number";
import { useTranslation } from "@/i18n/use-translation";

type Props = { types: workspace.TypeCount[]; chosen: string[]; onChoose: (types: string[]) => void };

const manyTypes = 12;

/** The metadata types of an inventory with how many there are of each; several can be chosen. */
export function TypeFilter({ types, chosen, onChoose }: Props) {
  const { t } = useTranslation();
  const number = useNumber();
  const [word, setWord] = useState("");
  const shown = types.filter((each) => each.type.toLowerCase().includes(word.trim().toLowerCase()));
  const toggle = (type: string) =>
    onChoose(chosen.includes(type) ? chosen.filter((each) => each !== type) : [...chosen, type]);
  return (
    <Paper
      withBorder
      radius="md"
      h="100%"
      display="flex"
      style={{ flexDirection: "column", overflow: "hidden" }}
    >
      <Stack gap={6} p="xs">
        <Group justify="space-between">
          <Text size="xs" fw={600} c="dimmed">
            {t("environments.inventory.types")}
          </Text>
          {chosen.length > 0 && (
            <UnstyledButton onClick={() => onChoose([])}>
              <Text size="xs" td="underline">
                {t("environments.inventory.allTypes")}
              </Text>
            </UnstyledButton>
          )}
        </Group>
        {types.length > manyTypes && (
          <TextInput
            size="xs"
            aria-label={t("environments.inventory.filterTypes")}
            placeholder={t("environments.inventory.filterTypes")}
            leftSection={<IconFilter size={14} aria-hidden />}
            value={word}
            onChange={(e) => setWord(e.currentTarget.value)}
          />
        )}
      </Stack>
      <ScrollArea flex={1} type="auto" scrollbarSize={8}>
        <Stack gap={0} pl="xs" pr="md" pb="xs" role="group" aria-label={t("environments.inventory.types")}>
          {shown.map((each) => (
            <Group key={each.type} gap={6} wrap="nowrap" justify="space-between" py={3}>
              <Checkbox
                size="xs"
                checked={chosen.includes(each.type)}
                onChange={() => toggle(each.type)}
                label={each.type}
                title={each.type}
                styles={{
                  root: { minWidth: 0 },
                  labelWrapper: { minWidth: 0 },
                  label: { overflow: "hidden", textOverflow: "ellipsis" },
                }}
              />
              <Text size="xs" c="dimmed" className="tabular">
                {number(each.count)}
              </Text>
            </Group>
          ))}
          {shown.length === 0 && types.length > 0 && (
            <Text size="xs" c="dimmed" py="xs">
              {t("environments.inventory.noType", { word })}
            </Text>
          )}
        </Stack>
      </ScrollArea>
    </Paper>
  );
}
