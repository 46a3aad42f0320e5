import {
  IconAlertTriangle,
  IconBan,
  IconCircleCheckFilled,
  IconCircleX,
  IconClock,
  IconPlayerPlay,
} from "@tabler/icons-react";
import { governance } from "@/api/models";
import { useTranslation } from "@/i18n/use-translation";
import { type Look, LookBadge } from "./LookBadge";

const { Result } = governance;

const looks: Record<governance.Result, Look> = {
  [Result.None]: { color: "blue", icon: IconPlayerPlay },
  [Result.Succeeded]: { color: "green", icon: IconCircleCheckFilled },
  [Result.Partially]: { color: "yellow", icon: IconAlertTriangle },
  [Result.Failed]: { color: "red", icon: IconCircleX },
  [Result.Canceled]: { color: "gray", icon: IconBan },
  [Result.NotSent]: { color: "gray", icon: IconCircleX },
};

/** How an attempt stands, in one of the words that users of deployment logs know. */
export function AttemptBadge({ word, result }: { word: string; result: governance.Result }) {
  const { t } = useTranslation();
  const waits = result === Result.None && (word === "Pending" || word === "Canceling");
  return (
    <LookBadge
      look={waits ? { color: "gray", icon: IconClock } : looks[result]}
      data-result={result || "active"}
    >
      {t(`attempt.word.${word}`, { defaultValue: word })}
    </LookBadge>
  );
}
