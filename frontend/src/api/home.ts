import { queryOptions } from "@tanstack/react-query";
import * as bound from "../../wailsjs/go/app/Home";
import { call, type Fault } from "./fault";
import type { workspace } from "./models";
import { isKnown } from "./times";

/** What waits for the person at this window, runs, failed and expires. */
export const today = queryOptions<workspace.Today, Fault>({
  queryKey: ["today"],
  queryFn: () => call(() => bound.Today()),
});

/** What runs, or ran, in this window, newest first. */
export const works = queryOptions<workspace.Work[], Fault>({
  queryKey: ["works"],
  queryFn: () => call(() => bound.Works()),
});

export const dismissWork = (id: string) => call(() => bound.Dismiss(id));

/** Whether a work still runs. */
export const runs = (work: workspace.Work) => !isKnown(work.endedAt);
