import { Badge } from "@mantine/core";
import { IconCircleCheckFilled, IconCircleX, IconRocket, type TablerIcon } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";

const looks: Record<string, { color: string; icon: TablerIcon }> = {
  Deploying: { color: "blue", icon: IconRocket },
  Deployed: { color: "green", icon: IconCircleCheckFilled },
  "Deployment failed": { color: "red", icon: IconCircleX },
};

/** How the last deployment of a record stands: Deploying, Deployed or Deployment failed. */
export function WordBadge({ word }: { word: string }) {
  const { t } = useTranslation();
  if (!word) return null;
  const { color, icon: Icon } = looks[word] ?? { color: "gray", icon: IconRocket };
  return (
    <Badge
      variant="light"
      color={color}
      radius="sm"
      tt="none"
      fw={500}
      fz="xs"
      leftSection={<Icon size={13} stroke={2} aria-hidden />}
    >
      {t(`deployments.word.${word}`, { defaultValue: word })}
    </Badge>
  );
}
