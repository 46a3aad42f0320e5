import type { TablerIcon } from "@tabler/icons-react";

export type Look = { color: string; icon: TablerIcon; struck?: boolean };

type Props = {
  look: Look;
  size?: "sm" | "md";
  children: React.ReactNode;
  "data-status"?: string;
  "data-result"?: string;
};

/**
 * A word, an icon and a colour: how every badge of a state looks. Each row of a list has one or more, so it is plain
 * elements: Mantine's Badge brings thirty variables that the engine would work out for each.
 */
export function LookBadge({ look: { color, icon: Icon, struck }, size = "md", children, ...data }: Props) {
  return (
    <span className="badge" data-size={size} data-color={color} data-struck={struck} {...data}>
      <Icon size={13} stroke={2} aria-hidden />
      <span className="badge-word">{children}</span>
    </span>
  );
}
