import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { act, renderHook } from "@testing-library/react";
import type { ReactNode } from "react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { workspace } from "@/api/models";
import { forgetTyped, saveTyped } from "@/components/unsaved";
import { fieldsOf, useDraft, useDraftOf } from "./draft";
import { view } from "./fixtures";

const save = vi.fn();

beforeEach(() => {
  vi.useFakeTimers();
  save
    .mockReset()
    .mockImplementation(async (_id: string, fields: workspace.RequestFields) => view({ request: fields }));
  Object.assign(window, { go: { app: { ChangeRequests: { Save: save } } } });
});
afterEach(() => {
  vi.useRealTimers();
});

const client = () => new QueryClient({ defaultOptions: { queries: { retry: false } } });

const around =
  (of: QueryClient) =>
  ({ children }: { children: ReactNode }) => (
    <QueryClientProvider client={of}>{children}</QueryClientProvider>
  );

/** A page that shows the draft of a request. */
function open(of: QueryClient, first: workspace.RequestView) {
  const wrapper = around(of);
  return renderHook(({ now }) => useDraft(useDraftOf("cr42", now), now), {
    wrapper,
    initialProps: { now: first },
  });
}

const rest = (ms: number) => act(() => vi.advanceTimersByTimeAsync(ms));

test("typing without a rest is saved every three seconds at the latest", async () => {
  const { result } = open(client(), view());
  for (let letter = 1; letter <= 20; letter++) {
    act(() => result.current.edit({ name: "x".repeat(letter) }));
    await rest(200);
  }
  expect(save).toHaveBeenCalledTimes(1);
  expect(save.mock.calls[0]?.[1].name.length).toBeGreaterThanOrEqual(14);
  await rest(600);
  expect(save.mock.lastCall?.[1].name).toBe("x".repeat(20));
});

test("after a restore the page shows the restored text, and an edit keeps the restored fields", async () => {
  const all = client();
  const newer = view({ request: { overview: "After the backup.", updatedAt: "2026-03-02T10:00:00Z" } });
  const first = open(all, newer);
  act(() => first.result.current.edit({ name: "Typed after the backup" }));
  await rest(700);
  first.unmount();
  await rest(0);
  forgetTyped(all, "all");
  const restored = view({ request: { overview: "As in the backup.", updatedAt: "2026-03-01T10:00:00Z" } });
  const { result } = open(all, restored);
  expect(result.current.fields).toEqual(fieldsOf(restored));
  act(() => result.current.edit({ externalNumber: "JIRA-7" }));
  await rest(700);
  expect(save.mock.lastCall?.[1]).toMatchObject({ overview: "As in the backup.", name: "Discount approval" });
});

test("a draft that is saved and left is read anew, and one that is not saved is kept", async () => {
  const all = client();
  const page = open(all, view());
  const kept = page.result.current.draft;
  page.unmount();
  await rest(0);
  const again = open(all, view());
  expect(again.result.current.draft).not.toBe(kept);
  save.mockRejectedValue(new Error('{"code":"busy","message":"The database is busy."}'));
  act(() => again.result.current.edit({ name: "Not saved" }));
  again.unmount();
  await rest(0);
  expect(open(all, view()).result.current.fields.name).toBe("Not saved");
});

test("a page that is drawn between the first save and its address keeps its draft, and the next new one is empty", async () => {
  const wrapper = around(client());
  const page = renderHook(({ id }) => useDraft(useDraftOf(id)), { wrapper, initialProps: { id: "new" } });
  const { draft } = page.result.current;
  act(() => page.result.current.edit({ name: "Typed" }));
  await rest(700);
  expect(draft.id).toBe("cr42");
  page.rerender({ id: "new" });
  expect(page.result.current.draft).toBe(draft);
  page.rerender({ id: "cr42" });
  expect(page.result.current.draft).toBe(draft);
  page.rerender({ id: "new" });
  expect(page.result.current.draft).not.toBe(draft);
  expect(page.result.current.fields.name).toBe("");
});

test("what was new, saved and left before it had its address is not shown as the next new one", async () => {
  const wrapper = around(client());
  const first = renderHook(() => useDraft(useDraftOf("new")), { wrapper });
  act(() => first.result.current.edit({ name: "Typed" }));
  await rest(700);
  save.mockRejectedValue(new Error('{"code":"busy","message":"The database is busy."}'));
  act(() => first.result.current.edit({ name: "Typed more" }));
  first.unmount();
  await rest(0);
  expect(renderHook(() => useDraft(useDraftOf("new")), { wrapper }).result.current.fields.name).toBe("");
  expect(renderHook(() => useDraft(useDraftOf("cr42")), { wrapper }).result.current.fields.name).toBe(
    "Typed more",
  );
});

test("an inner line break that the workspace says is shown", async () => {
  const page = open(client(), view({ request: { overview: "One. Two." } }));
  page.rerender({ now: view({ request: { overview: "One.\nTwo.", updatedAt: "2026-03-01T11:00:00Z" } }) });
  expect(page.result.current.fields.overview).toBe("One.\nTwo.");
});

test("what is typed is saved at once when it is asked for, and what cannot be saved is told", async () => {
  const all = client();
  const { result } = open(all, view());
  act(() => result.current.edit({ name: "Typed" }));
  await act(async () => expect(await saveTyped(all)).toBeUndefined());
  expect(save).toHaveBeenCalledTimes(1);
  save.mockRejectedValue(new Error('{"code":"busy","message":"The database is busy."}'));
  act(() => result.current.edit({ name: "Typed more" }));
  await act(async () => expect((await saveTyped(all))?.code).toBe("busy"));
  act(() => forgetTyped(all, "all"));
  await rest(5000);
  expect(save).toHaveBeenCalledTimes(2);
  expect(result.current.fields.name).toBe("Typed");
});
