import { keepPreviousData, type UseQueryOptions, useQueries, useQuery } from "@tanstack/react-query";
import { useCallback, useMemo, useState } from "react";
import { Fault } from "@/api/fault";
import { pageSize } from "@/api/pages";

type Page<T> = { items: T[]; total: number };

/**
 * A list of any length of which only those pages are read that are looked at. Items has a hole where nothing is read
 * yet, so one can jump to its end at once. Give onSeen to the VirtualList that shows it.
 */
export function useWindow<T, P extends Page<T>>(
  pageAt: (offset: number) => UseQueryOptions<P, Fault>,
  enabled = true,
) {
  const [seen, setSeen] = useState({ from: 0, to: 0 });
  const onSeen = useCallback(
    (from: number, to: number) =>
      setSeen((old) => {
        const next = { from: Math.floor(from / pageSize), to: Math.floor(to / pageSize) };
        return next.from === old.from && next.to === old.to ? old : next;
      }),
    [],
  );
  const first = useQuery({ ...pageAt(0), placeholderData: keepPreviousData, enabled } as UseQueryOptions<
    P,
    Fault
  >);
  const total = first.data?.total ?? 0;
  const offsets: number[] = [];
  for (let page = Math.max(1, seen.from); page <= seen.to && page * pageSize < total; page++)
    offsets.push(page * pageSize);
  const rest = useQueries({
    queries: offsets.map((offset) => ({ ...pageAt(offset), enabled })) as UseQueryOptions<P, Fault>[],
  });

  const read = offsets.map((offset, i) => `${offset} ${rest[i]?.dataUpdatedAt}`).join();
  // biome-ignore lint/correctness/useExhaustiveDependencies: read says which pages are there, and of when
  const items = useMemo(() => {
    const all = new Array<T | undefined>(total);
    const put = (offset: number, page?: P) => {
      page?.items.forEach((item, i) => {
        all[offset + i] = item as unknown as T;
      });
    };
    put(0, first.data);
    offsets.forEach((offset, i) => {
      put(offset, rest[i]?.data as P | undefined);
    });
    return all;
  }, [total, first.data, read]);

  return {
    items,
    total,
    first: first.data,
    /** What is shown belongs to the query before, since the new one is not answered yet. */
    stale: first.isPlaceholderData,
    pending: first.isPending,
    fault: first.error ? Fault.from(first.error) : undefined,
    again: first.refetch,
    onSeen,
  };
}
