import type { governance, workspace } from "@/api/models";
import type { Difference } from "@/components/DiffTable";

/** What a person is writing: the whole of the policies, on top of the version in force. */
export type Draft = { version: number; requests: governance.Policy; environments: governance.Policy[] };

export const draftOf = (p: workspace.Policies): Draft => ({
  version: p.version,
  requests: p.requests.policy,
  environments: p.environments.map((view) => view.policy),
});

/** A kept draft, if it is one of this version; otherwise what is in force. */
export function readDraft(kept: string, p: workspace.Policies): Draft {
  try {
    const draft = JSON.parse(kept) as Draft;
    if (draft.version === p.version && draft.environments.length === p.environments.length) return draft;
  } catch {
    // not kept, or not ours: what is in force is the draft
  }
  return draftOf(p);
}

/** The words that differences are said in; given by the page, so that they are of the person's language. */
export type Words = {
  level: (category: string) => string;
  changeLevel: (level: string) => string;
  seats: (level: string, type: string) => string;
  steps: (rule: governance.SeatRule) => string;
  none: string;
  nothing: string;
  strictest: string;
  yes: string;
  no: string;
  days: (n: number) => string;
  role: (role: string) => string;
  field: (name: Field) => string;
  freeze: (freeze: governance.Freeze) => string;
  window: (window: governance.Window) => string;
  owners: (ownership: governance.Ownership) => string;
};

type Field =
  | "approvalDays"
  | "validationDays"
  | "validationFirst"
  | "testFirst"
  | "authorMayApprove"
  | "approverMayDeploy"
  | "authorMayDeploy"
  | "severalSeatsEach"
  | "deployerRole"
  | "delegation"
  | "emergencyHours"
  | "emergencyInFreeze"
  | "reviewDays"
  | "overdueReviews"
  | "findingsClose"
  | "freezes"
  | "windows"
  | "zone"
  | "owners";

const switches = [
  "validationFirst",
  "testFirst",
  "authorMayApprove",
  "approverMayDeploy",
  "authorMayDeploy",
  "severalSeatsEach",
  "delegation",
  "emergencyInFreeze",
  "findingsClose",
] as const;

/** Figures that a policy leaves open, as it reads them. */
export const usual = { emergencyHours: 4, reviewDays: 5, overdueReviews: 1 } as const;

/** All that a draft changes in one policy, exactly: what is not listed stays as it is. */
export function differences(before: governance.Policy, after: governance.Policy, words: Words): Difference[] {
  const out: Difference[] = [];
  const add = (what: string, a: string, b: string) =>
    a !== b && out.push({ policy: before.name, what, before: a, after: b });
  const levelOf = (p: governance.Policy, category: string) => {
    const level = p.levels.find((each) => each.category === category)?.level;
    return level ? words.changeLevel(level) : words.strictest;
  };
  for (const category of new Set([...before.levels, ...after.levels].map((each) => each.category)))
    add(words.level(category), levelOf(before, category), levelOf(after, category));
  const keys = new Set([...before.rules, ...after.rules].map(ruleKey));
  for (const key of keys) {
    const [a, b] = [before, after].map((p) => p.rules.find((rule) => ruleKey(rule) === key));
    const rule = a ?? b;
    if (rule)
      add(
        words.seats(rule.level, rule.changeType),
        a ? words.steps(a) : words.none,
        b ? words.steps(b) : words.none,
      );
  }
  add(words.field("approvalDays"), words.days(before.approvalDays), words.days(after.approvalDays));
  for (const name of switches) {
    const say = (on?: boolean) => (on ? words.yes : words.no);
    add(words.field(name), say(before[name]), say(after[name]));
  }
  add(words.field("validationDays"), words.days(before.validationDays), words.days(after.validationDays));
  for (const name of ["emergencyHours", "reviewDays", "overdueReviews"] as const)
    add(words.field(name), String(before[name] || usual[name]), String(after[name] || usual[name]));
  const lines = <T>(of: T[] | undefined, say: (each: T) => string) =>
    (of ?? []).map(say).join("\n") || words.nothing;
  add(words.field("freezes"), lines(before.freezes, words.freeze), lines(after.freezes, words.freeze));
  add(words.field("windows"), lines(before.windows, words.window), lines(after.windows, words.window));
  add(words.field("zone"), before.zone || "UTC", after.zone || "UTC");
  add(words.field("owners"), lines(before.owners, words.owners), lines(after.owners, words.owners));
  add(words.field("deployerRole"), words.role(before.deployerRole), words.role(after.deployerRole));
  return out;
}

export const ruleKey = (rule: governance.SeatRule) => `${rule.level}/${rule.changeType}`;

/** Puts another rule in place of the one for the same level and Change Type, or takes it away. */
export function withRule(
  p: governance.Policy,
  rule: governance.SeatRule,
  next?: governance.SeatRule,
): governance.Policy {
  const at = p.rules.findIndex((each) => ruleKey(each) === ruleKey(rule));
  const rules = [...p.rules];
  if (at < 0) {
    if (next) rules.push(next);
  } else if (next) rules[at] = next;
  else rules.splice(at, 1);
  return { ...p, rules };
}

/** Gives a category its level; with none it is the strictest of the policy. */
export function withLevel(
  p: governance.Policy,
  category: governance.Category,
  level?: governance.ChangeLevel,
) {
  const rest = p.levels.filter((each) => each.category !== category);
  const at = p.levels.findIndex((each) => each.category === category);
  if (level) rest.splice(at < 0 ? rest.length : at, 0, { category, level });
  return { ...p, levels: rest };
}
