import { Skeleton } from "@mantine/core";
import {
  type KeyboardEvent,
  type MouseEvent,
  memo,
  type ReactNode,
  useEffect,
  useId,
  useMemo,
  useRef,
  useState,
} from "react";
import { usePreference } from "./use-preference";
import { useRowsInSight } from "./use-rows-in-sight";

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
 * Space picks, Home and End jump. While it is scrolled, only the rows that come into sight are drawn.
 */
export function VirtualList<T>(p: Props<T>) {
  const id = useId();
  const [textSize] = usePreference("text.size", "100");
  const rowHeight = Math.round(p.rowHeight * Math.max(1, (Number(textSize) || 100) / 100)); // rows grow with the text
  const count = p.items.length;
  const { scroller, first, last, show } = useRowsInSight(p.label, count, rowHeight, p.height, p.initial);
  const { focused, moved, focusOn } = useFocusedRow(p);
  useScrollBarRoom(scroller);
  const { onEnd, onSeen, takesFocus } = p;
  useEffect(() => {
    if (onEnd && count > 0 && last >= count - 20) onEnd();
  }, [last, count, onEnd]);
  useEffect(() => onSeen?.(first, last), [first, last, onSeen]);
  useEffect(() => {
    if (takesFocus) scroller.current?.focus({ preventScroll: true });
  }, [takesFocus, scroller]);

  // The row with the focus went elsewhere: who uses the keys sees where.
  useEffect(() => {
    if (moved > 0 && document.activeElement === scroller.current) show(moved - 1);
  }, [moved, show, scroller]);
  const asked = useRef(p.question);
  useEffect(() => {
    if (asked.current !== p.question) show(0);
    asked.current = p.question;
  }, [p.question, show]);

  const there = p.items[focused];
  const go = (to: number, extend = false) => {
    const next = Math.max(0, Math.min(count - 1, to));
    focusOn(next);
    show(next);
    const item = p.items[next];
    if (extend && p.picked && item !== undefined) p.onPick?.(item, next, true);
  };
  const page = () => Math.max(1, Math.floor((scroller.current?.clientHeight ?? 400) / rowHeight) - 1);
  const keys: Record<string, (extend: boolean) => void> = {
    j: () => go(focused + 1),
    ArrowDown: (extend) => go(focused + 1, extend),
    k: () => go(focused - 1),
    ArrowUp: (extend) => go(focused - 1, extend),
    PageDown: () => go(focused + page()),
    PageUp: () => go(focused - page()),
    Home: () => go(0),
    End: () => go(count - 1),
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
  // What a row does is looked up when it is done, so that a row is not drawn again because the page was.
  const acts: Acts<T> = {
    click: (e, item, index) => {
      focusOn(index);
      if (p.picked) p.onPick?.(item, index, e.shiftKey);
      else p.onOpen?.(item);
    },
    open: (item) => p.picked && p.onOpen?.(item),
    // The list has the keyboard, not the row: a pressed row would take the focus to where no key does anything.
    hold: (e) => {
      if (e.button !== 0 || (e.target instanceof Element && e.target.closest("a, button, input"))) return;
      e.preventDefault();
      scroller.current?.focus({ preventScroll: true });
    },
  };
  const newest = useRef(acts);
  newest.current = acts;
  const act = useMemo<Acts<T>>(
    () => ({
      click: (e, item, index) => newest.current.click(e, item, index),
      open: (item) => newest.current.open(item),
      hold: (e) => newest.current.hold(e),
    }),
    [],
  );

  const rows: ReactNode[] = [];
  for (let index = first; index <= last; index++) {
    const item = p.items[index];
    rows.push(
      item === undefined ? (
        <div key={index} className="virtual-row" style={{ height: rowHeight }} aria-hidden>
          <Skeleton height={10} mt={(rowHeight - 10) / 2} mx="md" width="60%" animate={false} />
        </div>
      ) : (
        <Option
          key={index}
          id={`${id}-${index}`}
          item={item}
          index={index}
          count={count}
          height={rowHeight}
          focused={index === focused}
          picked={p.picked?.(item)}
          draw={p.row}
          act={act}
        />
      ),
    );
  }
  return (
    <div className="virtual">
      {p.head}
      <div
        ref={scroller}
        className="virtual-scroll"
        style={
          typeof p.height === "number" ? { height: p.height, flex: "none" } : { height: p.height ?? "100%" }
        }
        role="listbox"
        aria-label={p.label}
        aria-multiselectable={p.picked ? true : undefined}
        aria-activedescendant={count ? `${id}-${focused}` : undefined}
        tabIndex={0}
        onKeyDown={press}
      >
        <div role="presentation" className="virtual-all" style={{ height: count * rowHeight }}>
          <div role="presentation" className="virtual-rows" style={{ top: first * rowHeight }}>
            {rows}
          </div>
        </div>
      </div>
    </div>
  );
}

type Acts<T> = {
  click: (e: MouseEvent, item: T, index: number) => void;
  open: (item: T) => void;
  hold: (e: MouseEvent) => void;
};

type OptionProps<T> = {
  id: string;
  item: T;
  index: number;
  count: number;
  height: number;
  focused: boolean;
  picked?: boolean;
  draw: (item: T, focused: boolean) => ReactNode;
  act: Acts<T>;
};

/** One row. It is drawn again only when something of it is another. */
const Option = memo(function Option<T>({ item, index, act, ...p }: OptionProps<T>) {
  return (
    <div
      id={p.id}
      role="option"
      aria-selected={p.picked ?? p.focused}
      aria-setsize={p.count}
      aria-posinset={index + 1}
      tabIndex={-1}
      className="virtual-row"
      data-focused={p.focused || undefined}
      data-picked={p.picked || undefined}
      style={{ height: p.height }}
      onMouseDown={act.hold}
      onClick={(e) => act.click(e, item, index)}
      onDoubleClick={() => act.open(item)}
      onKeyDown={() => {}}
    >
      {p.draw(item, p.focused)}
    </div>
  );
}) as <T>(p: OptionProps<T>) => ReactNode;

/** Tells the head above a list how wide its scroll bar is: nothing where bars lie over what is scrolled. */
function useScrollBarRoom(scroller: React.RefObject<HTMLDivElement | null>) {
  useEffect(() => {
    const box = scroller.current;
    const head = box?.previousElementSibling;
    if (!box || !(head instanceof HTMLElement) || !("ResizeObserver" in window)) return;
    let told = 0;
    const seen = new ResizeObserver(() => {
      const width = box.offsetWidth - box.clientWidth;
      if (width === told) return; // a variable that is set makes the engine look at all below it again
      told = width;
      head.style.setProperty("--scroll-bar", `${width}px`);
    });
    seen.observe(box);
    if (box.firstElementChild) seen.observe(box.firstElementChild);
    return () => seen.disconnect();
  }, [scroller]);
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
