import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback } from "react";
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

/** How the person likes something, kept in the data folder; everywhere the same, and there again after a restart. */
export function usePreference(key: string, otherwise = ""): [string, (value: string) => void] {
  const { data } = useQuery(preferences);
  const keep = useKeep();
  const set = useCallback((value: string) => keep(key, value), [keep, key]);
  return [data?.[key] || otherwise, set];
}
