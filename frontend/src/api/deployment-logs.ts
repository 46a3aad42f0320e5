import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import * as bound from "../../wailsjs/go/app/DeploymentLogs";
import { call, type Fault } from "./fault";
import type { workspace } from "./models";

/** One Deployment Log: an attempt and what the org said. */
export const deploymentLog = (id: string) =>
  queryOptions<workspace.LogView, Fault>({
    queryKey: ["log", id],
    queryFn: () => call(() => bound.Get(id)),
  });

/** Salesforce's last full answer about an attempt, a part at a time. */
export const rawAnswer = (id: string) =>
  infiniteQueryOptions<workspace.TextPage, Fault, string, unknown[], number>({
    queryKey: ["log", id, "raw"],
    queryFn: ({ pageParam }) => call(() => bound.Raw(id, pageParam)),
    initialPageParam: 0,
    getNextPageParam: (last) => last.next || undefined,
    select: ({ pages }) => pages.map((page) => page.text).join(""),
  });

export const cancelAttempt = (id: string) => call(() => bound.Cancel(id));
export const sendAgain = (id: string) => call(() => bound.SendAgain(id));
export const giveUp = (id: string) => call(() => bound.GiveUp(id));
export const openStatusPage = (id: string) => call(() => bound.OpenStatusPage(id));
