import type { TFunction } from "i18next";
import type { workspace } from "@/api/models";

/** A sentence of the backend: in English, and with the code and the values that a translation is made of. */
export type Said = workspace.Said;

const aNumber = /^\d{1,15}$/;
const aTime = /^\d{4}-\d\d-\d\dT/;

/** What every feature can say, beside its own words. */
export const shared = "sentences";

/** Dots would be levels of the file of words. */
export const keyOf = (code: string) => code.replace(/\./g, "-");

/** The values of a sentence the language's way: numbers, times, the terms of the field, and sentences in it. */
export function valuesOf(t: TFunction, language: string, words: string, said: Said) {
  const word = (value: string) => {
    const key = value.replace(/\W+/g, "-");
    return t([`${words}.word.${key}`, `${shared}.word.${key}`], { defaultValue: value });
  };
  const values: Record<string, string> = {};
  for (const [name, value] of Object.entries(said.params ?? {})) {
    const part = said.parts?.[name];
    if (part) values[name] = whole(t, language, part);
    else if (aNumber.test(value)) values[name] = new Intl.NumberFormat(language).format(Number(value));
    else if (aTime.test(value)) values[name] = new Date(value).toLocaleString(language);
    else values[name] = value.split(", ").map(word).join(", ");
  }
  return values;
}

/** A sentence whose code is the whole key of its words. */
export function whole(t: TFunction, language: string, said: Said): string {
  if (!said.code || !said.text || language === "en") return said.text;
  return t(said.code, { ...valuesOf(t, language, shared, said), defaultValue: said.text }).trim();
}
