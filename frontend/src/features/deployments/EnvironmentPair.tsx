import { Group, Select, Stack, Text } from "@mantine/core";
import { IconArrowRight } from "@tabler/icons-react";
import type { workspace } from "@/api/models";
import { EnvironmentBadge } from "@/components/EnvironmentBadge";
import { useTranslation } from "@/i18n/use-translation";

type Props = {
  all: workspace.EnvironmentView[];
  source: string;
  target: string;
  onChange: (pair: { source: string; target: string }) => void;
};

/** From where to where, with the arrow between them; what is chosen wears its colour below. */
export function EnvironmentPair({ all, source, target, onChange }: Props) {
  const { t } = useTranslation();
  const data = all.map((e) => ({ value: e.environment.id, label: e.environment.name }));
  const side = (word: "source" | "target", value: string) => {
    const view = all.find((e) => e.environment.id === value);
    return (
      <Stack gap={6} flex={1} miw={200}>
        <Select
          label={t(`deployments.${word}`)}
          description={t(`deployments.${word}Why`)}
          placeholder={t("deployments.choose")}
          data={data}
          value={value || null}
          allowDeselect={false}
          searchable={data.length > 8}
          required
          onChange={(id) =>
            id && onChange(word === "source" ? { source: id, target } : { source, target: id })
          }
        />
        <div style={{ minHeight: 22 }}>
          {view && (
            <EnvironmentBadge
              id={view.environment.id}
              name={view.environment.name}
              kind={view.environment.kind}
              production={view.production}
            />
          )}
        </div>
      </Stack>
    );
  };
  const same = source !== "" && source === target;
  return (
    <Stack gap={4}>
      <Group align="center" gap="md" wrap="wrap">
        {side("source", source)}
        <IconArrowRight size={26} stroke={1.6} aria-label={t("deployments.to")} style={{ flex: "none" }} />
        {side("target", target)}
      </Group>
      {same && (
        <Text size="sm" c="var(--mantine-color-red-light-color)" role="alert">
          {t("deployments.sameSides")}
        </Text>
      )}
    </Stack>
  );
}
