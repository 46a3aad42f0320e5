// A demo org as a process of its own, the way a person starts it.
import { createHash } from "node:crypto";
import { spawn } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, relative, sep } from "node:path";
import { unzip } from "./zip.mjs";

export const countersign = process.env.COUNTERSIGN_CLI ?? new URL("../bin/countersign-cli", import.meta.url).pathname;

/**
 * Serves one demo org, "uat" or "production", with a folder of its own below
 * `room` and the seed of a folder or zip. Gives its connection, another user's,
 * and stop().
 */
export async function serve(room, kind, { seed, name = kind } = {}) {
  const data = join(room, name);
  const args = ["demo-org", "--org", kind, "--listen", "127.0.0.1:0", "--data", data, ...(seed ? ["--seed", seed] : [])];
  const program = spawn(countersign, args, { stdio: ["ignore", "pipe", "pipe"] });
  const ended = new Promise((done) => program.once("exit", done));
  let wrong = "";
  program.stderr.on("data", (text) => (wrong += text));
  const line = await new Promise((resolve, reject) => {
    let said = "";
    program.once("error", reject);
    void ended.then((code) => reject(new Error(`The demo org ${name} ended with ${code}: ${wrong}`)));
    program.stdout.on("data", (text) => {
      said += text;
      if (said.includes("\n")) resolve(said.slice(0, said.indexOf("\n")));
    });
  });
  const org = JSON.parse(line);
  return {
    ...org,
    kind,
    second: JSON.parse(readFileSync(join(data, "second-user.json"), "utf8")),
    /** What the org wrote about itself: nothing, unless something is wrong. */
    complaints: () => wrong,
    async stop() {
      program.kill("SIGTERM");
      await ended;
    },
    /** A REST call with the connection's own session, beside the client that is looked at. */
    async rest(path, options = {}) {
      const answer = await fetch(org.url + path, {
        ...options,
        headers: { Authorization: `Bearer ${org.accessToken}`, ...options.headers },
      });
      const body = await answer.text();
      if (!answer.ok) throw new Error(`${path}: ${answer.status} ${body}`);
      return body ? JSON.parse(body) : undefined;
    },
    /** What is in the org, { path: Buffer }, of { type: [member, ...] }: beside the client that is looked at. */
    async retrieve(types) {
      const wanted = Object.entries(types).map(([name, list]) => `<types>${list.map((m) => `<members>${m}</members>`).join("")}<name>${name}</name></types>`);
      const id = /<id>(\w+)<\/id>/.exec(await soap(org, `<retrieve><retrieveRequest><apiVersion>66.0</apiVersion><singlePackage>true</singlePackage><unpackaged>${wanted.join("")}<version>66.0</version></unpackaged></retrieveRequest></retrieve>`))[1];
      const answer = await until("a retrieve", async () => {
        const text = await soap(org, `<checkRetrieveStatus><asyncProcessId>${id}</asyncProcessId><includeZip>true</includeZip></checkRetrieveStatus>`);
        return text.includes("<done>true</done>") && text;
      });
      return unzip(Buffer.from(/<zipFile>([^<]*)<\/zipFile>/.exec(answer)[1], "base64"));
    },
  };
}

async function soap(org, body) {
  const answer = await fetch(`${org.url}/services/Soap/m/66.0`, {
    method: "POST",
    headers: { "Content-Type": "text/xml; charset=UTF-8", SOAPAction: '""' },
    body: `<?xml version="1.0" encoding="UTF-8"?><Envelope xmlns="http://schemas.xmlsoap.org/soap/envelope/"><Header><SessionHeader xmlns="http://soap.sforce.com/2006/04/metadata"><sessionId>${org.accessToken}</sessionId></SessionHeader></Header>${body.replace(/^<(\w+)>/, '<Body><$1 xmlns="http://soap.sforce.com/2006/04/metadata">')}</Body></Envelope>`,
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(text);
  return text;
}

export const sha256 = (data) => createHash("sha256").update(data).digest("hex");

/** { path: hash } of { path: content }, sorted. */
export const hashes = (files) =>
  Object.fromEntries(Object.keys(files).sort().map((path) => [path, sha256(files[path])]));

/** Writes { path: content } below a folder. */
export function writeTree(dir, files) {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(dir, path)), { recursive: true });
    writeFileSync(join(dir, path), content);
  }
  return dir;
}

/** The files below a folder, { path: Buffer }; names that begin with a dot are left out. */
export function readTree(dir, top = dir, files = {}) {
  for (const entry of readdirSync(dir, { withFileTypes: true })) {
    if (entry.name.startsWith(".")) continue;
    const path = join(dir, entry.name);
    if (entry.isDirectory()) readTree(path, top, files);
    else if (entry.isFile()) files[relative(top, path).split(sep).join("/")] = readFileSync(path);
  }
  return files;
}

/** Asks until the answer is truthy; fails with the last one after `ms`. */
export async function until(what, ask, ms = 30_000) {
  const deadline = Date.now() + ms;
  for (;;) {
    const answer = await ask();
    if (answer) return answer;
    if (Date.now() > deadline) throw new Error(`Waited ${ms / 1000} s for ${what}.`);
    await new Promise((soon) => setTimeout(soon, 20));
  }
}
