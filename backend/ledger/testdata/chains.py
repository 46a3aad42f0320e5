"""Acts, the chain of each key, and the chain of charters with the owners'
thresholds, in plain Python. Who may approve what is in rules.py.
"""
import json, re
from core import ACT, MB, Refused, digest, is_digest, moment, pae, signed, strict

STATEMENT = {"at": str, "gov": str, "key": str, "log": str, "prev": str, "seen": [str], "seq": int, "subj": str, "type": str, "ws": str}
HEAD = re.compile(r"(0|[1-9]\d{0,18}):([A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=)", re.ASCII)


class Act:
    member = broken = body = None

    def __init__(self, payload, sig):
        try:
            key = json.loads(payload.decode(errors="replace")).get("key")
        except (ValueError, AttributeError, RecursionError):
            raise Refused("canonical")
        good = signed(key, pae(ACT, payload), sig)
        if not good:
            raise Refused("key" if good is None else "signature")
        try:
            rest, self.raw = self.split(payload.decode())
        except UnicodeDecodeError:
            raise Refused("canonical")
        st = strict(rest, STATEMENT)
        self.id, self.at, self.subject = digest(ACT, payload), moment(st["at"]), st["subj"]
        for name in ("key", "gov", "prev", "seq", "seen", "type", "ws"):
            setattr(self, name, st[name])
        if st["key"] != key or len(payload) > MB or st["log"] and not HEAD.fullmatch(st["log"]) or not self.formed():
            raise Refused("form")

    @staticmethod
    def split(text):
        """The statement without its body, and the body as it is written."""
        head = re.match(r'\{"at":"[^"\\]*",(?="body":)', text)
        try:
            start = head.end() + len('"body":')
            _, end = json.JSONDecoder().raw_decode(text, start)
        except (AttributeError, ValueError, RecursionError):
            raise Refused("canonical")
        body, rest = text[start:end], text[:head.end()] + text[end + 1:]
        if text[end] != "," or re.search(r"[ \t\r\n]", re.sub(r'"(\\.|[^"\\])*"', "", body)):
            raise Refused("canonical")
        return rest, body

    def formed(self):
        genesis = self.type == "gov.genesis"
        return (self.at is not None and 0 < len(self.type.encode()) <= 100 and 0 < len(self.subject.encode()) <= 200
                and self.seq >= 0 and (self.seq == 0) == (self.prev == "") and (not self.prev or is_digest(self.prev))
                and genesis == (self.ws == "") == (self.gov == "")
                and (self.seq == 0 and not self.seen if genesis else is_digest(self.ws) and is_digest(self.gov))
                and len(self.seen) <= 1000 and all(map(is_digest, self.seen)) and sorted(set(self.seen)) == self.seen)


OPENED = {}


def open_act(payload, sig):
    """A new Act of bytes that may have been opened before."""
    if (payload, sig) not in OPENED:
        try:
            OPENED[payload, sig] = Act(payload, sig)
        except Refused as e:
            OPENED[payload, sig] = e
    found = OPENED[payload, sig]
    if isinstance(found, Refused):
        raise found
    act = Act.__new__(Act)
    act.__dict__.update(found.__dict__)
    return act


class Chains:
    """Each key signs 0, 1, 2, ... and names its act before."""

    def __init__(self, acts):
        self.acts, self.torn, self.gap = acts, set(), set()
        for key in {a.key for a in acts.values()}:
            chain, before, whole = sorted((a for a in acts.values() if a.key == key), key=lambda a: (a.seq, a.id)), "", True
            for i, a in enumerate(chain):
                forked = i + 1 < len(chain) and chain[i + 1].seq == a.seq
                if whole and (a.seq != i or forked or a.prev != before):
                    whole = False
                    if a.seq != i or not forked:
                        self.gap.add(key)
                before = a.id
                if not whole:
                    self.torn.add(a.id)

    def trusted(self, key, last):
        """The acts up to the last that is trusted; None if one is missing."""
        found, a = set(), self.acts.get(last)
        while a and a.key == key:
            found.add(a.id)
            if a.seq == 0:
                return found
            before = self.acts.get(a.prev)
            a = before if before and before.seq == a.seq - 1 else None
        return None

    def good(self, id, key, last):
        if last == "":
            return id not in self.torn
        return last != "none" and id in (self.trusted(key, last) or ())

    def incomplete(self, key, last):
        return key in self.gap if last == "" else last != "none" and self.trusted(key, last) is None


# Charters: who the members and owners are.
def holder(c, key):
    return next(((m, k) for m in c["members"] for k in m["keys"] if k["public"] == key), (None, None))


def endorses(m):
    return bool({"owner", "recovery"} & set(m["roles"]))


class Succession:
    """From the founding act to the charter in force. Usable says of a charter
    whether it can be one at all."""

    def __init__(self, acts, chains, workspace, usable):
        self.acts, self.chains, self.charters, self.walks = acts, chains, {}, {}
        self.all = {a.id: a.body for a in acts.values() if a.type in ("gov.genesis", "gov.change") and a.body}
        self.next, self.support = {}, {}
        for id in sorted(self.all):
            if acts[id].type == "gov.change" and usable(self.all[id]):
                self.next.setdefault(self.all[id]["prev"], []).append(id)
                self.support.setdefault(id, []).append(acts[id])
        for a in acts.values():
            if a.type == "gov.endorse" and a.body:
                self.support.setdefault(a.body["change"], []).append(a)
        founder, c = acts.get(workspace), self.all.get(workspace)
        self.head, self.trouble = "", True
        if founder and c and founder.type == "gov.genesis" and usable(c) and c["version"] == 0 and not c["prev"] and not c["void"]:
            m, k = holder(c, founder.key)
            if m and "owner" in m["roles"] and k["last"] == "":
                path, self.trouble = self.follow(workspace)
                self.charters.update((id, self.all[id]) for id in path)
                self.head = path[-1]

    def agreed(self, proposal, under):
        """Whether as many owners of a charter support a proposal as it asks for: people, not keys."""
        owners = set()
        for a in self.support.get(proposal, ()):
            m, k = holder(under, a.key)
            if m and endorses(m) and self.chains.good(a.id, a.key, k["last"]):
                owners.add(m["id"])
        return len(owners) >= under["ownerThreshold"]

    def successors(self, id):
        old = self.all[id]
        fixed = ("nonce", "demo", "predecessor", "organizations")
        return [p for p in self.next.get(id, ()) if (c := self.all[p])["version"] == old["version"] + 1
                and all(c[n] == old[n] for n in fixed) and self.agreed(p, old) and self.agreed(p, c)]

    def follow(self, id):
        """The charters from one on, and whether a fork is open among them."""
        if id not in self.walks:
            path, trouble = [id], False
            while branches := self.successors(path[-1]):
                if len(branches) > 1:
                    ends = [b for b in branches if any(self.voids(v, b, branches) for v in self.follow(b)[0])]
                    if len(ends) == 1:
                        path, trouble = path + self.follow(ends[0])[0], self.follow(ends[0])[1]
                    else:
                        trouble = True
                        for b in branches:
                            self.charters.update((v, self.all[v]) for v in self.follow(b)[0])
                    break
                path.append(branches[0])
            self.walks[id] = path, trouble
        return self.walks[id]

    def voids(self, id, keep, branches):
        def falls(branch):
            line, trouble = self.follow(branch)
            return branch in self.all[id]["void"] and not trouble and all(self.agreed(id, self.all[v]) for v in line)
        return all(falls(b) for b in branches if b != keep)
