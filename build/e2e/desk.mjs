// The window's page in Chromium, on the real backend: a bridge build of the
// program (build tag dev) serves it on loopback, demo workspace and solo
// workspaces of throw-away folders. Everything but WebKit is what people get;
// smoke.mjs drives WebKit.
import { spawn } from "node:child_process";
import { cpSync, createWriteStream, existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { createRequire } from "node:module";
import { freePort, Over, sleep, until } from "./wait.mjs";

const require = createRequire(new URL("../../frontend/package.json", import.meta.url));
const { chromium } = require("playwright-core");
const axe = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");

const binary = process.env.COUNTERSIGN_BRIDGE ?? "build/bin/countersign-browser";
const chrome = process.env.CHROMIUM ?? ["chromium", "chromium-browser", "google-chrome"].map((name) => `/usr/bin/${name}`).find(existsSync);

/** Errors of the development bridge itself, which the shipped window does not have: it speaks before its own script is loaded. */
const ofTheBridge = [/reading 'nodes'/, /favicon/, /WebSocket connection to .* failed/, /reading 'send'/, /reading 'EventsNotify'[^]*ipc\.js/, /'send' on 'WebSocket': Still in CONNECTING[^]*ipc\.js/];

/**
 * Starts the program on a folder and opens its page. `from` is a folder to start on a copy of, `at` one that stays. The
 * desk closes the program and removes its own folder.
 */
export async function openDesk({ from, at, story = false, scheme = "light", size = { width: 1280, height: 860 }, env = {} } = {}) {
  const room = mkdtempSync(join(tmpdir(), "countersign-e2e-"));
  const data = at ?? join(room, "data");
  if (from) cpSync(from, data, { recursive: true });
  const port = await freePort();
  const url = `http://127.0.0.1:${port}/`;
  let program = await start({ data, port, room, story, env });
  const browser = await chromium.launch({ executablePath: chrome, args: ["--no-sandbox", "--disable-gpu", "--force-prefers-reduced-motion"] });
  const context = await browser.newContext({ viewport: size, colorScheme: scheme, locale: "en-US", reducedMotion: "reduce" });
  await context.grantPermissions(["clipboard-read", "clipboard-write"], { origin: `http://127.0.0.1:${port}` });
  const page = await context.newPage();
  page.setDefaultTimeout(90_000);
  const errors = [];
  page.on("pageerror", (error) => errors.push(String(error.stack ?? error)));
  page.on("console", (m) => m.type() === "error" && errors.push(m.text()));
  const close = async () => {
    await browser.close();
    await program.end("SIGTERM");
    rmSync(room, { recursive: true, force: true });
  };
  const drawn = () => page.getByRole("navigation").first().waitFor();
  const call = (facade, method, ...args) => page.evaluate(([f, m, a]) => window.go.app[f][m](...a), [facade, method, args]);
  const reload = async () => {
    await page.reload();
    await drawn();
  };
  await page.goto(url).catch(async (error) => {
    await close();
    throw error;
  });
  return {
    page,
    data,
    url,
    /** A bound method of the backend, as the page calls it. */
    call,
    /** Waits until the frame of a workspace is there. */
    drawn,
    /** The page anew, of an open workspace. */
    reload,
    /** Opens the demo, and waits until its story is told. */
    async openDemo() {
      await call("Workspaces", "OpenDemo");
      await until("the demo's story", async () => !(await call("Workspaces", "State")).preparing, 300_000);
      await reload();
    },
    /** Goes to a place by its address, as a deep link does, and leaves what is typed and not saved. */
    async go(path) {
      await page.evaluate((to) => { window.location.hash = to; }, path);
      await settle(page);
      const leave = page.getByRole("button", { name: "Leave without saving" });
      if (await leave.count()) {
        await leave.click();
        await settle(page);
      }
    },
    /** What the page complained of, without what is the bridge's own. */
    errors: () => errors.filter((e) => !ofTheBridge.some((known) => known.test(e))),
    /** Starts the program again, after something was done to its closed folder, or with a file to open. */
    async again(meanwhile = () => {}, args = []) {
      await program.end("SIGTERM");
      await meanwhile();
      program = await start({ data, port, room, story, env, args });
      await page.goto(url);
      await drawn();
    },
    close,
  };
}

async function start({ data, port, room, story, env, args = [] }) {
  let log = "";
  const child = spawn(binary, ["--data", data, ...args], {
    env: {
      ...process.env,
      assetdir: "frontend/dist",
      devserver: `127.0.0.1:${port}`,
      loglevel: "Warning",
      XDG_DATA_HOME: join(room, "share"),
      XDG_CACHE_HOME: join(room, "cache"),
      XDG_CONFIG_HOME: join(room, "config"),
      ...(story ? {} : { COUNTERSIGN_STORY: "none" }),
      ...env,
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  child.stdout.on("data", (text) => (log += text));
  child.stderr.on("data", (text) => (log += text));
  if (process.env.COUNTERSIGN_E2E_LOG) child.stderr.pipe(createWriteStream(process.env.COUNTERSIGN_E2E_LOG, { flags: "a" }));
  const gone = new Promise((resolve) => child.on("exit", resolve));
  await until("the program to serve its page", async () => {
    if (child.exitCode !== null || child.signalCode !== null) throw new Over(`the program ended: ${log}`);
    const answer = await fetch(`http://127.0.0.1:${port}/`).catch(() => null);
    return answer?.ok;
  });
  return {
    async end(signal) {
      child.kill(signal);
      await Promise.race([gone, sleep(60_000, undefined, { ref: false })]);
    },
  };
}

/** Waits until every call of the page is answered and four frames in a row have changed nothing; two seconds at most. */
export async function settle(page) {
  await page.evaluate(async () => {
    await document.fonts.ready;
    // The runtime keeps a callback of each call that is not answered yet.
    const waits = () => Object.keys(window.wails?.callbacks ?? {}).length > 0;
    let changed = false;
    const watch = new MutationObserver(() => { changed = true; });
    watch.observe(document.body, { subtree: true, childList: true, characterData: true });
    for (let quiet = 0, end = performance.now() + 2_000; quiet < 4 && performance.now() < end; ) {
      await new Promise((frame) => requestAnimationFrame(frame));
      quiet = changed || waits() ? 0 : quiet + 1;
      changed = false;
    }
    watch.disconnect();
  });
}

/** What is wider than its place: the window, its parts and the lists in it. Each with the first texts that reach out. */
export function tooWide(page) {
  return page.evaluate(() => {
    const boxes = [document.documentElement, document.body, ...document.querySelectorAll("main, header, footer, nav, [role=dialog], .virtual-scroll, .review-head, .review-middle, .review-aside, .tall-dialog-body")];
    return boxes.filter((box) => box.scrollWidth > box.clientWidth + 1 && getComputedStyle(box).display !== "inline").flatMap((box) => {
      const { right } = box.getBoundingClientRect();
      const out = [...box.querySelectorAll("*")].filter((e) => e.childElementCount === 0 && e.getBoundingClientRect().right > right + 1);
      return [`${box.tagName} ${box.className}: ${box.scrollWidth} > ${box.clientWidth}`, ...out.slice(0, 3).map((e) => `${e.parentElement.className} > ${e.className}: ${e.textContent.slice(0, 60)}`)];
    });
  });
}

/** What axe finds wrong on the page, in words: WCAG 2.2 A and AA and best practices. */
export async function barriers(page) {
  if (!(await page.evaluate(() => "axe" in window))) await page.evaluate(axe);
  return page.evaluate(async () => {
    const { violations } = await window.axe.run(document, { resultTypes: ["violations"] });
    // An open menu hangs on its button, which is in a landmark; it needs none of its own. Where nothing else is beside
    // it, axe names what all that is opened hangs in.
    const menuAlone = (e) => e.matches("[data-portal]") && [...e.children].every((one) => one.textContent === "" || one.matches("[role=menu]"));
    const inMenu = ({ target }) => {
      const e = document.querySelector(target[0]);
      return e !== null && (e.closest("[role=menu]") !== null || menuAlone(e));
    };
    for (const v of violations) if (v.id === "region") v.nodes = v.nodes.filter((n) => !inMenu(n));
    return violations.filter((v) => v.nodes.length > 0).map((v) => `${v.id} (${v.impact}): ${v.nodes.slice(0, 4).map((n) => `${n.html.slice(0, 160)} [${n.any[0]?.message ?? n.all[0]?.message ?? ""}]`).join(" | ")}`);
  });
}

/**
 * Steps that build on each other: after one that failed the others are skipped, and the page as it was then is in
 * build/bin/e2e-<name>.png.
 */
export function story(name, desk) {
  let failed = "";
  return (step, act) =>
    test(step, async (t) => {
      if (failed) return t.skip(`after "${failed}"`);
      try {
        await act();
      } catch (error) {
        failed = step;
        await desk()?.page.screenshot({ path: `build/bin/e2e-${name}.png` }).catch(() => {});
        throw error;
      }
    });
}
