// Every screen of the demo's story, light, dark and small, and in German: no
// barrier that axe finds, no fault, no raw key for a word, nothing that the page
// complains of, nothing that is wider than the smallest window. One desk, so
// that the story is told once; axe looks once in each scheme, since a language
// changes words only.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { barriers, openDesk, settle, tooWide } from "./desk.mjs";
import { person } from "./person.mjs";
import { screens, states } from "./screens.mjs";

const usual = { width: 1280, height: 860 };
const smallest = { width: 900, height: 600 };
const looks = [
  { name: "light", scheme: "light", size: usual, axe: true },
  { name: "dark, small", scheme: "dark", size: smallest, axe: true },
];
const german = { name: "German, small", scheme: "light", size: smallest, axe: false };

let desk;
before(async () => {
  desk = await openDesk({ story: true });
});
after(() => desk?.close());

test("the first start", async (t) => {
  const { page } = desk;
  await page.getByRole("button", { name: "Open the demo workspace" }).waitFor();
  for (const one of looks) await t.test(one.name, () => look(one));
  await inGerman(true);
  await page.getByRole("button", { name: /Demo/ }).first().waitFor();
  await t.test(german.name, () => look(german));
  await inGerman(false);
});

test("every screen", async (t) => {
  const { page } = desk;
  await desk.openDemo();
  const all = await screens(desk);
  assert.ok(all.length > 35, `only ${all.length} screens`);
  for (const { name, at } of all) {
    await desk.go(at);
    for (const one of looks) await t.test(`${name}, ${one.name}`, () => look(one));
  }
  await inGerman(true);
  await desk.drawn();
  for (const { name, at } of all)
    await t.test(`${name}, ${german.name}`, async () => {
      await desk.go(at);
      await look(german);
      assert.equal(await page.evaluate(() => document.documentElement.lang), "de");
    });
});

// What no address shows: dialogs, menus, the palette, what runs and what failed.
// They go on from each other, as in the pictures.
test("every state", async (t) => {
  const { page } = desk;
  await inGerman(false);
  await desk.drawn();
  await page.setViewportSize(usual);
  const me = person(desk);
  let acting = "Ana";
  for (const { name, member = "Ana", at, act } of states(desk, me))
    await t.test(name, async () => {
      await page.emulateMedia({ colorScheme: "light", reducedMotion: "reduce" });
      if (member !== acting) await me.actAs(member);
      acting = member;
      await at?.();
      await page.locator("main h1, main [role=alert]").first().waitFor();
      await act?.();
      await settle(page);
      const found = await barriers(page);
      await page.emulateMedia({ colorScheme: "dark", reducedMotion: "reduce" });
      await settle(page);
      assert.deepEqual([...found, ...(await barriers(page))], []);
      await page.keyboard.press("Escape");
      await settle(page);
    });
});

test("the page complained of nothing", () => assert.deepEqual(desk.errors(), []));

async function inGerman(yes) {
  await desk.call("Settings", "Prefer", "language", yes ? "de" : "en");
  await desk.page.reload();
}

/** Looks at the page as it is, once nothing on it says that it is being read. */
async function look({ scheme, size, axe }) {
  const { page } = desk;
  await page.setViewportSize(size);
  await page.emulateMedia({ colorScheme: scheme, reducedMotion: "reduce" });
  await page.locator("h1").first().waitFor();
  await page.waitForFunction(() => !document.querySelector("main .mantine-Skeleton-root"));
  await settle(page);
  if (axe) {
    assert.equal(await page.evaluate(() => document.documentElement.dataset.mantineColorScheme), scheme);
    assert.deepEqual(await barriers(page), []);
  }
  const text = await page.evaluate(() => document.body.innerText);
  assert.deepEqual(text.match(/^[a-z][A-Za-z0-9]*(\.[a-zA-Z0-9-]+)+$/gm) ?? [], [], "words that were not found");
  assert.doesNotMatch(text, /\{\{|\[object Object\]|undefined|NaN/);
  assert.deepEqual(await tooWide(page), []);
}
