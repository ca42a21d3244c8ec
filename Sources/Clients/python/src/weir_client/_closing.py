"""The end of a client: its last frames, which are sent until the server has answered them."""

import threading
import time
from typing import Dict, Optional

from ._ends import CLOSE_SECONDS
from ._flushing import _Flushing
from ._gauge import Gauge
from ._options import _is_number
from ._signals import _release_signals
from ._writer import _CONFIRM, _FINAL

# The first wait for answers. Each further wait is twice as long, up to a limit at which a minute of
# waits is enough even if half of all datagrams are lost.
CONFIRM_SECONDS = 0.05
CONFIRM_SECONDS_MAX = 1.0


class _Closing(_Flushing):
    """Sends the last frames."""

    def _renew(self) -> None:
        super()._renew()
        # Until when `close` waits for answers, and the last frames that are not answered.
        self._deadline: Optional[float] = None
        self._unanswered: Optional[Dict[int, bytes]] = None

    def close(self, timeout: float = CLOSE_SECONDS) -> bool:
        """Sends all totals a last time, and repeats them until they are answered.

        Returns whether all were, within `timeout` seconds. The gauges of this client then leave the
        server. It is also called at the interpreter's exit. What is recorded afterwards is counted
        and not sent. A further call waits for the same answers, and not longer than the first call.
        """
        if not _is_number(timeout) or timeout < 0:
            raise ValueError(f"The timeout is {timeout!r}; it must be seconds, 0 or more.")
        with self._lock:
            if self._deadline is None:
                self._deadline = self._monotonic() + timeout
        # A flush in progress holds the lock. If it does not end, the process must not wait for it.
        wait = max(self._deadline - self._monotonic(), CONFIRM_SECONDS_MAX)
        if not self._flushing.acquire(timeout=min(wait, threading.TIMEOUT_MAX)):
            self._shut()
            self._fail(OSError("The last frames were not sent, because a flush did not end."))
            return False
        try:
            if self._unanswered is None:
                self._end()
            elif self._monotonic() >= self._deadline:
                return not self._unanswered
            is_answered = self._confirm()
            self._transport.close()
        finally:
            self._flushing.release()
        _release_signals()
        return is_answered

    def _end(self) -> None:
        """Makes the last frames. Later values are not accepted."""
        if not self._is_closed:
            self._collect()
        now = self._monotonic()
        with self._lock:
            self._shut()
            last = [s for s in self._series if not isinstance(s, Gauge)]
            records = [s._record(now) for s in last if s._changed or s._due]
        frames = self._writer.frames(records, _FINAL | _CONFIRM, now, at_least_one=True)
        self._unanswered = dict(frames)

    def _shut(self) -> None:
        with self._lock:
            self._is_closed = True
            try:
                self._latch.release()
            except RuntimeError:
                # It was released before.
                pass
            rooms = [m._no_room for m in self._metrics.values() if m._no_room is not None]
            for series in [*self._series, *rooms]:
                series._is_open = False

    def _confirm(self) -> bool:
        """Sends the last frames until all are answered, or the deadline has passed."""
        missing, deadline = self._unanswered, self._deadline
        assert missing is not None and deadline is not None
        wait = CONFIRM_SECONDS
        while missing:
            if self._send(list(missing.values())):
                missing.clear()
                break
            end = min(self._monotonic() + wait, deadline)
            try:
                for answer in self._transport.answers(end - self._monotonic()):
                    missing.pop(self._writer.answered(answer), None)
                    if not missing:
                        return True
            except OSError as error:
                self._fail(error)
            time.sleep(max(0.0, end - self._monotonic()))
            wait = min(2 * wait, CONFIRM_SECONDS_MAX)
            if self._monotonic() >= deadline:
                break
        return not missing

    def _forked(self) -> None:
        """Continues in a child process, as another instance that has counted nothing.

        A closed client stays closed. It gets new locks, because threads that do not exist in the
        child may have held the old ones.
        """
        if self._is_closed:
            self._lock = threading.RLock()
            self._flushing = threading.RLock()
            # The parent sends the last frames.
            self._unanswered = {}
        else:
            self._transport.close()
            self._renew()
        for series in self._series:
            series._forked(self._lock)
        for metric in self._metrics.values():
            metric._meta_due = 1
            if metric._no_room is not None:
                metric._no_room._forked(self._lock)
        self._start()
