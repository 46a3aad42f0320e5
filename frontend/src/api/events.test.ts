import { QueryClient, QueryObserver } from "@tanstack/react-query";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { asker, type Changed, listen, onClosing, tellUnsaved } from "./events";

let hear: Record<string, (data: unknown) => void>;
let sent: unknown[][];
beforeEach(() => {
  vi.useFakeTimers();
  hear = {};
  sent = [];
  const EventsOnMultiple = (name: string, run: (data: unknown) => void) => {
    hear[name] = run;
    return () => {};
  };
  Object.assign(window, { runtime: { EventsOnMultiple, EventsEmit: (...all: unknown[]) => sent.push(all) } });
});
afterEach(() => {
  vi.useRealTimers();
  Reflect.deleteProperty(window, "runtime");
});

test("a work that runs makes only the works stale, and its end the rest once a second", async () => {
  const client = new QueryClient();
  const asked = vi.spyOn(client, "invalidateQueries").mockResolvedValue();
  const stop = listen(client);
  const tell = (kind: Changed["kind"], id: string) => hear.changed?.({ kind, id, revision: 1 });
  for (let n = 0; n < 50; n++) {
    tell("work", "w");
    tell("log", "l");
  }
  await vi.advanceTimersByTimeAsync(0);
  const keys = () => new Set(asked.mock.calls.map(([filter]) => filter?.queryKey?.join(" ")));
  expect(keys()).toEqual(new Set(["works", "log l"]));
  asked.mockClear();
  tell("record", "dr");
  await vi.advanceTimersByTimeAsync(0);
  expect(keys()).toContain("record dr");
  expect(keys()).toContain("today");
  asked.mockClear();
  for (let n = 0; n < 20; n++) tell("record", "dr");
  await vi.advanceTimersByTimeAsync(900);
  expect(asked).not.toHaveBeenCalled();
  await vi.advanceTimersByTimeAsync(100);
  expect(asked.mock.calls.filter(([filter]) => filter?.queryKey?.join(" ") === "record dr")).toHaveLength(1);
  stop();
});

test("the window hears whether something is unsaved, and when it may close", async () => {
  tellUnsaved(true);
  tellUnsaved(true);
  tellUnsaved(false);
  expect(sent).toEqual([
    ["unsaved", true],
    ["unsaved", false],
  ]);
  const save = vi.fn(async () => {});
  onClosing(save);
  hear.closing?.(undefined);
  await vi.advanceTimersByTimeAsync(0);
  expect(save).toHaveBeenCalled();
  expect(sent.at(-1)).toEqual(["settled"]);
});

/** What is stale after the backend has told of a change. */
function staleAfter(changed: Changed) {
  const client = new QueryClient();
  const known = [
    ["state"],
    ["today"],
    ["trail", "proof"],
    ["activity", "cr"],
    ["record", "dr"],
    ["record", "dr2"],
    ["settings"],
  ];
  for (const key of known) client.setQueryData(key, "");
  listen(client);
  hear.changed?.(changed);
  vi.advanceTimersByTime(0);
  return known.filter((key) => client.getQueryState(key)?.isInvalidated).map((key) => key.join(" "));
}

test("what verifying found is a doubt of the workspace, and stops what waits", () => {
  expect(staleAfter({ kind: "trail", id: "", revision: 0 })).toEqual([
    "state",
    "today",
    "trail proof",
    "activity cr",
  ]);
});

test("a change of one record leaves the others alone", () => {
  expect(staleAfter({ kind: "record", id: "dr", revision: 0 })).toEqual([
    "today",
    "activity cr",
    "record dr",
  ]);
});

/** A backend whose answers are given by hand, and a page that shows one of them. */
function slow() {
  vi.useRealTimers();
  const client = new QueryClient();
  const asked: ((answer: number) => void)[] = [];
  const observer = new QueryObserver<number>(client, {
    queryKey: ["record", "dr1"],
    queryFn: () => new Promise((resolve) => asked.push(resolve)),
  });
  const leave = observer.subscribe(() => {});
  const until = async (holds: () => boolean) => {
    while (!holds()) await new Promise((over) => setTimeout(over, 2));
  };
  return { asked, observer, leave, until, ask: asker(client) };
}

test("what is told while an answer is on its way is asked once more, not once each", async () => {
  const { asked, observer, leave, until, ask } = slow();
  asked[0]?.(0);
  await until(() => observer.getCurrentResult().data === 0);

  for (let i = 0; i < 20; i++) void ask(["record"]);
  await new Promise((over) => setTimeout(over, 30));
  expect(asked).toHaveLength(2); // one question for all twenty

  asked[1]?.(1);
  await until(() => asked.length === 3); // what came meanwhile may not be in that answer
  asked[2]?.(2);
  await until(() => observer.getCurrentResult().data === 2);

  await new Promise((over) => setTimeout(over, 120));
  expect(asked).toHaveLength(3); // nothing was told since
  leave();
});

test("what was told is asked at once where nothing is on its way", async () => {
  const { asked, observer, leave, until, ask } = slow();
  asked[0]?.(0);
  await until(() => observer.getCurrentResult().data === 0);
  void ask(["record"]);
  expect(asked).toHaveLength(2);
  leave();
});
