import { ThemeIcon } from "@mantine/core";
import {
  IconAlertTriangle,
  IconArrowsExchange,
  IconEqual,
  IconMinus,
  IconPencil,
  IconPlus,
  type TablerIcon,
} from "@tabler/icons-react";
import { useTranslation } from "@/i18n/use-translation";
import type { Kind } from "./entries";

const looks: Record<Kind, { icon: TablerIcon; color: string }> = {
  new: { icon: IconPlus, color: "green" },
  add: { icon: IconPlus, color: "green" },
  changed: { icon: IconArrowsExchange, color: "blue" },
  change: { icon: IconPencil, color: "blue" },
  deleted: { icon: IconMinus, color: "red" },
  same: { icon: IconEqual, color: "gray" },
  missing: { icon: IconAlertTriangle, color: "yellow" },
};

/** What would become of a customization, as a sign with a name. */
export function KindIcon({ kind, size = 18, silent }: { kind: Kind; size?: number; silent?: boolean }) {
  const { t } = useTranslation();
  const { icon: Icon, color } = looks[kind];
  return (
    <ThemeIcon size={size} radius="sm" variant="light" color={color} style={{ flex: "none" }}>
      <Icon
        size={size - 6}
        stroke={2}
        {...(silent ? { "aria-hidden": true } : { role: "img", "aria-label": t(`review.kind.${kind}`) })}
      />
    </ThemeIcon>
  );
}
