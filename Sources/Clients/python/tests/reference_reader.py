"""Reads frames of the push protocol, as simply as docs/protocol.md describes it.

It shares nothing with the reference writer, so that each finds mistakes of the other. Numbers are
floats, -0 and NaN among them.
"""

import hashlib
import hmac
import math
import struct

START = b"\xf7\x57\x01"
SIGNED, FINAL, CONFIRM, ANSWER = 1, 2, 4, 128
TAG_BYTES = 16
FRAME_BYTES_MAX = 65_507
BOUNDS_MAX = 200
COMMON_LABELS_MAX = 256
WEIR_BOUNDS_COUNT = 14
# The end of the year 9999, in milliseconds since 1970.
TIME_MAX = 253_402_300_799_999
MERGES = ["last", "sum", "min", "max", "avg"]
TYPES = {
    1: "counter",
    2: "increment",
    3: "gauge",
    4: "gauge_add",
    5: "observations",
    6: "histogram",
    7: "exponential",
    8: "members",
    9: "sketch",
    10: "meta",
    11: "clock",
}
WITH_EXEMPLARS = ["counter", "increment", "observations", "histogram", "exponential"]
TIMES = {
    "gauge": "held_ms",
    "counter": "began_ms",
    "histogram": "began_ms",
    "exponential": "began_ms",
    "members": "ends_ms",
    "sketch": "ends_ms",
}


class Refused(Exception):
    """A frame, or a record, that is not accepted; the argument is the reason."""


class _Missing(Exception):
    """There are too few bytes, or a varint is not valid."""


class _Reader:
    def __init__(self, data):
        self.data, self.at = data, 0

    @property
    def left(self):
        return len(self.data) - self.at

    def take(self, count):
        if count > self.left:
            raise _Missing
        self.at += count
        return self.data[self.at - count : self.at]

    def byte(self):
        return self.take(1)[0]

    def word(self):
        return struct.unpack("<Q", self.take(8))[0]

    def varint(self):
        value = 0
        for place in range(10):
            byte = self.byte()
            value |= (byte & 0x7F) << 7 * place
            if byte < 0x80:
                if value >= 2**64:
                    raise _Missing
                return value
        raise _Missing

    def zigzag(self):
        value = self.varint()
        return value // 2 if value % 2 == 0 else -(value + 1) // 2

    def number(self):
        value = self.varint()
        if value == 1:
            return struct.unpack("<d", self.take(8))[0]
        return float(value // 2) if value % 2 == 0 else float(-((value - 1) // 2))


def decode(data, keys=None):
    """The meaning of a frame, and how many of its records were refused, by reason.

    Without `keys` the tag of a signed frame is not looked at. Raises `Refused`.
    """
    if len(data) > FRAME_BYTES_MAX:
        raise Refused("truncated")
    try:
        meaning, reader, texts, lists = _read_header(data, keys)
    except _Missing:
        raise Refused("truncated") from None
    refused = {}
    while reader.left:
        try:
            kind, length = reader.varint(), reader.varint()
            fields = _Reader(reader.take(length))
        except _Missing:
            refused["malformed"] = refused.get("malformed", 0) + 1
            break
        try:
            is_first = not meaning["records"] and not refused
            meaning["records"].append(_read_record(kind, fields, texts, lists, is_first))
        except _Missing:
            refused["malformed"] = refused.get("malformed", 0) + 1
        except Refused as refusal:
            refused[str(refusal)] = refused.get(str(refusal), 0) + 1
    return meaning, refused


def decode_answer(data, keys):
    reader = _Reader(data)
    if reader.take(3) != START:
        raise Refused("unknown_version")
    flags = reader.byte()
    if flags & ~SIGNED != ANSWER:
        raise Refused("unknown_flags")
    meaning = {"instance": f"{reader.word():016x}", "sequence": reader.varint(), "key": None}
    if flags & SIGNED:
        body = data[: reader.at]
        found = [key for key, secret in keys.items() if _tag(body, secret) == data[reader.at :]]
        if not found:
            raise Refused("bad_tag")
        meaning["key"] = found[0]
        reader.take(TAG_BYTES)
    if reader.left:
        raise Refused("malformed")
    return meaning


def _read_header(data, keys):
    reader = _Reader(data)
    if reader.take(3) != START:
        raise Refused("unknown_version")
    flags = reader.byte()
    if flags & ~(SIGNED | FINAL | CONFIRM | ANSWER):
        raise Refused("unknown_flags")
    if flags & ANSWER:
        raise Refused("bad_header")
    key = None
    if flags & SIGNED:
        if reader.left < TAG_BYTES + 1:
            raise _Missing
        body, signature = data[:-TAG_BYTES], data[-TAG_BYTES:]
        reader.data = body
        length = reader.byte()
        if not 1 <= length <= 32:
            raise Refused("bad_header")
        key = reader.take(length).decode("latin-1")
        _check_tag(key, body, signature, keys)
    meaning = {"instance": f"{reader.word():016x}", "start_ms": reader.varint()}
    meaning.update(sequence=reader.varint(), age_ms=reader.varint())
    if meaning["sequence"] == 0 or meaning["start_ms"] + meaning["age_ms"] > TIME_MAX:
        raise Refused("bad_header")
    meaning.update(final=bool(flags & FINAL), confirm=bool(flags & CONFIRM), key=key)
    texts = _read_strings(reader)
    meaning["common"] = _read_labels(reader, texts)
    holding = {name: value for name, value in meaning["common"]}
    if sum(1 for name, value in holding.items() if name and value) > COMMON_LABELS_MAX:
        raise Refused("bad_string")
    lists = [_read_bounds(reader) for _ in range(reader.varint())]
    if any(not _are_bounds(each) for each in lists):
        raise Refused("bad_bounds")
    meaning["records"] = []
    return meaning, reader, texts, lists


def _check_tag(key, body, signature, keys):
    if keys is None:
        return
    if key not in keys:
        raise Refused("unknown_key")
    if _tag(body, keys[key]) != signature:
        raise Refused("bad_tag")


def _tag(data, secret):
    return hmac.new(secret, data, hashlib.sha256).digest()[:TAG_BYTES]


def _read_strings(reader):
    raw = [reader.take(reader.varint()) for _ in range(reader.varint())]
    try:
        return [text.decode() for text in raw]
    except UnicodeDecodeError:
        raise Refused("bad_string") from None


def _read_bounds(reader):
    return [reader.number() for _ in range(reader.varint())]


def _are_bounds(values):
    ascending = all(low < high for low, high in zip(values, values[1:]))
    return len(values) <= BOUNDS_MAX and ascending and all(map(math.isfinite, values))


def _text(index, texts):
    if index >= len(texts):
        raise Refused("bad_string")
    return texts[index]


def _read_labels(reader, texts):
    # All of them are read first: a truncated list is malformed, whatever it refers to.
    pairs = [(reader.varint(), reader.varint()) for _ in range(reader.varint())]
    return [[_text(name, texts), _text(value, texts)] for name, value in pairs]


def _read_record(kind, reader, texts, lists, is_first):
    if kind not in TYPES:
        raise Refused("unknown_type")
    kind = TYPES[kind]
    if kind == "clock":
        sent = reader.varint()
        if not is_first or not 0 < sent <= TIME_MAX:
            raise Refused("malformed")
        return {"type": "clock", "sent_ms": sent}
    if kind == "meta":
        name, unit, help_text = reader.varint(), reader.varint(), reader.varint()
        optional = [None if each == 0 else _text(each - 1, texts) for each in (unit, help_text)]
        return {
            "type": "meta",
            "name": _text(name, texts),
            "unit": optional[0],
            "help": optional[1],
        }
    name = reader.varint()
    labels = _read_labels(reader, texts)
    meaning = {"type": kind, "name": _text(name, texts), "labels": labels}
    meaning.update(_READ_FIELDS[kind](reader, lists))
    if reader.left and kind in WITH_EXEMPLARS:
        exemplars = [_read_exemplar(reader, texts) for _ in range(reader.varint())]
        if exemplars:
            meaning["exemplars"] = exemplars
    # The NaN that removes a gauge has no time.
    is_gone = kind == "gauge" and math.isnan(meaning["value"])
    if reader.left and kind in TIMES and not is_gone:
        time = TIMES[kind]
        meaning[time] = reader.zigzag() if time == "ends_ms" else reader.varint()
    return meaning


def _read_exemplar(reader, texts):
    exemplar = {"labels": _read_labels(reader, texts), "value": _finite(reader.number())}
    exemplar["age_ms"] = reader.varint()
    return exemplar


def _finite(value):
    if not math.isfinite(value):
        raise Refused("bad_number")
    return value


def _count(value):
    if not math.isfinite(value) or value < 0:
        raise Refused("bad_number")
    return value


def _read_value(reader, lists):
    return {"value": _count(reader.number())}


def _read_gauge(reader, lists):
    merge, value = reader.byte(), reader.number()
    if merge >= len(MERGES):
        raise Refused("malformed")
    if math.isinf(value):
        raise Refused("bad_number")
    return {"merge": MERGES[merge], "value": value}


def _read_gauge_add(reader, lists):
    fields = _read_gauge(reader, lists)
    _finite(fields["value"])
    return fields


def _read_observations(reader, lists):
    weight = reader.number()
    if _finite(weight) <= 0:
        raise Refused("bad_number")
    values = [reader.number() for _ in range(reader.varint())]
    return {"weight": weight, "values": [_finite(value) for value in values]}


def _read_histogram(reader, lists):
    index, total = reader.varint(), reader.number()
    if index > len(lists):
        raise Refused("bad_buckets")
    bounds = lists[index - 1] if index else None
    last = WEIR_BOUNDS_COUNT if bounds is None else len(bounds)
    buckets = _read_skipping(reader, last, reader.number)
    buckets = [[place, _count(count)] for place, count in buckets]
    return {"bounds": bounds, "sum": _finite(total), "buckets": buckets}


def _read_exponential(reader, lists):
    schema, total, zero = reader.zigzag(), reader.number(), reader.number()
    if not -4 <= schema <= 8:
        raise Refused("bad_buckets")
    fields = {"schema": schema, "sum": _finite(total), "zero": _count(zero)}
    fields["positive"] = _read_run(reader, schema)
    fields["negative"] = _read_run(reader, schema)
    return fields


def _read_run(reader, schema):
    buckets = []
    for place in range(reader.varint()):
        index = reader.varint() + 1 + buckets[-1][0] if place else reader.zigzag()
        # Of magnitudes above 2^-128, and of those that a double holds.
        lowest, highest = -128 * 2**schema, 1024 * 2**schema
        if not lowest < index <= math.ceil(highest):
            raise Refused("bad_buckets")
        buckets.append([index, _count(reader.number())])
    return buckets


def _read_skipping(reader, last, read):
    pairs, place = [], -1
    for _ in range(reader.varint()):
        place += 1 + reader.varint()
        if place > last:
            raise Refused("bad_buckets")
        pairs.append([place, read()])
    return pairs


def _read_members(reader, lists):
    return {"hashes": [f"{reader.word():016x}" for _ in range(reader.varint())]}


def _read_sketch(reader, lists):
    precision = reader.byte()
    if precision != 12:
        raise Refused("bad_buckets")
    registers = _read_skipping(reader, 4095, reader.byte)
    if any(rank > 53 for _, rank in registers):
        raise Refused("bad_buckets")
    return {"precision": precision, "registers": registers}


_READ_FIELDS = {
    "counter": _read_value,
    "increment": _read_value,
    "gauge": _read_gauge,
    "gauge_add": _read_gauge_add,
    "observations": _read_observations,
    "histogram": _read_histogram,
    "exponential": _read_exponential,
    "members": _read_members,
    "sketch": _read_sketch,
}
