"""The bytes of numbers, texts and records of the push protocol, docs/protocol.md."""

import math
import struct
from typing import Iterable, Mapping, NamedTuple, Optional, Sequence, Tuple

Labels = Mapping[str, object]

_NUMBER_MAX = 1.7976931348623157e308
_WHOLE_MAX = 2**53
# Types of records.
_COUNTER, _GAUGE, _HISTOGRAM, _META, _CLOCK = 1, 3, 6, 10, 11


def _varint(value: int) -> bytes:
    if value < 0x80:
        return bytes((value,))
    parts = bytearray()
    while value >= 0x80:
        parts.append(value & 0x7F | 0x80)
        value >>= 7
    parts.append(value)
    return bytes(parts)


def _number(value: float) -> bytes:
    """Whole numbers up to 2^53 as varints, and all others as doubles."""
    if -_WHOLE_MAX <= value <= _WHOLE_MAX and value == int(value):
        whole = int(value)
        if whole > 0 or (whole == 0 and math.copysign(1, value) > 0):
            return _varint(whole << 1)
        if whole < 0:
            return _varint(-whole << 1 | 1)
    return b"\x01" + struct.pack("<d", value)


def _text(value: object) -> bytes:
    """A string as the table of a frame holds it: its length and its bytes."""
    data = str(value).encode("utf-8", "replace")
    return _varint(len(data)) + data


def _texts(labels: Iterable[Tuple[str, object]]) -> Tuple[bytes, ...]:
    return tuple(_text(part) for label in labels for part in label)


def _bounds_list(bounds: Sequence[float]) -> bytes:
    return _varint(len(bounds)) + b"".join(map(_number, bounds))


def _enclosed(kind: int, body: bytes) -> bytes:
    return _varint(kind) + _varint(len(body)) + body


class _Exemplar:
    """Labels of one event of a counter or a histogram."""

    __slots__ = ("at", "texts", "value")

    def __init__(self, labels: Labels, value: float, at: float) -> None:
        self.texts = _texts(sorted(labels.items()))
        self.value = value
        self.at = at


class _Record(NamedTuple):
    """The parts of a record, before a frame gives its strings and bounds their indices."""

    kind: int
    # The name and the labels; for `meta` the name, the unit and the help.
    texts: Sequence[bytes]
    # The fields before the list of bounds, that list, and the fields after it.
    before: bytes = b""
    bounds: Optional[bytes] = None
    fields: bytes = b""
    exemplars: Sequence[_Exemplar] = ()
    # For a total, when its series began; for a gauge, how long it has had its value.
    time_ms: Optional[int] = None
