import { IconMinus, IconPencil, IconPlus } from "@tabler/icons-react";
import { governance } from "@/api/models";
import { useTranslation } from "@/i18n/use-translation";
import { type Look, LookBadge } from "./LookBadge";

const looks: Record<governance.Change, Look> = {
  [governance.Change.Add]: { color: "green", icon: IconPlus },
  [governance.Change.Change]: { color: "blue", icon: IconPencil },
  [governance.Change.Delete]: { color: "red", icon: IconMinus },
};

/** What is to happen to a customization: a word, an icon and a colour. */
export function ChangeBadge({ change, size }: { change: governance.Change; size?: "sm" | "md" }) {
  const { t } = useTranslation();
  return (
    <LookBadge size={size} look={looks[change] ?? looks[governance.Change.Change]}>
      {t(`change.${change}`, { defaultValue: change })}
    </LookBadge>
  );
}
