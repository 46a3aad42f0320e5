import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { pickDropped, pickedFile, pickFile } from "@/api/exchange";
import type { app } from "@/api/models";
import { useAct } from "@/components/use-act";

/** Picks a file by a dialog of the system or takes a dropped one, and shows it: the address names it by its token. */
export function usePicking(view?: "verify") {
  const client = useQueryClient();
  const navigate = useNavigate();
  const onDone = (file: app.PickedFile) => {
    if (!file.token) return; // nothing was picked
    client.setQueryData(pickedFile(file.token).queryKey, file);
    void navigate({ to: "/exchange", search: { tab: "receive", item: file.token, view } });
  };
  const pick = useAct(pickFile, { onDone, key: ["pick-file"] });
  const drop = useAct((token: string) => pickDropped(token), { onDone });
  return { pick, drop };
}
