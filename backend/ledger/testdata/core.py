"""What bytes prove, in plain Python: canonical JSON and digests, Ed25519 (RFC
8032), signed notes (C2SP), the Merkle tree of the audit trail (RFC 6962) with
its proofs, and the one form of a file. See verify.py.
"""
import base64, binascii, datetime, hashlib, json, re, struct

MEDIA = "application/vnd.countersign.%s+json;v=1"
ACT, REQUEST, RECORD = MEDIA % "act", MEDIA % "request-revision", MEDIA % "record-revision"
MB = 1 << 20


class Refused(Exception):
    """Why bytes are not what they should be; the first word is a code."""


def sha(b):
    return hashlib.sha256(b).digest()


def pae(media, body):
    return b"DSSEv1 %d %s %d %s" % (len(media), media.encode(), len(body), body)


def digest(media, body):
    return sha(pae(media, body)).hex()


def is_digest(s):
    return re.fullmatch(r"[0-9a-f]{64}", s) is not None


# Ed25519, RFC 8032, in extended coordinates.
P, ORDER = 2**255 - 19, 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P
ROOT = pow(2, (P - 1) // 4, P)
NEUTRAL = (0, 1, 1, 0)


def add(a, b):
    n, m = (a[1] - a[0]) * (b[1] - b[0]), (a[1] + a[0]) * (b[1] + b[0])
    t, z = 2 * a[3] * b[3] * D, 2 * a[2] * b[2]
    e, f, g, h = m - n, z - t, z + t, m + n
    return e * f % P, g * h % P, f * g % P, e * h % P


def times(k, point):
    out = NEUTRAL
    while k:
        if k & 1:
            out = add(out, point)
        point, k = add(point, point), k >> 1
    return out


def pack(point):
    inverse = pow(point[2], -1, P)
    x, y = point[0] * inverse % P, point[1] * inverse % P
    return (y | (x & 1) << 255).to_bytes(32, "little")


def unpack(b):
    """The point of the one encoding, or None."""
    n = int.from_bytes(b, "little")
    y, sign = n & (1 << 255) - 1, n >> 255
    if y >= P:
        return None
    xx = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(xx, (P + 3) // 8, P)
    if x * x % P != xx:
        x = x * ROOT % P
    if x * x % P != xx or x == 0 and sign:
        return None
    x = P - x if x & 1 != sign else x
    return x, y, 1, x * y % P


BASE = unpack((4 * pow(5, -1, P) % P).to_bytes(32, "little"))


def public_key(text):
    """The point of a key that only its holder can sign with, or None."""
    if not isinstance(text, str) or not re.fullmatch(r"ed25519:[0-9a-f]{64}", text):
        return None
    point = unpack(bytes.fromhex(text[8:]))
    return point if point and pack(times(8, point)) != pack(NEUTRAL) else None


def signed(public, message, sig):
    """Whether the holder of a public key signed a message; None if it is no key."""
    if (point := public_key(public)) is None:
        return None
    if len(sig) != 64 or (s := int.from_bytes(sig[32:], "little")) >= ORDER:
        return False
    k = int.from_bytes(hashlib.sha512(sig[:32] + bytes.fromhex(public[8:]) + message).digest(), "little") % ORDER
    return pack(add(times(s, BASE), times(ORDER * 8 - k, point))) == sig[:32]


# Canonical JSON. A form says what a value looks like: str, int, bool, [list],
# {object}; a name with "?" is left out while its value is empty.
def fill(form, v):
    """Holds a value to its form and puts in what was left out."""
    if isinstance(form, list):
        if not isinstance(v, list):
            raise Refused("canonical")
        return [fill(form[0], x) for x in v]
    if not isinstance(form, dict):
        if type(v) is not form or form is int and abs(v) >= 2**53:
            raise Refused("canonical")
        return v
    out, names = {}, {n.rstrip("?") for n in form}
    if not isinstance(v, dict) or set(v) - names:
        raise Refused("canonical")
    for name, inner in form.items():
        plain = name.rstrip("?")
        if plain in v:
            out[plain] = fill(inner, v[plain])
        if name != plain and plain in v and not v[plain] or name == plain and plain not in v:
            raise Refused("canonical")
        out.setdefault(plain, [] if isinstance(inner, list) else inner() if not isinstance(inner, dict) else {})
    return out


def never(_):
    raise Refused("canonical")


def canonical(v):
    return json.dumps(v, ensure_ascii=False, separators=(",", ":"), sort_keys=True)


def strict(b, form):
    """What canonical bytes say; Refused if they are not the one form of it."""
    try:
        text = b.decode() if isinstance(b, bytes) else b
        v = json.loads(text, parse_float=never, parse_constant=never)
        if canonical(v).encode() != text.encode():
            raise Refused("canonical")
    except (ValueError, RecursionError):
        raise Refused("canonical")
    return fill(form, v)


def unbase(text):
    """The bytes of the one base64 of them."""
    try:
        b = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise Refused("canonical")
    if base64.b64encode(b).decode() != text:
        raise Refused("canonical")
    return b


def moment(text):
    """Seconds of a time as acts have it, or None."""
    return rfc3339(text) if re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", text, re.ASCII) else None


def rfc3339(text):
    if not re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)", text, re.ASCII):
        return None
    try:
        return datetime.datetime.fromisoformat(re.sub(r"\.\d+", "", text).replace("Z", "+00:00")).timestamp()
    except ValueError:
        return None


# The Merkle tree of the audit trail, RFC 6962; the proofs as RFC 9162 walks them.
def node(left, right):
    return sha(b"\1" + left + right)


def includes(root, size, index, leaf, proof):
    """Whether a tree of that size and root has the leaf at the index."""
    at, last, h = index, size - 1, sha(b"\0" + leaf)
    for p in proof:
        if last == 0:
            return False
        if at & 1 or at == last:
            h = node(p, h)
            while at and not at & 1:
                at, last = at >> 1, last >> 1
        else:
            h = node(h, p)
        at, last = at >> 1, last >> 1
    return 0 <= index < size and last == 0 and h == root


def continues(root, size, before, earlier, proof):
    """Whether a tree of that size and root begins with the earlier one."""
    if not 0 < earlier < size or not proof:
        return False
    at, last = earlier - 1, size - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    proof = list(proof) if at else [before] + list(proof)
    old = new = proof[0]
    for p in proof[1:]:
        if last == 0:
            return False
        if at & 1 or at == last:
            old, new = node(p, old), node(p, new)
            while at and not at & 1:
                at, last = at >> 1, last >> 1
        else:
            new = node(new, p)
        at, last = at >> 1, last >> 1
    return last == 0 and old == before and new == root


def hashes(lines):
    out = [unbase(x) for x in lines]
    if any(len(h) != 32 for h in out):
        raise Refused("canonical")
    return out


def note(text, name, public):
    """The text of a signed note that the holder of a key signed under a name,
    and its signature lines."""
    head, _, block = text.rpartition("\n\n")
    if not block.endswith("\n") or re.search(r"[\x00-\x09\x0b-\x1f]", text) or public_key(public) is None:
        raise Refused("note")
    key, good = bytes.fromhex(public[8:]), False
    mine = sha(name.encode() + b"\n\1" + key)[:4]
    for line in block[:-1].split("\n"):
        m = re.fullmatch(r"\u2014 ([^\s+]+) ([A-Za-z0-9+/]+={0,2})", line)
        try:
            sig = base64.b64decode(m[2], validate=True) if m else b""
        except binascii.Error:
            sig = b""
        if len(sig) < 5:
            raise Refused("note")
        if m[1] == name and sig[:4] == mine:
            if not signed(public, (head + "\n").encode(), sig[4:]):
                raise Refused("note")
            good = True
    if not good:
        raise Refused("note")
    return head + "\n", block[:-1].split("\n")


# The one form of a file: a ZIP of entries that are stored as they are.
def container(parts):
    chunks, central, at = [], b"", 0
    for name, data in parts:
        fields = struct.pack("<5H3I2H", 0, 0, 0, 0, 0, binascii.crc32(data), len(data), len(data), len(name), 0)
        chunks += [b"PK\3\4" + fields + name, data]
        central += b"PK\1\2\0\0" + fields + struct.pack("<3H2I", 0, 0, 0, 0, at) + name
        at += 30 + len(name) + len(data)
    return b"".join(chunks) + central + b"PK\5\6" + struct.pack("<4H2IH", 0, 0, len(parts), len(parts), len(central), at, 0)


def entries(raw):
    if len(raw) > 256 * MB:
        raise Refused("too_large")
    if len(raw) < 22 or raw[:4] != b"PK\3\4":
        raise Refused("not_one")
    if raw[-22:-18] != b"PK\5\6":
        raise Refused("damaged its end is missing")
    n, size = struct.unpack("<HI", raw[-12:-6])
    if not 0 < n <= 20000 or size > 8 * MB:
        raise Refused("too_large")
    parts, at = [], 0
    while raw[at:at + 4] == b"PK\3\4" and at + 30 <= len(raw):
        size, length = struct.unpack("<IH", raw[at + 22:at + 28])
        at += 30 + length + size
        parts.append((raw[at - size - length:at - size], raw[at - size:at]))
    if parts[0][0] != b"manifest.note":
        raise Refused("not_one")
    if container(parts) != raw:
        raise Refused("damaged it has not its one form")
    return parts
