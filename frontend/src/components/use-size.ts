import { useCallback } from "react";
import { useTranslation } from "@/i18n/use-translation";

const units = ["byte", "kilobyte", "megabyte", "gigabyte"] as const;

/** 900 bytes, 12.3 MB, or 12,3 MB in German. */
export function sizeInWords(bytes: number, language: string) {
  let unit = 0;
  let n = bytes;
  // What would be rounded to 1,000 is one of the next unit.
  while (n >= 999.5 && unit < units.length - 1) {
    n /= 1000;
    unit++;
  }
  return new Intl.NumberFormat(language, {
    style: "unit",
    unit: units[unit],
    unitDisplay: unit === 0 ? "long" : "short",
    maximumFractionDigits: unit === 0 ? 0 : 1,
  }).format(n);
}

/** Writes sizes of files in the person's language. */
export function useSize() {
  const { i18n } = useTranslation();
  return useCallback((bytes: number) => sizeInWords(bytes, i18n.language), [i18n.language]);
}
