import { queryOptions } from "@tanstack/react-query";
import * as bound from "../../wailsjs/go/app/Workspaces";
import { call, type Fault } from "./fault";
import type { workspace } from "./models";

/** Which workspace is open, who acts in it, and how it is. */
export const state = queryOptions<workspace.State, Fault>({
  queryKey: ["state"],
  queryFn: () => call(() => bound.State()),
});

export const openDemo = () => call(() => bound.OpenDemo());
export const openOwn = (folder: string) => call(() => bound.OpenOwn(folder));
export const createOwn = (name: string, person: string) => call(() => bound.Create(name, person));
export const joinWorkspace = (passphrase: string) => call(() => bound.Join(passphrase));
export const joinPicked = (token: string, passphrase: string) =>
  call(() => bound.JoinPicked(token, passphrase));
export const actAs = (member: string) => call(() => bound.ActAs(member));
export const leaveWorkspace = () => call(() => bound.Leave());
