// The window's figures: the shipped binary in WebKitGTK on a workspace of
// 10,000 requests, 100,000 customizations and 100,000 log entries, and a
// deployment of 5,000 components watched in it.
//
//   session.sh node --experimental-websocket bench.mjs WINDOW BENCH [start] [screens] [lists] [deploy]
//
// BENCH is build/proof/bench, compiled. COUNTERSIGN_BENCH_DATA names a folder
// that is filled once and measured again. Times are taken inside the page: from
// the event to the frame after the one in which the result is drawn. "asked" is
// when the page first called the backend, "backend" how long its longest call
// took. The machine is named by its load, since others may be at work on it.
import { execFileSync, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { cpus, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { measures } from "./bench-page.mjs";
import { connect, freePort, sleep } from "./window.mjs";

const [binary, tool, ...wanted] = process.argv.slice(2);
const interactive = 100; // ms, the second time a screen is opened
const few = 5; // frames that a search may take after the page has asked
const starts = 5;
const room = mkdtempSync(join(tmpdir(), "countersign-bench-"));
const folder = process.env.COUNTERSIGN_BENCH_DATA ?? join(room, "large");
const slow = [];
const open = new Set(); // programs to end, whatever happens

/** Process start to the first screen with its data, five times, and what the window then holds in memory. */
async function benchStart() {
  const large = fill();
  const times = [];
  let used;
  for (let i = 0; i < starts; i++) {
    const w = await openOn(large.data, join(room, "start"));
    times.push(w.usable);
    await sleep(1500); // what follows the first screen
    used = w.memory();
    row(`start ${i + 1} of ${starts} to Home with its data`, ms(w.usable), `${secs(w.cpu())} of CPU`);
    await w.close();
  }
  row("start to usable first screen, median", ms(median(times)));
  row("memory then, all processes", mb(used.pss), `PSS; RSS ${mb(used.rss)}: ${used.each.join(", ")}`);
}

/** Every screen of the large workspace: opened twice, searched, and its list scrolled. */
async function benchScreens() {
  const large = fill();
  const w = await openOn(large.data, join(room, "screens"));
  const { requests, records, items, entries } = large;
  console.log(`Screens at ${[requests, records, items, entries].map((n) => n.toLocaleString("en")).join(", ")} requests, records, customizations, log entries`);
  const inventory = `/environments/${large.source}?tab=inventory`;
  const rows = "#main [role=listbox] [role=option]";
  const screens = [
    ["Home", "/", "#main [data-task]"],
    ["Change Requests, all", "/change-requests?view=all", rows],
    ["Change Requests, mine", "/change-requests?view=mine", rows],
    ["Change Requests, waiting", "/change-requests?view=waiting", rows],
    ["one Change Request", `/change-requests/${large.request}`, "#main .sheet"],
    ["its impact", `/change-requests/${large.request}?tab=impact`, "#main h1"],
    ["Deployments", "/deployments", rows],
    ["one Deployment Record", `/deployments/${large.record}`, "#main [role=tab]"],
    ["Environments", "/environments", "#main a[href*=environments]"],
    ["inventory of an environment", inventory, rows],
    ["Policies", "/policies", "#main .mantine-Paper-root"],
    ["Audit Trail", "/audit-trail", rows],
  ];
  for (const [name, at, there] of screens) await benchScreen(w, name, at, there);
  await w.page.evaluate(`window.go.app.Workspaces.ActAs("bo")`);
  await benchScreen(w, "Home, of an approver", "/", "#main [data-task]");
  await benchScreen(w, "Change Requests, waiting for an approver", "/change-requests?view=waiting", rows);

  const used = w.memory();
  row("memory after all screens, all processes", mb(used.pss), `PSS; RSS ${mb(used.rss)}: ${used.each.join(", ")}`);
  await w.close();
}

/** The long lists: searched, and scrolled. */
async function benchLists() {
  const large = fill();
  const w = await openOn(large.data, join(room, "lists"));
  const inventory = `/environments/${large.source}?tab=inventory`;
  const rows = "#main [role=listbox] [role=option]";
  for (const [name, at, text, holds] of [
    ["Change Requests", "/change-requests?view=all", "change 998", "change 998"],
    ["Deployments", "/deployments", "change 995", "change 995"],
    ["inventory", inventory, "field_4242", "field_4242"],
    ["Audit Trail, far back", "/audit-trail", "CR-999", "cr-999"],
  ])
    await benchSearch(w, name, at, text, holds);
  for (const [name, at] of [["Change Requests", "/change-requests?view=all"], ["Deployments", "/deployments"], ["inventory", inventory], ["Audit Trail", "/audit-trail"]])
    await benchScroll(w, name, at, rows);
  await w.close();
}

/** A screen from another one: the first time, and the median of three times after. */
async function benchScreen(w, name, at, there) {
  const taken = [];
  for (let i = 0; i < 4; i++) {
    await away(w);
    const before = w.cpu();
    const t = await w.page.evaluate(`bench.go(${JSON.stringify(at)}, ${JSON.stringify(there)})`);
    taken.push({ ...t, cpu: w.cpu() - before });
  }
  const [first, ...again] = taken;
  const second = median(again.map((t) => t.drawn));
  note(`${name}, again`, second, interactive);
  const cpu = median(again.map((t) => t.cpu));
  row(name, ms(second), `${ms(cpu * 1000)} CPU; first time ${ms(first.drawn)}, backend ${ms(first.backend)}${first.slowest ? ` (${first.slowest})` : ""}, ${ms(first.cpu * 1000)} CPU`);
}

async function benchSearch(w, name, at, text, holds) {
  const taken = [];
  for (const more of ["", "1", "2"]) {
    await away(w);
    await w.page.evaluate(`bench.go(${JSON.stringify(at)}, "#main [role=listbox] [role=option]")`);
    await sleep(300);
    taken.push(await w.page.evaluate(`bench.search(${JSON.stringify(text + more)}, ${JSON.stringify(holds)})`));
  }
  const t = taken.toSorted((a, b) => a.drawn - b.drawn)[1];
  const after = Math.round((t.drawn - t.asked) / (1000 / 60));
  note(`search in ${name}, frames after asking`, after, few);
  row(`search in ${name}: last key to result`, ms(t.drawn), `asked after ${ms(t.asked)}, backend ${ms(t.backend)}, drawn ${after} frames after asking`);
}

async function benchScroll(w, name, at, there) {
  await away(w);
  await w.page.evaluate(`bench.go(${JSON.stringify(at)}, ${JSON.stringify(there)})`);
  await sleep(300);
  const s = await w.page.evaluate("bench.scroll()");
  row(`scroll ${name}, ${s.frames} frames`, `${s.late} late`, `longest ${ms(s.longest)}; a frame here is ${ms(s.frame)}; jump to the end drawn after ${ms(s.jump)}`);
}

/** A deployment of 5,000 components with the window on its record: is every second drawn? */
async function benchDeploy() {
  const dir = join(room, "stand");
  mkdirSync(dir);
  const stand = spawn(tool, ["stand", dir], { stdio: ["pipe", "pipe", "inherit"] });
  open.add(stand);
  const s = JSON.parse(await firstLine(stand));
  const w = await openOn(s.data, join(room, "deploy"), "#main h1");
  await w.page.evaluate(`window.go.app.Workspaces.ActAs(${JSON.stringify(s.deployer)})`);
  const first = await w.page.evaluate(`bench.go(${JSON.stringify(`/deployments/${s.record}`)}, "#main [role=tab]")`);
  row(`Deployment Record of ${s.components.toLocaleString("en")}`, ms(first.drawn), `first time, backend ${ms(first.backend)}`);
  let most = 0;
  let logId = "";
  for (const kind of ["retrieve", "validate", "deploy"]) {
    const before = w.cpu();
    await w.page.evaluate("bench.watch()");
    const { id } = await w.page.evaluate(`window.go.app.DeploymentRecords.Start(${JSON.stringify(s.record)}, "${kind}", ${JSON.stringify(s.target)})`);
    for (;;) {
      await sleep(1000);
      most = Math.max(most, w.memory().pss);
      const work = (await w.page.evaluate("window.go.app.Home.Works()")).find((k) => k.id === id);
      if (new Date(work.endedAt).getUTCFullYear() <= 1970) continue;
      if (!work.succeeded) throw new Error(`${kind}: ${work.problem?.message ?? work.sentence}`);
      logId = work.logId;
      break;
    }
    const d = await w.page.evaluate("bench.watched()");
    note(`${kind}, longest time between two drawn seconds`, d.tick, 2000);
    row(`${kind} ${s.components.toLocaleString("en")}: longest between drawn seconds`, ms(d.tick),
      `${secs(d.took / 1000)} in all, longest frame ${ms(d.frame)}; the page's own clock: ${d.clock.drawn} seconds drawn, ${d.clock.dropped} dropped, longest ${ms(d.clock.longest)}; ${d.calls} calls, slowest ${ms(d.backend)} (${d.slowest}); ${secs(w.cpu() - before)} CPU`);
  }
  row("most memory meanwhile, all processes", mb(most), "PSS");
  await away(w);
  const log = await w.page.evaluate(`bench.go(${JSON.stringify(`/logs/${logId}`)}, "#main [role=tab], #main h2")`);
  row("its Deployment Log", ms(log.drawn), `first time, backend ${ms(log.backend)}`);
  await w.close();
  stand.stdin.end();
  await new Promise((resolve) => stand.on("exit", resolve));
}

/** The large workspace: filled once, then there. */
function fill() {
  mkdirSync(folder, { recursive: true });
  return JSON.parse(execFileSync(tool, ["fill", folder], { encoding: "utf8", stdio: ["ignore", "pipe", "inherit"], timeout: 3_600_000 }));
}

/** Opens the window on a folder and waits until its first screen shows what it is about. */
async function openOn(data, own, there = "#main [data-task]") {
  mkdirSync(own, { recursive: true });
  const address = `127.0.0.1:${await freePort()}`;
  const started = Date.now();
  const program = spawn(binary, ["--data", data], {
    env: { ...process.env, XDG_DATA_HOME: join(own, "share"), XDG_CACHE_HOME: join(own, "cache"), XDG_CONFIG_HOME: join(own, "config"),
      WEBKIT_INSPECTOR_HTTP_SERVER: address, COUNTERSIGN_STORY: "none" },
    stdio: ["ignore", "ignore", "pipe"],
  });
  open.add(program);
  let log = "";
  program.stderr.on("data", (text) => (log += text));
  const ended = new Promise((resolve) => program.on("exit", (code, signal) => resolve(code ?? signal)));
  let page = null;
  for (const limit = Date.now() + 60_000; !page; ) {
    if (program.exitCode !== null || Date.now() > limit) throw new Error(`the window did not open: ${log}`);
    page = await connect(address).catch(() => null);
    if (!page) await sleep(10);
  }
  while (!(await page.evaluate("!!window.go?.app?.Home").catch(() => false))) await sleep(10);
  await page.evaluate(`(() => { window.bench ??= (${measures})(); return true; })()`);
  // An answer of the inspector may take 20 s, a start on a busy machine longer.
  let usable = 0;
  for (const limit = Date.now() + 180_000; !usable; ) {
    usable = await page.evaluate(`bench.until(() => document.querySelector(${JSON.stringify(there)}), 10000).then(() => Date.now() - ${started})`).catch((error) => {
      if (Date.now() > limit) throw error;
      return 0;
    });
  }
  return {
    page,
    usable,
    cpu: () => family(program.pid).reduce((sum, pid) => sum + cpuOf(pid), 0),
    memory: () => memoryOf(program.pid),
    async close() {
      page.close();
      program.kill("SIGTERM");
      const exit = await Promise.race([ended, sleep(30_000).then(() => "none within 30 s")]);
      open.delete(program);
      if (exit !== 0) throw new Error(`the exit code after SIGTERM is ${exit}: ${log}`);
    },
  };
}

const away = (w) => w.page.evaluate(`bench.go("/settings", "#main h2").then(() => new Promise((r) => setTimeout(r, 200)))`);

/** A process and all that it started. */
function family(root) {
  const parents = new Map();
  for (const name of readdirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const stat = readFileSync(`/proc/${name}/stat`, "utf8");
      parents.set(Number(name), Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]));
    } catch {
      // it has just ended
    }
  }
  const all = [root];
  for (const pid of all) for (const [child, parent] of parents) if (parent === pid) all.push(child);
  return all;
}

/** Seconds of processor time that a process has used. */
function cpuOf(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return (Number(fields[11]) + Number(fields[12])) / 100; // USER_HZ is 100 on Linux
  } catch {
    return 0;
  }
}

function memoryOf(root) {
  const each = [];
  const sum = { pss: 0, rss: 0, each };
  for (const pid of family(root)) {
    try {
      const text = readFileSync(`/proc/${pid}/smaps_rollup`, "utf8");
      const kb = (field) => Number(text.match(new RegExp(`^${field}:\\s+(\\d+)`, "m"))[1]);
      sum.pss += kb("Pss") / 1024;
      sum.rss += kb("Rss") / 1024;
      each.push(`${readFileSync(`/proc/${pid}/comm`, "utf8").trim()} ${mb(kb("Pss") / 1024)}`);
    } catch {
      // it has just ended
    }
  }
  return sum;
}

async function firstLine(program) {
  for await (const line of createInterface({ input: program.stdout })) return line;
  throw new Error("the demo orgs could not be served");
}

function note(what, figure, most) {
  if (figure > most) slow.push(`${what} (${Math.round(figure)}, asked: ${most})`);
}

function median(all) {
  return all.toSorted((a, b) => a - b)[Math.floor(all.length / 2)];
}

function row(what, figure, more = "") {
  console.log(`${what.padEnd(52)} ${figure.padStart(14)}  ${more}`);
}

function ms(n) {
  return `${n.toFixed(0)} ms`;
}

function secs(n) {
  return `${n.toFixed(2)} s`;
}

function mb(n) {
  return `${n.toFixed(0)} MB`;
}

const parts = { start: benchStart, screens: benchScreens, lists: benchLists, deploy: benchDeploy };
try {
  console.log(`The window in WebKitGTK: ${cpus().length} processors, load ${loadavg()[0].toFixed(1)} at the beginning`);
  for (const [name, run] of Object.entries(parts)) if (wanted.length === 0 || wanted.includes(name)) await run();
  console.log(slow.length === 0 ? "Nothing took longer than asked." : `Longer than asked: ${slow.join("; ")}.`);
} catch (error) {
  console.error(`bench: ${error.stack}`);
  process.exitCode = 1;
} finally {
  for (const program of open) program.kill("SIGKILL");
  rmSync(room, { recursive: true, force: true });
}
