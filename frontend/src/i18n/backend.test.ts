import { expect, test } from "vitest";
import i18next from "./i18n";

// What the backend can say is in its sources: a new sentence without German words fails here.
const go = Object.entries(
  import.meta.glob<string>(["../../../backend/**/*.go", "../../../app/*.go", "!../../../**/*_test.go"], {
    eager: true,
    query: "?raw",
    import: "default",
  }),
);
const of = (folder: string) => go.filter(([path]) => path.includes(`/${folder}/`)).map(([, text]) => text);
const all = (texts: string[], pattern: RegExp) => texts.flatMap((text) => [...text.matchAll(pattern)]);

type Words = { [key: string]: string | Words };
const german = i18next.getResourceBundle("de", "translation") as Words;
const group = (name: string) => (german[name] ?? {}) as Words;
const words = (key: string) => {
  const found = key
    .split(".")
    .reduce<string | Words | undefined>((at, part) => (at as Words | undefined)?.[part], german);
  return typeof found === "string" ? found : undefined;
};
const blanks = (text: string) => new Set([...text.matchAll(/\{\{?(\w+)/g)].map((m) => m[1] as string));

/** The tables of sentences: `"request.submit": "Submit it for approval. It needs {seats:approval|approvals}: {roles}.",` */
const sentences = new Map(
  all(of("workspace"), /^\t+"((?:[a-z-]+\.)+[\w-]+)":\s+"((?:[^"\\]|\\.)*)",$/gm).map((m) => [
    m[1] as string,
    m[2] as string,
  ]),
);

/** Which feature says a sentence; what all can say is in `sentences`. */
const saidBy: Record<string, string> = {
  approval: "deployments",
  attempt: "deployments",
  complete: "deployments",
  dependencies: "deployments",
  deploy: "deployments",
  doctor: "environments",
  environment: "environments",
  environments: "deployments",
  log: "logs",
  members: "members",
  note: "changeRequests",
  outside: "environments",
  policy: "policies",
  proof: "trail",
  retrieve: "deployments",
  scan: "deployments",
  task: "home",
  trail: "trail",
  validate: "deployments",
};
const ofAll = ["activity", "comparison", "inventory", "next", "remind", "request", "seats", "verify"];

/** Sentences whose code is the whole key of their words. */
const wholeKeys = new Set(["file", "gate", "told", "why"]);

/** The lines of checklists are said by the code of their check, as the gate's are. */
const aCheck = /^request\.(check|remedy)\./;

/** Reasons in English from governance, which a translation may leave out. */
const mayBeLeftOut = new Set(["message", "rule", "reason"]);

function translation(code: string) {
  if (wholeKeys.has(code.split(".")[0] as string)) return words(code);
  const key = code.replaceAll(".", "-");
  return words(`${saidBy[code.split(".")[0] as string]}.said.${key}`) ?? words(`sentences.said.${key}`);
}

test("every sentence of the backend has a place where it is said", () => {
  expect(sentences.size).toBeGreaterThan(200);
  const known = new Set([...Object.keys(saidBy), ...ofAll, ...wholeKeys]);
  expect([...sentences.keys()].filter((code) => !known.has(code.split(".")[0] as string))).toEqual([]);
});

test("every sentence of the backend has German words with the same values", () => {
  for (const [code, english] of sentences) {
    if (aCheck.test(code)) continue;
    const text = translation(code);
    expect([code, text && [...blanks(text)].sort()]).toEqual([code, [...blanks(english)].sort()]);
  }
});

test("every reason of governance has German words that name nothing else", () => {
  const reasons = all(of("governance"), /because\("(\w+)", "((?:[^"\\]|\\.)*)"/g);
  expect(reasons.length).toBeGreaterThan(30);
  for (const [, code, english = ""] of reasons) {
    const text = words(`why.${code}`);
    const wanted = [...blanks(english)].filter(
      (name) => !mayBeLeftOut.has(name) || blanks(text ?? "").has(name),
    );
    expect([code, text && [...blanks(text)].sort()]).toEqual([code, wanted.sort()]);
  }
});

test("every check of the gate has German words for both answers and its remedy", () => {
  const checks = all(of("governance"), /g\.check\((?:[^"]|"")*?"([a-z_]+)",/g).map((m) => m[1] as string);
  const halves = all(of("governance"), /s\.code\+"(_[a-z]+)"/g).flatMap((m) => [
    `request${m[1]}`,
    `record${m[1]}`,
  ]);
  const codes = [...new Set([...checks, ...halves, "request_seats", "record_seats"])].filter(
    (code) => !code.startsWith("_"),
  );
  expect(codes.length).toBeGreaterThan(25);
  const missing = codes.flatMap((code) =>
    ["ok", "not", "remedy"].map((end) => `gate.${code}_${end}`).filter((key) => !words(key)),
  );
  expect(missing).toEqual([]);
});

test("every line of a request's checklist has German words", () => {
  const adds = all(of("workspace"), /l\.add\(([^,]+), "(\w+)", .*, (""|remedy|"[\w.]+"),/g);
  expect(adds.length).toBeGreaterThan(8);
  const missing = adds.flatMap(([, ok, code, remedy]) =>
    [ok !== "false" && "ok", ok !== "true" && "not", ok !== "true" && remedy !== '""' && "remedy"]
      .filter((end) => end && !words(`gate.${code}_${end}`))
      .map((end) => `gate.${code}_${end}`),
  );
  expect(missing).toEqual([]);
});

test("every fault has German words, and so has what to do about it", () => {
  const texts = go.map(([, text]) => text);
  const constants = new Map(
    all(texts, /\b([Cc]ode\w+)[ \t]*(?:\w+ )?= "([a-z_0-9]+)"/g).map((m) => [m[1], m[2] as string]),
  );
  const made = all(
    texts,
    /Faultf\(\s*("[a-z_0-9]+"|[Cc]ode\w+),((?:[^"\n]|"(?:[^"\\]|\\.)*")*)(\s*\.?\s*WithHint\()?/g,
  );
  expect(made.length).toBeGreaterThan(250);
  const missing = new Set<string>();
  for (const [whole, name = "", , hint] of made) {
    const code = name.startsWith('"') ? name.slice(1, -1) : (constants.get(name) ?? name);
    if (!words(`faults.${code}`)) missing.add(code);
    if ((hint || whole.includes("WithHint(")) && !words(`faults.${code}_hint`)) missing.add(`${code}_hint`);
  }
  for (const code of constants.values()) if (!words(`faults.${code}`)) missing.add(code);
  expect([...missing]).toEqual([]);
});

test("a translated fault names nothing but the backend's own sentence", () => {
  for (const [code, text] of Object.entries(group("faults")))
    for (const name of blanks(text as string))
      expect([code, name]).toEqual([code, code.endsWith("_hint") ? "hint" : "message"]);
});
