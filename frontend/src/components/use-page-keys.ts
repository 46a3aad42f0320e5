import { useHotkeys } from "@mantine/hooks";
import { type RefObject, useEffect } from "react";

export const dialog = '[role="dialog"], [role="alertdialog"]';

/** What lies over the page and has the keys for itself. */
export const overlay = `${dialog}, [role="menu"]`;

/** Keys that were pressed while something lay over the page. */
const taken = new WeakSet<Event>();
const watched = new WeakSet<Window>();

/**
 * A dialog that Escape closes is gone before the key reaches the page, so what lay over it is looked up while the key
 * is still on its way in: before anything else heard it.
 */
function watch() {
  if (watched.has(window)) return;
  watched.add(window);
  window.addEventListener(
    "keydown",
    (e) => {
      const inside = e.target instanceof Element && e.target.closest(overlay);
      if (inside || document.querySelector(overlay)) taken.add(e);
    },
    true,
  );
}

/** Whether a key is meant for the page, and not for a dialog or a menu above it. */
const isForPage = (e: Event) => !taken.has(e) && !e.defaultPrevented;

type Keys = [keys: string, run: (e: KeyboardEvent) => void][];

const noFields: string[] = [];

/** Keys of a page. None does anything while a dialog or a menu is open, nor does the one that closes it. */
export function usePageKeys(keys: Keys, inFields = false) {
  watch();
  const guarded = keys.map(
    ([key, run]): [string, (e: KeyboardEvent) => void, { preventDefault: boolean }] => [
      key,
      (e) => {
        if (!isForPage(e)) return;
        e.preventDefault();
        run(e);
      },
      { preventDefault: false },
    ],
  );
  useHotkeys(guarded, inFields ? noFields : undefined, inFields);
}

/** The slash puts the cursor into the field that searches the list. */
export const useSlash = (field: RefObject<HTMLInputElement | null>) =>
  usePageKeys([["/", () => field.current?.focus()]]);

/** A listener for keys that knows what lay over the page. */
export function usePageKeydown(press: (e: KeyboardEvent) => void) {
  watch();
  useEffect(() => {
    const hear = (e: KeyboardEvent) => isForPage(e) && press(e);
    document.addEventListener("keydown", hear);
    return () => document.removeEventListener("keydown", hear);
  });
}
