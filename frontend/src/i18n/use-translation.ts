import type { TFunction } from "i18next";
import { useSyncExternalStore } from "react";
import i18next from "./i18n";

type Spoken = { t: TFunction; i18n: typeof i18next };

/**
 * The words of a language. A page asks for hundreds, most of them without values: those are looked up once, since a
 * look-up takes as long as drawing the element that shows it.
 */
function speak(language: string): Spoken {
  const look = i18next.getFixedT(language);
  const kept = new Map<string, string>();
  const t = (key: string | string[], given?: Record<string, unknown>) => {
    const otherwise = given?.defaultValue;
    const plain = given === undefined || (typeof otherwise === "string" && Object.keys(given).length === 1);
    if (typeof key !== "string" || !plain) return look(key, given);
    const name = given ? `${key}\n${otherwise}` : key;
    const known = kept.get(name);
    if (known !== undefined) return known;
    const word = look(key, given);
    kept.set(name, word);
    return word;
  };
  return { t: t as TFunction, i18n: i18next };
}

const spoken = new Map<string, Spoken>();

function now(): Spoken {
  const language = i18next.language;
  const known = spoken.get(language);
  if (known) return known;
  const words = speak(language);
  spoken.set(language, words);
  return words;
}

const subscribe = (tell: () => void) => {
  i18next.on("languageChanged", tell);
  return () => i18next.off("languageChanged", tell);
};

/** The words in the person's language; with another language, who uses this is drawn again. */
export const useTranslation = () => useSyncExternalStore(subscribe, now);
