import {
  IconBan,
  IconCheck,
  IconCircleCheckFilled,
  IconCircleX,
  IconHourglass,
  IconPencil,
} from "@tabler/icons-react";
import { governance } from "@/api/models";
import { useTranslation } from "@/i18n/use-translation";
import { type Look, LookBadge } from "./LookBadge";

const { Status } = governance;

const looks: Record<governance.Status, Look> = {
  [Status.InProgress]: { color: "gray", icon: IconPencil },
  [Status.PendingApproval]: { color: "yellow", icon: IconHourglass },
  [Status.Approved]: { color: "blue", icon: IconCheck },
  [Status.Rejected]: { color: "red", icon: IconCircleX },
  [Status.Completed]: { color: "green", icon: IconCircleCheckFilled },
  [Status.Cancelled]: { color: "gray", icon: IconBan, struck: true },
};

/** A status is a word, an icon and a colour, the same everywhere. Its word has a translation. */
export function StatusBadge({ status }: { status: governance.Status }) {
  const { t } = useTranslation();
  return (
    <LookBadge look={looks[status]} data-status={status}>
      {t(`status.${status}`)}
    </LookBadge>
  );
}
