"""Writes the frames of an instance, and reads the answers to them."""

import hmac
import os
from typing import Callable, List, Optional, Sequence, Tuple

from ._clock import _milliseconds, _wall_ms
from ._frame import FRAME_BYTES_MAX, _Frame
from ._signing import _TAG_BYTES, _SigningKey
from ._wire import _Record, _varint

_START = b"\xf7\x57\x01"
_SIGNED, _FINAL, _CONFIRM, _ANSWER = 1, 2, 4, 128


class _FrameWriter:
    """Numbers and signs frames.

    `started` is the start of the instance by the monotonic clock, and `wall` the wall clock.
    `report` is called with an error for each record that is too long for any frame.
    """

    def __init__(
        self,
        key: Optional[_SigningKey],
        common: Sequence[bytes],
        frame_bytes: int,
        started: float,
        wall: Callable[[], float],
        report: Callable[[Exception], None],
    ) -> None:
        self.instance = os.urandom(8)
        self.started = started
        # The wall time of the start, right or wrong: each frame contains the time of its sending.
        self.start_ms = _wall_ms(wall)
        # The number of the last frame.
        self.sequence = 0
        self._key = key
        self._common = common
        self._frame_bytes = frame_bytes
        self._wall = wall
        self._report = report

    def frames(
        self, records: Sequence[_Record], flags: int, now: float, at_least_one: bool = False
    ) -> List[Tuple[int, bytes]]:
        """The frames that hold these records, each with its sequence."""
        made: List[Tuple[int, bytes]] = []
        frame: Optional[_Frame] = self._frame(flags, now) if at_least_one else None
        for record in records:
            if frame is not None and frame.add(record, now):
                continue
            if frame is not None and frame.records:
                made.append(self.signed(frame))
                frame = None
            frame = frame or self._frame(flags, now)
            if not frame.add(record, now):
                self._report(OSError(f"A series exceeds the limit of {FRAME_BYTES_MAX} bytes."))
                # The frame has dropped its strings, and continues with the next record.
        if frame is not None and (frame.records or not made and at_least_one):
            made.append(self.signed(frame))
        elif frame is not None:
            self.sequence -= 1
        return made

    def _frame(self, flags: int, now: float) -> _Frame:
        self.sequence += 1
        tail = 0 if self._key is None else _TAG_BYTES
        header = self.header(flags, now)
        sent_ms, limit = _wall_ms(self._wall), self._frame_bytes
        return _Frame(header, self._common, limit, tail, sent_ms, self.sequence)

    def header(self, flags: int, now: float) -> bytes:
        key = b""
        if self._key is not None:
            flags |= _SIGNED
            key = bytes((len(self._key.name),)) + self._key.name
        age = _milliseconds(now - self.started)
        times = b"".join(map(_varint, (self.start_ms, self.sequence, age)))
        return _START + bytes((flags,)) + key + self.instance + times

    def signed(self, frame: _Frame) -> Tuple[int, bytes]:
        data = frame.data()
        return frame.sequence, data if self._key is None else data + self._key.tag(data)

    def answered(self, answer: bytes) -> int:
        """The sequence of the answered frame; 0 if the answer is not to this instance."""
        for sequence_bytes in range(1, 11):
            data = answer[: 12 + sequence_bytes]
            if len(data) == 12 + sequence_bytes and data[-1] < 0x80:
                break
        else:
            return 0
        flags = _ANSWER if self._key is None else _ANSWER | _SIGNED
        if data[:12] != _START + bytes((flags,)) + self.instance:
            return 0
        tag = b"" if self._key is None else self._key.tag(data)
        if not hmac.compare_digest(tag, answer[len(data) :]):
            return 0
        return sum((byte & 0x7F) << 7 * place for place, byte in enumerate(data[12:]))
