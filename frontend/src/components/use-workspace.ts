import { useQuery } from "@tanstack/react-query";
import { state } from "@/api/workspaces";

/** The open workspace, and the person at this window. */
export function useWorkspace() {
  const { data } = useQuery(state);
  const me = data?.members.find((member) => member.id === data.me);
  return { state: data, me };
}
