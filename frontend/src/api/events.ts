import type { QueryClient } from "@tanstack/react-query";
import { EventsOn } from "../../wailsjs/runtime/runtime";

/** What the backend tells: something of this kind is another now. Never the thing itself. */
export type Changed = {
  kind: "work" | "log" | "request" | "record" | "environment" | "policies" | "trail" | "state";
  id: string;
  revision: number;
};

/** Files that were dropped on the window; token is what attachDropped takes. */
export type Dropped = { token: string; names: string[] };

/** What a change makes stale, by the first word of the query keys. */
const stale: Record<Changed["kind"], string[]> = {
  work: ["works", "today", "record", "records", "environments", "log"],
  log: ["log", "record", "records", "today", "activity"],
  request: ["request", "requests", "today", "activity", "record", "records"],
  record: ["record", "records", "request", "requests", "today", "activity"],
  environment: ["environments", "inventory", "record"],
  policies: ["policies", "today", "request", "record"],
  trail: ["trail", "activity"],
  state: ["state"],
};

const bridged = () => typeof window !== "undefined" && "runtime" in window;

/** Listens to the backend for as long as the window lives: what changed is asked for again if it is on the screen. */
export function listen(client: QueryClient) {
  if (!bridged()) return () => {};
  return EventsOn("changed", ({ kind, id }: Changed) => {
    for (const word of stale[kind] ?? []) {
      const one = word === kind && id ? [word, id] : [word];
      void client.invalidateQueries({ queryKey: one });
    }
  });
}

/** A command of the native menu, by its id. */
export function onCommand(run: (id: string) => void) {
  return bridged() ? EventsOn("command", ({ id }: { id: string }) => run(id)) : () => {};
}

/** Files dropped on the window. */
export function onDrop(take: (dropped: Dropped) => void) {
  return bridged() ? EventsOn("drop", take) : () => {};
}
