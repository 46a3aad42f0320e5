import { IconAlertTriangle, IconEqual, IconPencil, IconPlus, IconTrash } from "@tabler/icons-react";
import { scan } from "@/api/models";
import { type Look, LookBadge } from "@/components/LookBadge";
import { useTranslation } from "@/i18n/use-translation";

const { State } = scan;

const looks: Record<scan.State, Look> = {
  [State.New]: { color: "green", icon: IconPlus },
  [State.Changed]: { color: "blue", icon: IconPencil },
  [State.Same]: { color: "gray", icon: IconEqual },
  [State.MissingInSource]: { color: "yellow", icon: IconAlertTriangle },
  [State.Delete]: { color: "red", icon: IconTrash },
};

/** How a customization in the source stands to the one in the target. */
export function StateBadge({ state }: { state: scan.State }) {
  const { t } = useTranslation();
  return (
    <LookBadge size="sm" look={looks[state]}>
      {t(`deployments.scanState.${state}`)}
    </LookBadge>
  );
}
