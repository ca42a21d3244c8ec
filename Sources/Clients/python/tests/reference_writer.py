"""Writes frames of the push protocol, as simply as docs/protocol.md describes it.

It is independent of the client, so that it can check the client. A *meaning* is a frame in the form
of docs/protocol-vectors.json.
"""

import hashlib
import hmac
import math
import struct

MAGIC = b"\xf7\x57"
VERSION = 1
SIGNED, FINAL, CONFIRM, ANSWER = 1, 2, 4, 128
TAG_BYTES = 16
WHOLE_MAX = 2**53
MERGES = ["last", "sum", "min", "max", "avg"]
TYPES = {
    "counter": 1,
    "increment": 2,
    "gauge": 3,
    "gauge_add": 4,
    "observations": 5,
    "histogram": 6,
    "exponential": 7,
    "members": 8,
    "sketch": 9,
    "meta": 10,
    "clock": 11,
    "text_gauge": 12,
    "forwarder": 13,
}
SPECIALS = {"NaN": math.nan, "-0": -0.0, "Infinity": math.inf, "-Infinity": -math.inf}


def varint(value):
    parts = bytearray()
    while value >= 0x80:
        parts.append(value & 0x7F | 0x80)
        value >>= 7
    parts.append(value)
    return bytes(parts)


def zigzag(value):
    return varint(2 * value if value >= 0 else -2 * value - 1)


def double(value):
    """Any number, as a double."""
    return varint(1) + struct.pack("<d", value)


def number(value):
    """A number as a sender writes it: whole numbers up to 2^53 as varints."""
    value = float(SPECIALS.get(value, value))
    is_negative_zero = value == 0 and math.copysign(1, value) < 0
    if not math.isfinite(value) or value != int(value) or is_negative_zero:
        return double(value)
    whole = int(value)
    if abs(whole) > WHOLE_MAX:
        return double(value)
    return varint(2 * whole if whole >= 0 else 2 * -whole + 1)


def string(text):
    data = text.encode() if isinstance(text, str) else text
    return varint(len(data)) + data


def strings(texts):
    return varint(len(texts)) + b"".join(string(text) for text in texts)


def record(kind, fields):
    return varint(TYPES.get(kind, kind)) + varint(len(fields)) + fields


def header(meaning):
    flags = (SIGNED if meaning["key"] else 0) | (FINAL if meaning["final"] else 0)
    flags |= CONFIRM if meaning["confirm"] else 0
    key = bytes([len(meaning["key"])]) + meaning["key"].encode() if meaning["key"] else b""
    instance = struct.pack("<Q", int(meaning["instance"], 16))
    times = [meaning["start_ms"], int(meaning["sequence"]), meaning["age_ms"]]
    return MAGIC + bytes([VERSION, flags]) + key + instance + b"".join(map(varint, times))


def tag(data, secret):
    return hmac.new(secret, data, hashlib.sha256).digest()[:TAG_BYTES]


def encode(meaning, keys):
    """The bytes of a frame, in the canonical form that every sender writes."""
    table, lists = {}, []
    common = _labels(meaning["common"], table)
    records = b"".join(_record(each, table, lists) for each in meaning["records"])
    bounds = b"".join(varint(len(each)) + b"".join(map(number, each)) for each in lists)
    data = header(meaning) + strings(list(table)) + common + varint(len(lists)) + bounds + records
    return data + tag(data, keys[meaning["key"]]) if meaning["key"] else data


def encode_answer(meaning, keys):
    flags = ANSWER | (SIGNED if meaning["key"] else 0)
    data = MAGIC + bytes([VERSION, flags]) + struct.pack("<Q", int(meaning["instance"], 16))
    data += varint(int(meaning["sequence"]))
    return data + tag(data, keys[meaning["key"]]) if meaning["key"] else data


def _index(text, table):
    return varint(table.setdefault(text, len(table)))


def _labels(labels, table):
    return varint(len(labels)) + b"".join(
        _index(name, table) + _index(value, table) for name, value in labels
    )


def _record(meaning, table, lists):
    kind = meaning["type"]
    if kind == "clock":
        return record(kind, varint(meaning["sent_ms"]))
    if kind == "forwarder":
        return record(kind, varint(0))
    fields = _index(meaning["name"], table)
    if kind == "meta":
        for text in (meaning["unit"], meaning["help"]):
            fields += varint(0) if text is None else varint(table.setdefault(text, len(table)) + 1)
        return record(kind, fields)
    fields += _labels(meaning["labels"], table)
    fields += _FIELDS[kind](meaning, lists)
    exemplars = meaning.get("exemplars", [])
    if exemplars or ("began_ms" in meaning and kind != "text_gauge"):
        fields += varint(len(exemplars))
    for exemplar in exemplars:
        fields += _labels(exemplar["labels"], table)
        fields += number(exemplar["value"]) + varint(exemplar["age_ms"])
    # When the series began, or how long a gauge has had its value.
    for time in ("began_ms", "held_ms"):
        fields += varint(meaning[time]) if time in meaning else b""
    fields += zigzag(meaning["ends_ms"]) if "ends_ms" in meaning else b""
    return record(kind, fields)


def _value(meaning, lists):
    return number(meaning["value"])


def _gauge(meaning, lists):
    return bytes([MERGES.index(meaning["merge"])]) + number(meaning["value"])


def _text_gauge(meaning, lists):
    fields = varint(int(meaning["settings"])) + number(meaning["value"])
    return fields + number(meaning["changes"])


def _observations(meaning, lists):
    values = meaning["values"]
    return number(meaning["weight"]) + varint(len(values)) + b"".join(map(number, values))


def _histogram(meaning, lists):
    bounds = meaning["bounds"]
    if bounds is not None and bounds not in lists:
        lists.append(bounds)
    fields = varint(0 if bounds is None else lists.index(bounds) + 1) + number(meaning["sum"])
    return fields + _skipping(meaning["buckets"], number)


def _exponential(meaning, lists):
    fields = zigzag(meaning["schema"]) + number(meaning["sum"]) + number(meaning["zero"])
    return fields + _run(meaning["positive"]) + _run(meaning["negative"])


def _run(buckets):
    if not buckets:
        return varint(0)
    (first, count), *rest = buckets
    fields = varint(len(buckets)) + zigzag(first) + number(count)
    for index, count in rest:
        fields += varint(index - first - 1) + number(count)
        first = index
    return fields


def _skipping(pairs, write):
    fields, next_place = varint(len(pairs)), 0
    for place, value in pairs:
        fields += varint(place - next_place) + write(value)
        next_place = place + 1
    return fields


def _members(meaning, lists):
    hashes = meaning["hashes"]
    return varint(len(hashes)) + b"".join(struct.pack("<Q", int(each, 16)) for each in hashes)


def _sketch(meaning, lists):
    return bytes([meaning["precision"]]) + _skipping(
        meaning["registers"], lambda rank: bytes([rank])
    )


_FIELDS = {
    "counter": _value,
    "increment": _value,
    "gauge": _gauge,
    "gauge_add": _gauge,
    "observations": _observations,
    "histogram": _histogram,
    "exponential": _exponential,
    "members": _members,
    "sketch": _sketch,
    "text_gauge": _text_gauge,
}


def member_hash(member):
    """The hash that stands for a member of a set."""
    mask = 2**64 - 1
    value = 14695981039346656037
    for byte in member.encode():
        value = (value ^ byte) * 1099511628211 & mask
    value ^= value >> 33
    value = value * 0xFF51AFD7ED558CCD & mask
    value ^= value >> 33
    value = value * 0xC4CEB9FE1A85EC53 & mask
    return value ^ value >> 33


def register_and_rank(hashed):
    """The register of a hash in a sketch of precision 12."""
    rest = hashed & (2**52 - 1)
    return hashed >> 52, 52 - rest.bit_length() + 1
