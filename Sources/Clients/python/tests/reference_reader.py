"""Reads frames of the push protocol, as simply as docs/protocol.md describes it.

It shares nothing with the reference writer, so that each finds mistakes of the other. Numbers are
floats, -0 and NaN among them.
"""

import hashlib
import hmac

from reference_bytes import Missing, Reader, Refused
from reference_records import TIME_MAX, are_bounds, read_bounds, read_labels, read_record

START = b"\xf7\x57\x01"
SIGNED, FINAL, CONFIRM, ANSWER = 1, 2, 4, 128
TAG_BYTES = 16
FRAME_BYTES_MAX = 65_507
COMMON_LABELS_MAX = 256


def decode(data, keys=None):
    """The meaning of a frame, and how many of its records were refused, by reason.

    Without `keys` the tag of a signed frame is not looked at. Raises `Refused`.
    """
    if len(data) > FRAME_BYTES_MAX:
        raise Refused("truncated")
    try:
        meaning, reader, texts, lists = _read_header(data, keys)
    except Missing:
        raise Refused("truncated") from None
    refused = {}
    while reader.left:
        try:
            kind, length = reader.varint(), reader.varint()
            fields = Reader(reader.take(length))
        except Missing:
            refused["malformed"] = refused.get("malformed", 0) + 1
            break
        try:
            before = [record["type"] for record in meaning["records"]] + list(refused)
            meaning["records"].append(read_record(kind, fields, texts, lists, before))
        except Missing:
            refused["malformed"] = refused.get("malformed", 0) + 1
        except Refused as refusal:
            refused[str(refusal)] = refused.get(str(refusal), 0) + 1
    return meaning, refused


def decode_answer(data, keys):
    reader = Reader(data)
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
    reader = Reader(data)
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
            raise Missing
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
    meaning["common"] = read_labels(reader, texts)
    holding = {name: value for name, value in meaning["common"]}
    if sum(1 for name, value in holding.items() if name and value) > COMMON_LABELS_MAX:
        raise Refused("bad_string")
    lists = [read_bounds(reader) for _ in range(reader.varint())]
    if any(not are_bounds(each) for each in lists):
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
