"""Countersign's rules, in plain Python: what acts mean, which charters and
policies can be ones, who approved in which role, and the gate of a deployment.
"""
import datetime, json, os, re, zoneinfo
from chains import Chains, Succession, endorses, holder, open_act
from core import ACT, RECORD, REQUEST, Refused, digest, is_digest, moment, public_key, rfc3339, strict

DAY, SLACK = 86400, 86400

# The forms of what is signed: str, int, bool, [list], {object}; a name with "?"
# is left out while its value is empty.
CUSTOMIZATION = {"action": str, "name": str, "type": str}
POLICY = {"approvalDays": int, "approverMayDeploy": bool, "authorMayApprove": bool, "authorMayDeploy": bool, "delegation?": bool,
          "deployerRole": str, "emergencyHours?": int, "emergencyInFreeze?": bool, "findingsClose?": bool,
          "freezes?": [{"from": str, "name": str, "until": str}], "kind": str, "levels": [{"category": str, "level": str}], "name": str,
          "organization": str, "overdueReviews?": int, "owners?": [{"members": [str], "name": str, "names": [str], "types": [str]}],
          "reviewDays?": int, "rules": [{"changeType": str, "level": str, "ordered": bool, "steps": [{"quorum": int, "role": str}]}],
          "severalSeatsEach": bool, "testFirst": bool, "validationDays": int, "validationFirst": bool,
          "windows?": [{"days": [int], "from": str, "until": str}], "zone?": str}
CHARTER = {"demo": bool, "environments": [POLICY], "format": int,
           "members": [{"compared?": bool, "id": str, "keys": [{"last": str, "public": str}], "name": str, "roles": [str]}],
           "name": str, "nonce": str, "organizations": [str], "ownerThreshold": int, "predecessor": str, "prev": str, "requests": POLICY,
           "solo": bool, "version": int, "void": [str]}
CLOSING = {"reason": str, "revision": str, "round": int}
VOTE = {"delegation?": str, "reason": str, "revision": str, "round": int, "step": int}
SUBMISSION = {"authors": [str], "emergency?": bool, "revision": str, "round": int}
ENDING = {"asyncId": str, "completedAt": str, "componentErrors": int, "components": int, "detail": str, "kind": str, "package": str,
          "result": str, "revision": str, "start": str, "status": str, "testErrors": int, "tests": int, "unchanged": int}
BODIES = {"gov.genesis": CHARTER, "gov.change": CHARTER, "gov.endorse": {"change": str}, "deploy.validated": ENDING, "deploy.result": ENDING,
          "deploy.start": {"approvals": [str], "attempt": int, "base": str, "kind": str, "log": str, "marker": str, "package": str,
                           "revision": str, "target": str, "validation": str},
          "delegate": {n: str for n in ("kind", "organization", "reason", "role", "since", "subject", "to", "until")},
          "delegate.end": {"delegation": str, "reason": str, "votes": [str]}, "member.join": {"key": str, "name": str, "note": str},
          "cr.review": {"reason": str, "revision": str, "round": int, "start": str, "step": int, "verdict": str},
          "recon.finding": {"added?": [str], "async": str, "at": str, "by": str, "components": [str], "deleted?": [str], "detail": str, "kind": str, "organization": str,
                            "ref": str, "summary": str},
          "recon.resolve": {"findings": [str], "reason": str, "request": str}}
for prefix in ("cr.", "dr."):
    BODIES[prefix + "submit"] = SUBMISSION
    BODIES[prefix + "approve"] = BODIES[prefix + "reject"] = VOTE
    BODIES[prefix + "withdraw"] = {"act": str, "reason": str, "revision": str, "round": int}
    for end in ("recall", "reopen", "cancel", "complete"):
        BODIES[prefix + end] = CLOSING
REQUEST_FORM = {"additionalApprovers?": [str], "attachments": [{"name": str, "sha256": str, "size": int}], "changeSets": [str],
                "changeType": str, "customizations": [CUSTOMIZATION], "emergencyReason?": str, "externalLink": str, "externalNumber": str,
                "format": int, "id": str, "incident?": str,
                "manifests": [{"apiVersion": str, "members": [{"names": [str], "type": str}], "name": str}], "name": str, "overview": str,
                "parents": [str], "round": int, "supportingText": str, "workspace": str}
RECORD_FORM = {"apiVersion": str, "base": str, "customizations": [CUSTOMIZATION], "deployer": str, "format": int, "id": str, "kind": str,
               "name": str, "normalForm": int,
               "options": {"ignoreWarnings": bool, "purgeOnDelete": bool, "rollbackOnError": bool, "testLevel": str, "tests": [str]},
               "package": str, "parents": [str], "request": str, "requestDigest": str, "reverse": str, "round": int, "source": str,
               "sourceNormal": str, "target": str, "targetKind": str, "whole": bool, "workspace": str}

def understand(act):
    """Reads the body of an act; None if it is not one that its subject can have."""
    try:
        act.body = b = strict(act.raw, BODIES[act.type])
    except (KeyError, Refused):
        return
    org = act.subject.startswith("org:")
    if act.type == "recon.finding":
        fits = act.subject == "org:" + b["organization"]
    elif act.type == "recon.resolve":
        fits = org and act.subject != "org:"
    elif act.type.startswith("gov.") or act.type in ("delegate", "delegate.end", "member.join"):
        fits = act.subject == "gov" and (act.type != "member.join" or b["key"] == act.key)
    else:
        fits = act.subject != "gov" and not org
    if not fits:
        act.body = None


# The charter: members, roles, keys and policies.
ROLES = ["requester", "approver", "release manager", "owner", "auditor", "recovery"]
TYPES = ["Minor", "Standard", "Major", "Emergency"]
LEVELS = ["Log Changes Only", "Change Request", "Sandbox Development & Testing", "Full Software Development Lifecycle"]
REAL = ("deploy", "quick", "rollback")
with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "categories.json"), encoding="utf-8") as f:
    CATEGORIES = json.load(f)  # Salesforce's metadata types by category: a table, not a rule
CATEGORY = {t: c for c, types in CATEGORIES.items() for t in types}


def person(c, id):
    return next((m for m in c["members"] if m["id"] == id), None)


def has(c, id, role):
    m = c and person(c, id)
    return bool(m) and role in m["roles"]


def live(c, id):
    m = person(c, id)
    return m is not None and any(k["last"] == "" for k in m["keys"])


def usable_policy(p, c, of_requests):
    usable = 1 <= p["approvalDays"] <= 365 and (not p["validationFirst"] or 1 <= p["validationDays"] <= 10)
    usable &= all(l["category"] in list(CATEGORIES) + ["Uncategorized"] and l["level"] in LEVELS for l in p["levels"])
    usable &= p["deployerRole"] in [""] + ROLES[:-1]
    for r in p["rules"]:
        usable &= r["level"] in LEVELS and r["changeType"] in [""] + TYPES and len(r["steps"]) > 0
        usable &= all(s["role"] in ROLES[:-1] and 1 <= s["quorum"] <= 100 for s in r["steps"])
        usable &= not c["solo"] or [s["quorum"] for s in r["steps"]] == [1]
    for o in p["owners"]:
        usable &= all(o[n] and "" not in o[n] for n in ("types", "names")) and bool(o["members"] and o["name"])
        usable &= all(person(c, m) and not has(c, m, "recovery") for m in o["members"])
    usable &= 0 <= p["emergencyHours"] <= 72 and 0 <= p["reviewDays"] <= 90 and 0 <= p["overdueReviews"] <= 100
    usable &= p["zone"] == "" or p["zone"] != "Local" and ZONE.fullmatch(p["zone"]) is not None
    for f in p["freezes"]:
        dates = [moment(f[n] + "T00:00:00Z") for n in ("from", "until")]
        usable &= None not in dates and f["name"] != "" and dates[0] <= dates[1]
    for w in p["windows"]:
        usable &= minutes(w) is not None and bool(w["days"]) and all(1 <= d <= 7 for d in w["days"])
    only_targets = p["windows"] or p["freezes"] or p["zone"] or p["emergencyInFreeze"] or p["findingsClose"] or p["overdueReviews"]
    return bool(usable) and not (only_targets if of_requests else p["reviewDays"])


ZONE = re.compile(r"[A-Za-z][A-Za-z0-9_+-]*(/[A-Za-z0-9_+-]+)*")


def minutes(w):
    def of(clock):
        return int(clock[:2]) * 60 + int(clock[3:]) if re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", clock, re.ASCII) else None
    start, end = of(w["from"]), 1440 if w["until"] == "24:00" else of(w["until"])
    return None if None in (start, end) or start == end else (start, end)


def usable(c):
    """Whether a charter can be one at all."""
    ids, keys = [m["id"] for m in c["members"]], [k["public"] for m in c["members"] for k in m["keys"]]
    good = c["nonce"] != "" and c["format"] == 1 and "" not in ids and len(set(ids)) == len(ids) and len(set(keys)) == len(keys)
    good &= all(public_key(k) for k in keys)
    good &= all(k["last"] in ("", "none") or is_digest(k["last"]) for m in c["members"] for k in m["keys"])
    good &= all(r in ROLES for m in c["members"] for r in m["roles"])
    good &= all("recovery" not in m["roles"] or len(m["roles"]) == 1 for m in c["members"])
    good &= any("owner" in m["roles"] for m in c["members"])
    good &= 1 <= c["ownerThreshold"] <= sum(endorses(m) and live(c, m["id"]) for m in c["members"])
    good &= not c["solo"] or sum("recovery" not in m["roles"] for m in c["members"]) == 1
    good &= bool(c["organizations"]) == c["demo"]
    ruled = [(p["kind"], p["organization"]) for p in c["environments"]]
    good &= len(set(ruled)) == len(ruled) and usable_policy(c["requests"], c, True)
    return bool(good) and all(usable_policy(p, c, False) for p in c["environments"])


class History:
    def __init__(self, workspace, acts, revisions):
        self.workspace, self.left_out, self.findings, self.acts = workspace, {}, 0, {}
        for payload, sig in acts:
            try:
                a = open_act(payload, sig)
                if (a.id if a.type == "gov.genesis" else a.ws) != workspace:
                    raise Refused("workspace")
                understand(a)
                self.acts[a.id] = a
            except Refused as e:
                self.left_out[digest(ACT, payload)] = str(e)
        self.findings += len(self.left_out)
        chains = Chains(self.acts)
        chain = Succession(self.acts, chains, workspace, usable)
        self.charters, self.head, self.trouble = chain.charters, chain.head, chain.trouble
        self.charter, self.missing, last, id = self.charters.get(self.head), set(), {}, self.head
        while id:  # what the newest charter that knows a key says of it
            for m in chain.all[id]["members"]:
                for k in m["keys"]:
                    last.setdefault(k["public"], k["last"])
            id = chain.all[id]["prev"]
        for a in self.acts.values():
            self.sign(a, workspace)
            until = last.get(a.key, "")
            if a.key in last and a.type != "gov.genesis" and a.gov not in self.acts:
                self.missing.add(a.subject)
            if a.member:
                a.broken = a.broken or not chains.good(a.id, a.key, until)
                lacks = any(s not in self.acts or self.acts[s].subject != a.subject for s in a.seen)
                if chains.incomplete(a.key, until) or not a.broken and lacks:
                    self.missing.add(a.subject)
        self.requests, self.records = {}, {}
        for d, b in revisions.items():
            for media, form, into in ((REQUEST, REQUEST_FORM, self.requests), (RECORD, RECORD_FORM, self.records)):
                if digest(media, b) == d:
                    try:
                        r = strict(b, form)
                        if r["format"] == 1:
                            into[d] = r
                    except Refused:
                        pass
            self.findings += d not in self.requests and d not in self.records
        self.arrange()

    def sign(self, a, workspace):
        a.member, a.broken, genesis = "", True, a.type == "gov.genesis"
        c = self.charters.get(a.id if genesis else a.gov)
        m = c and holder(c, a.key)[0]
        if m and not (genesis and a.id != workspace):
            a.member = m["id"]
            a.broken = a.body is None or "recovery" in m["roles"] and a.type not in ("gov.change", "gov.endorse")

    def arrange(self):
        """Each act comes after what its signer had seen and his own word before; else the id decides."""
        self.threads, past = {}, {}
        for a in sorted(self.acts.values(), key=lambda a: (a.seq, a.id)):
            self.threads.setdefault(a.subject, []).append(a)
        for thread in self.threads.values():
            own = {}
            for a in thread:
                past[a.id] = [self.acts[s] for s in a.seen if s in self.acts and self.acts[s].subject == a.subject]
                if not a.broken:
                    past[a.id] += [own[a.key]] if a.key in own else []
                    own[a.key] = a
        self.behind, self.newest = {}, {}

        def visit(a, out):
            if a.id in self.behind:
                return
            behind, newest = set(), a.gov if a.gov in self.charters else None
            self.behind[a.id] = behind
            for p in past[a.id]:
                visit(p, out)
            for p in past[a.id]:
                behind |= self.behind[p.id] | {p.id}
                n = self.newest[p.id]
                if n and not p.broken and (newest is None or self.charters[n]["version"] > self.charters[newest]["version"]):
                    newest = n
            self.newest[a.id] = newest
            out.append(a)
        for subject, thread in self.threads.items():
            ordered = []
            for a in sorted(thread, key=lambda a: a.id):
                visit(a, ordered)
            self.threads[subject] = ordered

    def good(self, subject, *types):
        return [a for a in self.threads.get(subject, ()) if a.member and not a.broken and (not types or a.type in types)]

    def before(self, b, a):
        return b.id in self.behind[a.id]

    def then(self, a):
        return self.charters.get(a.gov)

    def held(self, a, role, member=None):
        member = member or a.member
        return has(self.then(a), member, role) and has(self.charters.get(self.newest[a.id]), member, role)

    def dated(self, a):
        return self.newest[a.id] == a.gov

    def delegation(self, id):
        a = self.acts.get(id)
        return a if a and a.type == "delegate" and a.member and not a.broken and a.body["to"] != a.member else None

    def principal(self, v):
        d = v.body.get("delegation") and self.delegation(v.body["delegation"])
        return d.member if d and d.body["to"] == v.member else v.member

    def attempts(self, record):
        out = {}
        for a in self.good(record, "deploy.start", "deploy.validated", "deploy.result"):
            if a.type == "deploy.start":
                out[a.id] = (a, [])
            elif a.body["start"] in out:
                s, ends = out[a.body["start"]]
                right = (a.type == "deploy.validated") == (s.body["kind"] == "validate")
                if right and s.key == a.key and self.before(s, a) and all(a.body[n] == s.body[n] for n in ("kind", "revision", "package")):
                    ends.append(a.body)
        return list(out.values())

    def type_of(self, r):
        q = self.requests.get(r["requestDigest"])
        return q["changeType"] if q and q["id"] == r["request"] and q["changeType"] in TYPES else ""


def unchanged(ends):
    return bool(ends) and all(e["result"] in ("failed", "canceled", "not-sent") for e in ends)


def succeeded(ends):
    return bool(ends) and all(e["result"] == "succeeded" for e in ends)


def of_revision(s, d, r):
    return r and s.body["revision"] == d and s.member == r["deployer"] and s.body["package"] == r["package"] and s.body["target"] == r["target"]


def policy_for(c, kind, org):
    for p in c["environments"]:
        if p["organization"] and p["organization"] == org:
            return p
    return next((p for p in reversed(c["environments"]) if not p["organization"] and p["kind"] == kind), None)


def strictest(p, types):
    ranks = {l["category"]: LEVELS.index(l["level"]) for l in reversed(p["levels"])}
    every = [LEVELS.index(r["level"]) for r in p["rules"]] + list(ranks.values()) + [LEVELS.index(l["level"]) for l in p["levels"]]
    worst = max(every, default=3)
    return max((ranks.get(CATEGORY.get(t, "Uncategorized"), worst) for t in types), default=worst)


def rule_for(p, kind, level):
    if kind == "Emergency":
        for want in LEVELS[level:]:
            for r in p["rules"]:
                if r["changeType"] == kind and r["level"] == want:
                    return r
    for want in LEVELS[level:]:
        same = [r for r in p["rules"] if r["level"] == want]
        exact = [r for r in same if kind and r["changeType"] == kind]
        general = [r for r in same if not r["changeType"]]
        if exact or general:
            return exact[0] if exact else general[-1]
    return None


def content(q):
    """What a request names one by one."""
    out = {(c["type"], c["name"]): c["action"] for c in q["customizations"]}
    for m in q["manifests"]:
        for t in m["members"]:
            for n in t["names"]:
                if n != "*":
                    out.setdefault((t["type"], n), "change")
    return out


def whole_types(q):
    return {t["type"] for m in q["manifests"] for t in m["members"] if "*" in t["names"]}


def like(patterns, text):
    return any(re.fullmatch(".*".join(map(re.escape, p.lower().split("*"))), text.lower(), re.DOTALL) for p in patterns)


def owned(o, r):
    if "changeType" in r:
        if r["changeSets"] or any(like(o["types"], t) for t in whole_types(r)):
            return True
        named = content(r)
    else:
        named = [(c["type"], c["name"]) for c in r["customizations"]]
    return any(like(o["types"], t) and like(o["names"], n) for t, n in named)


class Ballot:
    """One round of votes under one charter. A post is (step, role, members, quorum, after)."""

    def __init__(self, h, subject, revision, c, votes=(), authors=()):
        self.h, self.subject, self.c, self.votes, self.authors, self.policy = h, subject, c, votes, authors, None
        q, r = h.requests.get(revision), h.records.get(revision)
        self.content, self.record, self.asked, self.deployers = q or r, r, [], []
        if c is None:
            return
        if q:
            self.kind, self.asked = q["changeType"], q["additionalApprovers"]
            self.policy = c["requests"] if self.kind in TYPES else None
            self.types = [] if q["changeSets"] else {x["type"] for x in q["customizations"]} | {
                t["type"] for m in q["manifests"] for t in m["members"] if t["type"]}
        else:
            self.kind, self.deployers = h.type_of(r), [r["deployer"]]
            self.policy, self.types = policy_for(c, r["targetKind"], r["target"]), {x["type"] for x in r["customizations"]}

    def posts(self, named=True):
        rule = self.policy and rule_for(self.policy, self.kind, strictest(self.policy, self.types))
        if not rule:
            return []
        out = [(i, s["role"], (), s["quorum"], rule["ordered"] and i > 0) for i, s in enumerate(rule["steps"])]
        asked = [[m] for m in self.asked] + [o["members"] for o in self.policy["owners"] if owned(o, self.content)] if named else []
        return out + [(len(out) + i, "", m, 1, False) for i, m in enumerate(asked)]

    def expires(self, v):
        return v.at + (3600 * (self.policy["emergencyHours"] or 4) if self.kind == "Emergency" else DAY * self.policy["approvalDays"])

    def may_not(self, member):
        m = person(self.c, member)
        return (m is None or not m["roles"] and not live(self.c, member)
                or member in self.authors and not self.policy["authorMayApprove"]
                or member in self.deployers and not self.policy["approverMayDeploy"])

    def delegated(self, v, role):
        """Whether a vote in another's place is within its delegation."""
        a, r, h = self.h.delegation(v.body["delegation"]), self.record, self.h
        if not a or a.body["to"] != v.member or not self.policy["delegation"] or a.body["subject"] not in ("", self.subject):
            return False
        d, since, until = a.body, moment(a.body["since"]), moment(a.body["until"])
        if d["kind"] not in ("", r and r["targetKind"]) or d["organization"] not in ("", r and r["target"]) or d["role"] not in ("", role):
            return False
        if since is None or until is None or not since <= v.at <= until:
            return False
        seen = [b for b in h.good(v.subject) if h.before(b, v)] + [h.acts[v.gov]] * (v.gov in h.acts)
        if any(b.at > until + SLACK for b in seen):
            return False
        return not any(e.body["delegation"] == a.id and e.member in (a.member, d["to"]) and v.id not in e.body["votes"]
                       for e in h.good("gov", "delegate.end"))

    def fits(self, v, post):
        step, role, members, _, _ = post
        who = self.h.principal(v)
        if v.body.get("delegation") and (not self.delegated(v, role) or self.may_not(v.member)):
            return False
        if self.may_not(who):
            return False
        return has(self.c, who, role) and self.h.held(v, role, who) if role else who in members

    def seat(self, counts, named=True):
        """The approvals that fill every seat, or None."""
        h, posts, used, counted, here, filled = self.h, self.posts(named), set(), [], [], True
        if not posts:
            return None
        several = self.policy["severalSeatsEach"]
        for i, post in enumerate(posts):
            last, here = here, []
            for v in self.votes:
                two = {v.member, h.principal(v)}
                if v.body["step"] != post[0] or not counts(v) or not self.fits(v, post) or two & used and not several:
                    continue
                ahead = {h.principal(l) for l in last if h.before(l, v) and (several or not two & {l.member, h.principal(l)})}
                if not post[4] or len(ahead) >= posts[i - 1][3]:
                    here.append(v)
            vote_of = {}  # one vote for each person: the last, and never another's instead of the own
            for v in here:
                old = vote_of.get(h.principal(v))
                if old is None or v.member == h.principal(v) or old.member != h.principal(v):
                    vote_of[h.principal(v)] = v
            later = {m for v in self.votes if v.body["step"] > post[0] for m in (v.member, h.principal(v))}
            order = sorted(vote_of, key=lambda m: 2 * (m in later or vote_of[m].member in later) + (vote_of[m].member != m))
            sits, n = set(), 0
            for m in order:
                v = vote_of[m]
                if n < post[3] and not {m, v.member} & sits:
                    sits |= {m, v.member}
                    counted.append(v)
                    n += 1
            used |= sits
            filled &= n == post[3]
        return counted if filled else None


class Standing:
    """Where a request ("cr.") or record ("dr.") stands by its acts."""

    def __init__(self, h, subject, prefix):
        self.h, self.subject, self.prefix, self.round, self.revision = h, subject, prefix, 0, ""
        self.rounds, self.submits, self.authors, self.trouble = {}, [], set(), subject in h.missing
        of = lambda *names: h.good(subject, *(prefix + n for n in names))
        self.approvals, self.rejections, self.withdrawals = of("approve"), of("reject"), of("withdraw")
        self.ends, self.cancels, self.completes = of("recall") + of("reopen"), of("cancel"), of("complete")
        self.follow_rounds(of("submit"))
        done = self.completed()
        if done:
            self.round, self.revision = done.body["round"], done.body["revision"]
        self.votes = self.kept(self.votes_for(self.approvals), self.withdrawals) if self.round else []
        self.status = self.fold(done)

    def follow_rounds(self, submits):
        h = self.h
        for n in range(1, len(submits) + 2):
            opened = []
            for a in submits:
                s = a.body
                if s["round"] != n or a.member not in s["authors"] or not self.may_submit(a) or any(h.before(o, a) for o in opened):
                    continue
                if self.round and not any(e.body["round"] == self.round and e.member in self.authors and h.before(e, a) for e in self.ends):
                    continue
                r = (h.requests if self.prefix == "cr." else h.records).get(s["revision"])
                if not r or r["id"] != self.subject or r["round"] != n or r["workspace"] != self.h.workspace:
                    self.trouble = True
                elif self.agrees(s, r):
                    opened.append(a)
            if not opened:
                break
            self.round, self.rounds[n] = n, sorted({a.body["revision"] for a in opened})
            self.submits += opened
            self.authors.update(m for a in opened for m in a.body["authors"] if m)
        if self.round:
            self.revision = self.rounds[self.round][-1]
            self.trouble |= len(self.rounds[self.round]) > 1

    def agrees(self, s, r):
        if self.prefix == "dr.":
            return not s["emergency"]
        if r["changeType"] == "Emergency":
            return s["emergency"] and r["emergencyReason"].strip() != "" and r["incident"].strip() != ""
        return not s["emergency"] and not r["emergencyReason"] and not r["incident"]

    def may_submit(self, a):
        return self.h.held(a, "requester") or self.h.held(a, "release manager")

    def saw(self, a, n, revision=""):
        return any(b.body["round"] == n and revision in ("", b.body["revision"]) and self.h.before(b, a) for b in self.submits)

    def closes(self, a, role=""):
        if a.member in self.authors:
            return True
        if self.round == 0:
            return self.may_submit(a) or role != "" and self.h.held(a, role)
        return role != "" and self.h.held(a, role) and self.saw(a, a.body["round"])

    def votes_for(self, votes):
        n, r = self.round, self.revision
        return [v for v in votes if v.body["round"] == n and v.body["revision"] == r and self.h.dated(v) and self.saw(v, n, r)]

    def kept(self, votes, withdrawals):
        def own(w, v):
            return (v is not None and v.body is not None and v.type[3:] in ("approve", "reject") and v.subject == self.subject
                    and v.member == w.member and v.body["round"] == w.body["round"] and v.body["revision"] == w.body["revision"] and self.h.before(v, w))
        return [v for v in votes if not any(own(w, self.h.acts.get(w.body["act"])) and own(w, v) for w in withdrawals)]

    def rejects(self, a):
        if a.body["round"] != self.round or not self.saw(a, self.round):
            return False
        b, who = Ballot(self.h, self.subject, self.revision, self.h.then(a)), self.h.principal(a)
        return any((self.h.held(a, p[1], who) if p[1] else who in p[2]) and (not a.body["delegation"] or b.delegated(a, p[1])) for p in b.posts())

    def at(self, n, revision):
        other = Standing.__new__(Standing)
        other.__dict__.update(self.__dict__, round=n, revision=revision)
        return other

    def completed(self):
        for a in self.completes:
            n, r = a.body["round"], a.body["revision"]
            if self.rounds.get(n) != [r] or not self.closes(a, "release manager"):
                continue
            then, seen = self.at(n, r), lambda acts: [b for b in acts if self.h.before(b, a)]
            ended = any(e.body["round"] == n and then.closes(e) for e in seen(self.ends))
            ended |= any(then.rejects(e) for e in self.kept(seen(self.rejections), seen(self.withdrawals)))
            if not ended and then.was_filled(then.kept(seen(then.votes_for(self.approvals)), seen(self.withdrawals))):
                return a
        return None

    def fold(self, done):
        if any(self.closes(a, "owner") and not (done and self.h.before(done, a)) for a in self.cancels):
            return "Cancelled"
        if done:
            return "Completed"
        if self.round == 0 or any(a.body["round"] == self.round and self.closes(a) for a in self.ends):
            return "In Progress"
        if any(self.rejects(a) for a in self.kept(self.rejections, self.withdrawals)):
            return "Rejected"
        return "Approved" if self.was_filled(self.votes) else "Pending Approval"

    def all_authors(self):
        r = self.h.records.get(self.revision) if self.prefix == "dr." else None
        return self.authors | (Standing(self.h, r["request"], "cr.").authors if r else set())

    def seating(self, c, votes, counts):
        b = Ballot(self.h, self.subject, self.revision, c, votes, self.all_authors())
        same = lambda v: Ballot(self.h, self.subject, self.revision, self.h.then(v)).policy == b.policy
        return b.policy and b.seat(lambda v: same(v) and counts(v, b))

    def was_filled(self, votes):
        return any(self.seating(self.h.charters[g], votes, lambda v, b: True) for g in {v.gov for v in votes})

    def seating_at(self, now):
        c = self.h.charter

        def counts(v, b):
            m = holder(c, v.key)[0]
            return m is not None and m["id"] == v.member and now <= b.expires(v) and v.at <= now + SLACK
        return self.seating(c, self.votes, counts)


def reviews_overdue(h, now):
    starts, n = {}, 0
    for id in {r["id"] for r in h.records.values() if h.type_of(r) == "Emergency"}:
        rounds = Standing(h, id, "dr.").rounds
        for s, ends in h.attempts(id):
            d = s.body["revision"]
            r = h.records.get(d)
            if (r and h.type_of(r) == "Emergency" and s.body["kind"] in REAL and of_revision(s, d, r) and not unchanged(ends)
                    and d in rounds.get(r["round"], ())):
                starts.setdefault(r["requestDigest"], []).append(s)
    for subject, thread in h.threads.items():
        if not any(a.type in ("cr.submit", "dr.submit") and not a.broken and a.body["emergency"] for a in thread):
            continue
        st = Standing(h, subject, "cr.")
        for number, d in [(k, d) for k, ds in st.rounds.items() for d in ds if d in starts]:
            first = min(starts[d], key=lambda s: (s.at, s.id))
            due = first.at + DAY * (h.charter["requests"]["reviewDays"] or 5)
            n += now > due and not reviewed(h, st, number, d, starts[d])
    return n


def reviewed(h, st, number, d, starts):
    acts = [a for a in h.good(st.subject, "cr.review") if a.body["round"] == number and a.body["revision"] == d
            and a.body["verdict"] in ("accepted", "objected") and h.dated(a) and st.saw(a, number, d)
            and a.body["start"] in {s.id for s in starts}]
    for c in [h.charters[g] for g in {a.gov for a in acts}]:
        b = Ballot(h, st.subject, d, c, acts, st.all_authors())
        b.kind, b.deployers = "Standard", {s.member for s in starts}
        if b.policy and not c["solo"]:
            b.policy = dict(b.policy, authorMayApprove=False, approverMayDeploy=False)
        if b.policy and b.seat(lambda a: h.then(a)["requests"] == c["requests"], named=False):
            return True
    return False


def in_window(p, now):
    def holds(w):
        (start, end), at, day = minutes(w), now.hour * 60 + now.minute, now.isoweekday()
        if start < end:
            return day in w["days"] and start <= at < end
        return day in w["days"] and at >= start or (day - 2) % 7 + 1 in w["days"] and at < end
    return not p["windows"] or any(holds(w) for w in p["windows"])


def gate(h, q):
    """The codes of the checks that do not hold, in order, and the approvals that count."""
    bad, counted = [], []

    def check(ok, code):
        if not ok:
            bad.append(code)
        return bool(ok)
    if not check(not h.trouble and h.charter, "charter") or not check(not q["findings"] and not h.findings, "trail"):
        return bad, counted
    request, record = Standing(h, q["request"]["id"], "cr."), Standing(h, q["record"]["id"], "dr.")
    for name, st in (("request", request), ("record", record)):
        row = q[name]
        check(not st.trouble, name + "_history")
        check(row["status"] == st.status, name + "_altered")
        check(st.status == "Approved", name + "_status")
        if bad or not check(row["digest"] == st.revision, name + "_content"):
            return bad, counted
    rev, req, kind, c = h.records.get(record.revision), h.requests.get(request.revision), q["kind"], h.charter
    if not check(rev and req, "revision"):
        return bad, counted
    if not check(rev["request"] == q["request"]["id"] and rev["requestDigest"] == request.revision, "same_request"):
        return bad, counted
    known = ("retrieve", "validate", "rollback") if rev["kind"] == "rollback" else ("retrieve", "validate", "reverse-check", "deploy", "quick")
    check(kind in known, "kind")
    check(rev["targetKind"] != "production" or rev["options"]["rollbackOnError"], "rollback_on_error")
    check(asked_for(req, rev), "selection")

    now = q["now"]
    latest = {}
    for a in h.good(q["request"]["id"]) + h.good(q["record"]["id"]):
        latest[a.member] = max(a.at, latest.get(a.member, a.at))
    believed = max([now, latest.get(rev["deployer"], now)] + sorted(latest.values())[-2:-1])
    for name, st in (("request", request), ("record", record)):
        seats = st.seating_at(believed)
        check(seats, name + "_seats")
        counted += seats or []

    policy, who = policy_for(c, rev["targetKind"], rev["target"]), q["deployer"]
    if check(policy, "policy"):
        check(who and who == rev["deployer"], "deployer")
        role = policy["deployerRole"]
        check(live(c, who) and not has(c, who, "recovery") and (not role or has(c, who, role)), "deployer_role")
        check(who not in request.authors | record.authors or policy["authorMayDeploy"], "author_deploys")
        approvers = {m for a in counted for m in (a.member, h.principal(a))}
        check(who not in approvers or policy["approverMayDeploy"], "approver_deploys")
        emergency = req["changeType"] == "Emergency"
        if kind in REAL and (policy["windows"] or policy["freezes"]):
            urgent = emergency and policy["emergencyInFreeze"]
            try:
                zone = zoneinfo.ZoneInfo(policy["zone"] or "UTC") if policy["zone"] != "Local" else None
            except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
                zone = datetime.timezone.utc if policy["zone"] in ("", "UTC") else None
            if check(zone, "zone"):
                local = datetime.datetime.fromtimestamp(now, zone)
                check(urgent or not any(f["from"] <= local.strftime("%Y-%m-%d") <= f["until"] for f in policy["freezes"]), "freeze")
                check(urgent or in_window(policy, local), "window")
        check(emergency or reviews_overdue(h, believed) < (policy["overdueReviews"] or 1), "reviews")
        if policy["findingsClose"]:
            check(not open_findings(h, rev["target"]), "findings_open")
    if kind in REAL:
        check(not any(s.member == rev["deployer"] and s.body["revision"] == record.revision and s.body["kind"] in REAL and not unchanged(ends)
                      for s, ends in h.attempts(q["record"]["id"])), "once")
    if kind == "reverse-check":
        check(q["package"] == rev["reverse"], "reverse")
    elif check(q["package"], "retrieved"):
        check(q["package"] == rev["package"], "package")
        check(q["base"] == rev["base"], "base")
    check(q["target"] == rev["target"] and q["targetKind"] == rev["targetKind"], "target")
    if c["demo"]:
        check(rev["target"] in c["organizations"] and rev["source"] in c["organizations"], "demo_only")
    if policy and (policy["validationFirst"] and kind == "deploy" or kind == "quick"):
        check(validated(h, q, rev, believed, policy["validationDays"] or 10), "validation")
    if policy and policy["testFirst"] and kind in REAL:
        check(tested(h, rev, request.revision), "test_first")
    return bad, counted


def asked_for(req, rev):
    named, wild, have = content(req), whole_types(req), {(c["type"], c["name"]): c["action"] for c in rev["customizations"]}

    def holds(key, action):
        open_ended = key[0] in wild or bool(req["changeSets"])
        if action not in ("add", "change", "delete"):
            return False
        if rev["kind"] == "rollback":
            return key in named or open_ended
        return (named[key] == "delete") == (action == "delete") if key in named else action != "delete" and open_ended
    every = all(holds((c["type"], c["name"]), c["action"]) for c in rev["customizations"])
    return bool(have) and every and (not rev["whole"] or set(named) <= set(have))


def open_findings(h, org):
    acts = h.good("org:" + org)
    resolved = {f for r in acts if r.type == "recon.resolve" and (r.body["reason"].strip() or r.body["request"])
                for f in r.body["findings"] if f in h.behind[r.id]}
    return [a for a in acts if a.type == "recon.finding" and a.id not in resolved]


def validated(h, q, rev, now, days):
    for s, ends in h.attempts(q["record"]["id"]):
        r = h.records.get(s.body["revision"])
        if s.body["kind"] != "validate" or s.member != rev["deployer"] or not r or not succeeded(ends):
            continue
        same = s.body["package"] == rev["package"] == r["package"] and s.body["target"] == rev["target"] == r["target"]
        same &= r["apiVersion"] == rev["apiVersion"] and r["options"] == rev["options"]
        done, id = rfc3339(ends[0]["completedAt"]), ends[0]["asyncId"]
        if same and done is not None and id and (q["kind"] != "quick" or id == q["validation"]) and now <= done + days * DAY:
            return True
    return False


def tested(h, rev, request):
    for d, r in h.records.items():
        mine = {(c["type"], c["name"]): c["action"] == "delete" for c in r["customizations"]}
        covers = all(mine.get((c["type"], c["name"])) == (c["action"] == "delete") for c in rev["customizations"])
        if (r["kind"] == "rollback" or r["request"] != rev["request"] or r["requestDigest"] != request or r["targetKind"] == "production"
                or r["target"] == rev["target"] or not covers):
            continue
        st = Standing(h, r["id"], "dr.")
        real = [succeeded(ends) for s, ends in h.attempts(r["id"]) if s.body["kind"] in REAL and of_revision(s, d, r)]
        if st.status == "Completed" and st.revision == d and real and real[-1]:
            return True
    return False
