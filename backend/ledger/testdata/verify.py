#!/usr/bin/env python3
"""A second verifier of Countersign, in plain Python (3.9 or newer, and nothing else).

    verify.py FILE          an evidence file or a bundle that is not encrypted, as
                            `countersign verify FILE` does; only the page for
                            people it does not make again
    verify.py VECTOR.json   a question to the gate, and the answer that is expected
    verify.py FOLDER        every one of these in a folder

It shares nothing with the application but what both promise: core.py has the
bytes, chains.py the acts, rules.py who may do what. One line a file; the exit
code is 0 when every file proves what it should, and 1 if any does not.
"""
import base64, hashlib, io, json, os, re, sys, zipfile, zlib
sys.dont_write_bytecode = True  # nothing is left beside the vectors
from chains import HEAD, holder, open_act
from core import MB, RECORD, REQUEST, Refused, continues, digest, entries, hashes, includes, is_digest, moment, note, rfc3339, strict, unbase
from rules import RECORD_FORM, REAL, REQUEST_FORM, History, Standing, gate, understand

DOCUMENTS = {r"checkpoint\.note": 8, r"acts\.jsonl": 256, r"revisions/[0-9a-f]{64}\.json": 16}  # and how many MB one can have
EVIDENCE = DOCUMENTS | {r"log\.jsonl": 256, r"evidence\.html": 64, r"differences\.jsonl": 64, r"results/[0-9a-f]{64}": 64,
                        r"answers\.jsonl": 8, r"population\.json": 16}
BUNDLE = DOCUMENTS | {r"history\.jsonl": 8, r"contents\.jsonl": 8, r"numbers\.jsonl": 8, r"blobs/[0-9a-f]{64}": 64, r"drafts/[0-9A-Za-z_-]{1,100}\.json": 16}
LINE = {"id": str, "label": str, "revision": str, "status": str}
POPULATION = {"changes": [LINE | {"records": [LINE]}], "findings": [str], "first": int, "from": str, "generator": str, "last": int,
              "deployments": [{"act": str, "ending": str, "endingEntry": int, "entry": int}], "organization?": str,
              "places": [{"name": str, "organization": str}], "scope": str, "to": str}
ANSWER = {"act": str, "covered": int, "failures": [str], "lines": int, "simulated": bool, "warnings": [str], "worst": [str]}
DIFFERENCE = {"changes": [{"after": str, "before": str, "kind": str, "path": str}], "more": int, "name": str, "revision": str, "state": str,
              "type": str}
DRAFT = {"after": [str], "authors": [str], "content": REQUEST_FORM, "createdAt": str, "updatedAt": str}


def hold(ok, why):
    if not ok:
        raise Refused("damaged " + why)


def body_of(act):
    body = json.loads(act.raw)
    return body if isinstance(body, dict) else {}


def kind_of(raw):
    """What a file says that it is, in the first line of its first entry."""
    return "evidence" if raw[30:80].startswith(b"manifest.notecountersign evidence v") else "bundle"


class File:
    """A bundle or an evidence file; making one verifies all of it."""

    def __init__(self, raw):
        self.kind, parts = kind_of(raw), entries(raw)
        self.manifest(parts[0][1])
        self.listed(parts[1:])
        for check in (self.checkpoint, self.acts, self.revisions) + (
                (self.log, self.answers, self.population) if self.kind == "evidence" else (self.history, self.blobs, self.trees, self.numbers)):
            try:
                check()
            except (Refused, AttributeError, EOFError, KeyError, RuntimeError, ValueError, zipfile.BadZipFile, zlib.error) as e:
                raise e if str(e).startswith("damaged") else Refused("damaged %s: %s" % (check.__name__, e))

    def manifest(self, b):
        """The signed list of entries, by the key that it names itself."""
        title = "countersign %s v1" % self.kind
        if not b.startswith(title.encode() + b"\n"):
            raise Refused("other_version" if b.startswith(title[:-1].encode()) else "not_one")
        try:
            text = b.decode()
            m = re.match(r".*\nworkspace ([0-9a-f]{64})\nexporter (\S+)\ncreated (\S+)\nlog (\S+)\nentries ([0-9]+)\n", text)
            self.workspace, self.exporter, created, head, n = m.groups()
            signed, lines = note(text, "countersign/%s/%s" % (self.workspace, self.kind), self.exporter)
            unbase(lines[0].split(" ")[-1])
        except (ValueError, AttributeError, Refused):
            raise Refused("damaged its signature does not fit")
        lists = signed[m.end():]
        self.lines = re.findall(r"([0-9a-f]{64}) (0|[1-9][0-9]*) (.+)\n", lists)
        hold(len(lines) == 1 and len(self.lines) == int(n) and "".join("%s %s %s\n" % l for l in self.lines) == lists and str(int(n)) == n
             and moment(created) is not None and HEAD.fullmatch(head), "its manifest has not its one form")
        self.created, self.head, (size, root) = moment(created), head, head.split(":")
        self.size, self.root = int(size), base64.b64decode(root)

    def listed(self, parts):
        """Every entry is in the manifest, in order, has its hash, and belongs there."""
        hold([n.decode(errors="replace") for n, _ in parts] == [l[2] for l in self.lines], "its entries are not those of its manifest")
        self.parts = {}
        for (raw, data), (sum, size, name) in zip(parts, self.lines):
            hold(not self.parts or name.encode() > max(self.parts).encode(), "its entries are not in order")
            limit = next((mb for form, mb in (EVIDENCE if self.kind == "evidence" else BUNDLE).items() if re.fullmatch(form, name)), 0)
            hold(limit, "%r does not belong in it" % name)
            if len(data) > limit * MB:
                raise Refused("too_large")
            hold(len(data) == int(size) and hashlib.sha256(data).hexdigest() == sum, "%s is not what its manifest says" % name)
            self.parts[name] = data

    def lines_of(self, name, form=None):
        text = self.parts[name]
        hold(not text or text.endswith(b"\n"), "%s is cut off" % name)
        return [strict(l, form) if form else l.decode() for l in text.split(b"\n")[:-1]]

    def named(self, prefix):
        return {n.removeprefix(prefix).removesuffix(".json"): b for n, b in self.parts.items() if n.startswith(prefix)}

    def checkpoint(self):
        text, _ = note(self.parts["checkpoint.note"].decode(), "countersign/" + self.workspace, self.exporter)
        hold(text == "countersign/%s\n%s\n" % (self.workspace, self.head.replace(":", "\n")), "its checkpoint is not that of its audit trail")

    def acts(self):
        """Each act was signed by its key, in this workspace, and is there once."""
        form = re.compile(r'\{"payload":"([^"]*)","sig":"([^"]*)"\}')
        self.signed = [tuple(map(unbase, form.fullmatch(l).groups())) for l in self.lines_of("acts.jsonl")]
        self.opened, last = {}, ""
        for payload, sig in self.signed:
            a = open_act(payload, sig)
            understand(a)
            hold((a.id if a.type == "gov.genesis" else a.ws) == self.workspace, "an act belongs to another workspace")
            hold(a.id > last, "its acts are not in order")
            self.opened[a.id], last = a, a.id

    def revisions(self):
        """What was approved has the digest of its name, and is named by an act, a draft, or a content that is."""
        self.contents, self.drafts = {}, {id: strict(b, DRAFT) for id, b in self.named("drafts/").items()}
        for d, b in self.named("revisions/").items():
            form = {digest(REQUEST, b): REQUEST_FORM, digest(RECORD, b): RECORD_FORM}.get(d)
            hold(form, "a content has another digest")
            self.contents[d] = strict(b, form)
        for id, d in self.drafts.items():
            times = [d[n] for n in ("createdAt", "updatedAt") if re.fullmatch(r"[0-9T:-]{19}\.[0-9]{3}Z", d[n]) and rfc3339(d[n]) is not None]
            hold(d["content"]["id"] == id and d["content"]["round"] >= 0 and d["authors"] and len(times) == 2
                 and d["after"] == sorted(d["after"]) and all(map(is_digest, d["after"])), "a draft is of something else")
        written = [d["content"] for d in self.drafts.values()]
        for r in list(self.contents.values()) + written:
            hold(r["format"] == 1 and r["workspace"] == self.workspace, "a content is of something else")
        todo = [p for r in written for p in r["parents"]] + [b["revision"] for b in map(body_of, self.opened.values()) if "revision" in b]
        names = set()
        while todo:
            d = todo.pop()
            if d in self.contents and d not in names:
                todo += self.contents[d]["parents"] + [self.contents[d].get("requestDigest", "")]
            names.add(d)
        hold(set(self.contents) <= names, "nothing in it names a content")

    def details(self):
        return {body_of(a).get("detail") for a in self.opened.values() if a.type in ("deploy.result", "deploy.validated")}

    # An evidence file.
    def log(self):
        """Each entry of the audit trail is covered by the signed head."""
        self.logged, self.times, last = {}, [], -1
        for e in self.lines_of("log.jsonl", {"data": str, "idx": int, "kind": str, "proof": [str]}):
            kind, data = e["kind"].encode(), e["data"].encode()
            leaf = b"%d %s %s" % (len(kind), kind, data)
            hold(e["idx"] > last and includes(self.root, self.size, e["idx"], leaf, hashes(e["proof"])), "an entry of its log is not covered")
            last, at = e["idx"], None
            if e["kind"] == "act":
                act = strict(data, {"act": str})["act"]
                hold(act in self.opened, "an act that the trail names is not in it")
                self.logged[act] = last
            else:
                try:
                    at = rfc3339(str(json.loads(data).get("at")))
                except (ValueError, AttributeError):
                    pass
            self.times.append((last, at))

    def answers(self):
        for sum, b in self.named("results/").items():
            hold(hashlib.sha256(b).hexdigest() == sum and sum in self.details(), "no act names an answer")
        self.lines_of("answers.jsonl", ANSWER), self.lines_of("differences.jsonl", DIFFERENCE)

    def population(self):
        """The list of deployments: none is missing, none is invented."""
        self.pop = p = strict(self.parts["population.json"], POPULATION)
        if p["scope"] == "change":
            hold(len(p["changes"]) == 1 and not p["from"] + p["to"] + p["organization"], "it is of one change")
        else:
            hold(p["scope"] == "period", "it has another scope")
            self.period(p)
        records = {r["id"] for c in p["changes"] for r in c["records"]}
        starts = {id: a for id, a in self.opened.items() if a.type == "deploy.start" and a.body}
        ended = {}
        for a in sorted((a for a in self.opened.values() if a.type in ("deploy.result", "deploy.validated") and a.body), key=lambda a: a.seq):
            if a.body["start"] in starts and starts[a.body["start"]].key == a.key:
                ended[a.body["start"]] = a.id
        want = []
        for id, a in starts.items():
            here = p["scope"] == "period" and p["organization"] in ("", a.body["target"]) or a.subject in records and p["scope"] == "change"
            if id in self.logged and here and a.body["kind"] in REAL:
                end = ended.get(id, "")
                hold(not end or end in self.logged or p["scope"] == "period", "its population is not true")
                want.append({"act": id, "ending": end, "endingEntry": self.logged.get(end, -1), "entry": self.logged[id]})
        hold(sorted(want, key=lambda d: d["entry"]) == p["deployments"], "its population is not true")
        for line, form in [(c, "changeType") for c in p["changes"]] + [(r, "package") for c in p["changes"] for r in c["records"]]:
            hold(not line["revision"] or form in self.contents.get(line["revision"], ()), "the content of %s is missing" % line["label"])

    def period(self, p):
        """All entries of the period are here, and the two beside it lie outside."""
        since, until, first, last = rfc3339(p["from"]), rfc3339(p["to"]), p["first"], p["last"]
        hold(None not in (since, until) and since < until <= self.created + 1 and 0 <= first <= last < self.size,
             "it does not say which period it is of")
        begin, end, n = max(first - 1, 0), min(last + 1, self.size - 1), len(self.times)
        hold(n == end - begin + 1 and self.times[0][0] == begin and self.times[-1][0] == end, "entries are missing in its period")
        before, after = self.times[0][1], self.times[-1][1]
        hold(first == 0 or before is not None and before < since, "entries are missing at its beginning")
        hold(last == self.size - 1 or after is not None and after >= until, "entries are missing at its end")

    # A bundle.
    def history(self):
        last = 0
        for l in self.lines_of("history.jsonl", {"head": str, "proof": [str]}):
            hold(HEAD.fullmatch(l["head"]), "its history has a line that is no head")
            size, root = l["head"].split(":")
            earlier, last = last, int(size)
            hold(last > earlier and continues(self.root, self.size, base64.b64decode(root), last, hashes(l["proof"])), "its history proves nothing")

    def blobs(self):
        """What was attached, answered and frozen has the hash of its name, and is named."""
        self.frozen = self.lines_of("contents.jsonl", {"base": str, "package": str, "reverse": str, "revision": str})
        names = self.details() | {f[n] for f in self.frozen for n in ("base", "package", "reverse")}
        for r in list(self.contents.values()) + [d["content"] for d in self.drafts.values()]:
            names |= {a["sha256"] for a in r.get("attachments", ())}
        for sum, b in self.named("blobs/").items():
            hold(hashlib.sha256(b).hexdigest() == sum and sum in names, "nothing in it names a file, or it has another hash")

    def trees(self):
        """The packages are those that the records name (h1, golang.org/x/mod/sumdb/dirhash)."""
        hold([f["revision"] for f in self.frozen] == sorted({f["revision"] for f in self.frozen}), "its contents are not in order")
        for f in self.frozen:
            r = self.contents[f["revision"]]
            for name in ("package", "reverse"):
                if f[name]:
                    with zipfile.ZipFile(io.BytesIO(self.parts["blobs/" + f[name]])) as z:
                        hold(sum(i.file_size for i in z.infolist()) <= 600 * MB, "a package is too large")
                        files = sorted(n for n in z.namelist() if not n.endswith("/"))
                        sums = "".join("%s  %s\n" % (hashlib.sha256(z.read(n)).hexdigest(), n) for n in files)
                    got = "h1:" + base64.b64encode(hashlib.sha256(sums.encode()).digest()).decode()
                    hold(got == r[name], "a package is not the one that was approved")

    def numbers(self):
        """What the sender's machine numbers the subjects: a number each, in order."""
        of, ids = self.lines_of("numbers.jsonl", {"id": str, "number": int}), {a.subject for a in self.opened.values()} | set(self.drafts)
        hold([n["id"] for n in of] == sorted({n["id"] for n in of}) and all(n["id"] in ids and 1 <= n["number"] <= 999999 for n in of),
             "its numbers are not of what is in it")

    def doubts(self):
        """What reads well and still proves nothing, as codes: by the rules, and not by the bytes."""
        h = History(self.workspace, self.signed, {d: b for d, b in self.named("revisions/").items()})
        out, subjects = ["told"] * h.findings, {"gov"} | {r["id"] for r in self.contents.values()}
        if self.kind == "evidence":
            subjects = {"gov"}
            for line, prefix in [(c, "cr.") for c in self.pop["changes"]] + [(r, "dr.") for c in self.pop["changes"] for r in c["records"]]:
                st = Standing(h, line["id"], prefix)
                subjects.add(line["id"])
                out += ["status_differs"] * ((st.status, st.revision) != (line["status"], line["revision"]))
            out += ["found"] * len(self.pop["findings"])
        out += ["charter"] * bool(h.trouble or not h.charter)
        for a in h.acts.values():
            if a.subject in subjects or a.subject.startswith("org:"):
                out += ["uncounted"] * (bool(a.broken) and a.type != "member.join") + ["unseen"] * sum(s not in h.acts for s in a.seen)
        return out + ["stranger"] * (not h.charter or not holder(h.charter, self.exporter)[0])

    def __str__(self):
        if self.kind == "bundle":
            return "a bundle of %d signed acts" % len(self.signed)
        return "an evidence file of %d deployments, with %d signed acts and %d of %d entries of the trail" % (
            len(self.pop["deployments"]), len(self.signed), len(self.times), self.size)


def verify(path):
    name = os.path.basename(path)
    kind = "bundle"
    try:
        if os.path.getsize(path) > 256 * MB:
            raise Refused("too_large")
        with open(path, "rb") as f:
            raw = f.read()
        kind = kind_of(raw)
        found = File(raw)
    except Refused as e:
        code, _, why = str(e).partition(" ")
        print("REFUSED %s: %s_%s %s" % (name, kind, code, why))
        return False
    doubts = found.doubts()
    print("%s %s: %s" % ("DOUBTFUL" if doubts else "ok  ", name, " ".join(sorted(set(doubts))) or found))
    return not doubts


def answer(v):
    raw = base64.b64decode
    h = History(v["workspace"], [(raw(a["payload"]), raw(a["sig"])) for a in v["acts"]], {d: raw(b) for d, b in v["revisions"].items()})
    q = dict(v["question"], now=rfc3339(v["question"]["now"]))
    bad, counted = gate(h, q)
    code = bad[0] if bad else ""
    return {"open": not bad, "code": "act" if code == "trail" and h.left_out else code, "checks": bad, "leftOut": h.left_out,
            "broken": sorted(a.id for a in h.acts.values() if a.broken or not a.member),
            "counted": [] if bad else sorted(a.id for a in counted)}


def vector(path):
    with open(path, encoding="utf-8") as f:
        v = json.load(f)
    got, want = answer(v), v["expected"]
    said = "open" if got["open"] else "refused: " + got["code"]
    if got == want:
        print("ok   %s: %s" % (v["name"], said))
        return True
    print("DIFFERS %s: %s; %s" % (v["name"], said, {n: (got[n], want[n]) for n in got if got[n] != want.get(n)}))
    return False


def main(paths):
    files = [f for p in paths for f in (sorted(os.path.join(p, n) for n in os.listdir(p)) if os.path.isdir(p) else [p])]
    return 0 if files and all([vector(f) if f.endswith(".json") else verify(f) for f in files]) else 1


if __name__ == "__main__":
    sys.setrecursionlimit(20000)
    sys.exit(main(sys.argv[1:]))
