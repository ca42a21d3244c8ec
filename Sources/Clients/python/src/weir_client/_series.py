"""A series: one metric with one set of labels, and when it is sent."""

import threading
from typing import TYPE_CHECKING, List, Optional, Tuple

from ._wire import Labels, _Exemplar, _Record

if TYPE_CHECKING:
    from ._registry import _Registry

# A total that has not changed is repeated after 1, 2, 4, … 64 flushes, and then at this interval.
REPEAT_FLUSHES = 60
REPEAT_OFFSET_MAX = 64


class _Series:
    """One name with one set of labels, and when it is sent."""

    __slots__ = (
        "_began_ms",
        "_changed",
        "_client",
        "_due",
        "_exemplar",
        "_is_open",
        "_is_removed",
        "_lock",
        "_offset",
        "_texts",
    )

    def _begin(self, client: "_Registry", texts: Tuple[bytes, ...], is_due: bool) -> None:
        self._client = client
        self._lock = client._lock
        self._texts = texts
        # When it began, since the start of the instance; it never changes.
        self._began_ms = client._age_ms()
        self._changed = is_due
        # Whether it accepts values, which it does not after the client is closed.
        self._is_open = not client._is_closed
        self._is_removed = False
        # The flush at which it is repeated; 0 before it is sent, and after its last repeat.
        self._due = 0
        self._offset = 0
        self._exemplar: Optional[_Exemplar] = None

    def _is_due(self, flush: int) -> bool:
        return self._changed or 0 < self._due <= flush

    def _sent(self, flush: int) -> None:
        """Sets when it is repeated: 1, 2, 4, … 64 flushes after it changed, then every 60.

        A removed series is not repeated after the growing intervals.
        """
        if self._changed:
            self._changed = False
            self._offset, step = 1, 1
        elif self._offset < REPEAT_OFFSET_MAX:
            step = self._offset
            self._offset *= 2
        elif self._is_removed:
            self._due = 0
            return
        else:
            step = REPEAT_FLUSHES
        self._due = flush + step

    def _note(self, labels: Labels, value: float) -> None:
        """Keeps an exemplar if there is none since the last flush."""
        if self._exemplar is None:
            self._exemplar = _Exemplar(labels, value, self._client._monotonic())

    def _take_exemplars(self) -> List[_Exemplar]:
        exemplar, self._exemplar = self._exemplar, None
        return [] if exemplar is None else [exemplar]

    def _forked(self, lock: "threading.RLock") -> None:
        self._lock = lock
        self._began_ms = 0
        self._changed, self._due, self._offset, self._exemplar = False, 0, 0, None
        self._reset()

    def _reset(self) -> None:
        raise NotImplementedError

    def _record(self, now: float) -> _Record:
        raise NotImplementedError
