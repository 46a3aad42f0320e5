import { useCallback } from "react";
import { useTranslation } from "@/i18n/use-translation";
import { numberFormat } from "./intl";

/** Writes whole numbers the way the person's language does: 10,432 or 10.432. */
export function useNumber() {
  const { i18n } = useTranslation();
  return useCallback((n: number) => numberFormat(i18n.language, {}).format(n), [i18n.language]);
}
