import { governance, scan, type workspace } from "@/api/models";

/** One customization under review: as the scan compared it, or as the content names it. */
export type Entry = {
  key: string;
  type: string;
  name: string;
  action: governance.Change;
  kind: Kind;
  item?: scan.Item;
  content?: workspace.ContentItem;
};

/** What deploying would do with a customization, for its icon and the filters. */
export type Kind = "new" | "changed" | "deleted" | "same" | "missing" | "add" | "change";

const keyOf = (c: { type: string; name: string }) => `${c.type}/${c.name}`;

const byState: Record<scan.State, Kind> = {
  [scan.State.New]: "new",
  [scan.State.Changed]: "changed",
  [scan.State.Delete]: "deleted",
  [scan.State.Same]: "same",
  [scan.State.MissingInSource]: "missing",
};

const byAction: Record<governance.Change, Kind> = {
  [governance.Change.Add]: "add",
  [governance.Change.Change]: "change",
  [governance.Change.Delete]: "deleted",
};

/** In an order that depends on nothing but the content, since viewed marks are kept by place. */
const inOrder = (a: Entry, b: Entry) => order(a.type, b.type) || order(a.name, b.name);
const order = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);

export const scanned = (items: scan.Item[]): Entry[] =>
  items
    .map((item) => ({
      key: keyOf(item),
      type: item.type,
      name: item.name,
      action: item.action,
      kind: byState[item.state] ?? "changed",
      item,
    }))
    .sort(inOrder);

export const named = (items: workspace.ContentItem[]): Entry[] =>
  items
    .map((content) => ({
      key: keyOf(content),
      type: content.type,
      name: content.name,
      action: content.action,
      kind: byAction[content.action] ?? "change",
      content,
    }))
    .sort(inOrder);

export type Filter = { text: string; kind: Kind | "" | "unviewed" };

export function kept(entries: Entry[], filter: Filter, viewed: ReadonlySet<string>) {
  const text = filter.text.trim().toLowerCase();
  return entries.filter(
    (e) =>
      (!text || `${e.type} ${e.name}`.toLowerCase().includes(text)) &&
      (!filter.kind || (filter.kind === "unviewed" ? !viewed.has(e.key) : e.kind === filter.kind)),
  );
}

/** How many of each kind, in the order in which people ask: what is new, what changes, what goes. */
export function countKinds(entries: Entry[]): [Kind, number][] {
  const counts = new Map<Kind, number>();
  for (const e of entries) counts.set(e.kind, (counts.get(e.kind) ?? 0) + 1);
  const all: Kind[] = ["new", "add", "changed", "change", "deleted", "missing", "same"];
  return all.flatMap((kind) => {
    const n = counts.get(kind);
    return n ? [[kind, n] as [Kind, number]] : [];
  });
}

/** The entries by type, in order. */
export function grouped(entries: Entry[]): [string, Entry[]][] {
  const groups = new Map<string, Entry[]>();
  for (const e of entries) {
    const group = groups.get(e.type);
    if (group) group.push(e);
    else groups.set(e.type, [e]);
  }
  return [...groups];
}
