import type { QueryClient } from "@tanstack/react-query";
import { recordContent } from "@/api/deployment-records";
import type { governance } from "@/api/models";
import { bare, keyOf } from "./options";

/** More pages than any record has: Salesforce takes 10,000 customizations at once. */
const allPages = 1000;

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
