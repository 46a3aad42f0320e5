import { Menu, type MenuItemProps, Text } from "@mantine/core";
import { type ReactNode, useId } from "react";

type Props = MenuItemProps & { allowed: boolean; why: string; onClick: () => void; children: ReactNode };

/** An item of a menu that says why it cannot be chosen. The arrow keys reach it all the same, so that it can be read. */
export function WhyItem({ allowed, why, onClick, children, ...rest }: Props) {
  const id = useId();
  const held = !allowed && why !== "";
  return (
    <Menu.Item
      {...rest}
      aria-disabled={!allowed || undefined}
      aria-describedby={held ? id : undefined}
      closeMenuOnClick={allowed}
      style={allowed ? undefined : { color: "var(--mantine-color-dimmed)", cursor: "not-allowed" }}
      onClick={() => allowed && onClick()}
    >
      {children}
      {held && (
        <Text id={id} size="xs" style={{ whiteSpace: "normal" }}>
          {why}
        </Text>
      )}
    </Menu.Item>
  );
}
