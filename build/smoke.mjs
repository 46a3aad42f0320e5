// One smoke of the program that ships: the terminal's demo makes a workspace and
// approves a Change Request in it; the window opens that workspace, draws the
// Change Requests that its backend answers, keeps its content policy, and ends
// with exit code 0 on SIGTERM.
//
//   session.sh node --experimental-websocket smoke.mjs WINDOW CLI
//
// The window is driven through WebKit's remote inspector, which exists only
// while WEBKIT_INSPECTOR_HTTP_SERVER is set at the start. No coordinates, no
// debug build: the same bytes that people get.
import { spawn, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

const [binary, cli] = process.argv.slice(2);
const pictures = "build/bin";
const room = mkdtempSync(join(tmpdir(), "countersign-smoke-"));
const data = join(room, "data");
const demo = spawnSync(cli, ["demo", "--data", data, "--until", "approve"], { encoding: "utf8", timeout: 120_000 });
if (demo.status !== 0) {
  rmSync(room, { recursive: true, force: true });
  console.error(`The demo did not prepare a workspace (${demo.error ?? demo.status}):\n${demo.stdout}${demo.stderr}`);
  process.exit(1);
}
const started = Date.now();
const address = `127.0.0.1:${await freePort()}`;

const program = spawn(binary, ["--data", data], {
  env: {
    ...process.env,
    XDG_DATA_HOME: join(room, "share"),
    XDG_CACHE_HOME: join(room, "cache"),
    XDG_CONFIG_HOME: join(room, "config"),
    WEBKIT_INSPECTOR_HTTP_SERVER: address,
  },
  stdio: ["ignore", "pipe", "pipe"],
});
let log = "";
program.stdout.on("data", (text) => (log += text));
program.stderr.on("data", (text) => (log += text));
const ended = new Promise((resolve) => program.on("exit", (code, signal) => resolve(code ?? signal)));
program.on("error", (error) => fail(`${binary} could not be started: ${error.message}`));

try {
  await drive();
} catch (error) {
  fail(error.stack);
}

async function drive() {
  const page = await until("the window's page", connect);

  const shown = `document.querySelector("table tbody tr") || document.querySelector("h2") || document.querySelector("[role=alert]")`;
  await until("the page to be drawn", () => page.evaluate(`!!(${shown})`));
  const drawnAfter = Date.now() - started;
  const fault = await page.evaluate(`document.querySelector("[role=alert]")?.innerText ?? ""`);
  check(fault === "", `the page shows a fault: ${fault}`);

  const heading = await page.evaluate(`document.querySelector("h1").innerText`);
  check(heading === "Change Requests", `the first page is "${heading}"`);
  const { items: answered } = await page.evaluate(`window.go.app.ChangeRequests.List(0)`);
  const rows = await page.evaluate(`[...document.querySelectorAll("tbody tr")].map((row) => row.innerText)`);
  check(rows.length === answered.length, `${rows.length} rows are drawn, the backend answers ${answered.length}`);
  for (const [i, request] of answered.entries()) {
    const label = `CR-${String(request.number).padStart(4, "0")}`;
    for (const word of [label, request.name, request.type, request.status]) {
      check(rows[i].includes(word), `row ${i + 1} lacks "${word}": ${rows[i]}`);
    }
  }
  check(answered.length === 1, `the demo made one Change Request, the window has ${answered.length}`);
  check(answered[0].status === "Approved", `the demo's Change Request is ${answered[0].status}`);

  const ran = await page.evaluate(`(() => {
    const script = document.createElement("script");
    script.textContent = "window.foreign = true";
    document.head.append(script);
    return window.foreign === true;
  })()`);
  check(!ran, "an inline script ran: the content policy is not in force");
  const inFrame = await page.evaluate(`new Promise((resolve) => {
    const frame = document.createElement("iframe");
    frame.src = "/index.html";
    frame.onload = frame.onerror = () => {
      let text = "";
      try { text = frame.contentDocument?.querySelector("#root") ? "page" : ""; } catch {}
      frame.remove();
      resolve(text);
    };
    setTimeout(() => resolve("nothing"), 2000);
    document.body.append(frame);
  })`);
  check(inFrame !== "page", "a frame loaded the page: the content policy is not in force");

  mkdirSync(pictures, { recursive: true });
  await page.evaluate(`document.fonts.ready.then(() => true)`);
  await page.picture(join(pictures, "smoke.png"));
  await readable(page, "light");
  await page.evaluate(`document.querySelector("input[type=radio][value=dark]").click()`);
  await until("the dark appearance", () =>
    page.evaluate(`document.documentElement.dataset.mantineColorScheme === "dark"`),
  );
  await page.picture(join(pictures, "smoke-dark.png"));
  await readable(page, "dark");
  page.close();

  program.kill("SIGTERM");
  const exit = await Promise.race([ended, sleep(20_000).then(() => "none within 20 s")]);
  check(exit === 0, `the exit code after SIGTERM is ${exit}`);
  check(!/level=(ERROR|WARN)|panic/.test(log), "the log holds an error or a warning");
  rmSync(room, { recursive: true, force: true });
  console.log(
    `window: drawn after ${drawnAfter} ms, ${answered.length} change requests, exit 0 after SIGTERM, ` +
      `${Date.now() - started} ms in all; ${pictures}/smoke.png`,
  );
  process.exit(0);
}

/** Every piece of text has a contrast of 4.5:1 to what is behind it (WCAG 2.2, 1.4.3). jsdom cannot judge that. */
async function readable(page, scheme) {
  const faint = await page.evaluate(`(${faintTexts})()`);
  check(faint.length === 0, `too little contrast in the ${scheme} page: ${faint.join(", ")}`);
}

function faintTexts() {
  const numbers = (color) => color.match(/[\d.]+/g).map(Number);
  const light = ([r, g, b]) =>
    [r, g, b]
      .map((c) => c / 255)
      .map((c) => (c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4))
      .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
  const ground = (element) => {
    for (let e = element; e; e = e.parentElement) {
      const color = numbers(getComputedStyle(e).backgroundColor);
      if (color.length === 3 || color[3] === 1) return color;
    }
    return [255, 255, 255];
  };
  const found = new Set();
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const element = texts.currentNode.parentElement;
    if (!texts.currentNode.data.trim() || element.closest("style, script, .unseen")) continue;
    const [one, two] = [numbers(getComputedStyle(element).color), ground(element)].map(light);
    const ratio = (Math.max(one, two) + 0.05) / (Math.min(one, two) + 0.05);
    if (ratio < 4.5) found.add(`"${texts.currentNode.data}" ${ratio.toFixed(1)}:1`);
  }
  return [...found];
}

/** Finds the page in the inspector's list and speaks its protocol: commands to a target, wrapped in messages. */
async function connect() {
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
      const limit = setTimeout(() => reject(new Error(`${method}: no answer within 20 s`)), 20_000);
      waiting.set(id, (answer) => {
        clearTimeout(limit);
        if (answer.error) reject(new Error(`${method}: ${answer.error.message}`));
        else resolve(answer.result);
      });
      const message = JSON.stringify({ id, method, params });
      socket.send(
        JSON.stringify({ id, method: "Target.sendMessageToTarget", params: { targetId: target, message } }),
      );
    });

  return {
    async evaluate(expression) {
      const promise = await command("Runtime.evaluate", { expression: `(async () => (${expression}))()` });
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

/** Asks again until it holds, for half a minute, as long as the program lives. */
async function until(what, ask) {
  let reason = "";
  for (const limit = Date.now() + 30_000; Date.now() < limit; await sleep(50)) {
    if (program.exitCode !== null) throw new Error(`the program ended (${program.exitCode}) before ${what}`);
    try {
      const answer = await ask();
      if (answer) return answer;
    } catch (error) {
      reason = ` (${error.message})`;
    }
  }
  throw new Error(`waited 30 s for ${what}${reason}`);
}

function check(holds, otherwise) {
  if (!holds) throw new Error(otherwise);
}

function fail(reason) {
  rmSync(room, { recursive: true, force: true });
  console.error(`The window's smoke failed: ${reason}\n--- its log\n${log}`);
  program.kill("SIGKILL");
  process.exit(1);
}

function sleep(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

function freePort() {
  return new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}
