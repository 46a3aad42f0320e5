import { queryOptions } from "@tanstack/react-query";
import * as bound from "../../wailsjs/go/app/Members";
import { call, type Fault } from "./fault";
import type { workspace } from "./models";

/** The members, their keys, who waits to be let in and which changes wait for signatures. */
export const members = queryOptions<workspace.Members, Fault>({
  queryKey: ["members"],
  queryFn: () => call(() => bound.Get()),
});

/** The newest acts of a key, to name the last good one. */
export const keyActs = (key: string) =>
  queryOptions<workspace.KeyAct[], Fault>({
    queryKey: ["members", "acts", key],
    queryFn: () => call(() => bound.KeyActs(key)),
  });

/** What a change of the members would change, before anybody signs it. */
export const rosterPreview = (change: workspace.RosterChange) =>
  queryOptions<workspace.PolicyDiff[], Fault>({
    queryKey: ["members", "preview", change],
    queryFn: () => call(() => bound.Preview(change)),
  });

export const proposeRoster = (change: workspace.RosterChange) => call(() => bound.Propose(change));
export const signRoster = (act: string) => call(() => bound.Sign(act));
export const signWithFile = (act: string, passphrase: string) =>
  call(() => bound.SignWithFile(act, passphrase));
export const askToJoin = (name: string, note: string) => call(() => bound.AskToJoin(name, note));
export const invite = (passphrase: string) => call(() => bound.Invite(passphrase));
export const saveKey = (passphrase: string) => call(() => bound.SaveKey(passphrase));
export const restoreKey = (passphrase: string) => call(() => bound.RestoreKey(passphrase));
export const makeKit = (passphrase: string) => call(() => bound.MakeKit(passphrase));
