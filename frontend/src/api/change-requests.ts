import { queryOptions } from "@tanstack/react-query";
import { List } from "../../wailsjs/go/app/ChangeRequests";
import { call, type Fault } from "./fault";
import type { governance } from "./models";

/** Every Change Request of the open workspace, in the order the backend gives. */
export const changeRequests = queryOptions<governance.ChangeRequest[], Fault>({
  queryKey: ["change-requests"],
  queryFn: () => call(List),
});
