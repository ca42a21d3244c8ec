"""The metrics and series of a client, and the limit on their number."""

import threading
from typing import Any, Callable, Dict, List, Mapping, Sequence, Type, cast

from ._clock import _milliseconds
from ._gauge import Gauge
from ._labels import _check_label_name, _declared_names
from ._metric import S, _Key, _Metric
from ._series import _Series
from ._wire import Labels, _text, _texts


class _AfterClose:
    """Counts values that were recorded after the close of a client, for another one to send."""

    def __init__(self) -> None:
        self.renew()

    def renew(self) -> None:
        """Starts again in a child process: its parent sends what was counted before."""
        # Reentrant, because a signal's handler may record at any time.
        self._lock = threading.RLock()
        self._count = 0

    def add(self) -> None:
        with self._lock:
            self._count += 1

    def take(self) -> int:
        """The number since the last call."""
        with self._lock:
            count, self._count = self._count, 0
        return count


_after_close = _AfterClose()


class _Registry:
    """What was defined and recorded.

    It is the lowest of four layers, each of which extends the one below:

        Client       options, and what applications call
        _Closing     the last frames
        _Flushing    the thread that sends what has changed
        _Registry    metrics and series
    """

    def __init__(
        self,
        labels: Labels,
        series_max: int,
        monotonic: Callable[[], float],
        wall: Callable[[], float],
    ) -> None:
        for name in labels:
            _check_label_name(name, "all series")
        # Without empty ones, which are the same as none.
        self._common_labels = {n: str(v) for n, v in labels.items() if str(v)}
        self._common = _texts(sorted(self._common_labels.items()))
        self._series_max = series_max
        self._monotonic = monotonic
        self._wall = wall
        self._metrics: Dict[str, _Metric[Any]] = {}
        self._series: List[_Series] = []
        self._removed_count = 0
        self._functions: List[Gauge] = []
        self._is_closed = False

    def _renew(self) -> None:
        """Becomes an instance that has sent nothing."""
        # Reentrant, because a signal's handler or a finaliser may interrupt a recording and record.
        self._lock = threading.RLock()
        self._started = self._monotonic()
        self._values_refused = 0
        self._values_after_close = 0

    def _age_ms(self) -> int:
        return _milliseconds(self._monotonic() - self._started)

    def _define(
        self,
        kind: Type[S],
        name: str,
        help: str,
        labelnames: Sequence[str],
        options: Dict[str, object],
    ) -> S:
        """The metric of this name, which the first call makes."""
        if not isinstance(name, str) or not name:
            raise ValueError(
                f"The name of a metric is {name!r}; it must be a string that is not empty."
            )
        declared = _declared_names(name, labelnames, kind._is_histogram)
        options["labelnames"] = declared or None
        given = {option: value for option, value in options.items() if value is not None}
        with self._lock:
            known = self._metrics.get(name)
            if known is not None:
                _check_same(known, kind, given)
                known._help = known._help or help
                return cast(S, known)
            made = kind.__new__(kind)
            made._describe(name, help, declared)
            made._begin(self, (_text(name),), False)
            made._define(given)
            made._reset()
            if made._labelnames:
                # Only its series with labels accept values.
                made._is_open = False
            self._metrics[name] = made
            self._series.append(made)
            return made

    def _child(self, root: "_Metric[S]", given: _Key) -> S:
        """The series of a metric with these labels."""
        key = root._normal_key(given)
        if not key and not root._labelnames:
            return cast(S, root)
        with self._lock:
            child = root._children.get(key)
            if child is not None:
                return child
            child = root._removed.pop(key, None)
            if child is not None:
                self._removed_count -= 1
                child._revive()
                root._children[key] = child
                return child
            live = len(self._series) - self._removed_count
            if live >= self._series_max or len(self._series) >= 2 * self._series_max:
                return self._without_room(root)
            # A counter is sent from 0 on, so that Prometheus sees its first increase.
            made = root._new(key, type(root) is not Gauge)
            root._children[key] = made
            self._series.append(made)
            return made

    def _without_room(self, root: "_Metric[S]") -> S:
        """The series of a metric whose values are lost."""
        if not self._is_closed:
            self._count_overflow()
        with self._lock:
            if root._no_room is None:
                root._no_room = root._new((), False)
            return root._no_room

    def _count_overflow(self) -> None:
        raise NotImplementedError

    def _remove(self, root: "_Metric[Any]", given: _Key) -> None:
        key = root._normal_key(given)
        with self._lock:
            child = root._children.pop(key, None)
            if child is None:
                return
            child._is_removed = True
            child._take_away()
            if child in self._functions:
                self._functions = [g for g in self._functions if g is not child]
            root._removed[key] = child
            self._removed_count += 1
            if isinstance(child, Gauge) and not child._changed:
                # It was never sent.
                self._forget([child])

    def _forget(self, gone: Sequence[_Series]) -> None:
        """Drops removed gauges, which have no value to remember."""
        still_gone = set()
        for series in gone:
            if isinstance(series, Gauge) and series._is_removed:
                if series._root._removed.pop(series._key, None) is series:
                    self._removed_count -= 1
                    still_gone.add(id(series))
        if still_gone:
            self._series = [s for s in self._series if id(s) not in still_gone]

    def _set_function(self, gauge: Gauge, function: Callable[[], float]) -> None:
        with self._lock:
            if not gauge._is_open:
                # It was removed, or it needs labels.
                self._refuse()
                return
            gauge._function = function
            self._functions = [g for g in self._functions if g._function and g is not gauge]
            self._functions.append(gauge)

    def _refuse(self) -> None:
        """Counts a value that is recorded nowhere."""
        with self._lock:
            if self._is_closed:
                self._values_after_close += 1
                _after_close.add()
            else:
                self._values_refused += 1


def _check_same(known: "_Metric[Any]", kind: type, given: Mapping[str, object]) -> None:
    """Raises ValueError if a second definition of a metric differs from the first."""
    name = known._name
    if type(known) is not kind:
        raise ValueError(
            f"{name} is already defined as a {type(known).__name__}; "
            f"choose another name for the {kind.__name__}."
        )
    for option, value in given.items():
        if known._defined[option] != value:
            raise ValueError(
                f"{name} is already defined with {option}={known._defined[option]!r}, and not with "
                f"{value!r}; use the same value, or leave it out."
            )
