import { expect, test } from "vitest";
import { call, type Fault } from "./fault";

test("what turns the reading direction round is written out, wherever it stands in an answer", async () => {
  const answer = { items: [{ name: "a\u202egnp.exe", at: 1, none: null }], text: "\u2066x\u2069" };
  expect(await call(async () => answer)).toEqual({
    items: [{ name: "a[U+202E]gnp.exe", at: 1, none: null }],
    text: "[U+2066]x[U+2069]",
  });
});

test("and in a fault", async () => {
  const thrown = new Error(
    JSON.stringify({ code: "x", message: "a\u202eb is no name.", hint: "Not \u202db." }),
  );
  const { message, hint } = await call(() => Promise.reject(thrown)).catch((f: Fault) => f as Fault);
  expect([message, hint]).toEqual(["a[U+202E]b is no name.", "Not [U+202D]b."]);
});

test("other languages and emoji stay as they are", async () => {
  const words = ["שלום\u200f, עולם", "می\u200cخواهم", "👩\u200d💻", "naïve", ""];
  expect(await call(async () => [...words])).toEqual(words);
});

test("an answer without any is the very answer", async () => {
  const answer = { rows: [{ name: "Account" }] };
  expect(await call(async () => answer)).toBe(answer);
});
