import { useCallback, useEffect, useLayoutEffect, useRef, useState } from "react";
import { flushSync } from "react-dom";

/** Rows that are drawn beyond those that are seen, so that a scrolled list is never empty at its edge. */
const beyond = 4;

/** Rows above the one that a list begins at. */
const above = 4;

/** How high lists were last: a list that is drawn again draws its rows at once, before anything is measured. */
const heights = new Map<string, number>();

/** What is above and below a list in the page, roughly: only for the first list of its kind. */
const besideInPx = 260;

/**
 * Which rows of a list are in sight. All are equally high, so nothing of them is measured: where one is follows from
 * its number, however many there are.
 */
export function useRowsInSight(
  name: string,
  count: number,
  rowHeight: number,
  height?: number | string,
  initial = 0,
) {
  const scroller = useRef<HTMLDivElement>(null);
  const [seen, setSeen] = useState(() => {
    const room =
      typeof height === "number"
        ? height
        : (heights.get(name) ?? Math.max(0, window.innerHeight - besideInPx));
    const from = Math.max(0, Math.min(initial - above, count - Math.floor(room / rowHeight)));
    return { from, to: from + Math.ceil(room / rowHeight) };
  });
  const look = useCallback(() => {
    const box = scroller.current;
    if (!box) return;
    const { scrollTop, clientHeight } = box;
    heights.set(name, clientHeight);
    const from = Math.max(0, Math.floor(scrollTop / rowHeight));
    const to = Math.max(from, Math.ceil((scrollTop + clientHeight) / rowHeight) - 1);
    setSeen((old) => (old.from === from && old.to === to ? old : { from, to }));
  }, [name, rowHeight]);

  // Where it begins, and where it was when rows become higher.
  const placed = useRef(0);
  useLayoutEffect(() => {
    const box = scroller.current;
    const before = placed.current;
    placed.current = rowHeight;
    if (!box || before === rowHeight) return;
    if (before === 0 && seen.from > 0) box.scrollTop = seen.from * rowHeight;
    else if (before > 0) look();
  });
  useEffect(() => {
    const box = scroller.current;
    if (!box) return;
    // In the same frame: a row that came a frame later would be seen to be missing.
    const lookNow = () => flushSync(look);
    box.addEventListener("scroll", lookNow, { passive: true });
    const size = "ResizeObserver" in window ? new ResizeObserver(lookNow) : undefined;
    size?.observe(box);
    return () => {
      box.removeEventListener("scroll", lookNow);
      size?.disconnect();
    };
  }, [look]);

  /** Scrolls no further than needed for a row to be seen. */
  const show = useCallback(
    (index: number) => {
      const box = scroller.current;
      if (!box) return;
      const top = index * rowHeight;
      if (top < box.scrollTop) box.scrollTop = top;
      else if (top + rowHeight > box.scrollTop + box.clientHeight)
        box.scrollTop = top + rowHeight - box.clientHeight;
      look();
    },
    [rowHeight, look],
  );
  const end = Math.max(0, count - 1);
  return {
    scroller,
    first: Math.max(0, Math.min(seen.from, end) - beyond),
    last: count === 0 ? -1 : Math.min(end, seen.to + beyond),
    show,
  };
}
