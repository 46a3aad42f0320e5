import { useCallback, useRef, useState } from "react";

/** Which rows of a list are picked, by key; they stay picked while the list is searched. Shift picks all in between. */
export function usePicks<T>(keyOf: (item: T) => string, items: (T | undefined)[]) {
  const [picks, setPicks] = useState<ReadonlyMap<string, T>>(new Map());
  const anchor = useRef(0);
  const pick = useCallback(
    (item: T, index: number, extend: boolean) => {
      const from = extend ? anchor.current : index;
      anchor.current = index;
      setPicks((old) => {
        const next = new Map(old);
        if (!extend) {
          if (!next.delete(keyOf(item))) next.set(keyOf(item), item);
          return next;
        }
        for (let i = Math.min(from, index); i <= Math.max(from, index); i++) {
          const one = items[i];
          if (one !== undefined) next.set(keyOf(one), one);
        }
        return next;
      });
    },
    [items, keyOf],
  );
  const toggleAll = () =>
    setPicks((old) => {
      const there = items.filter((item): item is T & {} => item !== undefined);
      const next = new Map(old);
      const all = there.every((item) => next.has(keyOf(item)));
      for (const item of there) {
        if (all) next.delete(keyOf(item));
        else next.set(keyOf(item), item);
      }
      return next;
    });
  const drop = (item: T) =>
    setPicks((old) => {
      const next = new Map(old);
      next.delete(keyOf(item));
      return next;
    });
  return {
    picks,
    pick,
    drop,
    toggleAll,
    clear: () => setPicks(new Map()),
    has: (item: T) => picks.has(keyOf(item)),
  };
}
