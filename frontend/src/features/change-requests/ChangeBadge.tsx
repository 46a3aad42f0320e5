import { Badge } from "@mantine/core";
import { IconMinus, IconPencil, IconPlus, type TablerIcon } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { governance } from "@/api/models";

const looks: Record<governance.Change, { color: string; icon: TablerIcon }> = {
  [governance.Change.Add]: { color: "green", icon: IconPlus },
  [governance.Change.Change]: { color: "blue", icon: IconPencil },
  [governance.Change.Delete]: { color: "red", icon: IconMinus },
};

/** What is to happen to a customization: a word, an icon and a colour. */
export function ChangeBadge({ change }: { change: governance.Change }) {
  const { t } = useTranslation();
  const { color, icon: Icon } = looks[change] ?? looks[governance.Change.Change];
  return (
    <Badge
      variant="light"
      color={color}
      radius="sm"
      tt="none"
      fw={500}
      fz="xs"
      leftSection={<Icon size={12} stroke={2.2} aria-hidden />}
    >
      {t(`change.${change}`)}
    </Badge>
  );
}
