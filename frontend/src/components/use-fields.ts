import { useState } from "react";

const same = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b);
const keysOf = <F extends object>(of: F) => Object.keys(of) as (keyof F)[];

/**
 * The fields of a form that is saved by its button, on top of what the workspace says by now: what somebody typed
 * stays theirs, and every other field follows the workspace.
 */
export function useFields<F extends object>(theirs: F) {
  const [mine, setMine] = useState<Partial<F>>({});
  /** Leaves out what is no other than the workspace's own, so that it follows it again. */
  const without = (part: Partial<F>, gone: F) => {
    const rest = { ...part };
    for (const key of keysOf(part)) if (same(part[key], gone[key])) delete rest[key];
    return rest;
  };
  return {
    fields: { ...theirs, ...mine },
    dirty: keysOf(mine).some((key) => !same(mine[key], theirs[key])),
    set: (part: Partial<F>) => setMine((old) => without({ ...old, ...part }, theirs)),
    /** It was saved like this; what was typed meanwhile stays. */
    saved: (sent: F) => setMine((old) => without(old, sent)),
    reset: () => setMine({}),
  };
}
