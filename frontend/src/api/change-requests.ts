import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import * as bound from "../../wailsjs/go/app/ChangeRequests";
import { call, type Fault } from "./fault";
import type { governance, workspace } from "./models";
import { nextOffset, pageSize } from "./pages";

/** The Change Requests that a query asks for, a page at a time. */
export const requestList = (query: Omit<workspace.RequestQuery, "offset" | "limit">) =>
  infiniteQueryOptions<workspace.RequestPage, Fault, workspace.RequestPage, unknown[], number>({
    queryKey: ["requests", query],
    queryFn: ({ pageParam }) => call(() => bound.List({ ...query, offset: pageParam, limit: 100 })),
    initialPageParam: 0,
    getNextPageParam: nextOffset,
    select: ({ pages }) => ({ items: pages.flatMap((page) => page.items), total: pages.at(-1)?.total ?? 0 }),
  });

/** One page of the Change Requests, for a list that reads only where one looks. */
export const requestsAt = (query: Omit<workspace.RequestQuery, "offset" | "limit">, offset: number) =>
  queryOptions<workspace.RequestPage, Fault>({
    queryKey: ["requests", query, offset],
    queryFn: () => call(() => bound.List({ ...query, offset, limit: pageSize })),
  });

/** One page of a request's customizations, for a list that reads only where one looks. */
export const contentAt = (
  id: string,
  query: Omit<workspace.ContentQuery, "offset" | "limit">,
  offset: number,
) =>
  queryOptions<workspace.ContentPage, Fault>({
    queryKey: ["request", id, "content", query, offset],
    queryFn: () => call(() => bound.Content(id, { ...query, offset, limit: pageSize })),
  });

/** All customizations of a request. */
export const wholeContent = (id: string) =>
  queryOptions<workspace.ContentItem[], Fault>({
    queryKey: ["request", id, "content", "whole"],
    queryFn: async () => {
      const all: workspace.ContentItem[] = [];
      for (;;) {
        const page = await call(() =>
          bound.Content(id, { text: "", type: "", offset: all.length, limit: 500 }),
        );
        all.push(...page.items);
        if (page.items.length === 0 || all.length >= page.total) return all;
      }
    },
  });

/** One Change Request with all that its page shows beside its customizations. */
export const request = (id: string) =>
  queryOptions<workspace.RequestView, Fault>({
    queryKey: ["request", id],
    queryFn: () => call(() => bound.Get(id)),
  });

/** The customizations of a request, a page at a time. */
export const requestContent = (id: string, query: Omit<workspace.ContentQuery, "offset" | "limit">) =>
  infiniteQueryOptions<workspace.ContentPage, Fault, workspace.ContentPage, unknown[], number>({
    queryKey: ["request", id, "content", query],
    queryFn: ({ pageParam }) => call(() => bound.Content(id, { ...query, offset: pageParam, limit: 200 })),
    initialPageParam: 0,
    getNextPageParam: nextOffset,
    select: ({ pages }) => ({
      items: pages.flatMap((page) => page.items),
      total: pages.at(-1)?.total ?? 0,
      types: pages[0]?.types ?? [],
    }),
  });

/** Whether proposed customizations can be called so, with an example of each type. */
export const namesChecked = (all: governance.Customization[]) =>
  queryOptions<workspace.NameCheck[], Fault>({
    queryKey: ["names", all],
    queryFn: () => call(() => bound.CheckNames(all)),
    placeholderData: (before) => before,
    staleTime: Number.POSITIVE_INFINITY, // what a name may be never changes
  });

/** What a request touches beside itself. */
export const requestImpact = (id: string) =>
  queryOptions<workspace.Impact, Fault>({
    queryKey: ["request", id, "impact"],
    queryFn: () => call(() => bound.Impact(id)),
  });

/** What happened to a request or a record, newest first. */
export const activity = (id: string) =>
  queryOptions<workspace.Happening[], Fault>({
    queryKey: ["activity", id],
    queryFn: () => call(() => bound.Activity(id)),
  });

/** What of a request or a record is another than in the revision of a digest. */
export const changesSince = (id: string, seen: string) =>
  queryOptions<workspace.Since, Fault>({
    queryKey: ["request", id, "since", seen],
    queryFn: () => call(() => bound.Since(id, seen)),
  });

export const reviewEmergency = (id: string, verdict: governance.Verdict, reason: string, seen: string) =>
  call(() => bound.Review(id, verdict, reason, seen));
export const remindOfRequest = (id: string) => call(() => bound.Remind(id));
export const saveRequest = (id: string, fields: workspace.RequestFields) =>
  call(() => bound.Save(id, fields));
export const undoRequest = (id: string) => call(() => bound.Undo(id));
export const redoRequest = (id: string) => call(() => bound.Redo(id));
export const duplicateRequest = (id: string) => call(() => bound.Duplicate(id));
export const deleteRequest = (id: string) => call(() => bound.Delete(id));
export const doOnRequest = (id: string, wish: workspace.Wish) => call(() => bound.Do(id, wish));
export const addCustomizations = (id: string, all: governance.Customization[]) =>
  call(() => bound.Add(id, all));
export const removeCustomizations = (id: string, all: governance.Customization[]) =>
  call(() => bound.Remove(id, all));
export const importManifest = (id: string) => call(() => bound.Import(id));
export const importManifestText = (id: string, name: string, xml: string) =>
  call(() => bound.ImportText(id, name, xml));
export const removeManifest = (id: string, name: string) => call(() => bound.RemoveManifest(id, name));
export const exportManifest = (id: string) => call(() => bound.Export(id));
export const exportManifestText = (id: string) => call(() => bound.ExportText(id));
export const attach = (id: string) => call(() => bound.Attach(id));
export const attachDropped = (id: string, drop: string) => call(() => bound.AttachDropped(id, drop));
export const removeAttachment = (id: string, name: string) => call(() => bound.RemoveAttachment(id, name));
export const saveAttachment = (id: string, name: string) => call(() => bound.SaveAttachment(id, name));
