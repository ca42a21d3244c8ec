"""Names, values, lines and pushed frames drawn at random, as hostile clients may send them."""

import random
import struct
import time

SUFFIXES = ["", "_total", "_created", "_bucket", "_sum", "_count", "_info", "_gcount", "_gsum", "_seconds"]
HOSTILE = ['"', "\\", "{", "}", " ", "=", "#", "é", "\x01", "\x00", "\r", "'", "😀", "a", "_", " # {", '\\"', "\\n"]


class Hostile:
    """Names, values, lines and frames drawn at random."""

    def __init__(self, seed, utf8):
        self.random = random.Random(seed)
        self.utf8 = utf8
        self.sequence = 0
        self.start = int(time.time() * 1000)
        self.totals = {}

    def pick(self, choices):
        return self.random.choice(choices)

    def name(self):
        stem = self.pick(["x", "y", "x_y", "z", "weir", "process_cpu", "scrape"])
        if self.utf8:
            stem = self.pick([stem, "x.y", "x y", "x/y", "x-y", 'q"', "b\\", "n{}", "9", "é", "x\x00y", "weir.lines"])
        joint = self.pick(["_", "."]) if self.utf8 else "_"
        suffixes = [self.pick(SUFFIXES) for _ in range(self.pick([0, 1, 1, 2]))]
        return (stem + "".join(suffixes)).replace("_", joint if self.random.random() < 0.3 else "_")

    def value(self):
        draw = self.random.random()
        if draw < 0.2:
            return self.pick(["0", "-0", "-1", "-3.5", "1e300", "-1e300", "9007199254740993", "1e-300"])
        return repr(self.random.uniform(-2, 200) if draw < 0.5 else self.random.randrange(0, 5))

    def text(self):
        return "".join(self.pick(HOSTILE) for _ in range(self.random.randrange(1, 6)))

    def tags(self):
        tags = []
        for _ in range(self.random.randrange(0, 3)):
            label = self.pick(["le", "quantile", "k", "__name__", "_name_", "weir_overflow", "exported_le", "a.b", "a_b", "é", "job"])
            text = self.text().replace(",", "").replace("|", "").replace("\n", "")
            tags.append(f"{label}:{text}")
        return ("|#" + ",".join(tags)) if tags else ""

    def line(self):
        kind = self.pick(["c", "g", "h", "ms", "d", "s"])
        rate = self.pick(["", "", "|@0.3", "|@0.01", "|@0.7", "|@2.3e-16"]) if kind != "s" else ""
        name = self.name()
        for character in ":|\n#":
            name = name.replace(character, "")
        return f"{name}:{self.value()}|{kind}{rate}{self.tags()}"

    # The push protocol.

    def frame(self, records):
        self.sequence += 1
        strings, body = {}, b""

        def index(text):
            return varint(strings.setdefault(text.encode("utf-8", "replace"), len(strings)))

        def labels(pairs):
            return varint(len(pairs)) + b"".join(index(k) + index(v) for k, v in pairs)

        for kind, name, fields in records:
            record = index(name)
            if kind == 10:
                for text in fields:
                    record += varint(strings.setdefault(text.encode(), len(strings)) + 1 if text else 0)
            else:
                own, before, exemplars = fields
                record += labels(own) + before + varint(len(exemplars))
                for pairs, value, age in exemplars:
                    record += labels(pairs) + number(value) + varint(age)
            body += varint(kind) + varint(len(record)) + record
        head = b"\xf7\x57\x01\x00" + struct.pack("<Q", 77) + varint(self.start) + varint(self.sequence)
        head += varint(self.sequence * 10 + self.pick([0, 0, 10**9]))
        table = b"".join(varint(len(text)) + text for text in strings)
        lists = varint(2) + varint(2) + number(-5) + number(0.5) + varint(1) + number(1e6)
        return head + varint(len(strings)) + table + varint(0) + lists + body

    def exemplars(self):
        def pairs():
            if self.random.random() < 0.3:
                return [("trace_id", "4bf92f3577b34da6")]
            return [(self.pick(["a", "weir_x", "a.b", "a_b", "é"]), self.pick([self.text(), "x" * 119, "é" * 127])) for _ in range(self.random.randrange(0, 3))]

        return [(pairs(), self.random.uniform(-1, 9), self.random.randrange(0, 99)) for _ in range(self.random.randrange(0, 3))]

    def record(self):
        name = self.name()
        own = [(self.pick(["k", "le", "a.b"]), self.text())] if self.random.random() < 0.3 else []
        draw = self.random.randrange(5)
        if draw == 0:
            unit = self.pick(["seconds", "total", "x", "a b", "\n", "y_seconds", "", "é"])
            return 10, name, (unit, self.text() + self.pick(["", "\n", '"']) + self.text())
        key = (name, draw, tuple(own))
        total = self.totals[key] = self.totals.get(key, 0) + self.random.uniform(0, 3)
        if draw == 1:
            return 1, name, (own, number(total), self.exemplars())
        if draw == 2:
            buckets = varint(3) + varint(0) + number(total) + varint(0) + number(total / 3) + varint(0) + number(1)
            bounds = self.pick([varint(0), varint(1)])
            return 6, name, (own, bounds + number(self.random.uniform(-9, 9) * total) + buckets, self.exemplars())
        if draw == 3:
            negative = self.pick([varint(0), varint(1) + varint(8) + number(total)])
            runs = varint(1) + varint(6) + number(total) + negative
            return 7, name, (own, varint(6) + number(total) + number(0.5) + runs, self.exemplars())
        values = [self.random.uniform(-1, 9) for _ in range(3)]
        before = number(self.pick([1, 2.5])) + varint(3) + b"".join(map(number, values))
        return 5, name, (own, before, self.exemplars())


def varint(value):
    parts = bytearray()
    while value >= 0x80:
        parts.append(value & 0x7F | 0x80)
        value >>= 7
    parts.append(value)
    return bytes(parts)


def number(value):
    return b"\x01" + struct.pack("<d", value)
