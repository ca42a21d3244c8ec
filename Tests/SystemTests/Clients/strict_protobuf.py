"""Reads a page in protobuf, and refuses what Prometheus refuses."""

import struct

OBSERVATION_SUFFIXES = ["_bucket", "_sum", "_count", "_created"]


class Refused(Exception):
    pass


def expect(holds, why):
    if not holds:
        raise Refused(why)


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
    # Of fractions Prometheus adds the buckets of each sign by themselves, without the zero bucket.
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
    expect(found <= count if is_float else found == count, f"a count of {count} over buckets of {found}")
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
