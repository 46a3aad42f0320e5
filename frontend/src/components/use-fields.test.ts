import { act, renderHook } from "@testing-library/react";
import { expect, test } from "vitest";
import { useFields } from "./use-fields";

const open = (first: { name: string; user: string }) =>
  renderHook(({ theirs }) => useFields(theirs), { initialProps: { theirs: first } });

test("what the workspace says by now reaches the fields that nobody touched, and no other", () => {
  const { result, rerender } = open({ name: "UAT", user: "ana" });
  act(() => result.current.set({ name: "UAT 2" }));
  rerender({ theirs: { name: "UAT, scanned", user: "bo" } });
  expect(result.current.fields).toEqual({ name: "UAT 2", user: "bo" });
  expect(result.current.dirty).toBe(true);
  act(() => result.current.reset());
  expect(result.current.fields).toEqual({ name: "UAT, scanned", user: "bo" });
});

test("what is put back to what it was follows the workspace again", () => {
  const { result, rerender } = open({ name: "UAT", user: "ana" });
  act(() => result.current.set({ name: "UAT 2" }));
  act(() => result.current.set({ name: "UAT" }));
  expect(result.current.dirty).toBe(false);
  rerender({ theirs: { name: "Renamed", user: "ana" } });
  expect(result.current.fields.name).toBe("Renamed");
});

test("letters that are typed while it is saved stay", () => {
  const { result, rerender } = open({ name: "UAT", user: "ana" });
  act(() => result.current.set({ name: "UAT 2", user: "bo" }));
  const sent = result.current.fields;
  act(() => result.current.set({ name: "UAT 23" }));
  rerender({ theirs: sent });
  act(() => result.current.saved(sent));
  expect(result.current.fields).toEqual({ name: "UAT 23", user: "bo" });
  expect(result.current.dirty).toBe(true);
});
