import { expect, test } from "vitest";
import i18next from "./i18n";

type Words = { [key: string]: string | Words };

function flat(words: Words, before = ""): Map<string, string> {
  const out = new Map<string, string>();
  for (const [key, value] of Object.entries(words)) {
    if (typeof value === "string") out.set(before + key, value);
    else for (const [inner, text] of flat(value, `${before}${key}.`)) out.set(inner, text);
  }
  return out;
}

const words = (language: string) => flat(i18next.getResourceBundle(language, "translation") as Words);
const english = words("en");
const german = words("de");

/** Plural forms are one key. */
const stem = (key: string) => key.replace(/_(zero|one|two|few|many|other)$/, "");
const stems = (all: Map<string, string>) => new Set([...all.keys()].map(stem));

/** The backend says these itself, in English; only other languages list them. */
const ofTheBackend = ["faults.", "file.", "gate.", "next.", "told.", "why."];
const backend = (key: string) =>
  ofTheBackend.some((head) => key.startsWith(head)) || /^\w+\.(said|word)\./.test(key);

const sources = Object.entries(
  import.meta.glob<string>(["../**/*.{ts,tsx}", "!../**/*.test.{ts,tsx}"], {
    eager: true,
    query: "?raw",
    import: "default",
  }),
);

// t("a.b"), and t(`a.${x}`), of which only the head is known.
const literal = /["'`]([a-z][A-Za-z0-9]*(?:\.[A-Za-z0-9_-]+)+)["'`]/g;
const template = /`([a-z][A-Za-z0-9]*(?:\.[A-Za-z0-9_-]+)*\.)\$\{/g;
const named = new Set(sources.flatMap(([, text]) => [...text.matchAll(literal)].map((m) => m[1] as string)));
const heads = new Set(sources.flatMap(([, text]) => [...text.matchAll(template)].map((m) => m[1] as string)));

test("every key that the source names has English words", () => {
  const known = stems(english);
  const groups = new Set([...known].map((key) => key.slice(0, key.indexOf("."))));
  const missing = [...named].filter(
    (key) =>
      groups.has(key.slice(0, key.indexOf("."))) &&
      !known.has(key) &&
      ![...known].some((k) => k.startsWith(`${key}.`)) &&
      !backend(key),
  );
  expect(missing).toEqual([]);
});

test("every word is used", () => {
  const unused = [...stems(english)].filter(
    (key) => !named.has(key) && ![...heads].some((head) => key.startsWith(head)),
  );
  expect(unused).toEqual([]);
});

test("German is complete and has no words of its own", () => {
  const known = stems(english);
  const translated = stems(german);
  expect([...known].filter((key) => !translated.has(key))).toEqual([]);
  expect([...translated].filter((key) => !known.has(key) && !backend(key))).toEqual([]);
});

test("a translation fills in the same values", () => {
  const values = (text = "") => [...text.matchAll(/\{\{(\w+)\}\}/g)].map((m) => m[1]).sort();
  const byStem = (all: Map<string, string>) => {
    const found = new Map<string, Set<string | undefined>>();
    for (const [key, text] of all)
      found.set(stem(key), new Set([...(found.get(stem(key)) ?? []), ...values(text)]));
    return new Map([...found].map(([key, names]) => [key, [...names].sort()]));
  };
  const [ours, theirs] = [byStem(english), byStem(german)];
  expect([...ours].filter(([key, names]) => theirs.get(key)?.join() !== names.join())).toEqual([]);
});

test("English words keep the product's voice", () => {
  const shouting = [...english].filter(([, text]) => /\bplease\b|failed to|!$/i.test(text));
  expect(shouting).toEqual([]);
});
