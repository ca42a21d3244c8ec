#!/usr/bin/env python3
"""Makes docs/protocol-vectors.json.

make_vectors.py          writes it
make_vectors.py --check  checks that it is what would be written; exit 1 if not
"""

import json
import math
import sys
from pathlib import Path

import vector_cases

PATH = Path(__file__).resolve().parents[4] / "docs" / "protocol-vectors.json"
ABOUT = (
    "Frames of the push protocol, docs/protocol.md, with their meaning. Made by "
    "Sources/Clients/python/tests/make_vectors.py; change that file, not this one. An encoder "
    "makes each frame from its meaning, byte for byte, except those that are decode_only or "
    "refused. A canonical frame has whole numbers up to 2^53 in their whole form, the shortest "
    "varints, strings and lists of bounds in the order of their first use (common labels first; a "
    "record's name, then its labels, then its exemplars'; of meta the name, the unit, the help), "
    "buckets and registers ascending, and no count of exemplars if there are none. Numbers that "
    "JSON cannot hold are the strings NaN, -0, Infinity and -Infinity; a sequence above 2^53 is a "
    "string of digits. `refused` is the reason of a frame's refusal, where `keys` apply to signed "
    "frames only; `records_refused` counts a frame's refused records by reason."
)


def plain(value):
    """A meaning with its numbers as JSON can hold them."""
    if isinstance(value, dict):
        return {
            name: plain_sequence(each) if name == "sequence" else plain(each)
            for name, each in value.items()
        }
    if isinstance(value, (list, tuple)):
        return [plain(each) for each in value]
    if isinstance(value, float):
        if math.isnan(value):
            return "NaN"
        if math.isinf(value):
            return "Infinity" if value > 0 else "-Infinity"
        if value == 0 and math.copysign(1, value) < 0:
            return "-0"
        if value == int(value) and abs(value) <= 2**53:
            return int(value)
    return value


def plain_sequence(sequence):
    return sequence if int(sequence) <= 2**53 else str(sequence)


def text():
    """The file: a line for each record, and for each other field of an entry."""
    frames = ",\n".join(_entry(each) for each in vector_cases.frames())
    answers = ",\n".join(_entry(each) for each in vector_cases.answers())
    keys = {key: secret.hex() for key, secret in vector_cases.KEYS.items()}
    return (
        f'{{\n  "about": {_json(ABOUT)},\n  "keys": {_json(keys)},\n'
        f'  "frames": [\n{frames}\n  ],\n  "answers": [\n{answers}\n  ]\n}}\n'
    )


def _entry(entry):
    lines = []
    for name, value in entry.items():
        if name == "frame":
            records = value["records"]
            head = _json({key: each for key, each in value.items() if key != "records"})[:-1]
            inner = ",\n".join("        " + _json(each) for each in records)
            inner = f"[\n{inner}\n      ]" if records else "[]"
            lines.append(f'      "frame": {head}, "records": {inner}}}')
        else:
            lines.append(f"      {_json(name)}: {_json(value)}")
    return "    {\n" + ",\n".join(lines) + "\n    }"


def _json(value):
    return json.dumps(plain(value), ensure_ascii=False, allow_nan=False)


def main():
    made = text()
    if "--check" not in sys.argv[1:]:
        PATH.write_text(made, encoding="utf-8")
    elif not PATH.exists() or PATH.read_text(encoding="utf-8") != made:
        sys.exit(f"{PATH} is not what make_vectors.py makes; run it without --check.")


if __name__ == "__main__":
    main()
