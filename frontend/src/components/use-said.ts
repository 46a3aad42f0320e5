import { useCallback } from "react";
import type { governance, workspace } from "@/api/models";
import { useTranslation } from "@/i18n/use-translation";
import { keyOf, type Said, shared, valuesOf, whole } from "./said";
import { faultTitle } from "./use-act";

export type { Said };

/**
 * Says a sentence of the backend in the person's language, from the words under a key of a feature or those that all
 * share; where there are none, it stays as it came. Numbers and times in it are written the language's way.
 */
export function useSaid(words: string) {
  const { t, i18n } = useTranslation();
  return useCallback(
    (text: string, said?: Said): string => {
      if (!said?.code || i18n.language === "en") return text;
      const keys = [words, shared].map((feature) => `${feature}.said.${keyOf(said.code)}`);
      return t(keys, { ...valuesOf(t, i18n.language, words, said), defaultValue: text }).trim();
    },
    [t, i18n.language, words],
  );
}

/** How a work ended: its problem by its code, or the sentence of what it brought. */
export function useOutcome() {
  const { t } = useTranslation();
  const say = useSaid("deployments");
  return ({ problem, sentence, said }: workspace.Work) =>
    (problem && faultTitle(t, problem)) || say(sentence, said);
}

type Held = Pick<workspace.Step, "why" | "remedy" | "whySaid" | "remedySaid">;

/** Says in the person's language why something cannot be done, and what mends it. */
export function useWhy() {
  const { t, i18n } = useTranslation();
  const say = useCallback(
    (text: string, said?: Said) => (said ? whole(t, i18n.language, { ...said, text }) : text),
    [t, i18n.language],
  );
  return {
    /** A sentence whose code is the whole key of its words. */
    say,
    /** Why an action cannot be done. */
    action: ({ why, code, params }: Pick<governance.ActionState, "why" | "code" | "params">) =>
      say(why, { text: why, code: code ? `why.${code}` : "", params: params ?? {} }),
    why: (step: Held) => say(step.why, step.whySaid),
    remedy: (step: Held) => say(step.remedy, step.remedySaid),
    /** Why, and the remedy behind it. */
    both: (step: Held) =>
      [say(step.why, step.whySaid), say(step.remedy, step.remedySaid)].filter(Boolean).join(" "),
    /** A line of a checklist, and its remedy. */
    check: (check: governance.Check) => ({
      message: say(check.message, {
        text: check.message,
        code: `gate.${check.code}_${check.ok ? "ok" : "not"}`,
        params: check.params ?? {},
      }),
      remedy: say(check.remedy, {
        text: check.remedy,
        code: `gate.${check.code}_remedy`,
        params: check.params ?? {},
      }),
    }),
  };
}
