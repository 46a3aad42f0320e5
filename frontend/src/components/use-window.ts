import {
  keepPreviousData,
  type UseQueryOptions,
  useQueries,
  useQuery,
  useQueryClient,
} from "@tanstack/react-query";
import { useCallback, useMemo, useState } from "react";
import { Fault } from "@/api/fault";
import { pageSize } from "@/api/pages";
import { useQuestion } from "./use-first";

type Page<T> = { items: T[]; total: number };

const pagesAtOnce = 4;
/** What was read for the screen a moment ago is not read again to be picked. */
const freshInMs = 5000;

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

  const client = useQueryClient();
  /** All items from one place to another, also of pages that nobody looked at; read a few pages at a time. */
  const readRange = async (from: number, to: number): Promise<T[]> => {
    const all: T[] = [];
    const starts: number[] = [];
    for (let page = Math.floor(from / pageSize); page * pageSize <= to; page++) starts.push(page * pageSize);
    while (starts.length > 0) {
      const read = await Promise.all(
        starts.splice(0, pagesAtOnce).map(async (offset) => {
          const { items } = await client.fetchQuery({
            ...pageAt(offset),
            staleTime: freshInMs,
          } as UseQueryOptions<P, Fault>);
          return items.filter((_, i) => offset + i >= from && offset + i <= to);
        }),
      );
      for (const part of read) all.push(...(part as unknown as T[]));
    }
    return all;
  };
  const question = useQuestion(JSON.stringify(pageAt(0).queryKey), first.isPlaceholderData);

  const failed = rest.filter((page) => page.error);
  const fault = first.error ?? failed[0]?.error;
  return {
    items,
    total,
    readRange,
    question,
    first: first.data,
    /** What is shown belongs to the query before, since the new one is not answered yet. */
    stale: first.isPlaceholderData,
    pending: first.isPending,
    /** Why a page that is looked at, or the newest of it, is not there; what was read before is shown beside it. */
    fault: fault ? Fault.from(fault) : undefined,
    again: () => {
      if (first.error) void first.refetch();
      for (const page of failed) void page.refetch();
    },
    onSeen,
  };
}
