import { Button, Group, Paper, Stack, Text, Title } from "@mantine/core";
import { IconBriefcase, IconFlask } from "@tabler/icons-react";
import type { workspace } from "@/api/models";
import { useTranslation } from "@/i18n/use-translation";

type Props = {
  choices: workspace.Choice[];
  first?: workspace.Choice;
  onOpen: (choice: workspace.Choice) => void;
  disabled: boolean;
};

/** The workspaces that are on this computer already. */
export function Choices({ choices, first, onOpen, disabled }: Props) {
  const { t } = useTranslation();
  return (
    <Paper withBorder radius="md" p="md" component="section" aria-labelledby="choices">
      <Title order={2} fz="md" mb="xs" id="choices">
        {t("firstStart.choices")}
      </Title>
      <Stack gap={0} component="ul" className="plain">
        {choices.map((choice) => {
          const Icon = choice.demo ? IconFlask : IconBriefcase;
          const name = choice.demo ? t("firstStart.demo.title") : choice.name;
          return (
            <Group
              key={choice.folder}
              component="li"
              justify="space-between"
              wrap="nowrap"
              py={6}
              className="ruled"
            >
              <Group gap="sm" wrap="nowrap" miw={0}>
                <Icon size={18} stroke={1.6} aria-hidden style={{ flex: "none" }} />
                <div style={{ minWidth: 0 }}>
                  <Text size="sm" fw={550} truncate="end">
                    {name}
                  </Text>
                  <Text size="xs" c="dimmed" truncate="end" title={choice.folder}>
                    {choice.folder}
                  </Text>
                </div>
              </Group>
              <Button
                size="xs"
                flex="none"
                variant={choice === first ? "filled" : "default"}
                disabled={disabled}
                onClick={() => onOpen(choice)}
                aria-label={t("firstStart.openNamed", { name })}
              >
                {t("firstStart.open")}
              </Button>
            </Group>
          );
        })}
      </Stack>
    </Paper>
  );
}
