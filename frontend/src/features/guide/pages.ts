/** The pages of the guide in their order. Each is a file of pages/, which can be read in the repository as well. */
export const order = [
  "what-it-is",
  "main-job",
  "policies",
  "members",
  "exchange",
  "connecting",
  "deployment-log",
  "audit-trail",
  "outside",
  "backup",
  "solo",
  "keyboard",
] as const;

const files = import.meta.glob<string>("./pages/*.md", { eager: true, import: "default", query: "?raw" });

/** A page's text in a language, or in English if there is none; foreign says which of the two. */
export function pageOf(name: string, language: string): { text: string; foreign: boolean } | undefined {
  const own = language.startsWith("en") ? undefined : files[`./pages/${name}.${language.slice(0, 2)}.md`];
  const text = own ?? files[`./pages/${name}.md`];
  return text === undefined ? undefined : { text, foreign: own === undefined && !language.startsWith("en") };
}

/** A page's title is its first line. */
export const titleOf = (text: string) => /^#\s+(.*)/.exec(text)?.[1] ?? "";

/** The pages that hold every word. */
export function search(words: string, language: string) {
  const wanted = words.toLocaleLowerCase().split(/\s+/).filter(Boolean);
  return order.filter((name) => {
    const text = (pageOf(name, language)?.text ?? "").toLocaleLowerCase();
    return wanted.every((word) => text.includes(word));
  });
}
