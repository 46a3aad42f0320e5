import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import * as bound from "../../wailsjs/go/app/DeploymentRecords";
import { call, type Fault } from "./fault";
import type { governance, scan, workspace } from "./models";
import { nextOffset } from "./pages";

/** The Deployment Records that a query asks for, a page at a time. */
export const recordList = (query: Omit<workspace.RecordQuery, "offset" | "limit">) =>
  infiniteQueryOptions<workspace.RecordPage, Fault, workspace.RecordPage, unknown[], number>({
    queryKey: ["records", query],
    queryFn: ({ pageParam }) => call(() => bound.List({ ...query, offset: pageParam, limit: 100 })),
    initialPageParam: 0,
    getNextPageParam: nextOffset,
    select: ({ pages }) => ({ items: pages.flatMap((page) => page.items), total: pages.at(-1)?.total ?? 0 }),
  });

/** One Deployment Record with its steps. */
export const record = (id: string) =>
  queryOptions<workspace.RecordView, Fault>({
    queryKey: ["record", id],
    queryFn: () => call(() => bound.Get(id)),
  });

/** The customizations of a record, a page at a time. */
export const recordContent = (id: string, query: Omit<workspace.ContentQuery, "offset" | "limit">) =>
  infiniteQueryOptions<workspace.ContentPage, Fault, workspace.ContentPage, unknown[], number>({
    queryKey: ["record", id, "content", query],
    queryFn: ({ pageParam }) => call(() => bound.Content(id, { ...query, offset: pageParam, limit: 200 })),
    initialPageParam: 0,
    getNextPageParam: nextOffset,
    select: ({ pages }) => ({
      items: pages.flatMap((page) => page.items),
      total: pages.at(-1)?.total ?? 0,
      types: pages[0]?.types ?? [],
    }),
  });

/** What a scan found, with its notes to be translated. */
export type Compared = scan.Comparison & Pick<workspace.Compared, "notesSaid">;

/** What the last Run Scan of a record found. */
export const comparison = (id: string) =>
  queryOptions<Compared, Fault>({
    queryKey: ["record", id, "comparison"],
    queryFn: async () => {
      const { found, notesSaid } = await call(() => bound.Compare(id));
      return { ...found, notesSaid };
    },
  });

/** The files of one scanned customization on both sides. */
export const sides = (id: string, customization: governance.Customization) =>
  queryOptions<workspace.Side[], Fault>({
    queryKey: ["record", id, "sides", customization.type, customization.name],
    queryFn: () => call(() => bound.Sides(id, customization)),
  });

/** The last answer of Check Dependencies on a record. */
export const dependencies = (id: string) =>
  queryOptions<workspace.DependencyAnswer, Fault>({
    queryKey: ["record", id, "dependencies"],
    queryFn: () => call(() => bound.Dependencies(id)),
  });

export const saveRecord = (id: string, fields: workspace.RecordFields) => call(() => bound.Save(id, fields));
export const deleteRecord = (id: string) => call(() => bound.Delete(id));
export const doOnRecord = (id: string, wish: workspace.Wish) => call(() => bound.Do(id, wish));
export const runRecordScan = (id: string) => call(() => bound.RunScan(id));
export const checkDependencies = (id: string) => call(() => bound.CheckDependencies(id));
export const startAttempt = (id: string, kind: governance.AttemptKind, typedName: string) =>
  call(() => bound.Start(id, kind, typedName));
export const addMissing = (id: string, all: governance.Customization[], reason: string) =>
  call(() => bound.AddMissing(id, all, reason));
export const remindOfRecord = (id: string) => call(() => bound.Remind(id));
