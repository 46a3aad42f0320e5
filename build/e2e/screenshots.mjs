// screenshots.mjs DIR: a PNG of every screen and state of the demo's story,
// light and dark, and of a few in the smallest and a large window, in German
// and with text twice as large. ONLY (a pattern) takes those of such names.
import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { openDesk, settle } from "./desk.mjs";
import { person } from "./person.mjs";
import { screens, states } from "./screens.mjs";

const folder = process.argv[2] ?? "build/screenshots";
const only = new RegExp(process.env.ONLY ?? "");
if (!process.env.ONLY) rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });

/** Screens that are looked at in every size and language. */
const few = /^(home|requests|request-(approved|in-progress)-overview|request-in-progress-(customizations|impact)|record-approved|deployments|review-request|log-completed-deploy.*|policies|policies-preview|trail|settings|guide|environments|environment-demo-uat)$/;
const usual = { width: 1280, height: 860 };
const ways = [
  { word: "small", size: { width: 900, height: 600 } },
  { word: "large", size: { width: 2560, height: 1440 } },
  { word: "huge", size: { width: 3840, height: 2160 } },
  { word: "twice", prefer: ["text.size", "200"], back: "100" },
  { word: "twice-small", size: { width: 900, height: 600 }, prefer: ["text.size", "200"], back: "100" },
  { word: "german", prefer: ["language", "de"], back: "en" },
];

let shown = 0;
const missed = [];

for (const scheme of ["light", "dark"]) {
  if (process.env.SCHEME && process.env.SCHEME !== scheme) continue;
  const desk = await openDesk({ story: true, scheme });
  try {
    await desk.page.waitForSelector("h1");
    await settle(desk.page);
    await take(desk, `start-${scheme}`);
    await desk.openDemo();
    for (const { name, at } of await screens(desk)) await visit(desk, at, `${name}-${scheme}`);
    if (scheme === "light")
      for (const { word, size, prefer, back } of ways) {
        if (size) await desk.page.setViewportSize(size);
        if (prefer) await prefers(desk, ...prefer);
        for (const { name, at } of (await screens(desk)).filter((s) => few.test(s.name))) await visit(desk, at, `${name}-${word}`);
        if (prefer) await prefers(desk, prefer[0], back);
        await desk.page.setViewportSize(usual);
      }
    await everyState(desk, scheme);
  } finally {
    await desk.close();
  }
}
if (!process.env.SCHEME && only.test("home-empty")) {
  const desk = await openDesk();
  try {
    await desk.page.waitForSelector("h1");
    await desk.openDemo();
    for (const [name, at] of [["home", "/"], ["requests", "/change-requests"], ["deployments", "/deployments"], ["environment", "/environments/demo-uat"], ["trail", "/audit-trail"]])
      await visit(desk, at, `${name}-empty`);
  } finally {
    await desk.close();
  }
}
console.log(`${shown} pictures in ${folder}${missed.map((m) => `\nnot taken: ${m}`).join("")}`);
process.exitCode = missed.length > 0 ? 1 : 0;

/** A preference, and the page anew, which reads it at its start. */
async function prefers(desk, name, value) {
  await desk.call("Settings", "Prefer", name, value);
  await desk.reload();
}

async function visit(desk, at, name) {
  if (!only.test(name)) return;
  await desk.go(at);
  await desk.page.waitForTimeout(350);
  await take(desk, name);
}

async function take(desk, name) {
  if (!only.test(name)) return;
  await desk.page.screenshot({ path: join(folder, `${name}.png`) });
  shown++;
}

/** The states go on from each other, so that what one did stays for the next. */
async function everyState(desk, scheme) {
  const me = person(desk);
  let acting = "Ana";
  for (const { name, member = "Ana", at, act, wait = 400 } of states(desk, me)) {
    if (!only.test(`${name}-${scheme}`)) continue;
    try {
      if (member !== acting) await me.actAs(member);
      acting = member;
      await at?.();
      if (act) await desk.page.locator("main h1").first().waitFor();
      await act?.();
      await desk.page.waitForTimeout(wait);
      await take(desk, `${name}-${scheme}`);
    } catch (error) {
      missed.push(`${name}-${scheme}: ${error.message.split("\n")[0]}`);
    }
    await desk.page.keyboard.press("Escape");
    await settle(desk.page);
  }
}
