import type { QueryClient } from "@tanstack/react-query";
import { EventsEmit, EventsOn } from "../../wailsjs/runtime/runtime";

/** What the backend tells: something of this kind is another now. Never the thing itself. */
export type Changed = {
  kind: "work" | "log" | "request" | "record" | "environment" | "policies" | "trail" | "state";
  id: string;
  revision: number;
};

/** Files that were dropped on the window; token is what attachDropped takes. */
export type Dropped = { token: string; names: string[] };

/**
 * What a change makes stale, by the first word of the query keys. A work and a log change many times while they run,
 * so that only what shows their progress reads it; where they begin and end the backend tells their record,
 * environment or request too.
 */
const stale: Record<Changed["kind"], string[]> = {
  work: ["works"],
  log: ["log"],
  request: ["request", "requests", "today", "activity", "record", "records"],
  record: ["record", "records", "request", "requests", "today", "activity"],
  environment: ["environments", "inventory", "outside", "record", "today"],
  policies: ["policies", "members", "today", "request", "record", "delegations"],
  // A verification that found something is a doubt of the workspace, and stops what waits to be deployed.
  trail: ["trail", "members", "activity", "state", "today", "backups", "outside"],
  state: ["state", "members"],
};

/** What is read as often as it changes: each is small, and a person watches it. */
const watched: Changed["kind"][] = ["work", "log", "state"];
const atMostEveryMs = 1000;

const bridged = () => typeof window !== "undefined" && "runtime" in window;

/** After an answer it is not asked again for so many times as long as the answer took. */
const restPerWork = 2;
const longestRestInMs = 5000;

/**
 * Says that what has a key is stale, and asks for it again if it is on the screen. While an answer is on its way, and
 * for a rest after one that took long, the same is not asked again but once afterwards, whatever happened meanwhile: a
 * running deployment tells of itself several times a second, and questions that overlap would each take longer.
 */
export function asker(client: QueryClient) {
  const under = new Map<string, { again: boolean }>();
  return async function ask(queryKey: string[]): Promise<void> {
    const name = queryKey.join(" ");
    const known = under.get(name);
    if (known) {
      known.again = true;
      return;
    }
    const now = { again: false };
    under.set(name, now);
    const from = performance.now();
    await client.invalidateQueries({ queryKey });
    const rest = Math.min(restPerWork * (performance.now() - from), longestRestInMs);
    if (rest > 1) await new Promise((over) => setTimeout(over, rest));
    under.delete(name);
    if (now.again) void ask(queryKey);
  };
}

/** Listens to the backend for as long as the window lives: what changed is asked for again if it is on the screen. */
export function listen(client: QueryClient) {
  if (!bridged()) return () => {};
  const ask = asker(client);
  const soon = throttled((keys) => {
    for (const queryKey of keys) void ask(queryKey);
  });
  const stop = EventsOn("changed", ({ kind, id }: Changed) => {
    const keys = (stale[kind] ?? []).map((word) => (word === kind && id ? [word, id] : [word]));
    if (watched.includes(kind)) for (const queryKey of keys) void ask(queryKey);
    else soon.add(keys);
  });
  return () => {
    stop();
    soon.stop();
  };
}

/** Does at once what comes after a rest, and what comes then all together, at most once a second. */
function throttled(act: (keys: string[][]) => void) {
  const waiting = new Map<string, string[]>();
  let last = Number.NEGATIVE_INFINITY;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const run = () => {
    timer = undefined;
    last = Date.now();
    const keys = [...waiting.values()];
    waiting.clear();
    act(keys);
  };
  return {
    add: (keys: string[][]) => {
      for (const key of keys) waiting.set(key.join(" "), key);
      timer ??= setTimeout(run, Math.max(0, last + atMostEveryMs - Date.now()));
    },
    stop: () => clearTimeout(timer),
  };
}

let toldUnsaved = false;

/** Tells the window whether something typed is not saved, so that it waits for it before it closes. */
export function tellUnsaved(unsaved: boolean) {
  if (!bridged() || unsaved === toldUnsaved) return;
  toldUnsaved = unsaved;
  EventsEmit("unsaved", unsaved);
}

/** The window is about to close and waits a moment for what is typed to be saved. */
export function onClosing(save: () => Promise<unknown>) {
  if (!bridged()) return () => {};
  return EventsOn("closing", () => void save().finally(() => EventsEmit("settled")));
}

/** A command of the native menu, by its id. */
export function onCommand(run: (id: string) => void) {
  return bridged() ? EventsOn("command", ({ id }: { id: string }) => run(id)) : () => {};
}

/** The program was called with a file of ours: it waits to be asked for. */
export function onOpen(take: () => void) {
  return bridged() ? EventsOn("open", take) : () => {};
}

/** Files dropped on the window. */
export function onDrop(take: (dropped: Dropped) => void) {
  return bridged() ? EventsOn("drop", take) : () => {};
}
