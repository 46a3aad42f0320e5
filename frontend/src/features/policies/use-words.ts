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
    const changeLevel = (level: string) => t(`level.${level}`, { defaultValue: level });
    return {
      role,
      steps,
      level: (category) =>
        t("policies.diff.level", { category: t(`category.${category}`, { defaultValue: category }) }),
      seats: (level, type) =>
        type
          ? t("policies.diff.seatsOf", {
              level: changeLevel(level),
              type: t(`changeType.${type}`, { defaultValue: type }),
            })
          : t("policies.diff.seats", { level: changeLevel(level) }),
      changeLevel,
      none: t("policies.diff.none"),
      strictest: t("policies.strictest"),
      yes: t("policies.yes"),
      no: t("policies.no"),
      days: (count) => t("policies.days", { count }),
      field: (name) => t(`policies.field.${name}`),
      nothing: t("policies.calendar.none"),
      freeze: (f) => t("policies.calendar.freezeLine", { name: f.name || "…", from: f.from, until: f.until }),
      window: (w) =>
        t("policies.calendar.windowLine", {
          days: w.days.map((day) => t(`policies.day.${day}`)).join(", "),
          from: w.from,
          until: w.until,
        }),
      owners: (o) =>
        t("policies.owners.line", {
          name: o.name || "…",
          types: o.types.join(", ") || "…",
          names: o.names.join(", ") || "…",
          count: o.members.length,
        }),
    };
  }, [t]);
}
