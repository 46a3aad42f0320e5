import { IconUrgent } from "@tabler/icons-react";
import { useTranslation } from "@/i18n/use-translation";
import { type Look, LookBadge } from "./LookBadge";

const look: Look = { color: "yellow", icon: IconUrgent };

/** Marks what is an Emergency, or goes out as one, wherever it is listed. */
export function EmergencyBadge({ size }: { size?: "sm" | "md" }) {
  const { t } = useTranslation();
  return (
    <LookBadge look={look} size={size}>
      {t("changeType.Emergency")}
    </LookBadge>
  );
}
