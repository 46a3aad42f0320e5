import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback } from "react";
import { prefer, preferences } from "@/api/settings";

/** How the person likes something, kept in the data folder; everywhere the same, and there again after a restart. */
export function usePreference(key: string, otherwise = ""): [string, (value: string) => void] {
  const client = useQueryClient();
  const { data } = useQuery(preferences);
  const set = useCallback(
    (value: string) => {
      client.setQueryData(preferences.queryKey, (old) => ({ ...old, [key]: value }));
      void prefer(key, value).catch(() => {}); // a preference that is not kept is no loss worth a message
    },
    [client, key],
  );
  return [data?.[key] || otherwise, set];
}
