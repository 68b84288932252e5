#!/usr/bin/env python3
"""A testee to start from: it says hello, and `unimplemented` to every case.

Run it with:  teleport conform --exec 'python3 testee.py'
One case:     teleport conform --exec 'python3 testee.py' --replay wire/fast-example-0001
The contract, and a complete testee in this language, are in conformance/testee of the Teleport repository. Write to
standard error what you want to see; standard output belongs to the judge.
"""
import json
import sys

HELLO = {
    "type": "hello", "contract": 1,
    "name": "my decoder", "version": "0", "language": "Python",
    "protos": ["fast/1"],  # of fast/1, json/1, pb/1
    "filters": [],         # ids: 103 is gzip
    "features": ["binary", "header-limits", "meta"],  # "pipe" once there are filters
}


class Unimplemented(Exception):
    pass


class Rejected(Exception):
    """Raise it where the standard rejects: Rejected("length", "frame", 0)."""


def decode(data, limits, filters):
    """Read the first frame of data, bytes. Give its packet, as a dict:

    {"seq": "5", "ptype": 1, "uri": {"hex": "2f61"}, "meta": [{"key": {"hex": "6b"}, "value": {"hex": "76"}}],
     "body_codec": 115, "pipe": [], "body": {"hex": "6869"}, "size": 27}

    with "fault": {"class": "body", "offset": 24} where the body does not decode; or None where data ends inside it.
    """
    raise Unimplemented("decode")


def encode(packet, ops, limits, filters):
    """Give the frame of a packet, as bytes, and what the peeks of ops found."""
    raise Unimplemented("encode")


def answer(case):
    try:
        if case["op"] == "encode":
            wire, peeks = encode(case["packet"], case.get("ops", []), case["limits"], case["filters"])
            return {"status": "ok", "wire": wire.hex(), "peeks": peeks}
        if case["op"] != "decode":
            raise Unimplemented(case["op"])
        data, packets, most = b"".join(bytes.fromhex(s) for s in case["segments"]), [], case.get("packets", 0)
        try:
            while data and (not most or len(packets) < most):
                packet = decode(data, case["limits"], case["filters"])
                if packet is None:
                    if case.get("end"):
                        raise Rejected("short", "frame", len(data))
                    break
                packets.append(packet)
                data = data[packet["size"]:]
        except Rejected as e:
            cls, stage, offset = e.args
            return {"status": "rejected", "class": cls, "stage": stage, "offset": offset, "packets": packets}
        return {"status": "ok", "packets": packets}
    except Rejected as e:  # of the encoder
        return {"status": "rejected", "class": e.args[0]}
    except Unimplemented as e:
        return {"status": "unimplemented", "message": str(e)}


def main():
    for line in sys.stdin:
        asked = json.loads(line)
        if asked["type"] == "hello":
            reply = HELLO
        elif asked["type"] == "case":
            reply = {"type": "result", "id": asked["id"], "run": asked["run"]} | answer(asked)
        else:
            reply = {"type": "bye"}
        print(json.dumps(reply), flush=True)
        if reply["type"] == "bye":
            return


if __name__ == "__main__":
    main()
