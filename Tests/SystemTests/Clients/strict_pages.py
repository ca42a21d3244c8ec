"""Sends whatever senders may send, and reads every page as the strictest readers do.

strict_pages.py UDP WEB SEED ROUNDS PROMTOOL [utf-8] [forgets]

OpenMetrics is read by prometheus_client, the text formats by prometheus_client and promtool, and protobuf
by a reader of its own that refuses what Prometheus refuses. Counts in OpenMetrics must never fall, unless the server
forgets series. Prints the first page that is refused and why, and then ends with status 1.
"""

import random
import re
import socket
import struct
import subprocess
import sys
import time
import urllib.request

from prometheus_client import parser
from prometheus_client.openmetrics.parser import text_string_to_metric_families as read_openmetrics

SUFFIXES = ["", "_total", "_created", "_bucket", "_sum", "_count", "_info", "_gcount", "_gsum", "_seconds"]
OBSERVATION_SUFFIXES = ["_bucket", "_sum", "_count", "_created"]
SCHEMES = ["allow-utf-8", "underscores", "dots", "values"]
PROTOBUF = "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited"
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


class Refused(Exception):
    pass


def expect(holds, why):
    if not holds:
        raise Refused(why)


# Protobuf, as Prometheus reads it.


def fields(data):
    found, place = {}, 0

    def read_varint():
        nonlocal place
        value, shift = 0, 0
        while True:
            byte = data[place]
            place += 1
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return value

    while place < len(data):
        tag = read_varint()
        if tag & 7 == 0:
            value = read_varint()
        elif tag & 7 == 1:
            value = struct.unpack_from("<d", data, place)[0]
            place += 8
        else:
            expect(tag & 7 == 2, "a wire type that no field has")
            length = read_varint()
            expect(place + length <= len(data), "a field that is cut")
            value = data[place : place + length]
            place += length
        found.setdefault(tag >> 3, []).append(value)
    return found


def one(message, field, default=0):
    return message.get(field, [default])[0]


def numbers(data):
    values, place = [], 0
    while place < len(data):
        value, shift = 0, 0
        while True:
            byte = data[place]
            place += 1
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                break
        values.append(value >> 1 ^ -(value & 1))
    return values


def read_labels(message, field, own):
    labels = [(one(fields(pair), 1, b"").decode(), one(fields(pair), 2, b"").decode()) for pair in message.get(field, [])]
    names = [label for label, _ in labels]
    expect(len(set(names)) == len(names), f"a label twice: {labels}")
    expect("__name__" not in names and "" not in names, f"a label that is none: {labels}")
    expect(own not in names, f"a label of the format's own: {labels}")
    return tuple(sorted(labels))


def read_histogram(histogram):
    cumulative, bounds = [], []
    for bucket in map(fields, histogram.get(3, [])):
        cumulative.append(one(bucket, 4, 0.0) or float(one(bucket, 1)))
        bounds.append(one(bucket, 2, 0.0))
    expect(bounds == sorted(set(bounds)), "bounds that do not ascend")
    expect(cumulative == sorted(cumulative), "buckets that do not accumulate")
    count = one(histogram, 4, 0.0) or float(one(histogram, 1))
    expect(not cumulative or cumulative[-1] <= count, "a bucket above the count")
    if not any(field in histogram for field in (5, 6, 9, 12)):
        expect(16 not in histogram, "exemplars of a native histogram that is none")
        return
    is_float = one(histogram, 4, 0.0) > 0 or one(histogram, 8, 0.0) > 0
    found = 0.0 if is_float else float(one(histogram, 7))
    for spans, deltas, counts in ((9, 10, 11), (12, 13, 14)):
        lengths = 0
        for index, span in enumerate(map(fields, histogram.get(spans, []))):
            offset = one(span, 1)
            expect(index == 0 or (offset >> 1 ^ -(offset & 1)) >= 0, "spans that overlap")
            lengths += one(span, 2)
        if is_float:
            data = b"".join(histogram.get(counts, []))
            values = list(struct.unpack(f"<{len(data) // 8}d", data))
        else:
            values, last = [], 0
            for delta in numbers(b"".join(histogram.get(deltas, []))):
                last += delta
                values.append(float(last))
        expect(len(values) == lengths, "spans and buckets that do not match")
        expect(all(value >= 0 for value in values), "a negative bucket")
        found += sum(values)
    expect(is_float or found == count, f"a count of {count} over buckets of {found}")
    times = [one(fields(one(fields(each), 3, b"")), 1, -1) for each in histogram.get(16, [])]
    expect(-1 not in times and times == sorted(times), "native exemplars without a time, or out of order")


def read_protobuf(page):
    place, seen, taken, last = 0, set(), {}, None
    while place < len(page):
        length, shift = 0, 0
        while True:
            byte = page[place]
            place += 1
            length |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                break
        family = fields(page[place : place + length])
        place += length
        name, kind = one(family, 1, b"").decode(), one(family, 3)
        one(family, 2, b"").decode()
        unit = one(family, 5, b"").decode()
        expect(name, "a family without a name")
        base = name[: -len("_total")] if kind == 0 and name.endswith("_total") else name
        expect(not unit or base.endswith("_" + unit), f"unit {unit!r} not a suffix of {name!r}")
        if name != last:
            for sample in [name] + [name + s for s in OBSERVATION_SUFFIXES if kind in (2, 4)]:
                expect(sample not in taken, f"{sample} of {name} and of {taken.get(sample)}")
                taken[sample] = name
        last = name
        for metric in map(fields, family.get(4, [])):
            labels = read_labels(metric, 1, {2: "quantile", 4: "le"}.get(kind))
            expect((name, labels) not in seen, f"{name} {labels} twice")
            seen.add((name, labels))
            if kind == 4:
                read_histogram(fields(one(metric, 7, b"")))


# Text.


class Reader:
    def __init__(self, web, promtool, utf8, forgets):
        self.web = web
        self.promtool = promtool
        self.utf8 = utf8
        self.forgets = forgets
        self.counts = {}

    def get(self, accept):
        request = urllib.request.Request(f"http://{self.web}/metrics", headers={"Accept": accept})
        with urllib.request.urlopen(request, timeout=20) as answer:
            return answer.read()

    def openmetrics(self, accept):
        page = self.get(accept)
        try:
            for family in read_openmetrics(page.decode()):
                for sample in family.samples:
                    if family.type in ("histogram", "summary") and sample.name != family.name:
                        self.grows(accept, family, sample)
        except Refused:
            raise
        except Exception as error:
            raise Refused(f"{type(error).__name__}: {error}") from error
        return page

    def grows(self, accept, family, sample):
        if sample.name.endswith("_created"):
            return
        # Of names that become one the first in order is shown, and a new one may come before it.
        if self.forgets or self.utf8 and "allow-utf-8" not in accept:
            return
        key = (accept, sample.name, tuple(sorted(sample.labels.items())))
        expect(self.counts.get(key, 0) <= sample.value, f"{key} fell from {self.counts.get(key)} to {sample.value}")
        self.counts[key] = sample.value

    def text(self, accept):
        page = self.get(accept)
        for _ in parser.text_string_to_metric_families(page.decode()):
            pass
        series = [line.rpartition(b" ")[0] for line in page.split(b"\n") if line[:1] != b"#"]
        for each in set(series):
            expect(not each or series.count(each) == 1, f"{each} twice")
        names = [line[7:].rpartition(b" ")[0] for line in page.split(b"\n") if line.startswith(b"# TYPE ")]
        expect(len(set(names)) == len(names), "a family twice")
        return page

    def lint(self):
        page = self.text("text/plain;version=0.0.4")
        result = subprocess.run([self.promtool, "check", "metrics"], input=page, capture_output=True)
        # 3 is a matter of taste.
        expect(result.returncode in (0, 3), f"promtool: {result.stderr.decode(errors='replace')[:500]}")

    def all(self):
        steps = [("text 0.0.4", self.lint), ("OpenMetrics 0.0.1", lambda: self.openmetrics("application/openmetrics-text;version=0.0.1"))]
        for scheme in SCHEMES:
            open1 = f"application/openmetrics-text;version=1.0.0;escaping={scheme}"
            steps += [
                (f"OpenMetrics 1.0.0, {scheme}", lambda accept=open1: self.openmetrics(accept)),
                (f"text 1.0.0, {scheme}", lambda accept=f"text/plain;version=1.0.0;escaping={scheme}": self.text(accept)),
                (f"protobuf, {scheme}", lambda accept=f"{PROTOBUF};escaping={scheme}": read_protobuf(self.get(accept))),
            ]
        for what, step in steps:
            try:
                step()
            except Refused as refusal:
                raise Refused(f"{what}: {refusal}") from refusal


def main():
    udp, web, seed, rounds, promtool = sys.argv[1:6]
    host, port = udp.rsplit(":", 1)
    sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    hostile = Hostile(int(seed), "utf-8" in sys.argv[6:])
    reader = Reader(web, promtool, hostile.utf8, "forgets" in sys.argv[6:])
    sent = 0
    for number_of_round in range(int(rounds)):
        for _ in range(8):
            lines = "\n".join(hostile.line() for _ in range(12)).encode("utf-8", "replace")
            sender.sendto(lines, (host, int(port)))
            sender.sendto(hostile.frame([hostile.record() for _ in range(6)]), (host, int(port)))
            sent += 2
        end = time.monotonic() + 20
        while True:
            page = reader.get("text/plain").decode()
            received = sum(int(count) for count in re.findall(r"^weir_datagrams_received_total\{[^}]*\} (\d+)$", page, re.M))
            if received >= sent:
                break
            expect(time.monotonic() < end, f"{received} datagrams of {sent} have come")
        try:
            reader.all()
        except Refused as refusal:
            sys.exit(f"seed {seed}, round {number_of_round}: {refusal}")
    applied = re.search(r"^weir_push_records_total (\d+)$", page, re.M)
    print(f"{len(reader.counts)} counts, {applied.group(1)} records")


if __name__ == "__main__":
    main()
