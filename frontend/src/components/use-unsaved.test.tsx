import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, expect, test, vi } from "vitest";
import { Fault } from "@/api/fault";
import { showPages } from "./testing";
import { watchTyped } from "./unsaved";
import { useActAs, useUnsaved } from "./use-unsaved";

const actAs = vi.fn();
beforeEach(() => {
  actAs.mockReset().mockResolvedValue({});
  Object.assign(window, { go: { app: { Workspaces: { ActAs: actAs } } } });
});

function Form() {
  useUnsaved(true);
  return <p>a form</p>;
}

test("a form with something typed is left only when the person says so", async () => {
  const { router } = showPages({ "/": Form, "/next": () => <p>next</p> }, "/");
  await screen.findByText("a form");
  void router.navigate({ to: "/next" } as never);
  await userEvent.click(await screen.findByRole("button", { name: "Stay here" }));
  await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
  expect(screen.getByText("a form")).toBeTruthy();
  void router.navigate({ to: "/next" } as never);
  await userEvent.click(await screen.findByRole("button", { name: "Leave without saving" }));
  expect(await screen.findByText("next")).toBeTruthy();
});

function Part() {
  const act = useActAs();
  return (
    <button type="button" onClick={() => act.mutate("bo")}>
      act
    </button>
  );
}

test("what is typed is saved by the one who typed it before another acts", async () => {
  const { client } = showPages({ "/": Part }, "/");
  let saved: () => void = () => {};
  watchTyped(client, {
    unsaved: () => true,
    flush: () => new Promise((done) => (saved = () => done(undefined))),
    forget: () => {},
  });
  await userEvent.click(await screen.findByRole("button", { name: "act" }));
  expect(actAs).not.toHaveBeenCalled();
  saved();
  await waitFor(() => expect(actAs).toHaveBeenCalledWith("bo"));
});

test("what cannot be saved keeps the person, or is let go by their word", async () => {
  const { client } = showPages({ "/": Part }, "/");
  const forget = vi.fn();
  const flush = async () => new Fault("busy", "The database is busy.");
  watchTyped(client, { unsaved: () => true, flush, forget });
  await userEvent.click(await screen.findByRole("button", { name: "act" }));
  await userEvent.click(await screen.findByRole("button", { name: "Stay here" }));
  await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
  expect(actAs).not.toHaveBeenCalled();
  await userEvent.click(screen.getByRole("button", { name: "act" }));
  await userEvent.click(await screen.findByRole("button", { name: "Go on without it" }));
  await waitFor(() => expect(actAs).toHaveBeenCalledWith("bo"));
  expect(forget).toHaveBeenCalled();
});
