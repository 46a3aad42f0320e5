import { useSyncExternalStore } from "react";

export const second = 1000;
export const minute = 60_000;

/** One clock for all that show a time, at each pace; it stands still while nobody looks. */
function clock(everyMs: number) {
  const told = new Set<() => void>();
  let timer: ReturnType<typeof setInterval> | undefined;
  let ticks = 0;
  const tick = () => {
    ticks++;
    for (const tell of told) tell();
  };
  return {
    subscribe: (tell: () => void) => {
      told.add(tell);
      timer ??= setInterval(tick, everyMs);
      return () => {
        told.delete(tell);
        if (told.size > 0) return;
        clearInterval(timer);
        timer = undefined;
      };
    },
    ticks: () => ticks,
  };
}

const clocks = { [second]: clock(second), [minute]: clock(minute) };
const still = { subscribe: () => () => {}, ticks: () => 0 };

/** Draws again every second or minute; with nothing, never. */
export function useTick(every?: typeof second | typeof minute) {
  const { subscribe, ticks } = every ? (clocks[every] ?? still) : still;
  useSyncExternalStore(subscribe, ticks);
}

/** Whether a time is still to come; when it has passed, this is drawn again. */
export function useToCome(at: string): boolean {
  const left = new Date(at).getTime() - Date.now();
  useTick(left > 0 ? (left < 2 * minute ? second : minute) : undefined);
  return left > 0;
}
