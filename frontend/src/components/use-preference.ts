import { type QueryClient, useQueryClient } from "@tanstack/react-query";
import { useCallback, useSyncExternalStore } from "react";
import { prefer, preferences } from "@/api/settings";

/** Keeps how the person likes something, by its key. */
export function useKeep() {
  const client = useQueryClient();
  return useCallback(
    (key: string, value: string) => {
      client.setQueryData(preferences.queryKey, (old) => ({ ...old, [key]: value }));
      void prefer(key, value).catch(() => {}); // a preference that is not kept is no loss worth a message
    },
    [client],
  );
}

type Told = { all: Set<() => void>; stop: () => void };
const told = new WeakMap<QueryClient, Told>();

/**
 * Tells of new preferences. There is one look at the cache for all who ask: every badge of an environment has its
 * colour from here, and a query of its own for each would take longer than drawing it.
 */
function subscribeTo(client: QueryClient, tell: () => void) {
  let known = told.get(client);
  if (!known) {
    const all = new Set<() => void>();
    const [word] = preferences.queryKey;
    const stop = client.getQueryCache().subscribe(({ type, query }) => {
      if (type === "updated" && query.queryKey[0] === word) for (const tell of all) tell();
    });
    known = { all, stop };
    told.set(client, known);
  }
  const { all, stop } = known;
  all.add(tell);
  const state = client.getQueryState(preferences.queryKey);
  if (!state || (state.status === "pending" && state.fetchStatus === "idle"))
    void client.prefetchQuery(preferences);
  return () => {
    all.delete(tell);
    if (all.size > 0) return;
    stop();
    told.delete(client);
  };
}

/** How the person likes something, kept in the data folder; everywhere the same, and there again after a restart. */
export function usePreference(key: string, otherwise = ""): [string, (value: string) => void] {
  const client = useQueryClient();
  const subscribe = useCallback((tell: () => void) => subscribeTo(client, tell), [client]);
  const kept = useSyncExternalStore(subscribe, () => client.getQueryData(preferences.queryKey)?.[key]);
  const keep = useKeep();
  const set = useCallback((value: string) => keep(key, value), [keep, key]);
  return [kept || otherwise, set];
}
