import { useQuery } from "@tanstack/react-query";
import { runInventory } from "@/api/environments";
import { runs, works } from "@/api/home";
import { workspace } from "@/api/models";
import { keyOfAct, useAct } from "@/components/use-act";

/** Run Scan of an environment: how to begin it, and how the last one of this window goes or went. */
export function useScan(environment: string) {
  const work = useQuery(works).data?.find(
    (w) => w.kind === workspace.WorkKind.Inventory && w.subject === environment,
  );
  const start = useAct(() => runInventory(environment), { key: keyOfAct.inventory(environment) });
  const running = work !== undefined && runs(work);
  return { work, running, start: () => start.mutate(), starting: start.isPending };
}
