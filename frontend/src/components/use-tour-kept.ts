import { useCallback } from "react";
import { tourKey } from "./keys";
import { usePreference } from "./use-preference";
import { useWorkspace } from "./use-workspace";

type Kept = { open: boolean; since: string };

const readKept = (text: string): Kept => {
  try {
    const { open, since } = JSON.parse(text);
    return { open: open === true, since: typeof since === "string" ? since : "" };
  } catch {
    return { open: false, since: "" };
  }
};

/** Whether the tour is open, and since when; kept, so that it goes on where it was left. */
export function useTour() {
  const { state } = useWorkspace();
  const [text, keep] = usePreference(tourKey(state?.id ?? ""));
  const kept = readKept(text);
  const set = useCallback((to: Kept) => keep(JSON.stringify(to)), [keep]);
  return {
    ...kept,
    open: () => set({ open: true, since: kept.since || new Date().toISOString() }),
    leave: () => set({ ...kept, open: false }),
    again: () => set({ open: true, since: new Date().toISOString() }),
    opened: kept.open,
  };
}
