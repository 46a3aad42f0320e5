/**
 * Embeddings, overrides and isolates (Unicode UAX #9): invisible themselves, they show "exe.gnp" as "png.exe", and code
 * in another order than it runs in. Marks that a right-to-left word needs, and joiners of emoji, are not among them.
 */
const turning = /[\u202a-\u202e\u2066-\u2069]/g;

const shown = (text: string) =>
  text.replace(turning, (c) => `[U+${c.charCodeAt(0).toString(16).toUpperCase()}]`);

/** The value with every character that turns the reading direction round written out, as in "a[U+202E]gnp.exe". */
export function visible<T>(value: T): T {
  if (typeof value === "string") return shown(value) as T;
  if (typeof value !== "object" || value === null) return value;
  // The answer of a call is the caller's own, so it is written into: a list of ten thousand rows is not copied for this.
  for (const [key, part] of Object.entries(value)) {
    const written = visible(part);
    if (written !== part) (value as Record<string, unknown>)[key] = written;
  }
  return value;
}
