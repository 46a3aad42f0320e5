import { queryOptions, skipToken } from "@tanstack/react-query";
import * as bound from "../../wailsjs/go/app/Exchange";
import { call, type Fault } from "./fault";
import type { app, store, workspace } from "./models";

/** The requests that left this computer before, and which changed since. */
export const sentRequests = queryOptions<store.SentRequest[], Fault>({
  queryKey: ["requests", "sent"],
  queryFn: () => call(() => bound.Sent()),
});

/** The edits by others that wait for a choice, of one request or, without an id, of all. */
export const incomingDrafts = (request = "") =>
  queryOptions<workspace.DraftChoice[], Fault>({
    queryKey: ["requests", "drafts", request],
    queryFn: () => call(() => bound.Drafts(request)),
  });

/** A file that was picked, as long as the window knows it. It is put here when it is picked, and never asked for. */
export const pickedFile = (token: string) =>
  queryOptions<app.PickedFile, Fault>({
    queryKey: ["picked", token],
    staleTime: "static",
    gcTime: Number.POSITIVE_INFINITY,
    queryFn: skipToken,
  });

/** What a bundle would bring. The passphrase is no part of the key; `tried` counts how often one was entered. */
export const bundlePreview = (token: string, tried: number, passphrase: () => string) =>
  queryOptions<store.Delivery, Fault>({
    queryKey: ["bundle", token, tried],
    queryFn: () => call(() => bound.Preview(token, passphrase())),
    staleTime: "static",
    gcTime: 0,
    retry: false,
  });

/** What a file proves by itself. */
export const fileReport = (token: string, tried: number, passphrase: () => string) =>
  queryOptions<workspace.FileReport, Fault>({
    queryKey: ["report", token, tried],
    queryFn: () => call(() => bound.Verify(token, passphrase())),
    staleTime: "static",
    gcTime: 0,
    retry: false,
  });

export const exportBundle = (what: store.Selection, passphrase: string) =>
  call(() => bound.Export(what, passphrase));
export const importBundle = (token: string, passphrase: string, seen: string) =>
  call(() => bound.Import(token, passphrase, seen));
export const pickFile = () => call(() => bound.Pick());
export const pickDropped = (drop: string) => call(() => bound.PickDropped(drop));
export const openedFile = () => call(() => bound.Opened());
export const takeDraft = (request: string, digest: string, theirs: boolean) =>
  call(() => bound.TakeDraft(request, digest, theirs));
export const writeEvidence = (query: store.EvidenceQuery) => call(() => bound.Evidence(query));
export const showFile = (token: string) => call(() => bound.ShowFile(token));
