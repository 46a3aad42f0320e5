import type { RefObject } from "react";
import { usePageKeydown } from "./use-page-keys";

/** The filled button of a bar, when it can be pressed. Mantine marks the variants, but not the one that is the default. */
export const filledButton =
  '.mantine-Button-root:is([data-variant="filled"], :not([data-variant])):not(:disabled, [data-disabled])';

/**
 * Ctrl Enter presses the filled button of the bar that says what is next, from anywhere on the page. An open dialog
 * has the key for itself, and a key that is held down presses once.
 */
export function useNextKey(bar: RefObject<HTMLElement | null>) {
  usePageKeydown((e) => {
    if (e.key !== "Enter" || !(e.ctrlKey || e.metaKey) || e.repeat) return;
    const button = bar.current?.querySelector<HTMLElement>(filledButton);
    if (!button) return;
    e.preventDefault();
    button.focus(); // what it opens gives the focus back to it
    button.click();
  });
}
