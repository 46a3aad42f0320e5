import type { QueryClient } from "@tanstack/react-query";
import { requestContent } from "@/api/change-requests";
import { recordContent } from "@/api/deployment-records";
import type { governance, workspace } from "@/api/models";
import { bare, keyOf } from "@/components/customization";

/** More pages than any record has: Salesforce takes 10,000 customizations at once. */
const allPages = 1000;

/** All customizations of a request that a search finds. */
export async function allOf(
  client: QueryClient,
  requestId: string,
  query: { text: string; type: string },
): Promise<workspace.ContentItem[]> {
  const { queryFn, initialPageParam, getNextPageParam } = requestContent(requestId, query);
  const read = await client.fetchInfiniteQuery({
    queryKey: ["request", requestId, "content", "all", query],
    queryFn,
    initialPageParam,
    getNextPageParam,
    pages: allPages,
    staleTime: 0,
  });
  return read.pages.flatMap((page) => page.items);
}

/** All customizations that a record selects now, by key. */
export async function chosenOf(
  client: QueryClient,
  id: string,
): Promise<Map<string, governance.Customization>> {
  const { queryFn, initialPageParam, getNextPageParam } = recordContent(id, { text: "", type: "" });
  const read = await client.fetchInfiniteQuery({
    queryKey: ["record", id, "selection"],
    queryFn,
    initialPageParam,
    getNextPageParam,
    pages: allPages,
    staleTime: 0,
  });
  return new Map(read.pages.flatMap((page) => page.items).map((item) => [keyOf(item), bare(item)]));
}

type Selection = ReadonlyMap<string, governance.Customization>;

/** What a person picked and took out, against a selection. */
export type Picks = { put: Selection; out: ReadonlySet<string> };

/** What makes one selection of another. */
export const picksOf = (from: Selection, to: Selection): Picks => ({
  put: new Map([...to].filter(([key, item]) => from.get(key)?.action !== item.action)),
  out: new Set([...from.keys()].filter((key) => !to.has(key))),
});

/** A selection with what was picked and without what was taken out; all else of it stays as it is by now. */
export const withPicks = (selection: Selection, { put, out }: Picks) =>
  new Map([...[...selection].filter(([key]) => !out.has(key)), ...put]);
