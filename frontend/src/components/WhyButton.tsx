import { Button, type ButtonProps, Tooltip } from "@mantine/core";
import { type MouseEvent, type ReactNode, useId } from "react";

type Props = ButtonProps & {
  allowed: boolean;
  /** Why it cannot be pressed, and what mends it. */
  why: string;
  /** The id of the element that says why, where the page shows it. */
  said?: string;
  type?: "button" | "submit";
  onClick?: (e: MouseEvent<HTMLButtonElement>) => void;
  children: ReactNode;
  "aria-label"?: string;
};

/** A button that says why it cannot be pressed. It keeps its place in the order of the keyboard then. */
export function WhyButton({ allowed, why, said, type = "button", onClick, children, ...rest }: Props) {
  const id = useId();
  const held = !allowed && why !== "";
  return (
    <>
      <Tooltip label={why} disabled={!held} multiline maw={360} openDelay={150}>
        <Button
          {...rest}
          type={type}
          data-disabled={!allowed || undefined}
          aria-disabled={!allowed || undefined}
          aria-describedby={held ? (said ?? id) : undefined}
          onClick={(e) => (allowed ? onClick?.(e) : e.preventDefault())}
        >
          {children}
        </Button>
      </Tooltip>
      {held && !said && (
        <span id={id} hidden>
          {why}
        </span>
      )}
    </>
  );
}
