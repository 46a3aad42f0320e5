// The window's figures: the shipped binary in WebKitGTK on a workspace of
// 10,000 requests, 100,000 customizations and 100,000 log entries, and a
// deployment of 5,000 components watched in it.
//
//   session.sh node --experimental-websocket bench.mjs WINDOW BENCH [start] [screens] [lists] [deploy]
//
// BENCH is build/proof/bench, compiled. COUNTERSIGN_BENCH_DATA names a folder
// that is filled once and measured again. Times are taken inside the page: from
// the event to the frame after the one in which the result is drawn; "settled" is
// when every call that was made for it was answered and drawn too. "asked" is
// when the page first called the backend, "backend" how long its longest call
// took. The machine is named by its load, since others may be at work on it; what
// takes longer than asked is measured once more, and only then counts. Exits 1
// when something did.
import { execFileSync, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { cpus, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { measures } from "./bench-page.mjs";
import { freePort, sleep } from "./wait.mjs";
import { connect } from "./window.mjs";

const [binary, tool, ...wanted] = process.argv.slice(2);
const interactive = 100; // ms, the second time a screen is opened
const few = 5; // frames that a search may take after the page has asked
const starts = 5;
const longest = 600_000; // ms that a retrieve, validation or deployment may take
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
    ["its impact", `/change-requests/${large.request}?tab=impact`, "#main [role=tabpanel] section table"],
    ["Deployments", "/deployments", rows],
    ["one Deployment Record", `/deployments/${large.record}`, "#main [role=tab]"],
    ["Environments", "/environments", "#main a[href*=environments]"],
    ["inventory of an environment", inventory, rows],
    ["Policies", "/policies", "#main .mantine-Paper-root"],
    ["Audit Trail", "/audit-trail", rows],
  ];
  for (const [name, at, there] of screens) await benchScreen(w, name, at, there);
  const used = w.memory();
  row("memory after all screens, all processes", mb(used.pss), `PSS; RSS ${mb(used.rss)}: ${used.each.join(", ")}`);
  await away(w); // the window opens again where it was left
  await w.page.evaluate(`window.go.app.Workspaces.ActAs("bo")`);
  await w.close();

  const approver = await openOn(large.data, join(room, "screens"), "#main h2", true); // nothing kept is of the other person
  const { me } = await approver.page.evaluate("window.go.app.Workspaces.State()");
  if (me !== "bo") throw new Error(`the window opened for ${me}, not for the approver`);
  await benchScreen(approver, "Home, of an approver", "/", "#main [data-task]");
  await benchScreen(approver, "Change Requests, waiting for an approver", "/change-requests?view=waiting", rows);
  await approver.close();
}

/** The long lists: searched, and scrolled. */
async function benchLists() {
  const large = fill();
  const w = await openOn(large.data, join(room, "lists"));
  const inventory = `/environments/${large.source}?tab=inventory`;
  const rows = "#main [role=listbox] [role=option]";
  // Six words each, no word twice: its answer would be kept.
  for (const [name, at, word, ends] of [
    ["Change Requests", "/change-requests?view=all", "change 99", "876543"],
    ["Deployments", "/deployments", "Release 1 of change 99", "156789"],
    ["inventory", inventory, "field_424", "234567"],
    ["Audit Trail, far back", "/audit-trail", "CR-99", "987654"],
  ])
    await benchSearch(w, name, at, [...ends].map((end) => word + end));
  for (const [name, at] of [["Change Requests", "/change-requests?view=all"], ["Deployments", "/deployments"], ["inventory", inventory], ["Audit Trail", "/audit-trail"]])
    await benchScroll(w, name, at, rows);
  await w.close();
}

/** A screen from another one: the first time, and the median of three times after. */
async function benchScreen(w, name, at, there) {
  const once = async () => {
    await away(w);
    const before = w.cpu();
    const t = await w.page.evaluate(`bench.go(${JSON.stringify(at)}, ${JSON.stringify(there)})`);
    return { ...t, cpu: w.cpu() - before };
  };
  const first = await once();
  const of = (all, figure) => median(all.map((t) => t[figure]));
  await target(`${name}, again`, interactive, async (word) => {
    const again = [await once(), await once(), await once()];
    row(`${name}${word}`, ms(of(again, "drawn")), `settled ${ms(of(again, "settled"))}, ${ms(1000 * of(again, "cpu"))} CPU; first time ${ms(first.drawn)}, backend ${ms(first.backend)}${first.slowest ? ` (${first.slowest})` : ""}, ${ms(first.cpu * 1000)} CPU`);
    return of(again, "drawn");
  });
}

async function benchSearch(w, name, at, words) {
  const once = async (text) => {
    await away(w);
    await w.page.evaluate(`bench.go(${JSON.stringify(at)}, "#main [role=listbox] [role=option]")`);
    await sleep(300);
    return w.page.evaluate(`bench.search(${JSON.stringify(text)}, ${JSON.stringify(text.toLowerCase())})`);
  };
  await target(`search in ${name}, frames after asking`, few, async (word) => {
    const taken = [];
    for (const text of words.splice(0, 3)) taken.push(await once(text));
    const t = taken.toSorted((a, b) => a.drawn - a.asked - (b.drawn - b.asked))[1];
    const after = Math.round((t.drawn - t.asked) / (1000 / 60));
    row(`search in ${name}${word}: last key to result`, ms(t.drawn), `asked after ${ms(t.asked)}, backend ${ms(t.backend)}, drawn ${after} frames (of 60 a second) after asking`);
    return after;
  });
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
  let last = "";
  for (const kind of ["retrieve", "validate", "deploy"]) {
    const before = w.cpu();
    await w.page.evaluate("bench.watch()");
    const { id } = await w.page.evaluate(`window.go.app.DeploymentRecords.Start(${JSON.stringify(s.record)}, "${kind}", ${JSON.stringify(s.target)})`);
    const { logId, endedAt } = await ended(w, kind, id, () => { most = Math.max(most, w.memory().pss); });
    last = logId;
    const d = await w.page.evaluate(`bench.watched(${new Date(endedAt).getTime()})`);
    note(`${kind}, seconds dropped by the page's clock`, d.dropped, 0);
    note(`${kind}, longest between two seconds of the page's clock`, d.longest, 2000);
    row(`${kind} ${s.components.toLocaleString("en")}: seconds dropped`, String(d.dropped),
      `its clocks changed ${d.seconds} times in ${secs(d.took / 1000)}, longest between two ${ms(d.longest)}, longest frame ${ms(d.frame)}; ${d.calls} calls, slowest ${ms(d.backend)} (${d.slowest}); ${secs(w.cpu() - before)} CPU`);
  }
  row("most memory meanwhile, all processes", mb(most), "PSS, looked at once a second");
  await away(w);
  const log = await w.page.evaluate(`bench.go(${JSON.stringify(`/logs/${last}`)}, "#main [role=tab], #main h2")`);
  row("its Deployment Log", ms(log.drawn), `first time, backend ${ms(log.backend)}`);
  await w.close();
  stand.stdin.end();
  await new Promise((resolve) => stand.on("exit", resolve));
}

/** Looks once a second until a work has ended, and says which log it wrote and when it ended. */
async function ended(w, kind, id, meanwhile) {
  for (const limit = Date.now() + longest; Date.now() < limit; ) {
    await sleep(1000);
    meanwhile();
    const work = (await w.page.evaluate("window.go.app.Home.Works()")).find((k) => k.id === id);
    if (!work) throw new Error(`${kind}: nothing is known of it any more`);
    if (new Date(work.endedAt).getUTCFullYear() <= 1970) continue;
    if (!work.succeeded) throw new Error(`${kind}: ${work.problem?.message ?? work.sentence}`);
    return work;
  }
  throw new Error(`${kind}: not over after ${longest / 60_000} minutes`);
}

/** The large workspace: filled once, then there. */
function fill() {
  mkdirSync(folder, { recursive: true });
  return JSON.parse(execFileSync(tool, ["fill", folder], { encoding: "utf8", stdio: ["ignore", "pipe", "inherit"], timeout: 3_600_000 }));
}

/** Opens the window on a folder, as if for the first time unless it is opened again, and waits until its first screen shows what it is about. */
async function openOn(data, own, there = "#main [data-task]", again = false) {
  if (!again) rmSync(join(data, "preferences.json"), { force: true }); // where the window was left, and who acted in it
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

/** Measures once, and a second time if it took longer than asked; what then still does is told at the end. */
async function target(what, most, measure) {
  let figure = await measure("");
  if (figure > most) figure = await measure(", once more");
  note(what, figure, most);
}

function note(what, figure, most) {
  if (!(figure <= most)) slow.push(`${what} (${Math.round(figure)}, asked: ${most})`);
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
  if (slow.length > 0) process.exitCode = 1;
  console.log(`Load ${loadavg()[0].toFixed(1)} at the end.`);
  console.log(slow.length === 0 ? "Nothing took longer than asked." : `Longer than asked: ${slow.join("; ")}.`);
} catch (error) {
  console.error(`bench: ${error.stack}`);
  process.exitCode = 1;
} finally {
  for (const program of open) program.kill("SIGKILL");
  rmSync(room, { recursive: true, force: true });
}
