import { queryOptions } from "@tanstack/react-query";
import * as bound from "../../wailsjs/go/app/Delegations";
import { call, type Fault } from "./fault";
import type { workspace } from "./models";

/** Who votes in whose place, and whether the person at this window may let somebody. */
export const delegations = queryOptions<workspace.Delegations, Fault>({
  queryKey: ["delegations"],
  queryFn: () => call(() => bound.List()),
});

export const giveDelegation = (fields: workspace.DelegationFields) => call(() => bound.Give(fields));
export const endDelegation = (act: string, reason: string) => call(() => bound.End(act, reason));
