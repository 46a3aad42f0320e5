// The sf CLI as a process, in a throw-away home, without telemetry, updates or
// log file.
import { spawn } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const modules = new URL("node_modules/", import.meta.url).pathname;

/** Node 22 or newer: the one that runs this, or the one that npm brought. */
export function node() {
  if (Number(process.versions.node.split(".")[0]) >= 22) return process.execPath;
  const own = join(modules, `node-${process.platform}-${process.arch}`, "bin", "node");
  if (!existsSync(own)) throw new Error(`sf needs Node 22 or newer; this is ${process.version}, and there is no ${own}.`);
  return own;
}

/**
 * sf with its home below `room`. run(args) gives { code, status, result, ... },
 * which is what --json printed; it fails when sf printed something else.
 */
export function sf(room) {
  const home = join(room, "home");
  mkdirSync(home, { recursive: true });
  // BROWSER names a program; sf listens to its callback only when that has ended, as an opener does.
  const browser = join(room, "browser");
  writeFileSync(browser, `#!/bin/sh\n'${process.execPath}' '${new URL("browser.mjs", import.meta.url).pathname}' "$1" >'${browser}.log' 2>&1 &\n`);
  chmodSync(browser, 0o700);
  const quiet = {
    PATH: process.env.PATH,
    HOME: home,
    BROWSER: browser,
    CI: "1",
    NO_COLOR: "1",
    SF_AUTOUPDATE_DISABLE: "true",
    SF_DISABLE_AUTOUPDATE: "true",
    SF_DISABLE_LOG_FILE: "true",
    SF_DISABLE_TELEMETRY: "true",
    SF_USE_GENERIC_UNIX_KEYCHAIN: "true",
    SF_SKIP_NEW_VERSION_CHECK: "true",
  };
  for (const name of ["http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"])
    if (process.env[name]) quiet[name] = process.env[name];
  let commands = 0;

  function start(args, { cwd = room, env = {}, seconds = 120 } = {}) {
    commands++;
    return new Promise((resolve, reject) => {
      const program = spawn(node(), [join(modules, "@salesforce/cli/bin/run.js"), ...args], { cwd, env: { ...quiet, ...env }, stdio: ["ignore", "pipe", "pipe"] });
      const timer = setTimeout(() => program.kill("SIGKILL"), seconds * 1000);
      let out = "";
      let errors = "";
      program.stdout.on("data", (text) => (out += text));
      program.stderr.on("data", (text) => (errors += text));
      program.on("error", reject);
      program.on("close", (code, signal) => {
        clearTimeout(timer);
        if (signal) reject(new Error(`sf ${args.join(" ")} took longer than ${seconds} s.`));
        else resolve({ code, out, errors });
      });
    });
  }

  return {
    home,
    count: () => commands,
    /** What a person would read. */
    text: (args, options) => start(args, options),
    async run(args, options) {
      const { code, out, errors } = await start([...args, "--json"], options);
      try {
        return { ...JSON.parse(out), code };
      } catch {
        throw new Error(`sf ${args.join(" ")} ended with ${code} and no JSON:\n${out}\n${errors}`);
      }
    },
    /** run, which must end with 0. */
    async ok(args, options) {
      const answer = await this.run(args, options);
      if (answer.code === 0) return answer;
      const { componentFailures, runTestResult } = answer.result?.details ?? {};
      const why = { message: answer.message, componentFailures, failures: runTestResult?.failures, warnings: runTestResult?.codeCoverageWarnings };
      throw new Error(`sf ${args.join(" ")} ended with ${answer.code}: ${JSON.stringify(why).slice(0, 3000)}`);
    },
  };
}
