import { Badge } from "@mantine/core";
import {
  IconAlertTriangle,
  IconEqual,
  IconPencil,
  IconPlus,
  IconTrash,
  type TablerIcon,
} from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { scan } from "@/api/models";

const { State } = scan;

const looks: Record<scan.State, { color: string; icon: TablerIcon }> = {
  [State.New]: { color: "green", icon: IconPlus },
  [State.Changed]: { color: "blue", icon: IconPencil },
  [State.Same]: { color: "gray", icon: IconEqual },
  [State.MissingInSource]: { color: "yellow", icon: IconAlertTriangle },
  [State.Delete]: { color: "red", icon: IconTrash },
};

/** How a customization in the source stands to the one in the target. */
export function StateBadge({ state }: { state: scan.State }) {
  const { t } = useTranslation();
  const { color, icon: Icon } = looks[state];
  return (
    <Badge
      size="sm"
      variant="light"
      color={color}
      radius="sm"
      tt="none"
      fw={500}
      leftSection={<Icon size={12} stroke={2} aria-hidden />}
    >
      {t(`deployments.scanState.${state}`)}
    </Badge>
  );
}
