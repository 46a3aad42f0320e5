// Which refusals there are: what the backend's sources can answer to a person,
// and what of it a test has met.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const goFiles = (folder) => readdirSync(folder).filter((name) => name.endsWith(".go") && !name.endsWith("_test.go")).map((name) => readFileSync(join(folder, name), "utf8"));
const all = (folder, pattern) => goFiles(folder).flatMap((text) => [...text.matchAll(pattern)].map((m) => m[1]));

/**
 * Every reason by its key: `why.` what stands against an action or a step, `gate.` a check of the gate that does not
 * hold, `fault.` what a call of the workspace answers.
 */
export function known() {
  const gate = all("backend/governance", /g\.check\((?:[^"]|"")*?"([a-z_]+)",/g).filter((code) => !code.startsWith("_"));
  const halves = all("backend/governance", /s\.code\+"(_[a-z]+)"/g).flatMap((half) => [`request${half}`, `record${half}`]);
  const seats = all("backend/governance", /\{"((?:request|record)_seats)",/g);
  const constants = new Map(goFiles("backend/scan").flatMap((text) => [...text.matchAll(/^\t(Code\w+)\s+= "([a-z_]+)"$/gm)].map((m) => [`scan.${m[1]}`, m[2]])));
  const faults = all("backend/workspace", /Faultf\(("[a-z_]+"|scan\.Code\w+)/g).map((code) => (code.startsWith('"') ? code.slice(1, -1) : constants.get(code)));
  return [...new Set([
    ...all("backend/governance", /because\("(\w+)"/g).map((code) => `why.${code}`),
    ...all("backend/workspace", /^\t"(why\.\w+)":/gm).filter((code) => !code.endsWith("_remedy")),
    ...[...gate, ...halves, ...seats].map((code) => `gate.${code}`),
    ...faults.map((code) => `fault.${code}`),
  ])].sort();
}

/** The reasons in an answer of the backend, each with its sentences: one code can stand at several actions. */
export function reasonsIn(answer, found = new Map()) {
  if (typeof answer !== "object" || answer === null) return found;
  const { code, text, why, ok, message } = answer;
  const add = (key, sentence) => found.set(key, [...(found.get(key) ?? []), sentence.trim().replace(/\s+/g, " ")]);
  if (code && why) add(`why.${code}`, why);
  if (code && ok === false && message) add(`gate.${code}`, message);
  if (code && text) add(code.replace(/^gate\.(\w+)_not$/, "gate.$1"), text);
  for (const part of Object.values(answer)) reasonsIn(part, found);
  return found;
}
