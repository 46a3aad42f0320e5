import { Box, Group, Text } from "@mantine/core";
import {
  IconChevronDown,
  IconChevronRight,
  IconCircle,
  IconCircleCheckFilled,
  IconCircleHalf2,
  IconFileText,
  type TablerIcon,
} from "@tabler/icons-react";
import { type KeyboardEvent, type ReactNode, useEffect, useMemo, useRef, useState } from "react";
import { useNumber } from "@/components/use-number";
import { useRowsInSight } from "@/components/use-rows-in-sight";
import { useTranslation } from "@/i18n/use-translation";
import { type Entry, grouped } from "./entries";
import { KindIcon } from "./KindIcon";

type Node =
  | { id: ""; level: 1; label: string }
  | { id: string; level: 1; type: string; entries: Entry[]; open: boolean }
  | { id: string; level: 2; entry: Entry };

type Props = {
  overview: string;
  entries: Entry[];
  viewed: ReadonlySet<string>;
  mark: (keys: string[], is: boolean) => void;
  /** "" is the overview, "type:CustomField" a group, "CustomField/Account.Region__c" a customization. */
  selected: string;
  onSelect: (id: string) => void;
};

export const groupId = (type: string) => `type:${type}`;

/**
 * The customizations by type. Only what is seen is in the page, so thousands stay fluid. j and k or the arrows move,
 * Enter opens, left and right fold and unfold, Space marks as viewed.
 */
export function Tree({ overview, entries, viewed, mark, selected, onSelect }: Props) {
  const { t } = useTranslation();
  const [folded, setFolded] = useState<ReadonlySet<string>>(new Set());
  const [at, setAt] = useState<string>();
  const nodes = useMemo(() => flat(overview, entries, folded), [overview, entries, folded]);
  const rowHeight = 1.9 * rootSize();
  const { scroller, first, last, show } = useRowsInSight(t("review.tree"), nodes.length, rowHeight);

  // n and p on the page select without the tree: the row that is shown is the row that has the keys, and is in sight.
  const place = useRef("");
  useEffect(() => {
    if (place.current === selected) return;
    place.current = selected;
    setAt(selected);
    const index = nodes.findIndex((node) => node.id === selected);
    if (index >= 0) show(index);
  }, [selected, nodes, show]);

  const focused = Math.max(
    0,
    nodes.findIndex((node) => node.id === (at ?? selected)),
  );
  const fold = (id: string, is: boolean) =>
    setFolded((old) => {
      const next = new Set(old);
      if (is) next.add(id);
      else next.delete(id);
      return next;
    });
  const go = (index: number) => {
    const to = Math.max(0, Math.min(nodes.length - 1, index));
    setAt(nodes[to]?.id);
    show(to);
  };
  const node = nodes[focused];
  const page = Math.max(1, Math.floor((scroller.current?.clientHeight ?? 400) / rowHeight) - 1);
  const keys: Record<string, () => void> = {
    j: () => go(focused + 1),
    ArrowDown: () => go(focused + 1),
    k: () => go(focused - 1),
    ArrowUp: () => go(focused - 1),
    PageDown: () => go(focused + page),
    PageUp: () => go(focused - page),
    Home: () => go(0),
    End: () => go(nodes.length - 1),
    Enter: () => node && onSelect(node.id),
    " ": () => node && toggle(node, viewed, mark),
    ArrowRight: () => node && "type" in node && (node.open ? go(focused + 1) : fold(node.id, false)),
    ArrowLeft: () => {
      if (!node) return;
      if ("entry" in node) go(nodes.findIndex((other) => other.id === groupId(node.entry.type)));
      else if ("type" in node) fold(node.id, true);
    },
  };
  const press = (e: KeyboardEvent) => {
    const run = keys[e.key];
    if (!run || e.ctrlKey || e.metaKey || e.altKey) return;
    e.preventDefault();
    run();
  };

  const rows: ReactNode[] = [];
  for (let index = first; index <= last; index++) {
    const row = nodes[index];
    if (!row) continue;
    rows.push(
      <Row
        key={row.id}
        index={index}
        node={row}
        focused={index === focused}
        selected={row.id === selected}
        viewed={viewed}
        height={rowHeight}
        onOpen={() => {
          setAt(row.id);
          onSelect(row.id);
        }}
        onFold={() => "type" in row && fold(row.id, row.open)}
        onMark={() => toggle(row, viewed, mark)}
      />,
    );
  }
  return (
    <Box
      ref={scroller}
      className="virtual-scroll"
      role="tree"
      aria-label={t("review.tree")}
      aria-activedescendant={node ? `review-${focused}` : undefined}
      tabIndex={0}
      onKeyDown={press}
    >
      <div role="presentation" className="virtual-all" style={{ height: nodes.length * rowHeight }}>
        <div role="presentation" className="virtual-rows" style={{ top: first * rowHeight }}>
          {rows}
        </div>
      </div>
    </Box>
  );
}

function flat(overview: string, entries: Entry[], folded: ReadonlySet<string>) {
  const nodes: Node[] = [{ id: "", level: 1, label: overview }];
  for (const [type, all] of grouped(entries)) {
    const id = groupId(type);
    const open = !folded.has(id);
    nodes.push({ id, level: 1, type, entries: all, open });
    if (open) for (const entry of all) nodes.push({ id: entry.key, level: 2, entry });
  }
  return nodes;
}

function toggle(node: Node, viewed: ReadonlySet<string>, mark: Props["mark"]) {
  if ("entry" in node) mark([node.entry.key], !viewed.has(node.entry.key));
  else if ("type" in node) {
    const keys = node.entries.map((e) => e.key);
    mark(keys, !keys.every((key) => viewed.has(key)));
  }
}

const rootSize = () => Number.parseFloat(getComputedStyle(document.documentElement).fontSize) || 16;

type RowProps = {
  index: number;
  node: Node;
  focused: boolean;
  selected: boolean;
  viewed: ReadonlySet<string>;
  height: number;
  onOpen: () => void;
  onFold: () => void;
  onMark: () => void;
};

function Row({ index, node, focused, selected, viewed, height, onOpen, onFold, onMark }: RowProps) {
  const { t } = useTranslation();
  const number = useNumber();
  const group = "type" in node ? node : undefined;
  const entry = "entry" in node ? node.entry : undefined;
  const seen = group ? group.entries.filter((e) => viewed.has(e.key)).length : 0;
  const all = group ? seen === group.entries.length : entry ? viewed.has(entry.key) : false;
  const name = group
    ? t(seen > 0 ? "review.groupSeen" : "review.groupName", {
        type: group.type,
        seen,
        count: group.entries.length,
      })
    : entry
      ? t(all ? "review.entryViewed" : "review.entryNew", {
          name: entry.name,
          kind: t(`review.kind.${entry.kind}`),
        })
      : "label" in node
        ? node.label
        : "";
  return (
    // The tree takes the keys; a row is pressed with the pointer.
    // biome-ignore lint/a11y/useKeyWithClickEvents: the tree takes the keys
    // biome-ignore lint/a11y/useFocusableInteractive: aria-activedescendant of the tree names it
    <div
      id={`review-${index}`}
      role="treeitem"
      aria-level={node.level}
      aria-selected={selected}
      aria-expanded={group?.open}
      aria-checked={group || entry ? (all ? "true" : seen > 0 ? "mixed" : "false") : undefined}
      aria-label={name}
      className="virtual-row"
      data-focused={focused || undefined}
      data-selected={selected || undefined}
      style={{ height }}
      onClick={onOpen}
    >
      <Group h="100%" gap={6} wrap="nowrap" pl={entry ? 26 : 6} pr={8} aria-hidden>
        {group && <Press icon={group.open ? IconChevronDown : IconChevronRight} onPress={onFold} />}
        {entry && <KindIcon kind={entry.kind} silent />}
        {!group && !entry && <IconFileText size={16} stroke={1.7} style={{ marginLeft: 2 }} />}
        <Text
          size="sm"
          fw={group || !entry ? 600 : 450}
          c={entry && all ? "dimmed" : undefined}
          truncate="end"
          flex={1}
          title={entry?.name ?? group?.type}
        >
          {entry?.name ?? group?.type ?? ("label" in node ? node.label : "")}
        </Text>
        {/* read as two words, also by what compares the row with its name */ " "}
        {group && (
          <Text size="xs" c="dimmed" className="tabular">
            {seen > 0 && `${number(seen)}/`}
            {number(group.entries.length)}
          </Text>
        )}
        {(group || entry) && (
          <Press
            icon={all ? IconCircleCheckFilled : seen > 0 ? IconCircleHalf2 : IconCircle}
            color={all ? "var(--mantine-primary-color-filled)" : "var(--mantine-color-dimmed)"}
            title={t(all ? "review.unmark" : "review.mark")}
            onPress={onMark}
          />
        )}
      </Group>
    </div>
  );
}

type PressProps = { icon: TablerIcon; onPress: () => void; color?: string; title?: string };

/** A sign inside a row that can be pressed with the pointer; by keyboard the tree does the same. */
function Press({ icon: Icon, onPress, color, title }: PressProps) {
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the tree takes the keys
    // biome-ignore lint/a11y/useKeyWithClickEvents: the tree takes the keys
    <span
      title={title}
      style={{ display: "flex", padding: 3, margin: -3, color }}
      onClick={(e) => {
        e.stopPropagation();
        onPress();
      }}
    >
      <Icon size={16} stroke={1.7} />
    </span>
  );
}
