"""Observations, counted by buckets."""

import bisect
from typing import Any, Dict, List, Optional, Sequence, Tuple, cast

from ._blocks import Timer
from ._bounds import DEFAULT_BOUNDS
from ._metric import _Metric
from ._wire import _HISTOGRAM, _NUMBER_MAX, Labels, _bounds_list, _number, _Record, _varint


class Histogram(_Metric["Histogram"]):
    """Counts observations by buckets."""

    __slots__ = ("_bounds", "_bounds_data", "_counts", "_sum")
    _bounds: Sequence[float]
    _bounds_data: bytes
    _counts: List[int]
    _sum: float
    _is_histogram = True

    def observe(self, value: float, exemplar: Optional[Labels] = None) -> None:
        """Counts one observation; durations are in seconds."""
        try:
            with self._lock:
                total = self._sum + value
                if -_NUMBER_MAX <= total <= _NUMBER_MAX and self._is_open:
                    self._counts[bisect.bisect_left(self._bounds, value)] += 1
                    self._sum = total
                    self._changed = True
                    if exemplar is not None:
                        self._note(exemplar, float(value))
                    return
        except Exception:
            pass
        self._client._refuse()

    def time(self) -> "Timer":
        """Observes the duration in seconds of a `with` block, or of each call of a function."""
        return Timer(self)

    def _take_seconds(self, seconds: float) -> None:
        self.observe(seconds)

    def _define(self, given: Dict[str, object]) -> None:
        super()._define({"bounds": DEFAULT_BOUNDS, **given})
        self._bounds = own = cast("Tuple[float, ...]", self._defined["bounds"])
        self._bounds_data = b"" if own == DEFAULT_BOUNDS else _bounds_list(own)

    def _copy(self, root: Any) -> None:
        self._bounds, self._bounds_data = root._bounds, root._bounds_data

    def _reset(self) -> None:
        self._counts = [0] * (len(self._bounds) + 1)
        self._sum = 0.0

    def _record(self, now: float) -> _Record:
        filled = [place for place, count in enumerate(self._counts) if count]
        buckets, next_place = [_varint(len(filled))], 0
        for place in filled:
            buckets += [_varint(place - next_place), _number(self._counts[place])]
            next_place = place + 1
        fields = _number(float(self._sum)) + b"".join(buckets)
        return _Record(
            _HISTOGRAM,
            self._texts,
            b"",
            self._bounds_data,
            fields,
            self._take_exemplars(),
            self._began_ms,
        )
