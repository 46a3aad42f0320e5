import { Box, Skeleton } from "@mantine/core";
import { useVirtualizer } from "@tanstack/react-virtual";
import {
  type KeyboardEvent,
  type MouseEvent,
  type ReactNode,
  useEffect,
  useId,
  useRef,
  useState,
} from "react";
import { usePreference } from "./use-preference";

type Props<T> = {
  /** May have holes where nothing is read yet: their rows are grey. */
  items: (T | undefined)[];
  keyOf: (item: T) => string;
  row: (item: T, focused: boolean) => ReactNode;
  rowHeight: number;
  height?: number | string;
  label: string;
  /** Enter and a click; where rows are picked, Enter and a double click. */
  onOpen?: (item: T) => void;
  /** Space, and a click where rows are picked. Extend: Shift was held, so that all rows in between are meant. */
  onPick?: (item: T, index: number, extend: boolean) => void;
  /** Ctrl A. */
  onPickAll?: () => void;
  /** Which rows are picked. With it, the list is one of which several can be picked. */
  picked?: (item: T) => boolean;
  /** Other keys, such as Delete. */
  onKey?: Record<string, (item: T) => void>;
  /** Asked when the end comes near. */
  onEnd?: () => void;
  /** Which rows are seen now, from and to. */
  onSeen?: (from: number, to: number) => void;
  head?: ReactNode;
  /** Which row has the focus first. */
  initial?: number;
  /** What the rows answer to. Another question has other rows: the first of them has the focus then. */
  question?: string;
  /** The list has the keyboard as soon as it is there. */
  takesFocus?: boolean;
};

/**
 * A list that stays fluid at any length: only what is seen is in the page. j and k or the arrows move, Enter opens,
 * Space picks, Home and End jump.
 */
export function VirtualList<T>(p: Props<T>) {
  const id = useId();
  const scroller = useRef<HTMLDivElement>(null);
  const [textSize] = usePreference("text.size", "100");
  const rowHeight = Math.round(p.rowHeight * Math.max(1, (Number(textSize) || 100) / 100)); // rows grow with the text
  const virtual = useVirtualizer({
    count: p.items.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    overscan: 5,
    initialOffset: Math.max(0, ((p.initial ?? 0) - 4) * rowHeight),
  });
  const { focused, moved, focusOn } = useFocusedRow(p);
  // Another height makes every place another. At first every place is new anyway: with 100,000 rows that is felt.
  const placedAt = useRef(rowHeight);
  useEffect(() => {
    if (placedAt.current === rowHeight) return;
    placedAt.current = rowHeight;
    virtual.measure();
  }, [rowHeight, virtual]);
  const rows = virtual.getVirtualItems();
  const first = rows.at(0)?.index ?? 0;
  const last = rows.at(-1)?.index ?? 0;
  const { onEnd, onSeen, takesFocus } = p;
  useEffect(() => {
    if (onEnd && p.items.length > 0 && last >= p.items.length - 20) onEnd();
  }, [last, p.items.length, onEnd]);
  useEffect(() => onSeen?.(first, last), [first, last, onSeen]);
  // How wide the scroll bar is, for the head above it: none where bars lie over what is scrolled.
  useEffect(() => {
    const box = scroller.current;
    if (!box) return;
    const tell = () =>
      box.parentElement?.style.setProperty("--scroll-bar", `${box.offsetWidth - box.clientWidth}px`);
    tell();
    if (!("ResizeObserver" in window)) return;
    const seen = new ResizeObserver(tell);
    seen.observe(box);
    if (box.firstElementChild) seen.observe(box.firstElementChild);
    return () => seen.disconnect();
  }, []);
  useEffect(() => {
    if (takesFocus) scroller.current?.focus({ preventScroll: true });
  }, [takesFocus]);

  // The row with the focus went elsewhere: who uses the keys sees where.
  useEffect(() => {
    if (moved > 0 && document.activeElement === scroller.current) virtual.scrollToIndex(moved - 1);
  }, [moved, virtual]);
  const asked = useRef(p.question);
  useEffect(() => {
    if (asked.current !== p.question) virtual.scrollToOffset(0);
    asked.current = p.question;
  }, [p.question, virtual]);

  const there = p.items[focused];
  const go = (to: number, extend = false) => {
    const next = Math.max(0, Math.min(p.items.length - 1, to));
    focusOn(next);
    virtual.scrollToIndex(next);
    const item = p.items[next];
    if (extend && p.picked && item !== undefined) p.onPick?.(item, next, true);
  };
  const page = Math.max(1, Math.floor((scroller.current?.clientHeight ?? 400) / rowHeight) - 1);
  const keys: Record<string, (extend: boolean) => void> = {
    j: () => go(focused + 1),
    ArrowDown: (extend) => go(focused + 1, extend),
    k: () => go(focused - 1),
    ArrowUp: (extend) => go(focused - 1, extend),
    PageDown: () => go(focused + page),
    PageUp: () => go(focused - page),
    Home: () => go(0),
    End: () => go(p.items.length - 1),
    Enter: () => there !== undefined && p.onOpen?.(there),
    " ": (extend) => there !== undefined && p.onPick?.(there, focused, extend),
  };
  const press = (e: KeyboardEvent) => {
    if (e.target !== e.currentTarget || e.altKey) return;
    if ((e.ctrlKey || e.metaKey) && e.key === "a" && p.onPickAll) {
      e.preventDefault();
      p.onPickAll();
      return;
    }
    if (e.ctrlKey || e.metaKey) return;
    const own = p.onKey?.[e.key];
    const run = own && there !== undefined ? () => own(there) : keys[e.key];
    if (!run || (e.key === "Enter" && !p.onOpen)) return;
    e.preventDefault();
    run(e.shiftKey);
  };
  const click = (e: MouseEvent, item: T, index: number) => {
    focusOn(index);
    if (p.picked) p.onPick?.(item, index, e.shiftKey);
    else p.onOpen?.(item);
  };
  // The list has the keyboard, not the row: a pressed row would take the focus to where no key does anything.
  const hold = (e: MouseEvent) => {
    if (e.button !== 0 || (e.target instanceof Element && e.target.closest("a, button, input"))) return;
    e.preventDefault();
    scroller.current?.focus({ preventScroll: true });
  };
  return (
    <Box className="virtual">
      {p.head}
      <Box
        ref={scroller}
        className="virtual-scroll"
        style={
          typeof p.height === "number" ? { height: p.height, flex: "none" } : { height: p.height ?? "100%" }
        }
        role="listbox"
        aria-label={p.label}
        aria-multiselectable={p.picked ? true : undefined}
        aria-activedescendant={p.items.length ? `${id}-${focused}` : undefined}
        tabIndex={0}
        onKeyDown={press}
      >
        <div role="presentation" style={{ height: virtual.getTotalSize(), position: "relative" }}>
          {rows.map(({ index, start, key }) => {
            const item = p.items[index];
            const place = { height: rowHeight, transform: `translateY(${start}px)` };
            if (item === undefined)
              return (
                <div key={key} className="virtual-row" style={place} aria-hidden>
                  <Skeleton height={10} mt={(rowHeight - 10) / 2} mx="md" width="60%" animate={false} />
                </div>
              );
            return (
              <div
                key={key}
                id={`${id}-${index}`}
                role="option"
                aria-selected={p.picked ? p.picked(item) : index === focused}
                aria-setsize={p.items.length}
                aria-posinset={index + 1}
                tabIndex={-1}
                className="virtual-row"
                data-focused={index === focused || undefined}
                data-picked={p.picked?.(item) || undefined}
                style={place}
                onMouseDown={hold}
                onClick={(e) => click(e, item, index)}
                onDoubleClick={() => p.picked && p.onOpen?.(item)}
                onKeyDown={() => {}}
              >
                {p.row(item, index === focused)}
              </div>
            );
          })}
        </div>
      </Box>
    </Box>
  );
}

type Row = { index: number; key?: string; question?: string };

/**
 * The row with the focus, by its key: rows that come, go or change their places take it nowhere else. Moved is one
 * more than where it went by itself, so that 0 says nowhere.
 */
function useFocusedRow<T>({ items, keyOf, initial = 0, question }: Props<T>) {
  const [at, setAt] = useState<Row & { moved: number }>({ index: initial, question, moved: 0 });
  const keyAt = (index: number) => {
    const item = items[index];
    return item === undefined ? undefined : keyOf(item);
  };
  const last = Math.max(0, items.length - 1);
  let now = at;
  if (at.question !== question) now = { index: 0, key: keyAt(0), question, moved: 0 };
  else if (at.key === undefined) {
    const index = Math.min(at.index, last);
    const key = keyAt(index);
    if (key !== undefined) now = { ...at, index, key };
  } else if (at.index > last || (items[at.index] !== undefined && keyAt(at.index) !== at.key)) {
    const to = items.findIndex((item) => item !== undefined && keyOf(item) === at.key);
    const index = to >= 0 ? to : Math.min(at.index, last);
    now = { ...at, index, key: keyAt(index), moved: to >= 0 ? index + 1 : at.moved };
  }
  if (now !== at) setAt(now); // React draws again at once, before anything is seen
  return {
    focused: Math.min(now.index, last),
    moved: now.moved,
    focusOn: (index: number) => setAt({ index, key: keyAt(index), question, moved: 0 }),
  };
}
