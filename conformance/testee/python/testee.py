#!/usr/bin/env python3
"""A testee for `teleport conform --exec 'python3 testee.py'`: fast/1, written from the standard (spec/) alone.

Standard library only. The first half is a codec, to be replaced by yours; main() at the end is the contract of
conformance/testee/README.md. A bug may raise whatever it likes: the judge tells a crash from a rejection.
"""
import gzip, json, platform, re, struct, sys, zlib

class Rejected(Exception):
    """A fault in the terms of chapter 11: class, stage and offset."""

    def __init__(self, cls, stage="frame", offset=0, message=""):
        super().__init__(message)
        self.cls, self.stage, self.offset = cls, stage, offset

    def result(self):
        return {"status": "rejected", "class": self.cls, "stage": self.stage, "offset": self.offset, "message": str(self)}

class More(Exception):
    """The bytes end inside a frame; the argument is how many of it have to be there to go on."""

# --- filters (chapters 7 and 22): id -> (doing, undoing within a limit) ---

def ungzip(data, limit, at):
    """Undo gzip as 7.5 says: one whole member, or one that ends exactly behind a sync flush."""
    def inflate(member, most):
        d = zlib.decompressobj(31)  # the gzip format: header, checksum and length are checked
        out = d.decompress(member, most)
        return out, d.eof and not d.unused_data, d.eof
    try:
        out, whole, ended = inflate(data, limit + 1)
        if len(out) > limit:
            raise Rejected("limit", offset=at)
        if not whole and not ended and data.endswith(b"\x00\x00\xff\xff"):
            # The two runs of 7.5: an empty final block behind it, and a byte in place of the last four.
            for member, want in (data, out), (data[:-4] + b"\x01\x00\xfe\xff\xff", out + b"\xff"):
                final = b"\x01\x00\x00\xff\xff" + struct.pack("<II", zlib.crc32(want), len(want))
                whole = inflate(member + final, len(want) + 2)[:2] == (want, True)
                if not whole:
                    break
        if whole:
            return out
    except zlib.error as e:
        raise Rejected("filter-data", offset=at, message=str(e)) from e
    raise Rejected("filter-data", offset=at, message="not exactly one gzip member")

def crc32c(data):
    c = 0xFFFFFFFF
    for b in data:
        c = CASTAGNOLI[(c ^ b) & 0xFF] ^ c >> 8
    return (c ^ 0xFFFFFFFF).to_bytes(4, "big")

def uncrc32c(data, limit, at):
    if len(data) - 4 > limit:
        raise Rejected("limit", offset=at)
    if len(data) < 4 or crc32c(data[:-4]) != data[-4:]:
        raise Rejected("filter-data", offset=at, message="the CRC-32C is wrong")
    return data[:-4]

CASTAGNOLI = list(range(256))
for _ in range(8):
    CASTAGNOLI = [c >> 1 ^ (0x82F63B78 if c & 1 else 0) for c in CASTAGNOLI]
FILTERS = {ord("g"): (lambda data: gzip.compress(data, mtime=0), ungzip), ord("c"): (lambda data: data + crc32c(data), uncrc32c)}

# --- metadata (chapter 8) ---

def decode_meta(raw):
    def unescape(b):
        return re.sub(rb"%([0-9A-Fa-f]{2})", lambda m: bytes([int(m[1], 16)]), b.replace(b"+", b" "))
    parts = (part.partition(b"=") for part in raw.split(b"&"))
    return [(unescape(key), unescape(value)) for key, _, value in parts if key or value]

def encode_meta(pairs):
    def escape(b):
        return re.sub(rb"[^A-Za-z0-9*\-._]", lambda m: b"%%%02X" % m[0][0], b)
    return b"&".join(escape(k) + (b"=" + escape(v) if v else b"") for k, v in pairs)

# --- bodies (chapter 9): does this decode into anything at all? ---

def varint(b, at):
    for n in range(1, 11):
        if b[at + n - 1] < 0x80:  # past the end: IndexError
            value = sum((b[at + i] & 0x7F) << 7 * i for i in range(n))
            if value < 1 << 64:
                return value, at + n
    raise ValueError("a varint that does not end, or has more than 64 bits")

def protobuf(b, at=0, group=0, depth=0):
    """Walk over a message, or over a group up to its end tag; give where that ends."""
    while at < len(b):
        tag, at = varint(b, at)
        number, wire = tag >> 3, tag & 7
        if not 0 < number < 1 << 29 or depth > 100:
            raise ValueError("a field number or depth that cannot be")
        if wire == 4 and number == group:
            return at
        if wire == 3:
            at = protobuf(b, at, number, depth + 1)
            continue
        size, at = varint(b, at) if wire in (0, 2) else ({1: 8, 5: 4}[wire], at)  # any other: KeyError
        at += size if wire else 0
    if at > len(b) or group:
        raise ValueError("the message ends too early")

def body_fault(codec, body):
    """The class of what is wrong with a body, None where it decodes."""
    try:
        if not body or codec == ord("s"):
            return None
        if codec == ord("j"):
            json.loads(body.decode("utf-8"), parse_constant=lambda name: {}[name], parse_int=str, parse_float=str)
        elif codec == ord("p"):
            protobuf(body)
        else:
            return "codec-unknown"
    except (ValueError, LookupError):
        return "body"
    return None

# --- the frame (chapter 5) and the payload (chapter 6) ---

def decode(data, limits, known):
    """Read the frame at the beginning of data. Each check runs as soon as its bytes are there."""
    def check(need, holds, cls="", offset=0):
        if len(data) < need:
            raise More(need)
        if not holds():
            raise Rejected(cls, offset=offset)
    size = int.from_bytes(data[:4], "big")
    check(4, lambda: size >= 6, "length")
    check(4, lambda: size <= limits["maxPacket"], "limit")
    check(5, lambda: data[4:5] == b"f", "version", 4)
    check(6, lambda: data[5] <= size - 6, "length", 5)
    n = data[5]
    check(6, lambda: n > 0 or size - 6 <= limits["maxPayload"], "limit")
    for i in range(n):
        check(7 + i, lambda: data[6 + i] in known, "filter-unknown", 6 + i)
    check(size, lambda: True)
    pipe, payload = list(data[6:6 + n]), data[6 + n:size]
    for i, id in enumerate(pipe):
        payload = FILTERS[id][1](payload, limits["maxPayload"], 6 + i)
    return parse(payload, limits) | {"pipe": pipe, "size": size}

def parse(payload, limits):
    def field(at, n, offset=None):
        if len(payload) - at < n:
            raise Rejected("header", "payload", at if offset is None else offset)
        return payload[at:at + n]

    def sized(at, limit):
        n = int.from_bytes(field(at, 4), "big")
        value = field(at + 4, n, at)
        if n > limit:
            raise Rejected("limit", "payload", at)
        return value

    seq, ptype = int.from_bytes(field(0, 8), "big"), field(8, 1)[0]
    uri = sized(9, limits["maxUri"])
    m = 13 + len(uri)
    raw = sized(m, limits["maxMeta"])
    meta = decode_meta(raw)
    if len(meta) > limits["maxMetaPairs"]:
        raise Rejected("limit", "payload", m)
    c = m + 4 + len(raw)
    codec, body = field(c, 1)[0], payload[c + 1:]
    packet = {"seq": str(seq), "ptype": ptype, "uri": show(uri), "body_codec": codec, "body": show(body),
              "meta": [{"key": show(k), "value": show(v)} for k, v in meta]}
    fault = body_fault(codec, body)
    if fault:
        packet["fault"] = {"class": fault, "offset": c if fault == "codec-unknown" else c + 1}
    return packet

def encode(packet, meta, limits, known):
    meta = [(k, v) for k, v in meta if k or v]
    pipe, uri, raw = packet["pipe"], read(packet["uri"]), encode_meta(meta)
    if len(pipe) > 255 or len(uri) > limits["maxUri"] or len(raw) > limits["maxMeta"] or len(meta) > limits["maxMetaPairs"]:
        raise Rejected("limit")
    if any(id not in known for id in pipe):
        raise Rejected("filter-unknown")
    data = struct.pack(">QBI", int(packet["seq"]), packet["ptype"], len(uri)) + uri
    data += struct.pack(">I", len(raw)) + raw + bytes([packet["body_codec"]]) + read(packet["body"])
    for id in reversed(pipe):
        data = FILTERS[id][0](data)
    size = 6 + len(pipe) + len(data)
    if size > limits["maxPacket"]:
        raise Rejected("limit")
    return struct.pack(">I", size) + b"f" + bytes([len(pipe)]) + bytes(pipe) + data

# --- the contract: lines of JSON ---

def show(b): return {"hex": b.hex()}
def read(b): return bytes.fromhex(b["hex"])

def operate(meta, ops):
    """Do the operations of 8.1; give what the peeks found."""
    peeks = []
    for op in ops:
        key, at = read(op["key"]), next((i for i, (k, _) in enumerate(meta) if k == read(op["key"])), None)
        if op["op"] == "set" and at is not None:
            meta[at] = (key, read(op["value"]))
        elif op["op"] in ("set", "add"):
            meta.append((key, read(op["value"])))
        elif op["op"] == "del":
            meta[:] = [(k, v) for k, v in meta if k != key]
        else:  # peek
            peeks.append(None if at is None else show(meta[at][1]))
    return peeks

def answer(case):
    limits, known = case["limits"], case["filters"]
    if case["op"] == "encode":
        meta = [(read(m["key"]), read(m["value"])) for m in case["packet"]["meta"]]
        peeks = operate(meta, case.get("ops", []))
        return {"status": "ok", "wire": encode(case["packet"], meta, limits, known).hex(), "peeks": peeks}
    if case["op"] != "decode":
        return {"status": "unimplemented"}
    data, packets = b"".join(map(bytes.fromhex, case["segments"])), []
    out, most = {"status": "ok", "packets": packets}, case.get("packets") or len(data)
    try:
        while data and len(packets) < most:
            packets.append(decode(data, limits, known))
            data = data[packets[-1]["size"]:]
    except More as e:
        return out | (Rejected("short", offset=len(data)).result() if case.get("end") else {"need": e.args[0]})
    except Rejected as e:
        return out | e.result()
    return out

def main():
    for line in sys.stdin.buffer:
        asked = json.loads(line)
        if asked["type"] == "hello":
            reply = {"type": "hello", "contract": 1, "name": "the example testee", "language": "Python " + platform.python_version(),
                     "protos": ["fast/1"], "filters": list(FILTERS), "features": ["binary", "header-limits", "interop", "meta", "pipe"]}
        elif asked["type"] == "case":
            try:
                reply = answer(asked)
            except Rejected as e:  # of an encoder
                reply = e.result()
            reply |= {"type": "result", "id": asked["id"], "run": asked["run"]}
        else:
            reply = {"type": "bye"}
        print(json.dumps(reply), flush=True)
        if reply["type"] == "bye":
            return

if __name__ == "__main__":
    main()
