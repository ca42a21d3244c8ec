"""The cases of docs/protocol-vectors.json: frames by their meaning, and frames by their bytes."""

import math
import struct

import reference_writer as w

KEYS = {
    "k1": bytes(range(32)),
    "a-key-id-of-thirty-two-bytes-max": b"the secret of another key",
}
INSTANCE = "0123456789abcdef"
START_MS = 1_700_000_000_000


# Frames that all senders write alike.


def frame(*records, **header):
    meaning = {
        "instance": INSTANCE,
        "start_ms": START_MS,
        "sequence": 1,
        "age_ms": 250,
        "final": False,
        "confirm": False,
        "key": None,
        "common": [],
    }
    return {**meaning, **header, "records": list(records)}


def series(kind, name="x_total", labels=(), **fields):
    return {"type": kind, "name": name, "labels": [list(label) for label in labels], **fields}


def counter(value=1, name="x_total", labels=(), **fields):
    return series("counter", name, labels, value=value, **fields)


def gauge(value, merge="last", name="temperature_celsius", labels=(), **fields):
    return series("gauge", name, labels, merge=merge, value=value, **fields)


def text_gauge(settings, value, changes, name="temperature_celsius", labels=(), **fields):
    fields.update(settings=settings, value=value, changes=changes)
    return series("text_gauge", name, labels, **fields)


FORWARDER = {"type": "forwarder"}


def histogram(bounds, total, buckets, name="d_seconds", labels=(), **fields):
    return series("histogram", name, labels, bounds=bounds, sum=total, buckets=buckets, **fields)


def exponential(schema, total, zero, positive, negative, **fields):
    fields.update(schema=schema, sum=total, zero=zero, positive=positive, negative=negative)
    return series("exponential", "d_seconds", **fields)


def members(*texts, **fields):
    hashes = [f"{w.member_hash(text):016x}" for text in texts]
    return series("members", "users", hashes=hashes, of=list(texts), **fields)


def sketch(registers, **fields):
    return series("sketch", "users", precision=12, registers=registers, **fields)


def clock(sent_ms):
    return {"type": "clock", "sent_ms": sent_ms}


def meta(name, unit=None, help=None):
    return {"type": "meta", "name": name, "unit": unit, "help": help}


def exemplar(value, age_ms, *labels):
    return {"labels": [list(label) for label in labels], "value": value, "age_ms": age_ms}


TRACE = ("trace_id", "4bf92f3577b34da6a3ce929d0e0e4736")

CANONICAL = [
    ("an empty frame", "What a client sends when nothing has changed, to stay known.", frame()),
    ("a counter's total", "The shortest useful frame.", frame(counter(3))),
    ("an increment", "Adds once, whatever comes twice.", frame(series("increment", value=2))),
    ("a gauge", "A value of its own, of which the last holds.", frame(gauge(21))),
    (
        "gauges of every merge",
        "The merge is one byte: 0 last, 1 sum, 2 min, 3 max, 4 avg.",
        frame(*[gauge(place, merge, "g", [("m", merge)]) for place, merge in enumerate(w.MERGES)]),
    ),
    ("a gauge taken away", "NaN, the only number that is not finite.", frame(gauge("NaN", "sum"))),
    (
        "changes of gauges",
        "Up by a whole number and down by a fraction.",
        frame(
            series("gauge_add", "jobs", merge="sum", value=1),
            series("gauge_add", "jobs", [("queue", "mail")], merge="sum", value=-0.5),
        ),
    ),
    (
        "observations",
        "Several values of one series, each with weight 1.",
        frame(series("observations", "d_seconds", weight=1, values=[0.25, 3, 0.007])),
    ),
    (
        "sampled observations",
        "Each stands for as many as its weight says, which need not be whole.",
        frame(
            series("observations", "d_seconds", weight=10, values=[0.5]),
            series("observations", "d_seconds", weight=2.5, values=[-4, 0]),
        ),
    ),
    (
        "observations of nothing",
        "A count of 0 is allowed: the series is there, and empty.",
        frame(series("observations", "d_seconds", weight=1, values=[])),
    ),
    (
        "a histogram with Weir's own bounds",
        "Bounds 0; buckets 3, 4 and 14, of which the last is +Inf's.",
        frame(histogram(None, 131.5, [[3, 2], [4, 1], [14, 1]])),
    ),
    ("an empty histogram", "No bucket has anything.", frame(histogram(None, 0, []))),
    (
        "a histogram with bounds of its own",
        "Its list is the frame's first, so that its bounds are 1. No buckets are skipped.",
        frame(histogram([1, 2.5, 10], 17, [[0, 1], [1, 1], [2, 1], [3, 1]])),
    ),
    (
        "two lists of bounds",
        "Two histograms share the first list, a third has another, a fourth has Weir's.",
        frame(
            histogram([1, 10], 12, [[1, 2]], labels=[("a", "1")]),
            histogram([-1, 0, 0.5], -3, [[0, 2]], "e_units"),
            histogram([1, 10], 5, [[0, 5]], labels=[("a", "2")]),
            histogram(None, 0.004, [[0, 1]], "f_seconds"),
        ),
    ),
    (
        "a histogram whose only bound is +Inf",
        "A list may be empty, for +Inf is in none.",
        frame(histogram([], 8, [[0, 2]])),
    ),
    (
        "a histogram with weights",
        "What was sampled weighs a number, which need not be whole.",
        frame(histogram(None, 3.75, [[6, 2.5], [9, 0.5]])),
    ),
    (
        "the most bounds there may be",
        "200, and an observation behind the last.",
        frame(histogram(list(range(1, 201)), 1000, [[199, 1], [200, 4]])),
    ),
    (
        "exponential buckets",
        "Schema 3, two neighbours and one behind a gap of five.",
        frame(exponential(3, 6.5, 0, [[-2, 1], [-1, 3], [5, 2]], [])),
    ),
    (
        "exponential buckets of both signs, and of zero",
        "A negative sum; the first index of each run stands by itself.",
        frame(exponential(0, -4.25, 7, [[1, 1]], [[-3, 2], [2, 1]])),
    ),
    (
        "the coarsest and the finest schema",
        "-4 and 8, with the lowest bucket that each can have, and the highest.",
        frame(
            exponential(-4, 1, 0, [[-7, 1], [64, 1]], []),
            exponential(8, 1, 0, [[-32767, 1], [262144, 1]], []),
        ),
    ),
    ("an empty exponential histogram", "No runs.", frame(exponential(3, 0, 0, [], []))),
    (
        "members of a set",
        "Their hashes; the texts are here for checking the hash.",
        frame(members("ann", "bob", "Grüße", "")),
    ),
    ("no members of a set", "The set is there, and has none.", frame(members())),
    (
        "a sketch",
        "Registers 0, 1 and 4095; rank 53 is that of a hash whose other 52 bits are 0.",
        frame(sketch([[0, 1], [1, 53], [4095, 7]])),
    ),
    (
        "a sketch of known members",
        "The registers and ranks of ann, bob and cid.",
        frame(
            sketch(
                sorted(list(w.register_and_rank(w.member_hash(m))) for m in ["ann", "bob", "cid"])
            )
        ),
    ),
    ("a unit", "Help is 0, which is none.", frame(meta("d_seconds", unit="seconds"))),
    ("help", "The unit is 0.", frame(meta("x_total", help="What x has done."))),
    (
        "unit and help",
        "The strings' indices, each one more.",
        frame(meta("size_bytes", unit="bytes", help="Size of the answer,\nwith its head.")),
    ),
    ("neither unit nor help", "Takes back what was told before.", frame(meta("x_total"))),
    (
        "unit and help beside the series",
        "They share the table of strings.",
        frame(counter(1, "bytes"), meta("bytes", unit="bytes", help="bytes")),
    ),
    (
        "numbers: small whole ones",
        "A whole number n is the varint 2n; -n is 2n + 1.",
        frame(
            *[gauge(n, "last", f"g{place}") for place, n in enumerate([0, 1, -1, 63, 64, -63, -64])]
        ),
    ),
    (
        "numbers: large whole ones",
        "Up to 2^53 in their whole form, and not beyond.",
        frame(
            gauge(2**53 - 1, name="a"),
            gauge(2**53, name="b"),
            gauge(-(2**53), name="c"),
            gauge(float(2**53 + 2), name="d"),
            gauge(-float(2**53 + 2), name="e"),
        ),
    ),
    (
        "numbers: fractions",
        "Doubles, the lowest byte first.",
        frame(gauge(0.1, name="a"), gauge(-1.5, name="b"), gauge(5e-324, name="c")),
    ),
    ("numbers: minus zero", "Not one of the whole ones.", frame(gauge("-0"))),
    (
        "numbers: huge",
        "A double's greatest, and one that is whole but beyond 2^53.",
        frame(gauge(1.7976931348623157e308, name="a"), gauge(-1e300, name="b"), counter(1e20)),
    ),
    (
        "a fractional total",
        "Counters need not be whole: seconds of processor time are none.",
        frame(counter(12.375, "process_cpu_user_seconds_total", [("instance", "a")])),
    ),
    (
        "labels",
        "A record's own, in the order in which the sender has them.",
        frame(counter(5, labels=[("model", "m1"), ("provider", "p1"), ("status", "ok")])),
    ),
    (
        "common labels",
        "They stand once, before the records.",
        frame(
            counter(5, labels=[("status", "ok")]),
            gauge(1),
            common=[["instance", "a"], ["region", "eu"]],
        ),
    ),
    (
        "a label that overrides a common one",
        "Both are sent; the receiver takes the series' own.",
        frame(counter(5, labels=[("region", "us")]), common=[["region", "eu"]]),
    ),
    (
        "a label that takes a common one away",
        "It has no value, so that the series has no label of that name.",
        frame(counter(5, labels=[("region", "")]), common=[["region", "eu"]]),
    ),
    (
        "strings used twice",
        "Each is in the table once, be it a name, a label's name or its value.",
        frame(counter(1, "a", [("a", "b"), ("b", "a")]), counter(2, "b", [("a", "a")])),
    ),
    (
        "empty strings",
        "A label may have no text, and is in the table as a length of 0.",
        frame(counter(1, labels=[("a", ""), ("b", "")])),
    ),
    (
        "several records",
        "A counter, a gauge, a histogram and another counter of the first's name.",
        frame(
            counter(7, "requests_total", [("status", "ok")]),
            gauge(2.5, "avg", "load", []),
            histogram(None, 1.75, [[7, 1], [8, 1]], "duration_seconds"),
            counter(1, "requests_total", [("status", "error")]),
        ),
    ),
    (
        "UTF-8",
        "In names, labels and values; lengths are in bytes.",
        frame(counter(1, "größe_total", [("stadt", "Köln"), ("符号", "🎈")])),
    ),
    (
        "a string of 130 bytes",
        "Its length takes two bytes, and so does the record's with sixty labels.",
        frame(counter(1, "n" * 130, [(f"l{n:02}", "v") for n in range(60)])),
    ),
    (
        "an index above 127",
        "Of 130 strings, the last takes two bytes.",
        frame(*[counter(n, f"c{n}") for n in range(130)]),
    ),
    (
        "an exemplar of a counter",
        "Its labels are in the table, behind those of the series.",
        frame(counter(9, labels=[("status", "ok")], exemplars=[exemplar(1, 5, TRACE)])),
    ),
    (
        "exemplars of observations",
        "Two, one of them without labels and as old as five minutes.",
        frame(
            series(
                "observations",
                "d_seconds",
                weight=1,
                values=[0.5, 2],
                exemplars=[exemplar(0.5, 0, TRACE), exemplar(2, 300_000)],
            )
        ),
    ),
    (
        "an exemplar of an increment",
        "A value that is no whole number.",
        frame(series("increment", value=0.5, exemplars=[exemplar(0.5, 1, ("a", "b"))])),
    ),
    (
        "exemplars of histograms",
        "Classic and exponential; a value may be negative.",
        frame(
            histogram(None, 0.25, [[5, 1]], exemplars=[exemplar(0.25, 12, TRACE)]),
            exponential(3, -1, 0, [], [[0, 1]], exemplars=[exemplar(-1, 12, ("span_id", "7"))]),
        ),
    ),
    ("a final frame", "Flag bit 1.", frame(counter(3), sequence=90, age_ms=90_000, final=True)),
    ("a frame to be answered", "Flag bit 2.", frame(counter(3), sequence=91, confirm=True)),
    (
        "a final frame to be answered",
        "How a client ends; empty here, for all has been sent.",
        frame(sequence=92, final=True, confirm=True),
    ),
    (
        "long varints",
        "A sequence of five bytes, and an age of a year.",
        frame(sequence=2**32, age_ms=31_536_000_000),
    ),
    (
        "the last sequence",
        "2^64 - 1, a varint of ten bytes.",
        frame(counter(1), sequence=2**64 - 1),
    ),
    (
        "an instance with its top bit set",
        "An unsigned number, the lowest byte first.",
        frame(instance="fedcba9876543210", start_ms=0, age_ms=0),
    ),
    (
        "the last moment there is",
        "Start and age together are the end of the year 9999.",
        frame(start_ms=253_402_300_799_000, age_ms=999),
    ),
    (
        "a signed frame",
        "The key's id behind the flags, the tag at the end.",
        frame(counter(3), key="k1"),
    ),
    (
        "a frame signed with another key",
        "The longest id there is.",
        frame(counter(3), key="a-key-id-of-thirty-two-bytes-max"),
    ),
    (
        "a signed frame to be answered",
        "The answer is signed too.",
        frame(sequence=300, final=True, confirm=True, key="k1"),
    ),
    (
        "the sender's clock",
        "The first record; here the clock was set after the start, which is what the clock said then.",
        frame(clock(1_764_000_000_123), counter(3), start_ms=0),
    ),
    (
        "a signed frame of a process that started with a wrong clock",
        "It started in 1970 by its clock, which was set since. Age tells it has run for a minute.",
        frame(clock(START_MS + 250), counter(3), start_ms=5_000, age_ms=60_000, key="k1"),
    ),
    (
        "when series began",
        "Milliseconds after the instance's start, after a count of exemplars, which is 0 here.",
        frame(
            counter(3, began_ms=0),
            histogram(None, 2, [[6, 1]], began_ms=1_500),
            exponential(3, 6.5, 0, [[2, 1]], [], began_ms=2**40),
        ),
    ),
    (
        "when a series with an exemplar began",
        "The field follows the exemplars.",
        frame(counter(3, exemplars=[exemplar(1, 5, TRACE)], began_ms=1_500)),
    ),
    (
        "for how long gauges have held",
        "Milliseconds from when the value was set until the frame was sent.",
        frame(gauge(21, held_ms=0), gauge(3, "sum", "jobs", held_ms=3_600_000)),
    ),
    (
        "when the steps of sets end",
        "Signed, from the sending of the frame: one goes on for 20 s, one ended 1.5 s ago.",
        frame(members("ann", ends_ms=20_000), sketch([[0, 1]], ends_ms=-1_500)),
    ),
    (
        "a forwarder",
        "A Weir that forwards says so in each frame; the field is reserved.",
        frame(FORWARDER, counter(3)),
    ),
    (
        "a forwarder with a clock",
        "The clock is the first record, and this the second.",
        frame(clock(1_764_000_000_123), FORWARDER, counter(3)),
    ),
    (
        "gauges by text",
        "Set twice, then 21.5 and 2 less; only changed; set, and changed by nothing since.",
        frame(
            FORWARDER,
            text_gauge(2, 21.5, -2),
            text_gauge(0, 0, 7, "jobs", [("queue", "mail")]),
            text_gauge(2**53, -1, 0, "offset"),
        ),
    ),
    (
        "when gauges by text began",
        "Milliseconds after the forwarder's start; these records have no exemplars.",
        frame(
            FORWARDER,
            text_gauge(1, 5, 0, began_ms=0),
            text_gauge(0, 0, 3, "jobs", began_ms=2**40),
        ),
    ),
]


# Frames by their bytes.

BASE = frame()
HEADER = w.header(BASE)
NOTHING = b"\0"
TABLE = w.strings(["x_total", "a", "b"])
# A frame with three strings, up to its records.
OPEN = HEADER + TABLE + NOTHING + NOTHING
NO_LABELS = b"\0"
X, A, B = (w.varint(index) + NO_LABELS for index in range(3))
GOOD = w.record("counter", X + w.number(3))


def with_common(labels):
    return HEADER + TABLE + labels + NOTHING


def with_bounds(*lists):
    data = w.varint(len(lists))
    for each in lists:
        data += w.varint(len(each)) + b"".join(each)
    return HEADER + TABLE + NOTHING + data


def numbers(*values):
    return [w.number(value) for value in values]


def in_header(**changes):
    return w.header({**BASE, **changes}) + NOTHING * 3


def flagged(flags):
    return HEADER[:3] + bytes([flags]) + HEADER[4:] + NOTHING * 3


def signed(data, secret=KEYS["k1"]):
    return data + w.tag(data, secret)


def keyed(key, secret=KEYS["k1"]):
    """An empty frame, signed, with these bytes for the id of the key and its length."""
    return signed(HEADER[:3] + b"\1" + key + HEADER[4:] + NOTHING * 3, secret)


LONG_VARINT = b"\x80" * 10 + b"\x01"

REFUSED = [
    (
        "257 common labels that hold",
        "bad_string",
        HEADER
        + w.strings([f"l{place}" for place in range(257)])
        + w.varint(257)
        + b"".join(w.varint(place) * 2 for place in range(257))
        + NOTHING,
    ),
    ("one byte", "truncated", HEADER[:1]),
    ("no version", "truncated", HEADER[:2]),
    ("no flags", "truncated", HEADER[:3]),
    ("half an instance", "truncated", HEADER[:8]),
    ("no start", "truncated", HEADER[:12]),
    ("half a start", "truncated", HEADER[:14]),
    ("no age", "truncated", HEADER[:-2]),
    ("half an age", "truncated", HEADER[:-1]),
    ("a header alone", "truncated", HEADER),
    ("more strings than bytes", "truncated", HEADER + w.varint(2**40)),
    ("a string that is longer than the frame", "truncated", HEADER + b"\1\5abc"),
    ("no common labels", "truncated", HEADER + TABLE),
    ("a common label without its value", "truncated", HEADER + TABLE + b"\1\1"),
    ("no bounds", "truncated", HEADER + TABLE + NOTHING),
    ("more bounds than bytes", "truncated", with_bounds()[:-1] + b"\1" + w.varint(2**40)),
    ("half a bound", "truncated", with_bounds(numbers(0.5))[:-4]),
    ("a tag that is too short", "truncated", HEADER[:3] + b"\1\2k1" + bytes(13)),
    ("a key's id that runs into the tag", "truncated", HEADER[:3] + b"\1\5k1" + bytes(16)),
    ("sequence 0", "bad_header", in_header(sequence=0)),
    (
        "a start beyond the year 9999",
        "bad_header",
        in_header(start_ms=253_402_300_800_000, age_ms=0),
    ),
    ("an age beyond the year 9999", "bad_header", in_header(age_ms=2**63)),
    ("a key's id of no bytes", "bad_header", keyed(b"\0")),
    ("a key's id of 33 bytes", "bad_header", keyed(b"\x21" + b"k" * 33)),
    ("an answer where a frame should be", "bad_header", w.encode_answer(BASE, KEYS)),
    ("version 0", "unknown_version", HEADER[:2] + b"\0" + HEADER[3:] + NOTHING * 3),
    ("version 2", "unknown_version", HEADER[:2] + b"\2" + HEADER[3:] + NOTHING * 3),
    ("flag bit 3", "unknown_flags", flagged(1 << 3)),
    ("flag bit 6", "unknown_flags", flagged(1 << 6)),
    ("a string with a byte that UTF-8 has not", "bad_string", HEADER + b"\1\2a\xff" + NOTHING * 2),
    ("an overlong form", "bad_string", HEADER + b"\1\2\xc0\x80" + NOTHING * 2),
    ("a surrogate", "bad_string", HEADER + b"\1\3\xed\xa0\x80" + NOTHING * 2),
    (
        "a character across two strings",
        "bad_string",
        HEADER + b"\2\2\xe2\x82\1\xac" + NOTHING * 2,
    ),
    ("a common label's name that is no string", "bad_string", with_common(b"\1\3\1")),
    ("a common label's value that is no string", "bad_string", with_common(b"\1\1\3")),
    ("bounds that descend", "bad_bounds", with_bounds(numbers(2, 1))),
    ("bounds that are equal", "bad_bounds", with_bounds(numbers(1, 2), numbers(1, 1))),
    ("+Inf among the bounds", "bad_bounds", with_bounds(numbers(1, math.inf))),
    ("NaN among the bounds", "bad_bounds", with_bounds(numbers(math.nan))),
    ("201 bounds", "bad_bounds", with_bounds(numbers(*range(201)))),
    (
        "an unknown version, and then unknown flags",
        "unknown_version",
        HEADER[:2] + b"\2\xff" + HEADER[4:] + NOTHING * 3,
    ),
    (
        "unknown flags, and then sequence 0",
        "unknown_flags",
        w.header({**BASE, "sequence": 0}).replace(HEADER[:4], HEADER[:3] + b"\x08", 1)
        + NOTHING * 3,
    ),
    (
        "sequence 0, and then a string that is no UTF-8",
        "bad_header",
        w.header({**BASE, "sequence": 0}) + b"\1\2a\xff" + NOTHING * 2,
    ),
    (
        "a string that is no UTF-8, and then fewer strings than declared",
        "truncated",
        HEADER + b"\3\2a\xff\1b",
    ),
    (
        "a string that is no UTF-8, and then bounds that descend",
        "bad_string",
        HEADER + b"\1\2a\xff" + NOTHING + b"\1\2" + w.number(2) + w.number(1),
    ),
    (
        "a common label that is no string, and then bounds that descend",
        "bad_string",
        HEADER + TABLE + b"\1\3\1" + b"\1\2" + w.number(2) + w.number(1),
    ),
    ("a wrong tag", "bad_tag", keyed(b"\2k1", b"guessed")),
    ("an unknown key", "unknown_key", keyed(b"\2k9")),
]

A_HISTOGRAM = X + w.varint(0) + w.number(1)
AN_EXPONENTIAL = X + w.zigzag(3) + w.number(1) + w.number(0)
EXEMPLARS = X + w.number(3) + w.varint(1)

# Each is between two valid records, which are accepted.
REFUSED_RECORDS = [
    ("an empty record", "malformed", w.record("counter", b"")),
    ("a counter without its total", "malformed", w.record("counter", X)),
    ("half a double", "malformed", w.record("counter", X + w.double(0.5)[:5])),
    ("a varint of eleven bytes", "malformed", w.record("counter", X + LONG_VARINT)),
    ("a varint of more than 64 bits", "malformed", w.record("counter", X + b"\xff" * 9 + b"\2")),
    ("fewer labels than declared", "malformed", w.record("counter", b"\0\2\1\2")),
    (
        "fewer observations than declared",
        "malformed",
        w.record("observations", X + w.number(1) + b"\3" + w.number(1)),
    ),
    (
        "a count of observations that no frame holds",
        "malformed",
        w.record("observations", X + w.number(1) + w.varint(2**60) + w.number(1)),
    ),
    ("half a member", "malformed", w.record("members", X + b"\2" + bytes(12))),
    ("a register without its rank", "malformed", w.record("sketch", X + b"\x0c\2\0\1\0")),
    ("merge 9", "malformed", w.record("gauge", X + b"\x09" + w.number(1))),
    ("half an exemplar", "malformed", w.record("counter", EXEMPLARS + NO_LABELS + w.number(1))),
    ("half a meta", "malformed", w.record("meta", b"\0\1")),
    ("a negative total", "bad_number", w.record("counter", X + w.number(-1))),
    ("a total that is NaN", "bad_number", w.record("counter", X + w.number(math.nan))),
    ("a total that is infinite", "bad_number", w.record("counter", X + w.number(math.inf))),
    ("a negative amount", "bad_number", w.record("increment", X + w.number(-0.5))),
    ("a gauge that is infinite", "bad_number", w.record("gauge", X + b"\0" + w.number(-math.inf))),
    ("a change that is NaN", "bad_number", w.record("gauge_add", X + b"\1" + w.number(math.nan))),
    (
        "an observation that is NaN",
        "bad_number",
        w.record("observations", X + w.number(1) + b"\2" + w.number(1) + w.number(math.nan)),
    ),
    ("weight 0", "bad_number", w.record("observations", X + w.number(0) + b"\1" + w.number(1))),
    (
        "a negative weight",
        "bad_number",
        w.record("observations", X + w.number(-1) + b"\1" + w.number(1)),
    ),
    (
        "a sum that is infinite",
        "bad_number",
        w.record("histogram", X + w.varint(0) + w.number(math.inf) + b"\0"),
    ),
    ("a bucket below 0", "bad_number", w.record("histogram", A_HISTOGRAM + b"\1\0" + w.number(-2))),
    (
        "a zero bucket below 0",
        "bad_number",
        w.record("exponential", X + w.zigzag(0) + w.number(1) + w.number(-1) + b"\0\0"),
    ),
    (
        "an exponential bucket that is infinite",
        "bad_number",
        w.record("exponential", AN_EXPONENTIAL + b"\1\0" + w.number(math.inf) + b"\0"),
    ),
    (
        "an exemplar that is NaN",
        "bad_number",
        w.record("counter", EXEMPLARS + NO_LABELS + w.number(math.nan) + b"\0"),
    ),
    ("a bucket behind +Inf", "bad_buckets", w.record("histogram", A_HISTOGRAM + b"\1\x0f\2")),
    (
        "more buckets than bounds",
        "bad_buckets",
        w.record("histogram", A_HISTOGRAM + b"\x10" + b"\0\2" * 16),
    ),
    (
        "a list of bounds that is not there",
        "bad_buckets",
        w.record("histogram", X + w.varint(1) + w.number(1) + b"\0"),
    ),
    (
        "schema 9",
        "bad_buckets",
        w.record("exponential", X + w.zigzag(9) + w.number(1) + w.number(0) + b"\0\0"),
    ),
    (
        "schema -5",
        "bad_buckets",
        w.record("exponential", X + w.zigzag(-5) + w.number(1) + w.number(0) + b"\0\0"),
    ),
    (
        "an exponential bucket beyond a double's greatest",
        "bad_buckets",
        w.record("exponential", AN_EXPONENTIAL + b"\1" + w.zigzag(8193) + b"\2\0"),
    ),
    (
        "a bucket of what the zero bucket holds",
        "bad_buckets",
        w.record("exponential", AN_EXPONENTIAL + b"\1" + w.zigzag(-1024) + b"\2\0"),
    ),
    ("precision 11", "bad_buckets", w.record("sketch", X + b"\x0b\0")),
    ("register 4096", "bad_buckets", w.record("sketch", X + b"\x0c\1" + w.varint(4096) + b"\1")),
    ("rank 54", "bad_buckets", w.record("sketch", X + b"\x0c\1\0\x36")),
    ("a name that is no string", "bad_string", w.record("counter", b"\3\0" + w.number(1))),
    (
        "a name that is no string, and then a negative total",
        "bad_string",
        w.record("counter", b"\3\0" + w.number(-1)),
    ),
    (
        "a negative total, and then half an exemplar",
        "bad_number",
        w.record("counter", X + w.number(-1) + b"\1"),
    ),
    (
        "a label's name that is no string",
        "bad_string",
        w.record("counter", b"\0\1\3\1" + w.number(1)),
    ),
    (
        "a label's value that is no string",
        "bad_string",
        w.record("counter", b"\0\1\1" + w.varint(2**63) + w.number(1)),
    ),
    (
        "an exemplar's label that is no string",
        "bad_string",
        w.record("counter", EXEMPLARS + b"\1\1\7" + w.number(1) + b"\0"),
    ),
    ("the unit of no string", "bad_string", w.record("meta", b"\0\4\0")),
    ("the name of no string", "bad_string", w.record("meta", b"\3\1\1")),
    ("a record of an unknown type", "unknown_type", w.record(100, b"whatever it is")),
    ("a record of a type of ten bytes", "unknown_type", w.varint(2**64 - 1) + w.varint(3) + b"new"),
    ("an unknown type of no length", "unknown_type", w.record(0, b"")),
    ("a clock that stands at 0", "malformed", w.record("clock", b"\0")),
    ("a clock beyond the year 9999", "malformed", w.record("clock", w.varint(253_402_300_800_000))),
    ("a clock after another record", "malformed", w.record("clock", w.varint(START_MS))),
    ("a clock that is cut", "malformed", w.record("clock", b"\x80")),
    ("a forwarder after another record", "malformed", w.record("forwarder", b"\0")),
    ("a gauge by text without its changes", "malformed", w.record("text_gauge", X + b"\1\2")),
    (
        "a gauge by text whose beginning is cut",
        "malformed",
        w.record("text_gauge", X + b"\1\2\0\x80"),
    ),
    (
        "a gauge set to NaN",
        "bad_number",
        w.record("text_gauge", X + b"\1" + w.number(math.nan) + w.number(0)),
    ),
    (
        "a gauge set to infinity",
        "bad_number",
        w.record("text_gauge", X + b"\1" + w.number(math.inf) + w.number(0)),
    ),
    (
        "changes of a gauge that are infinite",
        "bad_number",
        w.record("text_gauge", X + b"\0" + w.number(0) + w.number(-math.inf)),
    ),
    (
        "more settings than a double can count",
        "bad_number",
        w.record("text_gauge", X + w.varint(2**53 + 1) + w.number(1) + w.number(0)),
    ),
    ("a gauge by text of no string", "bad_string", w.record("text_gauge", b"\3\0\1\2\0")),
    ("a beginning that is cut", "malformed", w.record("counter", X + w.number(1) + b"\0\x80")),
    ("a holding time that is cut", "malformed", w.record("gauge", A + b"\0\2\x80")),
    ("a step's end that is cut", "malformed", w.record("members", B + b"\0\x80")),
]

THREE = counter(3)
# Frames that readers accept although no sender of this version writes them.
DECODE_ONLY = [
    (
        "a whole number as a double",
        "The receiver takes either form.",
        OPEN + w.record("counter", X + w.double(3)),
        [THREE],
    ),
    (
        "overlong varints",
        "More bytes than needed, though not more than ten.",
        OPEN + w.record("counter", b"\x80\0" + b"\x80\x80\x80\0" + b"\x86" + b"\x80" * 8 + b"\0"),
        [THREE],
    ),
    (
        "whole numbers beyond 2^53",
        "In their whole form; they become the nearest double.",
        OPEN
        + w.record("counter", X + w.varint(2**63 + 2))
        + w.record("gauge", A + b"\0" + w.varint(2**64 - 1)),
        [counter(float(2**62)), gauge(-float(2**63), name="a")],
    ),
    (
        "no exemplars, said explicitly",
        "The record could have ended before the count.",
        OPEN + w.record("counter", X + w.number(3) + b"\0"),
        [THREE],
    ),
    (
        "fields of a later version",
        "What follows the known fields is skipped.",
        OPEN
        + w.record("counter", X + w.number(3) + b"\0\5new")
        + w.record("gauge", A + b"\0" + w.number(5) + b"\7new")
        + w.record("members", B + b"\0\1new")
        + w.record("meta", b"\0\2\0new"),
        [
            counter(3, began_ms=5),
            gauge(5, name="a", held_ms=7),
            series("members", "b", hashes=[], ends_ms=-1),
            meta("x_total", unit="a"),
        ],
    ),
    (
        "fields of a later version, of a forwarder",
        "What is in the record of a forwarder is not looked at.",
        OPEN
        + w.record("forwarder", b"\7new")
        + w.record("text_gauge", A + b"\1" + w.number(5) + w.number(-2) + b"\7new"),
        [FORWARDER, text_gauge(1, 5, -2, "a", began_ms=7)],
    ),
    (
        "a forwarder without its field",
        "What is in the record is not looked at.",
        OPEN + w.record("forwarder", b"") + GOOD,
        [FORWARDER, THREE],
    ),
    (
        "a string that is in the table twice",
        "A sender writes each once; a receiver takes both for the same.",
        HEADER
        + w.strings(["x_total", "a", "a", "b"])
        + NOTHING
        + NOTHING
        + w.record("counter", b"\0\1\1\3" + w.number(3))
        + w.record("counter", b"\0\1\2\3" + w.number(3)),
        [counter(3, labels=[("a", "b")]), counter(3, labels=[("a", "b")])],
    ),
    (
        "a label that is given twice",
        'The last one holds: it is {a="x_total"}.',
        OPEN + w.record("counter", b"\0\2\1\2\1\0" + w.number(3)),
        [counter(3, labels=[("a", "b"), ("a", "x_total")])],
    ),
    (
        "strings and bounds that nothing uses",
        "They do no harm.",
        with_bounds(numbers(1, 2), numbers()) + GOOD,
        [THREE],
    ),
    (
        "empty buckets that are given",
        "A count of 0 is none, and is allowed.",
        OPEN + w.record("histogram", B + w.varint(0) + w.number(1) + b"\2\0\0\1\2"),
        [histogram(None, 1, [[0, 0], [2, 1]], "b")],
    ),
]

ANSWERS = [
    ("an answer", "To the final frame of the same sequence.", "a final frame to be answered"),
    (
        "a signed answer",
        "Under the key of the frame that it answers.",
        "a signed frame to be answered",
    ),
]


def frames():
    """The entries of the list `frames`."""
    for name, why, meaning in CANONICAL:
        yield {"name": name, "why": why, "hex": w.encode(meaning, KEYS).hex(), "frame": meaning}
    for name, why, data, records in DECODE_ONLY:
        yield {
            "name": name,
            "why": why,
            "hex": data.hex(),
            "decode_only": True,
            "frame": frame(*records),
        }
    for name, reason, data in REFUSED:
        yield {"name": name, "why": "Refused whole.", "hex": data.hex(), "refused": reason}
    for name, reason, data in REFUSED_RECORDS:
        yield {
            "name": name,
            "why": "Refused alone; the records around it are taken in.",
            "hex": (OPEN + GOOD + data + GOOD).hex(),
            "decode_only": True,
            "records_refused": {reason: 1},
            "frame": frame(THREE, THREE),
        }
    yield {
        "name": "a record that is longer than the frame",
        "why": "Where the next one begins is not known: those before it are taken in.",
        "hex": (OPEN + GOOD + b"\1\x64" + GOOD).hex(),
        "decode_only": True,
        "records_refused": {"malformed": 1},
        "frame": frame(THREE),
    }
    yield {
        "name": "a clock after a forwarder",
        "why": "The clock is the first record, or none.",
        "hex": (
            OPEN + w.record("forwarder", b"\0") + w.record("clock", w.varint(START_MS)) + GOOD
        ).hex(),
        "decode_only": True,
        "records_refused": {"malformed": 1},
        "frame": frame(FORWARDER, THREE),
    }
    yield {
        "name": "several refused records",
        "why": "Each is counted by its own reason.",
        "hex": (
            OPEN
            + w.record("counter", X + w.number(-1))
            + GOOD
            + w.record(99, b"?")
            + w.record("counter", X + struct.pack("<B", 1))
            + w.record("increment", X + w.number(-2))
        ).hex(),
        "decode_only": True,
        "records_refused": {"bad_number": 2, "malformed": 1, "unknown_type": 1},
        "frame": frame(THREE),
    }


def answers():
    """The entries of the list `answers`."""
    by_name = {name: meaning for name, _, meaning in CANONICAL}
    for name, why, to in ANSWERS:
        meaning = {field: by_name[to][field] for field in ("instance", "sequence", "key")}
        data = w.encode_answer(meaning, KEYS)
        yield {"name": name, "why": why, "to": to, "hex": data.hex(), "answer": meaning}
