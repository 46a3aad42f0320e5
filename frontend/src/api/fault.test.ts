import { expect, test } from "vitest";
import { call, Fault } from "./fault";

const rejected = (thrown: unknown) => call(() => Promise.reject(thrown)).catch((f: Fault) => f);

test.each([
  {
    name: "a fault of ours arrives as JSON",
    thrown: new Error('{"code":"own_change","message":"You wrote this.","hint":"Ask a colleague."}'),
    want: { code: "own_change", message: "You wrote this.", hint: "Ask a colleague." },
  },
  {
    name: "without a hint",
    thrown: new Error('{"code":"closing","message":"Countersign is closing."}'),
    want: { code: "closing", message: "Countersign is closing.", hint: "" },
  },
  {
    name: "the bridge's own errors are plain text",
    thrown: new Error("error parsing arguments: json"),
    want: { code: "unexpected", message: "error parsing arguments: json", hint: "" },
  },
  {
    name: "JSON of another shape is not taken for a fault",
    thrown: new Error('{"code":1}'),
    want: { code: "unexpected", message: '{"code":1}', hint: "" },
  },
  { name: "anything can be thrown", thrown: null, want: { code: "unexpected", message: "null", hint: "" } },
])("$name", async ({ thrown, want }) => {
  const fault = await rejected(thrown);
  expect(fault).toBeInstanceOf(Fault);
  const { code, message, hint } = fault as Fault;
  expect({ code, message, hint }).toEqual(want);
});

test("an answer passes unchanged", async () => {
  expect(await call(async () => [1, 2])).toEqual([1, 2]);
});

test("the keys of its own words come with it, and no text in them turns the page round", async () => {
  const thrown = new Error(
    '{"code":"not_allowed","message":"You are no owner.","hint":"","words":"why.delegate_role","params":{"role":"ow\\u202ener"}}',
  );
  const fault = (await rejected(thrown)) as Fault;
  expect([fault.words, fault.hintWords, fault.params]).toEqual([
    "why.delegate_role",
    "",
    { role: "ow[U+202E]ner" },
  ]);
});
