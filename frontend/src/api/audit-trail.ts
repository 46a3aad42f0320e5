import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import * as bound from "../../wailsjs/go/app/AuditTrail";
import { call, type Fault } from "./fault";
import type { workspace } from "./models";

/** Entries of the audit trail, newest first, a part at a time. */
export const trail = (query: Omit<workspace.TrailQuery, "before" | "limit">) =>
  infiniteQueryOptions<workspace.TrailPage, Fault, workspace.TrailPage, unknown[], number>({
    queryKey: ["trail", query],
    queryFn: ({ pageParam }) => call(() => bound.List({ ...query, before: pageParam, limit: 100 })),
    initialPageParam: 0,
    getNextPageParam: (last) => last.next || undefined,
    select: ({ pages }) => ({
      items: pages.flatMap((page) => page.items),
      next: pages.at(-1)?.next ?? 0,
      total: pages[0]?.total ?? 0,
      kinds: pages[0]?.kinds ?? [],
      looked: pages.at(-1)?.looked ?? 0,
    }),
  });

/** One entry as it was logged, as JSON. */
export const trailEntry = (index: number) =>
  queryOptions<string, Fault>({
    queryKey: ["trail", "entry", index],
    queryFn: () => call(() => bound.Entry(index)),
    staleTime: Number.POSITIVE_INFINITY, // an entry never changes
  });

/** What the last verification in this window proved. */
export const trailProof = queryOptions<workspace.TrailProof, Fault>({
  queryKey: ["trail", "proof"],
  queryFn: () => call(() => bound.Proof()),
});

export const verifyTrail = () => call(() => bound.Verify());
export const rebuildRows = () => call(() => bound.Rebuild());

/** How many entries lie in one block of the trail. */
export const trailBlock = 100;

/**
 * Block n of the whole trail, newest first within it: entries n*100 up to n*100+99. What is in a full block never
 * changes, so only the last one is asked for again.
 */
export const trailAt = (block: number, full: boolean) =>
  queryOptions<workspace.TrailPage, Fault>({
    queryKey: ["trail", "block", block],
    queryFn: () =>
      call(() =>
        bound.List({ kinds: [], text: "", member: "", before: (block + 1) * trailBlock, limit: trailBlock }),
      ),
    staleTime: full ? "static" : 0,
  });

/** The head of the trail: how many entries there are, and of which kinds. */
export const trailHead = queryOptions<workspace.TrailPage, Fault>({
  queryKey: ["trail", "head"],
  queryFn: () => call(() => bound.List({ kinds: [], text: "", member: "", before: 0, limit: 1 })),
});

/** The entries that a search leaves, newest first. It stays as it was when it was asked, while the trail grows. */
export const trailFound = (query: Omit<workspace.TrailQuery, "before" | "limit">, asked: number) =>
  infiniteQueryOptions<workspace.TrailPage, Fault, workspace.TrailPage, unknown[], number>({
    ...trail(query),
    queryKey: ["trail", "found", query, asked],
    staleTime: "static",
  });
