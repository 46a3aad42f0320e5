import { useCallback } from "react";
import { useTranslation } from "react-i18next";

/** Writes whole numbers the way the person's language does: 10,432 or 10.432. */
export function useNumber() {
  const { i18n } = useTranslation();
  return useCallback((n: number) => new Intl.NumberFormat(i18n.language).format(n), [i18n.language]);
}
