import { MantineProvider } from "@mantine/core";
import { act, renderHook, waitFor } from "@testing-library/react";
import { beforeEach, expect, test, vi } from "vitest";
import { usePicks } from "./picks";

type Row = { id: number };
const read = vi.fn();
const cut = vi.fn();
beforeEach(() => {
  read
    .mockReset()
    .mockImplementation(async (from: number, to: number) =>
      Array.from({ length: to - from + 1 }, (_, i) => ({ id: from + i })),
    );
  cut.mockReset();
});

/** A list of which the first 200 rows are read, and those that somebody looked at. */
function listOf(total: number, ...seen: number[]) {
  const items = new Array<Row | undefined>(total);
  for (let i = 0; i < Math.min(200, total); i++) items[i] = { id: i };
  for (const i of seen) items[i] = { id: i };
  return { items, total, readRange: read };
}

const keyOf = (row: Row) => String(row.id);
const picking = (list: ReturnType<typeof listOf>) =>
  renderHook(() => usePicks<Row>(keyOf, list, cut), { wrapper: MantineProvider }).result;

test("Shift skips the rows that nobody looked at", async () => {
  const picks = picking(listOf(1000, 900));
  act(() => picks.current.pick({ id: 10 }, 10, false));
  act(() => picks.current.pick({ id: 900 }, 900, true));
  await waitFor(() => expect(picks.current.picks.size).toBe(891));
  expect(read).toHaveBeenCalledWith(10, 900);
  expect(picks.current.has({ id: 555 })).toBe(true);
  expect(picks.current.reading).toBe(false);
});

test("rows that are there are picked at once", () => {
  const picks = picking(listOf(150));
  act(() => picks.current.pick({ id: 5 }, 5, false));
  act(() => picks.current.pick({ id: 2 }, 2, true));
  expect([...picks.current.picks.keys()].sort()).toEqual(["2", "3", "4", "5"]);
  expect(read).not.toHaveBeenCalled();
});

test("Ctrl A picks what is read and says nothing of the rest", async () => {
  const picks = picking(listOf(5000));
  await act(async () => picks.current.toggleAll());
  await waitFor(() => expect(picks.current.picks.size).toBe(5000));
  expect(cut).not.toHaveBeenCalled();
  await act(async () => picks.current.toggleAll());
  await waitFor(() => expect(picks.current.picks.size).toBe(0));
});

test("of more than one deployment carries, so many are picked, and that is said", async () => {
  const picks = picking(listOf(100_000));
  await act(async () => picks.current.toggleAll());
  await waitFor(() => expect(picks.current.picks.size).toBe(10_000));
  expect(cut).toHaveBeenCalledWith(10_000, 100_000);
});

test("rows that could not be read leave the selection as it was", async () => {
  read.mockRejectedValue(new Error('{"code":"busy","message":"The database is busy."}'));
  const picks = picking(listOf(1000));
  act(() => picks.current.pick({ id: 1 }, 1, false));
  await act(async () => picks.current.toggleAll());
  await waitFor(() => expect(picks.current.reading).toBe(false));
  expect(picks.current.picks.size).toBe(1);
});
