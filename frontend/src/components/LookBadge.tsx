import { Badge } from "@mantine/core";
import type { TablerIcon } from "@tabler/icons-react";

export type Look = { color: string; icon: TablerIcon; struck?: boolean };

type Props = {
  look: Look;
  size?: "sm" | "md";
  children: React.ReactNode;
  "data-status"?: string;
  "data-result"?: string;
};

/** A word, an icon and a colour: how every badge of a state looks. */
export function LookBadge({ look: { color, icon: Icon, struck }, size, children, ...data }: Props) {
  return (
    <Badge
      size={size}
      variant="light"
      color={color}
      radius="sm"
      tt="none"
      fw={500}
      fz={size === "sm" ? undefined : "xs"}
      leftSection={<Icon size={13} stroke={2} aria-hidden />}
      td={struck ? "line-through" : undefined}
      style={{ flex: "none" }}
      {...data}
    >
      {children}
    </Badge>
  );
}
