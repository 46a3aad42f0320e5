import { queryOptions } from "@tanstack/react-query";
import * as bound from "../../wailsjs/go/app/Policies";
import { call, type Fault } from "./fault";
import type { governance, workspace } from "./models";

/** The policies in force, what is proposed and what was before. */
export const policies = queryOptions<workspace.Policies, Fault>({
  queryKey: ["policies"],
  queryFn: () => call(() => bound.Get()),
});

/** What a change would need under the policies in force. */
export const wouldNeed = (question: workspace.PolicyQuestion) =>
  queryOptions<workspace.PolicyAnswer, Fault>({
    queryKey: ["policies", "would-need", question],
    queryFn: () => call(() => bound.WouldNeed(question)),
  });

export const proposePolicies = (requests: governance.Policy, environments: governance.Policy[]) =>
  call(() => bound.Propose(requests, environments));
export const signPolicies = (change: string) => call(() => bound.Sign(change));
