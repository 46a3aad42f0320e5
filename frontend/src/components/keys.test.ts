import { afterEach, expect, test } from "vitest";
import i18next from "@/i18n/i18n";
import { keyNames, keysOf } from "./keys";

afterEach(async () => {
  await i18next.changeLanguage("en");
  Reflect.deleteProperty(navigator, "platform");
});

test("Ctrl Enter is Strg Eingabe on a German keyboard, and ⌘ on a Mac", async () => {
  expect(keysOf("mod+Enter")).toBe("Ctrl Enter");
  expect(keyNames("mod+shift+L")).toEqual(["Ctrl", "Shift", "L"]);
  expect(keysOf("shift+?")).toBe("?");
  await i18next.changeLanguage("de");
  expect(keysOf("mod+Enter")).toBe("Strg Eingabe");
  Object.defineProperty(navigator, "platform", { configurable: true, value: "MacIntel" });
  expect(keysOf("mod+shift+Z")).toBe("⌘ ⇧ Z");
});
