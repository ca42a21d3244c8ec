"""One frame of the push protocol, docs/protocol.md."""

from typing import Dict, Iterable, List, Optional, Sequence

from ._clock import _milliseconds
from ._wire import _CLOCK, _GAUGE, _META, _enclosed, _Exemplar, _number, _Record, _varint

# A frame of the usual size passes an Ethernet with a tunnel or two without fragmentation. The
# largest is what UDP can hold.
FRAME_BYTES = 1_432
FRAME_BYTES_MIN = 256
FRAME_BYTES_MAX = 65_507


class _Frame:
    """Records are added to it until it is full.

    A record refers to strings and to lists of bounds by their index, so each of these parts grows
    while records are added, and `data` joins them:

        header | strings | common labels | lists of bounds | clock | records
    """

    def __init__(
        self,
        header: bytes,
        common: Sequence[bytes],
        limit: int,
        tail: int,
        sent_ms: Optional[int] = None,
        sequence: int = 0,
    ) -> None:
        self.sequence = sequence
        self.records: List[bytes] = []
        self._header = header
        self._limit = limit
        self._strings: Dict[bytes, int] = {}
        self._bounds: Dict[bytes, int] = {}
        self._common = _varint(len(common) // 2) + self._indices(common)
        # The first record: when the frame is sent.
        self._clock = b"" if sent_ms is None else _enclosed(_CLOCK, _varint(sent_ms))
        # The counts of strings and of lists take up to three bytes each.
        self._size = len(header) + tail + 6 + len(self._common) + len(self._clock)
        self._size += sum(map(len, self._strings))

    def _indices(self, texts: Iterable[bytes]) -> bytes:
        strings = self._strings
        return b"".join(_varint(strings.setdefault(text, len(strings))) for text in texts)

    def add(self, record: _Record, now: float) -> bool:
        """Adds a record; False if there is no room. The first one may be as long as UDP allows."""
        kind, texts, before, bounds, fields, exemplars, time_ms = record
        known = len(self._strings)
        known_bounds = len(self._bounds)
        if kind == _META:
            body = self._meta(texts)
        else:
            body = self._indices(texts[:1]) + _varint(len(texts) // 2) + self._indices(texts[1:])
        body += before
        if bounds is not None:
            place = 0 if not bounds else self._bounds.setdefault(bounds, known_bounds) + 1
            body += _varint(place)
        body += fields
        if exemplars or (time_ms is not None and kind != _GAUGE):
            body += _varint(len(exemplars)) + b"".join(self._exemplar(e, now) for e in exemplars)
        if time_ms is not None:
            body += _varint(time_ms)
        body = _enclosed(kind, body)
        new = list(self._strings)[known:] + list(self._bounds)[known_bounds:]
        size = self._size + len(body) + sum(map(len, new))
        if size > (self._limit if self.records else FRAME_BYTES_MAX):
            for text in list(self._strings)[known:]:
                del self._strings[text]
            for each in list(self._bounds)[known_bounds:]:
                del self._bounds[each]
            return False
        self.records.append(body)
        self._size = size
        return True

    def _meta(self, texts: Sequence[bytes]) -> bytes:
        """A name, a unit and a help text; the last two may be missing."""
        name, *others = texts
        body = self._indices((name,))
        for text in others:
            body += _varint(self._strings.setdefault(text, len(self._strings)) + 1 if text else 0)
        return body

    def _exemplar(self, exemplar: _Exemplar, now: float) -> bytes:
        labels = _varint(len(exemplar.texts) // 2) + self._indices(exemplar.texts)
        return labels + _number(exemplar.value) + _varint(_milliseconds(now - exemplar.at))

    def data(self) -> bytes:
        parts = [self._header, _varint(len(self._strings)), *self._strings, self._common]
        parts += [_varint(len(self._bounds)), *self._bounds, self._clock, *self.records]
        return b"".join(parts)
