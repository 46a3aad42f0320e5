// Every screen of the demo's story, light, dark and in German: no barrier that
// axe finds, no fault, no raw key for a word, nothing that the page complains
// of, nothing that is wider than the smallest window.
import assert from "node:assert/strict";
import { test } from "node:test";
import { barriers, openDesk, settle, until } from "./desk.mjs";
import { screens } from "./screens.mjs";

const looks = [
  { name: "light", options: { scheme: "light" } },
  { name: "dark, small", options: { scheme: "dark", size: { width: 900, height: 600 } } },
  { name: "German", options: { scheme: "light" }, language: "de" },
];

for (const { name, options, language } of looks)
  test(`every screen, ${name}`, async (t) => {
    const desk = await openDesk({ story: true, ...options });
    try {
      const { page } = desk;
      if (language) await desk.call("Settings", "Prefer", "language", language);
      await page.getByRole("button", { name: /demo|Demo/ }).first().waitFor();
      await t.test("first start", () => look(desk, name));
      await desk.call("Workspaces", "OpenDemo");
      await until("the demo's story", async () => !(await desk.call("Workspaces", "State")).preparing, 120_000);
      await page.reload();
      await page.getByRole("navigation").first().waitFor();
      for (const screen of await screens(desk))
        await t.test(screen.name, async () => {
          await desk.go(screen.at);
          await quiet(page);
          await look(desk, name);
        });
      assert.deepEqual(desk.errors(), []);
    } finally {
      await desk.close();
    }
  });

/** Waits until nothing on the page says that it is being read. */
async function quiet(page) {
  await page.locator("main h1").first().waitFor();
  await page.waitForFunction(() => !document.querySelector("main .mantine-Skeleton-root"));
  await settle(page);
}

async function look(desk, name) {
  const { page } = desk;
  const found = await barriers(page);
  assert.deepEqual(found, []);
  const text = await page.evaluate(() => document.body.innerText);
  assert.deepEqual(text.match(/^[a-z][A-Za-z0-9]*(\.[a-zA-Z0-9-]+)+$/gm) ?? [], [], "words that were not found");
  assert.doesNotMatch(text, /\{\{|\[object Object\]|undefined|NaN|This is not built yet/);
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  assert.ok(wide <= 0, `the page is ${wide} px wider than its window (${name})`);
}
