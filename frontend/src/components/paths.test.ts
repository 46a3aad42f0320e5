import { expect, test } from "vitest";
import { leavesOf, middle, stepsOf } from "./paths";

test.each([
  [
    "fields[Region__c].length",
    [
      { word: "Fields", key: "Region__c" },
      { word: "Length", key: undefined },
    ],
  ],
  [
    "fieldPermissions[Account.Tier__c].readable",
    [
      { word: "Field permissions", key: "Account.Tier__c" },
      { word: "Readable", key: undefined },
    ],
  ],
  [
    "a.@xsi:nil",
    [
      { word: "A", key: undefined },
      { word: "@xsi:nil", key: undefined },
    ],
  ],
  [
    "x[a[1]].y",
    [
      { word: "X", key: "a[1]" },
      { word: "Y", key: undefined },
    ],
  ],
  ["", []],
])("%s is read as steps", (path, want) => {
  expect(stepsOf(path)).toEqual(want);
});

test("an element is read as words and values, anything else is not", () => {
  expect(leavesOf("<value><fullName>Gold</fullName><set><isActive>true</isActive></set></value>")).toEqual([
    { depth: 0, word: "Full name", value: "Gold" },
    { depth: 0, word: "Set", value: "" },
    { depth: 1, word: "Is active", value: "true" },
  ]);
  const xmlns = 'xmlns="http://soap.sforce.com/2006/04/metadata"';
  expect(leavesOf(`<rules ${xmlns}><label>Known</label></rules>`)).toEqual([
    { depth: 0, word: "Label", value: "Known" },
  ]);
  expect(leavesOf('<rules xmlns="http://elsewhere"><label>Known</label></rules>')).toBeUndefined();
  expect(leavesOf("<broken")).toBeUndefined();
  expect(leavesOf("plain")).toBeUndefined();
});

test("a text with tags stays a text, so that nothing of it is left out", () => {
  expect(leavesOf("<b>Level</b>")).toBeUndefined();
  expect(leavesOf("<p>Ask <b>Bo</b> first</p>")).toBeUndefined();
  expect(leavesOf('<p><a href="https://elsewhere">Help</a></p>')).toBeUndefined();
  expect(leavesOf("<p><b>Level</b></p> and more")).toBeUndefined();
  expect(leavesOf("<p><!-- why --><b>Level</b></p>")).toBeUndefined();
});

test("only the middle of two texts differs", () => {
  expect(middle("0.15, x", "0.18, x")).toEqual({ start: 3, end: 3 });
  expect(middle("same", "same")).toEqual({ start: 4, end: 0 });
  expect(middle("aa", "aaa")).toEqual({ start: 2, end: 0 });
});
