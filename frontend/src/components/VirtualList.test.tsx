import { MantineProvider } from "@mantine/core";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { fireEvent, render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, expect, test, vi } from "vitest";
import { VirtualList } from "./VirtualList";

beforeEach(() => {
  Object.defineProperty(HTMLElement.prototype, "clientHeight", { configurable: true, value: 600 });
  Object.defineProperty(HTMLElement.prototype, "clientWidth", { configurable: true, value: 900 });
  Element.prototype.scrollTo = () => {};
  Object.assign(window, { go: { app: { Settings: { Preferences: async () => ({}) } } } });
});

const opened = vi.fn();

function draw(items: string[], question?: string) {
  const client = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  const list = (all: string[], asked?: string) => (
    <MantineProvider env="test">
      <QueryClientProvider client={client}>
        <button type="button">before</button>
        <VirtualList
          items={all}
          keyOf={(name) => name}
          row={(name) => name}
          rowHeight={20}
          label="Names"
          question={asked}
          onOpen={opened}
          onKey={{ Delete: opened }}
        />
      </QueryClientProvider>
    </MantineProvider>
  );
  const { rerender } = render(list(items, question));
  return (all: string[], asked?: string) => rerender(list(all, asked));
}

const focusedRow = () => screen.getByRole("option", { selected: true }).textContent;

beforeEach(() => opened.mockReset());

test("after a click on a row the keyboard is dead", async () => {
  draw(["a", "b", "c"]);
  await userEvent.click(screen.getByRole("option", { name: "b" }));
  expect(document.activeElement).toBe(screen.getByRole("listbox", { name: "Names" }));
  await userEvent.keyboard("j{Enter}");
  expect(opened.mock.calls.map(([name]) => name)).toEqual(["b", "c"]);
});

test("a new row moves the focus to another, and Enter opens that one", async () => {
  const redraw = draw(["b", "c", "d"]);
  screen.getByRole("listbox").focus();
  await userEvent.keyboard("j");
  expect(focusedRow()).toBe("c");
  redraw(["a", "b", "c", "d"]);
  expect(focusedRow()).toBe("c");
  redraw(["d", "c", "b", "a"]);
  expect(focusedRow()).toBe("c");
  await userEvent.keyboard("{Enter}");
  expect(opened).toHaveBeenLastCalledWith("c");
});

test("a row that nobody moved to keeps the focus too", () => {
  const redraw = draw(["b", "c"]);
  screen.getByRole("listbox").focus();
  redraw(["a", "b", "c"]);
  expect(focusedRow()).toBe("b");
});

test("a row that goes leaves the focus to the one that takes its place", () => {
  const redraw = draw(["a", "b", "c"]);
  fireEvent.keyDown(screen.getByRole("listbox"), { key: "End" });
  redraw(["a", "b"]);
  expect(focusedRow()).toBe("b");
});

test("another question begins with its first row", () => {
  const redraw = draw(["a", "b", "c"], "all");
  fireEvent.keyDown(screen.getByRole("listbox"), { key: "End" });
  expect(focusedRow()).toBe("c");
  redraw(["c", "d"], "some");
  expect(focusedRow()).toBe("c");
  redraw(["e", "c", "d"], "others");
  expect(focusedRow()).toBe("e");
});
