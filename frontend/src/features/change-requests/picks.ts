import { useCallback, useRef, useState } from "react";
import { Fault } from "@/api/fault";
import { useTellFault } from "@/components/use-act";

/** What can be picked: what is read of it, with holes, and the way to read the rest. */
type Pickable<T> = {
  items: (T | undefined)[];
  total: number;
  /** What the rows answer to; a range begins anew with another question. */
  question?: string;
  readRange: (from: number, to: number) => Promise<T[]>;
};

/** A list that is there as a whole. */
export const wholeList = <T>(items: T[]): Pickable<T> => ({
  items,
  total: items.length,
  readRange: async (from, to) => items.slice(from, to + 1),
});

/** Salesforce takes 10,000 components in one deployment: nobody carries more in one request. */
const mostPicked = 10_000;

/**
 * Which rows of a list are picked, by key; they stay picked while the list is searched. Shift picks all in between and
 * Ctrl A all there are, also those that nobody looked at: they are read first. Who picks all of a list that is longer
 * than what one deployment carries is told how many are picked.
 */
export function usePicks<T>(
  keyOf: (item: T) => string,
  list: Pickable<T>,
  onCut: (picked: number, total: number) => void = () => {},
) {
  const [picks, setPicks] = useState<ReadonlyMap<string, T>>(new Map());
  const [reading, setReading] = useState(false);
  const anchor = useRef<number>(undefined);
  const asked = useRef(list.question);
  if (asked.current !== list.question) {
    asked.current = list.question;
    anchor.current = undefined;
  }
  const tell = useTellFault();
  const newest = useRef({ list, tell });
  newest.current = { list, tell };

  const range = useCallback(
    async (from: number, to: number, change: (picks: Map<string, T>, rows: T[]) => void) => {
      const put = (rows: T[]) =>
        setPicks((old) => {
          const next = new Map(old);
          change(next, rows);
          return next;
        });
      const { items, readRange } = newest.current.list;
      const known: T[] = [];
      for (let i = from; i <= to; i++) {
        const one = items[i];
        if (one !== undefined) known.push(one);
      }
      if (known.length === to - from + 1) return put(known);
      setReading(true);
      try {
        put(await readRange(from, to));
      } catch (thrown) {
        newest.current.tell(Fault.from(thrown));
      } finally {
        setReading(false);
      }
    },
    [],
  );
  const pick = useCallback(
    (item: T, index: number, extend: boolean) => {
      const from = (extend ? anchor.current : undefined) ?? index;
      anchor.current = index;
      if (extend)
        return void range(Math.min(from, index), Math.max(from, index), (next, rows) => {
          for (const row of rows) next.set(keyOf(row), row);
        });
      setPicks((old) => {
        const next = new Map(old);
        if (!next.delete(keyOf(item))) next.set(keyOf(item), item);
        return next;
      });
    },
    [keyOf, range],
  );
  const toggleAll = async () => {
    const { total } = list;
    if (total === 0) return;
    const to = Math.min(total, mostPicked) - 1;
    await range(0, to, (next, rows) => {
      const all = rows.every((row) => next.has(keyOf(row)));
      for (const row of rows) {
        if (all) next.delete(keyOf(row));
        else next.set(keyOf(row), row);
      }
    });
    if (total > mostPicked) onCut(mostPicked, total);
  };
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
    toggleAll: () => void toggleAll(),
    /** Rows that nobody looked at are read, to be picked. */
    reading,
    clear: () => setPicks(new Map()),
    has: (item: T) => picks.has(keyOf(item)),
  };
}
