"""Totals that only grow."""

from typing import Optional, Tuple, Type, Union

from ._blocks import ExceptionCounter
from ._metric import _Metric
from ._wire import _COUNTER, _NUMBER_MAX, Labels, _number, _Record


class Counter(_Metric["Counter"]):
    """A total that only increases."""

    __slots__ = ("_total",)
    _total: float

    def inc(self, value: float = 1, exemplar: Optional[Labels] = None) -> None:
        """Adds `value`, which must not be negative.

        An exemplar, such as `{"trace_id": "…"}`, is sent with it; one for each series and flush.
        """
        try:
            with self._lock:
                total = self._total + value
                if value >= 0 and total <= _NUMBER_MAX and self._is_open:
                    self._total = total
                    self._changed = True
                    if exemplar is not None:
                        self._note(exemplar, float(value))
                    return
        except Exception:
            pass
        self._client._refuse()

    def set_total(self, total: float) -> None:
        """Sets a total that is kept elsewhere. A smaller one changes nothing."""
        try:
            with self._lock:
                if 0 <= total <= _NUMBER_MAX and self._is_open:
                    if total > self._total or not self._due:
                        self._total = max(self._total, float(total))
                        self._changed = True
                    return
        except Exception:
            pass
        self._client._refuse()

    def count_exceptions(
        self, exception: Union[Type[BaseException], Tuple[Type[BaseException], ...]] = Exception
    ) -> "ExceptionCounter":
        """Counts exceptions of these types in a `with` block or a decorated function."""
        return ExceptionCounter(self, exception)

    def _reset(self) -> None:
        self._total = 0

    def _record(self, now: float) -> _Record:
        exemplars = self._take_exemplars()
        fields = _number(float(self._total))
        return _Record(_COUNTER, self._texts, b"", None, fields, exemplars, self._began_ms)
