import { useMemo } from "react";
import type { governance } from "@/api/models";
import { useTranslation } from "@/i18n/use-translation";
import type { Words } from "./draft";

/** How differences of policies are said in the person's language. */
export function useWords(): Words {
  const { t } = useTranslation();
  return useMemo(() => {
    const role = (word: string) => (word ? t(`role.${word}`, { defaultValue: word }) : t("policies.anyRole"));
    const steps = (rule: governance.SeatRule) =>
      rule.steps
        .map((step) => t("policies.step", { count: step.quorum, role: role(step.role) }))
        .join(rule.ordered ? t("policies.then") : t("policies.and"));
    return {
      role,
      steps,
      level: (category) =>
        t("policies.diff.level", { category: t(`category.${category}`, { defaultValue: category }) }),
      seats: (level, type) =>
        type ? t("policies.diff.seatsOf", { level, type }) : t("policies.diff.seats", { level }),
      none: t("policies.diff.none"),
      strictest: t("policies.strictest"),
      yes: t("policies.yes"),
      no: t("policies.no"),
      days: (count) => t("policies.days", { count }),
      field: (name) => t(`policies.field.${name}`),
    };
  }, [t]);
}
