import { ColorSwatch, Group, Text, UnstyledButton } from "@mantine/core";
import { IconCheck } from "@tabler/icons-react";
import { environmentColors } from "@/components/EnvironmentBadge";
import { usePreference } from "@/components/use-preference";
import { useTranslation } from "@/i18n/use-translation";

export const useColor = (id: string) => usePreference(`environment.${id}.color`, "teal");

/** The edge by which an environment is known at a glance. */
export const edge = (production: boolean, color: string) =>
  `4px solid var(--mantine-color-${production ? "red-9" : `${color}-6`})`;

/** Which colour an environment wears everywhere. Production is red, and that cannot be changed. */
export function ColorChoice({ id, production }: { id: string; production: boolean }) {
  const { t } = useTranslation();
  const [color, setColor] = useColor(id);
  if (production)
    return (
      <Text size="sm" c="dimmed">
        {t("environments.colorProduction")}
      </Text>
    );
  return (
    <Group gap="xs" role="radiogroup" aria-label={t("environments.color")}>
      {environmentColors.map((name) => (
        <UnstyledButton
          key={name}
          role="radio"
          aria-checked={color === name}
          aria-label={t(`environments.colors.${name}`)}
          title={t(`environments.colors.${name}`)}
          onClick={() => setColor(name)}
          style={{ borderRadius: "50%" }}
        >
          <ColorSwatch color={`var(--mantine-color-${name}-8)`} size={28} component="span" withShadow={false}>
            {color === name && <IconCheck size={16} color="white" aria-hidden />}
          </ColorSwatch>
        </UnstyledButton>
      ))}
    </Group>
  );
}
