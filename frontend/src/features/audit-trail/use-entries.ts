import { useInfiniteQuery, useQueries, useQuery } from "@tanstack/react-query";
import { useCallback, useEffect, useMemo, useState } from "react";
import { trailAt, trailBlock, trailFound, trailHead } from "@/api/audit-trail";
import type { Fault } from "@/api/fault";
import type { workspace } from "@/api/models";

type Entry = workspace.TrailEntry;
export type Entries = {
  /** Newest first, with holes where nothing is read yet. */
  items: (Entry | undefined)[];
  pending: boolean;
  fault: Fault | null;
  again: () => void;
  onSeen?: (from: number, to: number) => void;
  onEnd?: () => void;
  /** There is more than is shown here. */
  more: boolean;
};

/**
 * The whole trail, however long: of it, only the blocks are read that are looked at. Row r is the entry
 * total - 1 - r; a full block never changes.
 */
export function useAllEntries(total: number): Entries {
  const blockAt = useCallback(
    (row: number) => Math.floor(Math.max(0, total - 1 - row) / trailBlock),
    [total],
  );
  const [seen, setSeen] = useState({ from: 0, to: 40 });
  const onSeen = useCallback(
    (from: number, to: number) =>
      setSeen((old) => {
        const same = blockAt(from) === blockAt(old.from) && blockAt(to) === blockAt(old.to);
        return same ? old : { from, to };
      }),
    [blockAt],
  );
  const newest = blockAt(seen.from);
  const oldest = blockAt(seen.to);
  const blocks: number[] = [];
  if (total > 0) for (let block = newest; block >= oldest; block--) blocks.push(block);
  const answers = useQueries({
    queries: blocks.map((block) => trailAt(block, (block + 1) * trailBlock <= total)),
  });
  const read = blocks.map((block, i) => `${block} ${answers[i]?.dataUpdatedAt}`).join();
  // biome-ignore lint/correctness/useExhaustiveDependencies: read says which blocks are there, and of when
  const items = useMemo(() => {
    const all: (Entry | undefined)[] = new Array(total);
    for (const answer of answers)
      for (const entry of answer.data?.items ?? []) {
        const row = total - 1 - entry.index;
        if (row >= 0 && row < total) all[row] = entry;
      }
    return all;
  }, [total, read]);
  return {
    items,
    pending: false,
    fault: answers.find((answer) => answer.error)?.error ?? null,
    again: () => answers.forEach((answer) => void answer.refetch()),
    onSeen,
    more: false,
  };
}

type Asked = Omit<workspace.TrailQuery, "before" | "limit">;

/** What a search leaves of the trail, as it was when the trail had so many entries. */
export function useFoundEntries(query: Asked, asked: number, enabled: boolean): Entries {
  const found = useInfiniteQuery({ ...trailFound(query, asked), enabled });
  const { fetchNextPage, hasNextPage, isFetchingNextPage } = found;
  const onEnd = useCallback(() => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage();
  }, [hasNextPage, isFetchingNextPage, fetchNextPage]);
  // One answer looks back only so far: where little was found, the search goes on by itself.
  const few = (found.data?.items.length ?? 0) < trailBlock;
  useEffect(() => {
    if (enabled && few) onEnd();
  }, [enabled, few, onEnd]);
  return {
    items: found.data?.items ?? [],
    pending: found.isPending || (found.data?.items.length === 0 && hasNextPage),
    fault: found.error,
    again: () => void found.refetch(),
    onEnd,
    more: found.hasNextPage,
  };
}

/** How many entries there are now, and of which kinds. */
export const useTrailHead = () => useQuery(trailHead);
