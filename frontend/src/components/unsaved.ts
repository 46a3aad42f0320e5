import type { QueryClient } from "@tanstack/react-query";
import type { Fault } from "@/api/fault";

/** A place where a person types, as far as it matters to what would take it away. */
type Typed = {
  /** Whether something is typed that is not saved. */
  unsaved: () => boolean;
  /** Saves it now and answers with what was in the way; a form that is saved by its button has none. */
  flush?: () => Promise<Fault | undefined>;
  /** Lets go of it: nothing of it is saved any more. */
  forget: () => void;
};

const places = new WeakMap<QueryClient, Set<Typed>>();

const all = (client: QueryClient) => [...(places.get(client) ?? [])];

/** Makes a place known for as long as it lives; the answer takes it out again. */
export function watchTyped(client: QueryClient, typed: Typed) {
  const known = places.get(client) ?? new Set();
  places.set(client, known.add(typed));
  return () => {
    known.delete(typed);
  };
}

/** Whether a form that is saved by its button holds something typed. */
export const formsUnsaved = (client: QueryClient) =>
  all(client).some((typed) => !typed.flush && typed.unsaved());

/** Whether something that saves itself is not saved yet. */
export const draftsUnsaved = (client: QueryClient) =>
  all(client).some((typed) => typed.flush && typed.unsaved());

/** Saves all that saves itself, now. The answer is the first thing that was in the way. */
export async function saveTyped(client: QueryClient): Promise<Fault | undefined> {
  const faults = await Promise.all(all(client).map((typed) => typed.flush?.()));
  return faults.find((fault) => fault !== undefined);
}

/** Lets go of what is typed: forms when the person said so, drafts too when another workspace comes. */
export function forgetTyped(client: QueryClient, what: "forms" | "all") {
  for (const typed of all(client)) if (what === "all" || !typed.flush) typed.forget();
}
