"""The records of a frame, as the reference reader reads them."""

import math

from reference_bytes import Refused

BOUNDS_MAX = 200
WEIR_BOUNDS_COUNT = 14
MERGES = ["last", "sum", "min", "max", "avg"]
# The end of the year 9999, in milliseconds since 1970.
TIME_MAX = 253_402_300_799_999
SETTINGS_MAX = 2**53
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
    12: "text_gauge",
    13: "forwarder",
}
WITH_EXEMPLARS = ["counter", "increment", "observations", "histogram", "exponential"]
TIMES = {
    "gauge": "held_ms",
    "counter": "began_ms",
    "histogram": "began_ms",
    "exponential": "began_ms",
    "text_gauge": "began_ms",
    "members": "ends_ms",
    "sketch": "ends_ms",
}


def read_bounds(reader):
    return [reader.number() for _ in range(reader.varint())]


def are_bounds(values):
    ascending = all(low < high for low, high in zip(values, values[1:]))
    return len(values) <= BOUNDS_MAX and ascending and all(map(math.isfinite, values))


def _text(index, texts):
    if index >= len(texts):
        raise Refused("bad_string")
    return texts[index]


def read_labels(reader, texts):
    # All of them are read first: a truncated list is malformed, whatever it refers to.
    pairs = [(reader.varint(), reader.varint()) for _ in range(reader.varint())]
    return [[_text(name, texts), _text(value, texts)] for name, value in pairs]


def read_record(kind, reader, texts, lists, before):
    """Reads a record; `before` are the types of those before it in the frame."""
    if kind not in TYPES:
        raise Refused("unknown_type")
    kind = TYPES[kind]
    if kind == "clock":
        sent = reader.varint()
        if before or not 0 < sent <= TIME_MAX:
            raise Refused("malformed")
        return {"type": "clock", "sent_ms": sent}
    if kind == "forwarder":
        if before not in ([], ["clock"]):
            raise Refused("malformed")
        return {"type": "forwarder"}
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
    labels = read_labels(reader, texts)
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
    exemplar = {"labels": read_labels(reader, texts), "value": _finite(reader.number())}
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


def _read_text_gauge(reader, lists):
    settings, value, changes = reader.varint(), reader.number(), reader.number()
    if settings > SETTINGS_MAX:
        raise Refused("bad_number")
    return {"settings": settings, "value": _finite(value), "changes": _finite(changes)}


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
    "text_gauge": _read_text_gauge,
}
