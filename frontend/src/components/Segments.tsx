import { SegmentedControl } from "@mantine/core";
import { type CSSProperties, type ReactNode, useId } from "react";

type Props<V extends string> = {
  label: string;
  value: V;
  onChange: (value: V) => void;
  data: { value: V; label: ReactNode }[];
};

const { classes } = SegmentedControl;
const look = { "--sc-shadow": "var(--mantine-shadow-xs)" } as CSSProperties;

/**
 * One of a few ways to look at a page. It looks like Mantine's SegmentedControl, whose mark measures the page in order
 * to float: here the chosen one wears it, so that the page is drawn once.
 */
export function Segments<V extends string>({ label, value, onChange, data }: Props<V>) {
  const id = useId();
  return (
    <div className={classes.root} style={look} role="radiogroup" aria-label={label} data-with-items-borders>
      {data.map((each) => {
        const active = each.value === value || undefined;
        return (
          <div
            key={each.value}
            className={classes.control}
            data-active={active}
            data-orientation="horizontal"
          >
            <input
              type="radio"
              className={classes.input}
              data-focus-ring="auto"
              id={`${id}-${each.value}`}
              name={id}
              value={each.value}
              checked={each.value === value}
              onChange={() => onChange(each.value)}
            />
            <label className={classes.label} data-active={active} htmlFor={`${id}-${each.value}`}>
              <span className={classes.innerLabel}>{each.label}</span>
            </label>
          </div>
        );
      })}
    </div>
  );
}
