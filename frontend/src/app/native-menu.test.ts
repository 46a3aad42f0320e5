import { expect, test } from "vitest";
import { actionIds, actions } from "@/components/actions";
import de from "@/i18n/de.json";
import en from "@/i18n/en.json";
import { commandList } from "./command-list";
import { nativeKeys, nativeMenu } from "./native-menu";

const parts = nativeMenu({ en, de });
const items = parts.flatMap((part) => part.items);

test("the native menu has every action and command once, in both languages", () => {
  const ids = items.map((item) => item.id);
  expect(new Set(ids).size).toBe(ids.length);
  expect([...ids].sort()).toEqual([...new Set([...commandList.map((c) => c.id), ...actionIds])].sort());
  for (const { label } of [...parts, ...items]) expect([label.en, label.de].every(Boolean)).toBe(true);
  expect(parts.find((part) => part.id === "file")?.label).toEqual({ en: "File", de: "Datei" });
});

test("no key is taken twice, and none from a text field", () => {
  const taken = items.map((item) => item.keys).filter(Boolean);
  expect(taken.filter((keys, i) => taken.indexOf(keys) !== i)).toEqual([]);
  for (const letter of ["a", "b", "c", "i", "v", "x", "y", "z", "left", "right", "shift+z", "shift+v"])
    expect(taken).not.toContain(`CmdOrCtrl+${letter}`);
});

test("all keys of the page are different too", () => {
  const keys = [
    ...commandList.flatMap((c) => ("keys" in c && c.id !== "print" ? [c.keys] : [])),
    ...actionIds.flatMap((id) => actions[id].keys ?? []),
  ];
  expect(keys.filter((k, i) => keys.indexOf(k) !== i)).toEqual([]);
});

test.each([
  ["mod+N", "CmdOrCtrl+n"],
  ["mod+shift+T", "CmdOrCtrl+shift+t"],
  ["mod+,", "CmdOrCtrl+,"],
  ["F5", "f5"],
  ["mod+Z", ""],
  ["alt+ArrowLeft", ""],
  ["A", ""],
  [undefined, ""],
])("the keys %s are %s in the native menu", (keys, want) => {
  expect(nativeKeys(keys)).toBe(want);
});
