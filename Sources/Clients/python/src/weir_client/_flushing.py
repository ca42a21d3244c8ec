"""Flushes: when they happen, and what each sends."""

import math
import random
import threading
from typing import Any, Callable, List, Optional, Sequence, cast

from ._metric import _Metric
from ._registry import _after_close, _Registry
from ._series import REPEAT_FLUSHES, _Series
from ._signing import _SigningKey
from ._transports import _Transport
from ._wire import _META, Labels, _Record, _text
from ._writer import _FrameWriter

# An instance sends a frame at least this often, so that the server keeps its gauges.
HEARTBEAT_SECONDS = 15.0
# The interval varies by up to this share, so that clients do not all send at the same moment.
JITTER = 0.1


class _Flushing(_Registry):
    """Sends what has changed or is due, in a background thread."""

    # Set by Client, whose errors this class counts.
    _transport: _Transport

    def __init__(
        self,
        labels: Labels,
        series_max: int,
        monotonic: Callable[[], float],
        wall: Callable[[], float],
        key: Optional[_SigningKey],
        frame_bytes: int,
        interval: float,
        is_background: bool,
    ) -> None:
        super().__init__(labels, series_max, monotonic, wall)
        self._key = key
        self._frame_bytes = frame_bytes
        self._interval = interval
        self._is_background = is_background
        self._collectors: List[Callable[[], None]] = []

    def _renew(self) -> None:
        super()._renew()
        self._writer = _FrameWriter(
            self._key, self._common, self._frame_bytes, self._started, self._wall, self._fail
        )
        self._flushing = threading.RLock()
        self._is_amid_flush = False
        # Released to end the thread. An Event will not do, because a signal's handler may interrupt
        # its `set` and call it again.
        self._latch = threading.Lock()
        self._latch.acquire()
        self._thread: Optional[threading.Thread] = None
        self._flush_number = 0
        self._last_sent = -math.inf
        self._frames_sent = 0
        self._send_errors = 0
        self._last_error = ""

    def flush(self) -> None:
        """Sends what is due now. The background thread calls this too."""
        self._flush_within(-1)

    def _flush_within(self, timeout: float) -> None:
        """Flushes, unless another flush takes longer than this many seconds; -1 means no limit."""
        if not self._flushing.acquire(timeout=timeout):
            return
        try:
            # A signal's handler may interrupt a flush of the same thread, which then continues.
            if self._is_closed or self._is_amid_flush:
                return
            self._is_amid_flush = True
            try:
                self._flush()
            finally:
                self._is_amid_flush = False
        finally:
            self._flushing.release()

    def _flush(self) -> None:
        self._collect()
        self._flush_number += 1
        now = self._monotonic()
        frames = self._writer.frames(self._due_records(now), 0, now)
        # The next flush may be late, by the jitter and by a slow machine.
        is_silent = now - self._last_sent + 2 * self._interval > HEARTBEAT_SECONDS
        if not frames and is_silent:
            frames = self._writer.frames([], 0, now, at_least_one=True)
        if frames:
            self._last_sent = now
            self._send([data for _, data in frames])

    def _collect(self) -> None:
        """Reads the values that are read before each flush."""
        after_close = _after_close.take()
        if after_close > 0:
            self._count_after_close(after_close)
        for function in self._collectors:
            try:
                function()
            except Exception as error:
                self._fail(error)
        for gauge in self._functions:
            read = gauge._function
            try:
                if read is not None:
                    gauge._poll(read())
            except Exception as error:
                self._fail(error)

    def _count_after_close(self, values: int) -> None:
        raise NotImplementedError

    def _due_records(self, now: float) -> List[_Record]:
        flush = self._flush_number
        records: List[_Record] = []
        gone: List[_Series] = []
        for series in list(self._series):
            if not series._is_due(flush):
                continue
            with self._lock:
                records.append(series._record(now))
                series._sent(flush)
                if not series._due:
                    gone.append(series)
        if gone:
            with self._lock:
                self._forget(gone)
        for metric in list(self._metrics.values()):
            unit = cast(str, metric._defined["unit"])
            if (unit or metric._help) and metric._meta_due <= flush and _is_used(metric):
                metric._meta_due = flush + REPEAT_FLUSHES
                optional = [_text(text) if text else b"" for text in (unit, metric._help)]
                records.append(_Record(_META, (metric._texts[0], *optional)))
        return records

    def _send(self, frames: Sequence[bytes]) -> bool:
        """Whether all frames are known to have arrived, which UDP cannot tell."""
        try:
            have_arrived = self._transport.send(frames)
            self._frames_sent += len(frames)
            return have_arrived
        except Exception as error:
            self._fail(error)
            self._transport.close()
            return False

    def _fail(self, error: Exception) -> None:
        self._send_errors += 1
        self._last_error = str(error) or type(error).__name__

    def _start(self) -> None:
        """Starts the thread."""
        if not self._is_background or self._is_closed:
            return
        self._thread = threading.Thread(target=self._run, name="weir-flush", daemon=True)
        try:
            self._thread.start()
        except RuntimeError as error:
            # The interpreter is about to end; the last flush sends what is recorded.
            self._fail(error)

    def _run(self) -> None:
        latch = self._latch
        while not latch.acquire(timeout=self._interval * random.uniform(1 - JITTER, 1 + JITTER)):
            try:
                self.flush()
            except Exception as error:
                # No error may end the thread.
                self._fail(error)


def _is_used(metric: "_Metric[Any]") -> bool:
    """Whether any of its series has been sent."""
    return bool(metric._due or metric._children)
