import { IconCircleCheckFilled, IconCircleX, IconRocket } from "@tabler/icons-react";
import { type Look, LookBadge } from "@/components/LookBadge";
import { useTranslation } from "@/i18n/use-translation";

const looks: Record<string, Look> = {
  Deploying: { color: "blue", icon: IconRocket },
  Deployed: { color: "green", icon: IconCircleCheckFilled },
  "Deployment failed": { color: "red", icon: IconCircleX },
};

/** How the last deployment of a record stands: Deploying, Deployed or Deployment failed. */
export function WordBadge({ word }: { word: string }) {
  const { t } = useTranslation();
  if (!word) return null;
  return (
    <LookBadge look={looks[word] ?? { color: "gray", icon: IconRocket }}>
      {t(`deployments.word.${word}`, { defaultValue: word })}
    </LookBadge>
  );
}
