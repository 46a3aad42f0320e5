// The shipped binary's own window, driven as a person does: the mouse and the
// keyboard are the X server's (xdotool), dialogs of the system included. Where
// things are is read through WebKit's remote inspector, which exists only while
// WEBKIT_INSPECTOR_HTTP_SERVER is set at the start. No debug build.
import { execFileSync, spawn } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { freePort, Over, sleep, until as waitUntil } from "./wait.mjs";

// What it complains of, such as a window that closes while it looks, is in what it throws.
const x = (...args) => execFileSync("xdotool", args.map(String), { encoding: "utf8", stdio: "pipe" }).trim();

/** Starts the window on a data folder, with everything that it keeps in `room`. */
export async function openWindow(binary, data, room, env = {}) {
  const address = `127.0.0.1:${await freePort()}`;
  mkdirSync(room, { recursive: true });
  const started = Date.now();
  const program = spawn(binary, ["--data", data], {
    env: {
      ...process.env,
      XDG_DATA_HOME: join(room, "share"),
      XDG_CACHE_HOME: join(room, "cache"),
      XDG_CONFIG_HOME: join(room, "config"),
      WEBKIT_INSPECTOR_HTTP_SERVER: address,
      ...env,
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let log = "";
  program.stdout.on("data", (text) => (log += text));
  program.stderr.on("data", (text) => (log += text));
  program.on("error", (error) => (log += `${binary} could not be started: ${error.message}`));
  const ended = new Promise((resolve) => program.on("exit", (code, signal) => resolve(code ?? signal)));
  const pressed = { clicks: 0, keys: 0, missed: 0 };

  /** Asks again until it holds, as long as the program lives. */
  const until = (what, ask, limit) =>
    waitUntil(what, () => {
      if (program.exitCode !== null) throw new Over(`the program ended (${program.exitCode})`);
      return ask();
    }, limit);

  const page = await until("the window's page", () => connect(address));
  const windows = () => x("search", "--all", "--onlyvisible", "--pid", program.pid, "--name", ".").split("\n");
  const id = await until("the window", () => windows()[0]);

  // WebKit fills the window below the menu bar, if there is one.
  const menuBar = (innerHeight) => Number(x("getwindowgeometry", "--shell", id).match(/HEIGHT=(\d+)/)[1]) - innerHeight;

  const place = (role, name, nth = 0) =>
    page.evaluate(`(${eyes})().find(${JSON.stringify(role)}, ${JSON.stringify(name)}, ${nth})`);

  /** Where a mouse can press something: the same place in two looks, not disabled, nothing over it. */
  async function reach(role, name, nth) {
    let before;
    await page.evaluate(`(${witness})()`);
    return until(`${role} "${name}"`, async () => {
      const at = await place(role, name, nth);
      const still = at && before && at.x === before.x && at.y === before.y;
      before = at;
      if (at?.hindered) throw new Error(at.hindered);
      return still ? at : null;
    });
  }

  const self = {
    page,
    id,
    started,
    pressed,
    until,
    log: () => log,
    ended,
    program,
    /** Whether something is there. */
    has: async (role, name, nth) => (await place(role, name, nth)) !== null,
    /** Presses something with the mouse, once it is there and can be pressed. */
    async click(role, name, nth) {
      await until(`a press of ${role} "${name}"`, async () => {
        const at = await reach(role, name, nth);
        // By the window's own corner: where it is on the screen, xdotool tells wrongly under some window managers.
        x("mousemove", "--window", id, Math.round(at.x), Math.round(at.y + menuBar(at.height)));
        const now = await place(role, name, nth);
        if (now?.x !== at.x || now.y !== at.y || now.hindered) return false; // it went away under the pointer
        await page.evaluate(`(${eyes})().aim(${JSON.stringify(role)}, ${JSON.stringify(name)}, ${nth ?? 0})`);
        x("click", 1);
        // Between the look and the press it may still move: a person sees that nothing came of it, and presses again.
        const hit = await until(`the press to arrive`, () => page.evaluate("window.aimed.hit"), 10_000).catch(() => false);
        if (!hit) pressed.missed++;
        return hit;
      });
      pressed.clicks++;
    },
    /** Types where the focus is. */
    type(text) {
      x("type", "--delay", 4, text);
      pressed.keys += text.length;
    },
    /** Presses keys, as xdotool names them. */
    key(...keys) {
      for (const key of keys) x("key", key);
      pressed.keys += keys.length;
    },
    /** What has the focus in the page: its name and role, whether it is marked so, and whether that is seen. */
    focus: () => page.evaluate(`(${eyes})().focus()`),
    /** Puts the pointer where it hovers over nothing of the page. */
    withoutMouse: () => x("mousemove", 0, 0),
    /** Clicks into a field, replaces what is in it, and sees that it holds exactly that. */
    async fill(name, text, nth) {
      const holds = (limit) =>
        until(`"${name}" to hold what was typed`, () => page.evaluate(`document.activeElement.value === ${JSON.stringify(text)}`), limit);
      // A busy X server loses a key now and then: a person would see it and type again.
      for (let again = 0; again < 3; again++) {
        await self.click("textbox", name, nth);
        await until(`the focus in "${name}"`, () => page.evaluate(`document.activeElement?.matches("input, textarea")`));
        self.key("ctrl+a");
        self.type(text);
        if (await holds(20_000).then(() => true, () => false)) return;
      }
      await holds();
    },
    /** Waits until the page says something. */
    says: (words, limit) =>
      until(`the page to say "${words}"`, () => page.evaluate(`document.body.innerText.includes(${JSON.stringify(words)})`), limit),
    /** Waits until the page is headed so. */
    heading: (name) => until(`the heading "${name}"`, () => page.evaluate(`document.querySelector("h1")?.innerText === ${JSON.stringify(name)}`)),
    /** A bound method of the backend, as the page calls it. */
    call: (method, ...args) => page.evaluate(`window.go.app.${method}(...${JSON.stringify(args)})`),
    /** What led to a failure: the last presses and notices, the page's words, the program's log. */
    async story() {
      const seen = await page
        .evaluate(`[...(window.witnessed ?? []).slice(-25), "--- the page says", document.body.innerText].join("\\n")`)
        .catch((error) => `the page does not answer: ${error.message}`);
      return `--- what it saw last\n${seen}\n--- its log\n${log}`;
    },
    /** Answers a dialog that the system drew: it is a window of its own. What `look` does with it comes first. */
    async answer(yes, look = () => {}) {
      const dialog = await until("the system's question", () => windows().find((w) => w !== id));
      const title = x("getwindowname", dialog);
      await until("the question to have the keyboard", () => {
        if (x("getwindowfocus") === dialog) return true;
        x("windowactivate", dialog);
        return false;
      });
      await look(dialog);
      self.key(yes ? "alt+y" : "alt+n");
      await until("the question to close", () => !windows().includes(dialog));
      await until("the window to have the keyboard again", () => x("getwindowfocus") === id);
      return title;
    },
    /** A picture of the whole screen, dialogs of the system included. */
    screen: (file) => execFileSync("import", ["-silent", "-window", "root", file]),
    async close() {
      page.close();
      program.kill("SIGTERM");
      return Promise.race([ended, sleep(60_000).then(() => "none within 60 s")]);
    },
  };
  return self;
}

/** Runs in the page, once: keeps what was pressed and what was announced. No value of a field. */
function witness() {
  if (window.witnessed) return;
  const started = performance.now();
  const seen = (window.witnessed = []);
  const say = (...words) => seen.push(`${((performance.now() - started) / 1000).toFixed(2)} ${words.join(" ")}`);
  const what = (e) => `${e.localName ?? ""} "${(e.getAttribute?.("aria-label") ?? e.textContent ?? "").slice(0, 60)}"`;
  for (const kind of ["mousedown", "mouseup", "click", "focusin"]) addEventListener(kind, (event) => say(kind, what(event.target)), true);
  addEventListener("error", (event) => say("error", event.message));
  addEventListener("unhandledrejection", (event) => say("rejection", event.reason));
  new MutationObserver((changes) => {
    for (const added of changes.flatMap((change) => [...change.addedNodes]))
      if (added.matches?.("[role=alert], [role=dialog]") || added.querySelector?.("[role=alert], [role=dialog]")) say("shown", added.textContent.slice(0, 200));
  }).observe(document.body, { childList: true, subtree: true });
}

/** Runs in the page: what is there for a person, by role and name, and what has the keyboard. */
function eyes() {
  const roles = {
    button: "button, [role=button]",
    link: "a[href], [role=link]",
    textbox: "input:not([type=checkbox], [type=radio]), textarea",
    tab: "[role=tab]",
    checkbox: "input[type=checkbox]",
    radio: "input[type=radio]",
    option: "[role=option]",
  };
  const box = (e) => e.getBoundingClientRect();
  const drawn = (e) => box(e).width > 2 && box(e).height > 2 && getComputedStyle(e).visibility !== "hidden";
  // What is pressed of a radio that is hidden behind its own drawing is its label.
  const pressable = (e) => (drawn(e) ? e : [...(e.labels ?? [])].find(drawn));
  const text = (e) => {
    const copy = e.cloneNode(true);
    for (const silent of copy.querySelectorAll("[aria-hidden=true], style, script")) silent.remove();
    return copy.textContent;
  };
  const byIds = (ids) => ids && ids.split(" ").map((id) => document.getElementById(id)?.textContent ?? "").join(" ");
  const words = (e) =>
    (e.getAttribute("aria-label") ?? byIds(e.getAttribute("aria-labelledby")) ?? (e.labels?.length ? [...e.labels].map(text).join(" ") : text(e)))
      .replace(/\s+/g, " ")
      .replace(/\s*\*\s*$/, "")
      .trim();

  function seek(role, name, nth = 0) {
    const inside = [...document.querySelectorAll("[role=dialog]")].filter(drawn).at(-1) ?? document;
    const all = [...inside.querySelectorAll(roles[role])].filter(pressable);
    const exact = all.filter((e) => words(e) === name);
    return (exact.length > 0 ? exact : all.filter((e) => words(e).includes(name)))[nth];
  }

  /** Watches whether the next press arrives at it. */
  function aim(role, name, nth) {
    const found = seek(role, name, nth);
    const called = words(found);
    const aimed = (window.aimed = { hit: false });
    const watch = ({ target }) => {
      if (window.aimed !== aimed) removeEventListener("click", watch, true);
      else if (found.contains(target) || words(target.closest(roles[role]) ?? document.body) === called) aimed.hit = true;
    };
    addEventListener("click", watch, true);
  }

  /** Where a person would press what has that role and name, and what hinders them. */
  function find(role, name, nth) {
    const found = seek(role, name, nth);
    if (!found) return null;
    const seen = pressable(found);
    seen.scrollIntoView({ block: "nearest", inline: "nearest" });
    let at = box(seen);
    if (at.top < 100 || at.bottom > innerHeight - 60) {
      seen.scrollIntoView({ block: "center", inline: "nearest" });
      at = box(seen);
    }
    const [x, y] = [at.left + at.width / 2, at.top + at.height / 2];
    const top = document.elementFromPoint(x, y);
    const own = top && (seen.contains(top) || top.closest("label")?.control === found);
    const off = found.disabled || found.getAttribute("aria-disabled") === "true" || found.hasAttribute("data-disabled");
    const over = own ? "" : `something else is there: ${top?.tagName} ${top?.textContent.slice(0, 60)}`;
    return { x, y, height: innerHeight, hindered: off ? `it is disabled. ${found.title}` : over };
  }

  /** What has the focus, or null where no key does anything; and whether the person sees that it has it. */
  function focus() {
    const e = document.activeElement;
    if (!e || e === document.body || e.matches(":disabled")) return null;
    const name = e.id === "main" ? "the page" : words(e);
    const mark = marked(e);
    return { name, role: e.getAttribute("role") ?? e.type ?? e.localName, marked: !!mark, seen: !!mark && uncovered(mark), off: e.getAttribute("aria-disabled") === "true" };
  }

  /** What of it looks otherwise than a copy beside it, which has no focus: its outline or that of its frame, its border or shadow. */
  function marked(e) {
    const whole = e.matches("input[type=radio], input[type=checkbox]") ? e.parentElement : e;
    const look = (one) => {
      const style = getComputedStyle(one);
      const outlines = [style, getComputedStyle(one, "::after")].map((s) => s.outlineStyle !== "none" && s.outlineWidth !== "0px" && s.outlineWidth + s.outlineColor);
      return [...outlines, style.borderWidth, style.borderColor, style.boxShadow].join();
    };
    const all = (one) => [one, ...one.querySelectorAll("*")];
    for (const deep of whole === e ? [false, true] : [true]) {
      const copy = whole.cloneNode(deep);
      for (const one of all(copy)) one.removeAttribute("name"); // of two radios with one name the other would go out
      whole.after(copy);
      const copies = all(copy);
      const found = (deep ? all(whole) : [whole]).find((one, i) => look(one) !== look(copies[i]));
      copy.remove();
      if (found) return found;
    }
  }

  /** In the window, and not wholly below something else. */
  function uncovered(e) {
    const { left, right, top, bottom } = box(e);
    const [x0, x1, y0, y1] = [Math.max(left, 0) + 3, Math.min(right, innerWidth) - 3, Math.max(top, 0) + 3, Math.min(bottom, innerHeight) - 3];
    if (x0 > x1 + 6 || y0 > y1 + 6) return false;
    return [[(x0 + x1) / 2, (y0 + y1) / 2], [x0, y0], [x1, y0], [x0, y1], [x1, y1]].some(([x, y]) => {
      const there = document.elementFromPoint(x, y);
      return there && (e.contains(there) || there.contains(e));
    });
  }

  return { find, aim, focus };
}

/** Finds the page in the inspector's list and speaks its protocol: commands to a target, wrapped in messages. */
export async function connect(address) {
  const listing = await (await fetch(`http://${address}/`)).text();
  const path = listing.match(/'(\/socket\/[^']+)'/)?.[1];
  if (!path) return null;

  const socket = new WebSocket(`ws://${address}${path}`);
  const waiting = new Map();
  let last = 0;
  const target = await new Promise((resolve, reject) => {
    socket.onerror = () => reject(new Error("the inspector refused the connection"));
    socket.onmessage = ({ data }) => {
      const { method, params } = JSON.parse(data);
      if (method === "Target.targetCreated" && params.targetInfo.type === "page") resolve(params.targetInfo.targetId);
      if (method !== "Target.dispatchMessageFromTarget") return;
      const answer = JSON.parse(params.message);
      waiting.get(answer.id)?.(answer);
      waiting.delete(answer.id);
    };
  });

  const command = (method, params = {}) =>
    new Promise((resolve, reject) => {
      const id = ++last;
      const limit = setTimeout(() => reject(new Error(`${method}: no answer within 90 s`)), 90_000);
      waiting.set(id, (answer) => {
        clearTimeout(limit);
        if (answer.error) reject(new Error(`${method}: ${answer.error.message}`));
        else resolve(answer.result);
      });
      const message = JSON.stringify({ id, method, params });
      socket.send(JSON.stringify({ id, method: "Target.sendMessageToTarget", params: { targetId: target, message } }));
    });

  return {
    async evaluate(expression) {
      const promise = await command("Runtime.evaluate", { expression: `(async () => (${expression}))()` });
      if (promise.wasThrown) throw new Error(`${expression}: ${promise.result.description}`); // it is no expression
      const { result, wasThrown } = await command("Runtime.awaitPromise", {
        promiseObjectId: promise.result.objectId,
        returnByValue: true,
      });
      if (wasThrown) throw new Error(`${expression}: ${result.description ?? JSON.stringify(result)}`);
      return result.value;
    },
    async picture(file) {
      const [width, height] = await this.evaluate("[innerWidth, innerHeight]");
      const area = { x: 0, y: 0, width, height, coordinateSystem: "Viewport" };
      const { dataURL } = await command("Page.snapshotRect", area);
      writeFileSync(file, Buffer.from(dataURL.split(",")[1], "base64"));
    },
    close: () => socket.close(),
  };
}
