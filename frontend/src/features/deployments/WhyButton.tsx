import { Button, type ButtonProps, Tooltip } from "@mantine/core";
import type { MouseEvent, ReactNode } from "react";

type Props = ButtonProps & {
  allowed: boolean;
  /** Why it cannot be pressed, and what mends it. */
  why: string;
  onClick: (e: MouseEvent<HTMLButtonElement>) => void;
  children: ReactNode;
  "aria-label"?: string;
};

/** A button that says why it cannot be pressed. It keeps its place in the order of the keyboard then. */
export function WhyButton({ allowed, why, onClick, children, ...rest }: Props) {
  return (
    <Tooltip label={why} disabled={allowed || !why} multiline maw={360} openDelay={150}>
      <Button
        {...rest}
        data-disabled={!allowed || undefined}
        aria-disabled={!allowed || undefined}
        onClick={(e) => (allowed ? onClick(e) : e.preventDefault())}
      >
        {children}
      </Button>
    </Tooltip>
  );
}
