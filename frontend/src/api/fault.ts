import { visible } from "./visible";

type Own = { words?: string; hintWords?: string; params?: Record<string, string> };

/**
 * A Fault is what a bound Go method answers when it cannot do its work: a sentence that a person can act on.
 * Code is for the program, message says what happened, hint says what to do next and may be empty.
 */
export class Fault extends Error {
  readonly code: string;
  readonly hint: string;
  /** The keys of its own words and of its hint's, with their values, where the code alone says too little. */
  readonly words: string;
  readonly hintWords: string;
  readonly params: Record<string, string>;

  constructor(code: string, message: string, hint = "", own: Own = {}) {
    super(message);
    this.name = "Fault";
    this.code = code;
    this.hint = hint;
    this.words = own.words ?? "";
    this.hintWords = own.hintWords ?? "";
    this.params = own.params ?? {};
  }

  /** Reads a rejected call. Our own faults arrive as JSON; argument errors of the bridge arrive as plain text. */
  static from(thrown: unknown): Fault {
    if (thrown instanceof Fault) return thrown;
    const text = thrown instanceof Error ? thrown.message : String(thrown);
    try {
      const { code, message, hint, ...own } = JSON.parse(text);
      if (typeof code === "string" && typeof message === "string") {
        return new Fault(code, visible(message), typeof hint === "string" ? visible(hint) : "", visible(own));
      }
    } catch {
      // not JSON: falls through to the plain text
    }
    return new Fault("unexpected", text);
  }
}

/**
 * Every bound call goes through here, so that a rejection is always a Fault, and no text of people or orgs turns the
 * reading direction of the page round.
 */
export async function call<T>(answer: () => Promise<T>): Promise<T> {
  try {
    return visible(await answer());
  } catch (thrown) {
    throw Fault.from(thrown);
  }
}
