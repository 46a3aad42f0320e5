import { useQueryClient } from "@tanstack/react-query";
import { useRouter } from "@tanstack/react-router";
import { useEffect, useRef } from "react";
import { onOpen } from "@/api/events";
import { openedFile, pickedFile } from "@/api/exchange";
import type { Fault } from "@/api/fault";
import { useTellFault } from "@/components/use-act";

/** Shows the file that Countersign was opened with: at the start, and when it is opened again with another one. */
export function useOpenedFile() {
  const client = useQueryClient();
  const router = useRouter();
  const tell = useTellFault();
  const show = async () => {
    try {
      const file = await openedFile();
      if (!file.token) return;
      client.setQueryData(pickedFile(file.token).queryKey, file);
      await router.navigate({ to: "/exchange", search: { tab: "receive", item: file.token } });
    } catch (thrown) {
      tell(thrown as Fault);
    }
  };
  const newest = useRef(show);
  newest.current = show;
  useEffect(() => {
    void newest.current();
    return onOpen(() => void newest.current());
  }, []);
}
