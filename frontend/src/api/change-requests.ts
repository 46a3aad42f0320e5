import { infiniteQueryOptions } from "@tanstack/react-query";
import { List } from "../../wailsjs/go/app/ChangeRequests";
import { call, type Fault } from "./fault";
import type { workspace } from "./models";

type Page = workspace.ChangeRequestPage;

/** The Change Requests of the open workspace, last changed first, a page at a time. */
export const changeRequests = infiniteQueryOptions<Page, Fault, Page, string[], number>({
  queryKey: ["change-requests"],
  queryFn: ({ pageParam }) => call(() => List(pageParam)),
  initialPageParam: 0,
  getNextPageParam: (last, all) => {
    const shown = all.reduce((n, page) => n + page.items.length, 0);
    return last.items.length > 0 && shown < last.total ? shown : undefined;
  },
  select: ({ pages }) => ({ items: pages.flatMap((page) => page.items), total: pages.at(-1)?.total ?? 0 }),
});
