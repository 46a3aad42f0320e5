import { Badge } from "@mantine/core";
import {
  IconBan,
  IconCheck,
  IconCircleCheckFilled,
  IconCircleX,
  IconHourglass,
  IconPencil,
  type TablerIcon,
} from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { governance } from "@/api/models";

type Look = { color: string; icon: TablerIcon; struck?: boolean };

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
  const { color, icon: Icon, struck } = looks[status];
  return (
    <Badge
      variant="light"
      color={color}
      radius="sm"
      tt="none"
      fw={500}
      fz="xs"
      leftSection={<Icon size={13} stroke={2} aria-hidden />}
      td={struck ? "line-through" : undefined}
      data-status={status}
    >
      {t(`status.${status}`)}
    </Badge>
  );
}
