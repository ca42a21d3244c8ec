"""Values that go up and down."""

import math
from typing import Any, Callable, Dict, Optional, cast

from ._blocks import InProgress, Timer
from ._clock import _milliseconds
from ._metric import _Metric
from ._wire import _GAUGE, _NUMBER_MAX, _number, _Record

MERGES = ("last", "sum", "min", "max", "avg")


class Gauge(_Metric["Gauge"]):
    """A value that goes up and down. Weir merges the values of all processes into one."""

    __slots__ = ("_function", "_merge", "_set_at", "_value")
    _function: Optional[Callable[[], float]]
    _merge: int
    _set_at: float
    _value: float

    def set(self, value: float) -> None:
        """Sets the value. The same value again is a new setting, which matters for `last`."""
        try:
            now = self._client._monotonic()
            with self._lock:
                if -_NUMBER_MAX <= value <= _NUMBER_MAX and self._is_open:
                    # The time of a setting matters only for `last` (0). With other merges the same
                    # value keeps its schedule.
                    if value != self._value or self._merge == 0:
                        self._value = float(value)
                        self._changed = True
                    self._set_at = now
                    return
        except Exception:
            pass
        self._client._refuse()

    def set_to_current_time(self) -> None:
        """Sets the value to the seconds since 1970."""
        self.set(self._client._wall())

    def set_function(self, function: Callable[[], float]) -> None:
        """Calls `function` before each flush and sets what it returns, if it has changed.

        Exceptions, and what is not a finite number, are counted and leave the value as it was.
        """
        if not callable(function):
            raise TypeError(f"{self._root._name} needs a function, and not {function!r}.")
        self._client._set_function(self, function)

    def inc(self, value: float = 1) -> None:
        """Adds to the value of this process, which begins at 0."""
        try:
            now = self._client._monotonic()
            with self._lock:
                changed = value if self._value != self._value else self._value + value
                if -_NUMBER_MAX <= changed <= _NUMBER_MAX and self._is_open:
                    self._value = float(changed)
                    self._changed = True
                    self._set_at = now
                    return
        except Exception:
            pass
        self._client._refuse()

    def dec(self, value: float = 1) -> None:
        """Subtracts from the value of this process, which begins at 0."""
        try:
            self.inc(-value)
        except Exception:
            self._client._refuse()

    def clear(self) -> None:
        """Removes the value until it is set again, and all series that have labels."""
        super().clear()
        with self._lock:
            self._function = None
            self._value = math.nan
            self._changed = True

    def time(self) -> "Timer":
        """Sets the duration in seconds of a `with` block, or of each call of a function."""
        return Timer(self)

    def track_inprogress(self) -> "InProgress":
        """Counts the `with` blocks, or calls of a decorated function, that are in progress."""
        return InProgress(self)

    def _take_seconds(self, seconds: float) -> None:
        self.set(seconds)

    def _poll(self, value: float) -> None:
        """Sets a value that was read. The same value as before is not a new setting."""
        if value != self._value or not self._is_open:
            self.set(value)

    def _define(self, given: Dict[str, object]) -> None:
        super()._define({"merge": MERGES[0], **given})
        self._merge = MERGES.index(cast(str, self._defined["merge"]))
        self._function = None

    def _copy(self, root: Any) -> None:
        self._merge = root._merge
        self._function = None

    def _reset(self) -> None:
        self._value = math.nan
        self._set_at = 0.0

    def _take_away(self) -> None:
        # A handle that the program kept must not add it again.
        self._function = None
        self._is_open = False
        self._value = math.nan
        self._changed = bool(self._due)

    def _revive(self) -> None:
        self._is_removed = False
        self._is_open = not self._client._is_closed

    def _record(self, now: float) -> _Record:
        is_set = self._value == self._value
        held_ms = _milliseconds(now - self._set_at) if is_set else None
        fields = _number(self._value)
        return _Record(_GAUGE, self._texts, bytes((self._merge,)), None, fields, (), held_ms)
