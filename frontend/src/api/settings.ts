import { queryOptions } from "@tanstack/react-query";
import * as bound from "../../wailsjs/go/app/Settings";
import { call, type Fault } from "./fault";
import type { app, workspace } from "./models";

/** The text sizes that a person can choose, in percent. */
export const textSizes = [100, 110, 125, 150, 175, 200];

/** The languages that are complete. */
export const languages = ["en", "de"] as const;

/** How the person likes the window, by key. */
export const preferences = queryOptions<Record<string, string>, Fault>({
  queryKey: ["preferences"],
  queryFn: () => call(() => bound.Preferences()),
  staleTime: Number.POSITIVE_INFINITY, // this window alone writes them
  gcTime: Number.POSITIVE_INFINITY,
});

/** What this program is. */
export const about = queryOptions<app.About, Fault>({
  queryKey: ["about"],
  queryFn: () => call(() => bound.About()),
  staleTime: Number.POSITIVE_INFINITY,
});

/** The kept copies of the database, newest first. */
export const backups = queryOptions<workspace.BackupFile[], Fault>({
  queryKey: ["backups"],
  queryFn: () => call(() => bound.Backups()),
});

export const prefer = (key: string, value: string) => call(() => bound.Prefer(key, value));
export const backUp = () => call(() => bound.BackUp());
export const backUpTo = () => call(() => bound.BackUpTo());
export const restoreBackup = (name: string) => call(() => bound.Restore(name));
export const openFolder = () => call(() => bound.OpenFolder());
export const openAddress = (address: string) => call(() => bound.OpenAddress(address));
export const copyText = (text: string) => call(() => bound.Copy(text));
export const printPage = () => call(() => bound.Print());
