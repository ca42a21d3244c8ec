"""A client of Weir's push protocol in one file, for Python 3.9 and later, without dependencies.

    import weir

    client = weir.Client("127.0.0.1:8125", labels={"service": "gateway"})
    requests = client.counter("requests_total", help="Requests answered.")
    requests.labels(status="ok").inc()

Recording never blocks on the network and never raises. A background thread sends the totals that
have changed, and repeats them, so that a lost datagram is made good by the next: docs/protocol.md.

The parts of this file: the wire; names, labels and bounds; series and metrics; blocks and
decorators; transports; the client; process metrics; how processes end.
"""

import atexit
import base64
import bisect
import functools
import hashlib
import hmac
import http.client
import inspect
import math
import os
import random
import re
import select
import signal
import socket
import ssl
import struct
import sys
import threading
import time
import urllib.parse
import weakref
from typing import Any, Callable, Dict, Generic, Iterable, Iterator, List, Mapping, NamedTuple
from typing import NoReturn, Optional, Sequence, Set, Tuple, Type, TypeVar, Union, cast

__all__ = ["Client", "Counter", "Gauge", "Histogram", "LabelError", "Timer"]
__all__ += ["DEFAULT_BOUNDS", "exponential_bounds", "linear_bounds"]

# Weir's own bounds, which cost nothing in a frame.
DEFAULT_BOUNDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120)
BOUNDS_MAX = 200
MERGES = ("last", "sum", "min", "max", "avg")

# What passes through an Ethernet with a tunnel or two in one piece, and what UDP can hold.
FRAME_BYTES = 1_432
FRAME_BYTES_MIN = 256
FRAME_BYTES_MAX = 65_507
# Below the server's 1 MiB for a body, by more than the longest frame.
BODY_BYTES = 900_000
# An instance that is silent for longer is taken for gone.
HEARTBEAT_SECONDS = 15.0
# A total that has not changed is repeated at 1, 2, 4, … 64 flushes, and then in this rhythm.
REPEAT_FLUSHES = 60
REPEAT_OFFSET_MAX = 64
# How long a socket is used. Then the name is looked up again, because names move, and the source
# port is another, because connection tracking may go on sending the old one's datagrams to nobody.
SOCKET_SECONDS = 60.0
# A flush comes sooner or later by up to this share, so that instances do not send in step.
JITTER = 0.1
# The wait for the answer to the last frames, which doubles from try to try.
CONFIRM_SECONDS = 0.05
# Where half of all is lost, a minute of such waits leaves nothing to chance.
CONFIRM_SECONDS_MAX = 1.0
# How long the end of a process waits for answers.
CLOSE_SECONDS = 2.0

_NUMBER_MAX = 1.7976931348623157e308
_WHOLE_MAX = 2**53
# The end of the year 9999, the latest time that a frame may name.
_TIME_MS_MAX = 253_402_300_799_999
_TAG_BYTES = 16
_START = b"\xf7\x57\x01"
_SIGNED, _FINAL, _CONFIRM, _ANSWER = 1, 2, 4, 128
_COUNTER, _GAUGE, _HISTOGRAM, _META, _CLOCK = 1, 3, 6, 10, 11

Labels = Mapping[str, object]
_Key = Tuple[Tuple[str, str], ...]


def _monotonic_clock() -> Callable[[], float]:
    """A clock that never jumps and goes on while the host is suspended, where there is one."""
    # Darwin's CLOCK_MONOTONIC includes the time asleep; Linux' does not, nor time.monotonic there.
    name = "CLOCK_MONOTONIC" if sys.platform == "darwin" else "CLOCK_BOOTTIME"
    try:
        clock = functools.partial(time.clock_gettime, getattr(time, name))
        clock()
        return clock
    except (AttributeError, OSError):
        return time.monotonic


# The wire.


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
    """Whole numbers up to 2^53 as such, and all else as a double."""
    if -_WHOLE_MAX <= value <= _WHOLE_MAX and value == int(value):
        whole = int(value)
        if whole > 0 or (whole == 0 and math.copysign(1, value) > 0):
            return _varint(whole << 1)
        if whole < 0:
            return _varint(-whole << 1 | 1)
    return b"\x01" + struct.pack("<d", value)


def _text(value: object) -> bytes:
    """A string as it stands in a frame's table: its length and its bytes."""
    data = str(value).encode("utf-8", "replace")
    return _varint(len(data)) + data


def _texts(labels: Iterable[Tuple[str, object]]) -> Tuple[bytes, ...]:
    return tuple(_text(part) for label in labels for part in label)


def _bounds_list(bounds: Sequence[float]) -> bytes:
    return _varint(len(bounds)) + b"".join(map(_number, bounds))


class _Exemplar:
    """What a record tells of one of its events."""

    __slots__ = ("at", "texts", "value")

    def __init__(self, labels: Labels, value: float, at: float) -> None:
        self.texts = _texts(sorted(labels.items()))
        self.value = value
        self.at = at


class _Record(NamedTuple):
    """What a frame holds of a series, but for the indices of its strings and bounds."""

    kind: int
    # The name and the labels; of `meta` the name, the unit and the help.
    texts: Sequence[bytes]
    # The fields before the list of bounds, that list, and the fields after it.
    before: bytes = b""
    bounds: Optional[bytes] = None
    fields: bytes = b""
    exemplars: Sequence[_Exemplar] = ()
    # Milliseconds: of a total, when its series began; of a gauge, for how long its value has held.
    time_ms: Optional[int] = None


class _Frame:
    """A frame that records are added to until it is full."""

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
        # The first of all records: when the frame is sent.
        self._clock = b"" if sent_ms is None else _enclosed(_CLOCK, _varint(sent_ms))
        # The counts of strings and of lists take up to three bytes each.
        self._size = len(header) + tail + 6 + len(self._common) + len(self._clock)
        self._size += sum(map(len, self._strings))

    def _indices(self, texts: Iterable[bytes]) -> bytes:
        strings = self._strings
        return b"".join(_varint(strings.setdefault(text, len(strings))) for text in texts)

    def add(self, record: _Record, now: float) -> bool:
        """Takes a record in, or says that there is no room for it; a frame's first always fits."""
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
        """A name, a unit and help, of which the latter two may be missing."""
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


def _enclosed(kind: int, body: bytes) -> bytes:
    return _varint(kind) + _varint(len(body)) + body


def _milliseconds(seconds: float) -> int:
    """Of a span of time, which is not negative whatever the clocks say."""
    return max(0, int(seconds * 1_000))


class _SigningKey:
    """What frames are signed with."""

    def __init__(self, key: Tuple[str, bytes]) -> None:
        try:
            name, secret = key
            self.name, self._secret = name.encode(), bytes(memoryview(secret))
        except (AttributeError, TypeError, ValueError):
            raise ValueError('The key is not like ("gateway-2026", b"the secret").') from None
        if not 1 <= len(self.name) <= 32:
            raise ValueError(f"The key's id {name!r} has not 1 to 32 bytes.")
        if not self._secret:
            raise ValueError(f"The secret of the key {name!r} is empty.")

    def tag(self, data: bytes) -> bytes:
        return hmac.new(self._secret, data, hashlib.sha256).digest()[:_TAG_BYTES]


# Names, labels and bounds.


class LabelError(ValueError):
    """Names of labels that a metric does not have or that Prometheus has no place for."""


_LABEL_NAME = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*\Z")


def _check_label_name(name: object, of: str, is_histogram: bool = False) -> None:
    if not isinstance(name, str) or not _LABEL_NAME.match(name):
        raise LabelError(
            f"The label {name!r} of {of} is not made of ASCII letters, digits and _, "
            "with no digit first."
        )
    if name.startswith("__"):
        raise LabelError(f"The label {name!r} of {of} begins with __, which Prometheus reserves.")
    if is_histogram and name == "le":
        raise LabelError(f"The label 'le' of {of} is the one that a histogram's buckets have.")


def _declared_names(kind: type, of: str, labelnames: Sequence[str]) -> Tuple[str, ...]:
    if isinstance(labelnames, str):
        raise LabelError(f'The labelnames of {of} are one string; write ("{labelnames}",).')
    names = tuple(labelnames)
    for name in names:
        _check_label_name(name, of, kind is Histogram)
    if len(set(names)) < len(names):
        raise LabelError(f"The labelnames of {of} name a label twice: {', '.join(names)}.")
    return names


def _checked_bounds(of: str, bounds: Sequence[float]) -> Tuple[float, ...]:
    try:
        own = tuple(map(float, bounds))
    except (TypeError, ValueError):
        raise ValueError(f"The bounds of {of} are no list of numbers: {bounds!r}.") from None
    is_ascending = all(low < high for low, high in zip(own, own[1:]))
    if not is_ascending or not all(map(math.isfinite, own)) or len(own) > BOUNDS_MAX:
        raise ValueError(
            f"The bounds of {of} are not finite, ascending and at most {BOUNDS_MAX}; "
            "leave +Inf out."
        )
    return own


def linear_bounds(start: float, width: float, count: int) -> Tuple[float, ...]:
    """`count` bounds for a histogram, each greater by `width`: (0, 10, 20) from 0, 10 and 3."""
    if not 1 <= count <= BOUNDS_MAX or not width > 0:
        raise ValueError(f"linear_bounds needs a width above 0, and a count of 1 to {BOUNDS_MAX}.")
    bounds = (start + place * width for place in range(count))
    return _checked_bounds("linear_bounds", tuple(bounds))


def exponential_bounds(start: float, factor: float, count: int) -> Tuple[float, ...]:
    """`count` bounds for a histogram, each `factor` times the last: (1, 2, 4) from 1, 2 and 3."""
    if not 1 <= count <= BOUNDS_MAX or not start > 0 or not factor > 1:
        raise ValueError(
            "exponential_bounds needs a start above 0, a factor above 1, "
            f"and a count of 1 to {BOUNDS_MAX}."
        )
    try:
        return _checked_bounds(
            "exponential_bounds", tuple(start * factor**place for place in range(count))
        )
    except OverflowError:
        raise ValueError("exponential_bounds goes beyond the greatest number.") from None


# What users of prometheus_client write, and what it is here.
_OPTION_HINTS = {
    "buckets": "bounds",
    "documentation": "help",
    "description": "help",
    "label_names": "labelnames",
    "labels": "labelnames",
    "multiprocess_mode": "merge",
}


def _refuse_options(of: str, unknown: Mapping[str, object], options: str) -> None:
    for option in unknown:
        hint = _OPTION_HINTS.get(option)
        remedy = f"write {hint}=" if hint and hint in options.split(", ") else f"it has {options}"
        raise TypeError(f"{of} has no option {option!r}; {remedy}.")


# Series and metrics.


class _Series:
    """One name with one set of labels, and when it is to be sent."""

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

    def _begin(self, client: "Client", texts: Tuple[bytes, ...], is_due: bool) -> None:
        self._client = client
        self._lock = client._lock
        self._texts = texts
        # Since the instance's start, for as long as it lives.
        self._began_ms = _milliseconds(client._monotonic() - client._started)
        self._changed = is_due
        # Whether it takes values, which it does not once the client is closed.
        self._is_open = not client._is_closed
        self._is_removed = False
        # The flush at which it is repeated; 0 while it has never been sent, and while it rests.
        self._due = 0
        self._offset = 0
        self._exemplar: Optional[_Exemplar] = None

    def _is_due(self, flush: int) -> bool:
        return self._changed or 0 < self._due <= flush

    def _sent(self, flush: int) -> None:
        """Sets when it is repeated: 1, 2, 4, … 64 flushes after it changed, then every 60.

        What was removed is repeated at growing intervals, and then rests.
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
        """Keeps an exemplar, where there is none since the last flush."""
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


S = TypeVar("S", bound="_Metric[Any]")


class _Metric(_Series, Generic[S]):
    """A metric, which is a series itself, and has others with labels."""

    __slots__ = (
        "_children",
        "_defined",
        "_help",
        "_key",
        "_labelnames",
        "_meta_due",
        "_name",
        "_no_room",
        "_removed",
        "_root",
    )
    _key: _Key

    def _describe(self, name: str, help: str, labelnames: Tuple[str, ...]) -> None:
        self._root: "_Metric[S]" = self
        self._name = name
        self._help = help
        self._labelnames = labelnames
        # What another definition of the name has to agree with.
        self._defined: Dict[str, object] = {}
        self._meta_due = 1
        self._children: Dict[_Key, S] = {}
        # Those that were removed: totals go on from there should they come again.
        self._removed: Dict[_Key, S] = {}
        self._no_room: Optional[S] = None

    def labels(self, *values: object, **labels: object) -> S:
        """The series with these labels, the same at each call; keep it where it is used often.

        By name, `labels(status="ok")`, or in the order of the `labelnames`, `labels("ok")`.
        Raises LabelError for names that can't be. Beyond the client's `series_max` it is a series
        whose values go nowhere, which is counted.
        """
        root = self._root
        try:
            # Of little use on a series that has labels already; they are then replaced.
            key = root._labels_key(values, labels)
            child = root._children.get(key)
            return child if child is not None else root._client._child(root, key)
        except LabelError:
            raise
        except Exception:
            return root._client._without_room(root)

    def remove(self, *values: object, **labels: object) -> None:
        """Forgets the series with these labels, which are given as to `labels`.

        A gauge leaves the server. A total never falls: the server keeps it, it is repeated no
        longer, and where the same labels come again it goes on.
        """
        root = self._root
        root._client._remove(root, root._labels_key(values, labels))

    def clear(self) -> None:
        """Removes all series of the metric that have labels."""
        root = self._root
        if root is self:
            for key in list(root._children):
                root._client._remove(root, key)

    def _labels_key(self, values: Tuple[object, ...], labels: Labels) -> _Key:
        if values:
            names = self._labelnames
            if not names:
                raise LabelError(
                    f"{self._name} was defined without labelnames; write labels(name=value)."
                )
            if labels or len(values) != len(names):
                raise LabelError(f"{self._name} needs a value for each of {', '.join(names)}.")
            return tuple(sorted(zip(names, map(str, values))))
        return tuple(sorted((name, str(value)) for name, value in labels.items()))

    def _normal_key(self, key: _Key) -> _Key:
        """The labels that tell series apart: none that is empty or as all series have it."""
        names = tuple(name for name, _ in key)
        if self._labelnames:
            if names != tuple(sorted(self._labelnames)):
                raise LabelError(
                    f"{self._name} needs a value for each of {', '.join(self._labelnames)}."
                )
        else:
            for name in names:
                _check_label_name(name, self._name, isinstance(self, Histogram))
        common = self._client._common_labels
        encodable = ((name, value.encode("utf-8", "replace").decode()) for name, value in key)
        return tuple(label for label in encodable if label[1] != common.get(label[0], ""))

    def _new(self, key: _Key, is_due: bool) -> S:
        child = cast(S, type(self).__new__(type(self)))
        child._root = self
        child._key = key
        child._begin(self._client, (self._texts[0], *_texts(key)), is_due)
        child._copy(self)
        child._reset()
        return child

    def _define(self, given: Dict[str, object]) -> None:
        """Takes the options of its definition, and the defaults of those that were left out."""
        self._defined.update({"labelnames": (), "unit": "", **given})

    def _copy(self, root: Any) -> None:
        """Takes over what is the same for all series of the metric."""

    def _take_away(self) -> None:
        """What the removal does to a value; a total is kept."""

    def _revive(self) -> None:
        """Comes again after a removal, to be repeated as any other."""
        self._is_removed = False
        self._changed = True


class Counter(_Metric["Counter"]):
    """A total that only grows."""

    __slots__ = ("_total",)
    _total: float

    def inc(self, value: float = 1, exemplar: Optional[Labels] = None) -> None:
        """Adds `value`, which is not negative.

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
        """Sets the total to one that is kept elsewhere. A smaller one changes nothing."""
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
        """Counts what a `with` block, or a decorated function, raises of this type or these."""
        return ExceptionCounter(self, exception)

    def _reset(self) -> None:
        self._total = 0

    def _record(self, now: float) -> _Record:
        exemplars = self._take_exemplars()
        fields = _number(float(self._total))
        return _Record(_COUNTER, self._texts, b"", None, fields, exemplars, self._began_ms)


class Gauge(_Metric["Gauge"]):
    """A value that goes up and down. Weir shows one for all processes, by the merge."""

    __slots__ = ("_function", "_merge", "_set_at", "_value")
    _function: Optional[Callable[[], float]]
    _merge: int
    _set_at: float
    _value: float

    def set(self, value: float) -> None:
        """Sets the value. To set the same value again is a new setting, which counts for `last`."""
        try:
            now = self._client._monotonic()
            with self._lock:
                if -_NUMBER_MAX <= value <= _NUMBER_MAX and self._is_open:
                    # Only `last` (0) asks when it was set: elsewhere the same value is repeated in
                    # its own rhythm.
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
        """Has `function` called before each flush for the value; the same one is no new setting.

        What it raises, and what is no finite number, is counted, and the value stays as it was.
        """
        if not callable(function):
            raise TypeError(f"{self._root._name} needs a function, and not {function!r}.")
        self._client._set_function(self, function)

    def inc(self, value: float = 1) -> None:
        """Adds to this process' own value, which begins at 0."""
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
        """Takes from this process' own value, which begins at 0."""
        try:
            self.inc(-value)
        except Exception:
            self._client._refuse()

    def clear(self) -> None:
        """Takes the value away until it is set again, and removes all series that have labels."""
        super().clear()
        with self._lock:
            self._function = None
            self._value = math.nan
            self._changed = True

    def time(self) -> "Timer":
        """Sets the seconds that a `with` block, or each call of a decorated function, takes."""
        return Timer(self)

    def track_inprogress(self) -> "InProgress":
        """Counts the `with` blocks, or calls of a decorated function, that are going on."""
        return InProgress(self)

    def _poll(self, value: float) -> None:
        """Sets a value that was read; the same as before is no new setting."""
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
        # A handle that somebody kept must not bring it back.
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


class Histogram(_Metric["Histogram"]):
    """Observations, counted by buckets."""

    __slots__ = ("_bounds", "_bounds_data", "_counts", "_sum")
    _bounds: Sequence[float]
    _bounds_data: bytes
    _counts: List[int]
    _sum: float

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
        """Observes how long a `with` block, or each call of a decorated function, takes."""
        return Timer(self)

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


# Blocks and decorators.

F = TypeVar("F", bound=Callable[..., Any])


class _Block:
    """A `with` block, or a decorator of functions: each call is then a block of its own.

    A function that is a coroutine lasts until it returns.
    """

    __slots__ = ()

    def __enter__(self) -> Any:
        raise NotImplementedError

    def __exit__(self, kind: Optional[Type[BaseException]], *_: object) -> None:
        raise NotImplementedError

    def _again(self) -> "_Block":
        """Another block of the kind, because calls of a function may overlap."""
        return self

    def __call__(self, function: F) -> F:
        @functools.wraps(function)
        def plain(*args: Any, **options: Any) -> Any:
            with self._again():
                return function(*args, **options)

        @functools.wraps(function)
        async def coroutine(*args: Any, **options: Any) -> Any:
            with self._again():
                return await function(*args, **options)

        return cast(F, coroutine if inspect.iscoroutinefunction(function) else plain)


class Timer(_Block):
    """Records seconds: `with histogram.time(): …`, or `@histogram.time()` on a function.

    What is raised is timed too. Where labels are known at the end only:
    `with histogram.time() as timer: …; timer.labels(status="ok")`.
    """

    __slots__ = ("_begun", "_metric")

    def __init__(self, metric: Union[Histogram, Gauge]) -> None:
        self._metric = metric
        self._begun = 0.0

    def labels(self, *values: object, **labels: object) -> None:
        """Has the time recorded in the series with these labels."""
        self._metric = self._metric.labels(*values, **labels)

    def __enter__(self) -> "Timer":
        self._begun = time.perf_counter()
        return self

    def __exit__(self, *_: object) -> None:
        seconds = time.perf_counter() - self._begun
        if isinstance(self._metric, Gauge):
            self._metric.set(seconds)
        else:
            self._metric.observe(seconds)

    def _again(self) -> "Timer":
        return Timer(self._metric)


class InProgress(_Block):
    """Adds one to a gauge for as long as a block lasts."""

    __slots__ = ("_gauge",)

    def __init__(self, gauge: Gauge) -> None:
        self._gauge = gauge

    def __enter__(self) -> "InProgress":
        self._gauge.inc()
        return self

    def __exit__(self, *_: object) -> None:
        self._gauge.dec()


class ExceptionCounter(_Block):
    """Counts the blocks that end with an exception of a type, and lets it pass."""

    __slots__ = ("_counter", "_exception")

    def __init__(
        self,
        counter: Counter,
        exception: Union[Type[BaseException], Tuple[Type[BaseException], ...]],
    ) -> None:
        kinds = exception if isinstance(exception, tuple) else (exception,)
        if not all(isinstance(kind, type) and issubclass(kind, BaseException) for kind in kinds):
            raise TypeError(f"count_exceptions needs exceptions' types, and not {exception!r}.")
        self._counter = counter
        self._exception = kinds

    def __enter__(self) -> "ExceptionCounter":
        return self

    def __exit__(self, kind: Optional[Type[BaseException]], *_: object) -> None:
        if kind is not None and issubclass(kind, self._exception):
            self._counter.inc()


# Transports. They raise OSError or HTTPException, which the client counts.


class _UDP:
    def __init__(
        self, address: str, monotonic: Callable[[], float], report: Callable[[Exception], None]
    ) -> None:
        host, _, port = address.rpartition(":") if isinstance(address, str) else ("", "", "")
        if not host or not port.isascii() or not port.isdigit():
            raise ValueError(f'The address {address!r} is not like "host:8125" or "[::1]:8125".')
        if not 1 <= int(port) <= 65_535:
            raise ValueError(f"The port of {address!r} is not from 1 to 65535.")
        self.destination = address
        # As bytes: a look-up of a string loads a codec first, which may fail amid a signal's handler.
        self._host, self._port = _host_bytes(host.strip("[]")), int(port)
        self._monotonic = monotonic
        self._report = report
        self._socket: Optional[socket.socket] = None
        self._until = 0.0

    def _connected(self) -> socket.socket:
        """The socket of this minute."""
        now = self._monotonic()
        if self._socket is not None and now < self._until:
            return self._socket
        try:
            made = self._opened()
        except OSError as error:
            # A name that can't be looked up now may stand for the same as a minute ago.
            if self._socket is None:
                raise
            self._report(error)
            made = self._socket
        before, self._socket = self._socket, made
        self._until = now + SOCKET_SECONDS
        if before is not None and before is not made:
            # Closed after the new one has its port, which is therefore another one.
            before.close()
        return made

    def _opened(self) -> socket.socket:
        found = socket.getaddrinfo(self._host, self._port, type=socket.SOCK_DGRAM)
        family, kind, protocol, _, address = found[0]
        made = socket.socket(family, kind, protocol)
        try:
            made.connect(address)
            made.setblocking(False)
        except OSError:
            made.close()
            raise
        return made

    def send(self, frames: Sequence[bytes]) -> bool:
        """Sends each; the answers come to `answers`. Raises OSError, also where an earlier datagram
        was refused: then these have been sent all the same."""
        refused = None
        for frame in frames:
            made = self._connected()
            try:
                made.send(frame)
            except ConnectionRefusedError as error:
                # Said of a datagram before; this one has not been sent.
                refused = error
                made.send(frame)
        if refused is not None:
            raise refused
        return False

    def answers(self, seconds: float) -> Iterator[bytes]:
        """What comes back within so many seconds, or nothing where it can't come."""
        deadline = time.monotonic() + seconds
        while True:
            left = deadline - time.monotonic()
            if left <= 0:
                return
            made = self._socket or self._connected()
            if not select.select([made], [], [], left)[0]:
                return
            try:
                yield made.recv(256)
            except ConnectionRefusedError:
                # There is no server yet: waits, as for one that does not answer.
                time.sleep(max(0.0, deadline - time.monotonic()))

    def close(self) -> None:
        if self._socket is not None:
            self._socket.close()
            self._socket = None


def _host_bytes(host: str) -> bytes:
    try:
        return host.encode("ascii" if host.isascii() else "idna")
    except UnicodeError:
        raise ValueError(f"The host {host!r} is no name that could be looked up.") from None


class _HTTP:
    def __init__(self, url: str, context: Optional[ssl.SSLContext], timeout: float) -> None:
        parts = urllib.parse.urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError(f'The URL {url!r} is not like "https://host/api/v1/push".')
        try:
            self._host, self._port = parts.hostname, parts.port
        except ValueError:
            self._port = 0
        if self._port == 0:
            raise ValueError(f"The port of {url!r} is not from 1 to 65535.")
        path = parts.path if parts.path not in ("", "/") else "/api/v1/push"
        self._target = path + (f"?{parts.query}" if parts.query else "")
        self.destination = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{self._target}"
        self._headers = {"Content-Type": "application/vnd.weir.push"}
        if parts.username is not None:
            user, password = map(urllib.parse.unquote, (parts.username, parts.password or ""))
            credentials = base64.b64encode(f"{user}:{password}".encode()).decode()
            self._headers["Authorization"] = f"Basic {credentials}"
        self._timeout = timeout
        self._context = None
        if parts.scheme == "https":
            self._context = context or ssl.create_default_context()
        elif context is not None:
            raise ValueError(f"The URL {url!r} has no TLS for ca_file or ssl_context; write https.")
        self._connection: Optional[http.client.HTTPConnection] = None

    def send(self, frames: Sequence[bytes]) -> bool:
        """Sends all, and says that they have arrived."""
        body = bytearray()
        for frame in frames:
            if body and len(body) + len(frame) > BODY_BYTES:
                self._post(bytes(body))
                body.clear()
            body += _varint(len(frame)) + frame
        self._post(bytes(body))
        return True

    def _post(self, body: bytes) -> None:
        was_open = self._connection is not None
        try:
            self._exchange(body)
        except (ConnectionError, http.client.BadStatusLine):
            # A server may close a connection that was idle. Sending twice does no harm.
            self.close()
            if not was_open:
                raise
            self._exchange(body)
        except BaseException:
            self.close()
            raise

    def _exchange(self, body: bytes) -> None:
        if self._connection is None:
            if self._context is None:
                made = http.client.HTTPConnection(self._host, self._port, timeout=self._timeout)
            else:
                made = http.client.HTTPSConnection(
                    self._host, self._port, timeout=self._timeout, context=self._context
                )
            self._connection = made
        self._connection.request("POST", self._target, body, self._headers)
        answer = self._connection.getresponse()
        # No more than a sentence is expected.
        sentence = answer.read(1_000).decode("utf-8", "replace").strip()
        if answer.status != 204:
            raise http.client.HTTPException(f"{answer.status}: {sentence}")

    def answers(self, seconds: float) -> Iterator[bytes]:
        time.sleep(max(0.0, seconds))
        return iter(())

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


# The client.


class Client:
    """Counts, and sends what it has counted to a Weir.

    - `address`: where its UDP port is: `"host:8125"`, `"[::1]:8125"`; by default on this host.
    - `url`: where it takes frames by HTTP, in place of the address:
      `"https://user:password@host/api/v1/push"`. `ca_file` or `ssl_context` say whom to trust.
    - `labels`: on every series.
    - `key`: id and secret to sign with, as in the server's `--push.keys-file`.
    - `flush_interval`: seconds.
    - `series_max`: how many series it keeps at most, and as many again that were removed.
    - `process_metrics`: whether to send `process_*`. The gauges have the label `instance`, which is
      the host's name and the process' number unless `instance` says otherwise, or `labels` has it.
      CPU time is added up over all processes; `per_process_cpu` adds the label there too.
    - `signals`: True for SIGTERM and SIGINT, or a list of signals. Each has what was recorded sent,
      and then does what it did without the client: `docs/examples/python/README.md`.
    - `background`: False for no thread: then `flush()` is yours to call, say at the end of each
      invocation of a serverless function.
    - `monotonic`, `wall`: clocks, for tests.

    Raises ValueError where these can't be meant; after that no method does for want of a server.
    """

    def __init__(
        self,
        address: Optional[str] = None,
        *,
        url: Optional[str] = None,
        labels: Optional[Labels] = None,
        key: Optional[Tuple[str, bytes]] = None,
        flush_interval: float = 1.0,
        series_max: int = 10_000,
        process_metrics: bool = False,
        per_process_cpu: bool = False,
        instance: Optional[str] = None,
        signals: Union[bool, Iterable[Union[int, str]]] = False,
        ca_file: Optional[str] = None,
        ssl_context: Optional[ssl.SSLContext] = None,
        http_timeout: float = 5.0,
        frame_bytes: int = FRAME_BYTES,
        background: bool = True,
        monotonic: Callable[[], float] = _monotonic_clock(),
        wall: Callable[[], float] = time.time,
    ) -> None:
        if not _is_number(flush_interval) or not 0 < flush_interval < HEARTBEAT_SECONDS:
            raise ValueError(
                f"flush_interval is {flush_interval!r}; it is seconds, above 0 and below 15."
            )
        if not isinstance(series_max, int) or series_max < 1:
            raise ValueError(f"series_max is {series_max!r}; it is a whole number, 1 or more.")
        sizes = range(FRAME_BYTES_MIN, FRAME_BYTES_MAX + 1)
        if not isinstance(frame_bytes, int) or frame_bytes not in sizes:
            raise ValueError(
                f"frame_bytes is {frame_bytes!r}; it is from {sizes[0]} to {sizes[-1]}."
            )
        if not _is_number(http_timeout) or not 0 < http_timeout < math.inf:
            raise ValueError(f"http_timeout is {http_timeout!r}; it is seconds, above 0.")
        self._monotonic = monotonic
        self._wall = wall
        self._transport = self._made_transport(address, url, ca_file, ssl_context, http_timeout)
        self._key = None if key is None else _SigningKey(key)
        for name in labels or {}:
            _check_label_name(name, "all series")
        # Without those that are empty, which are no labels.
        self._common_labels = {n: str(v) for n, v in (labels or {}).items() if str(v)}
        self._common = _texts(sorted(self._common_labels.items()))
        self._interval = flush_interval
        self._series_max = series_max
        self._frame_bytes = frame_bytes
        self._is_background = background
        self._signals = _signal_numbers(signals)
        self._metrics: Dict[str, _Metric[Any]] = {}
        self._series: List[_Series] = []
        self._removed_count = 0
        self._collectors: List[Callable[[], None]] = []
        self._functions: List[Gauge] = []
        self._is_closed = False
        self._renew()
        self._overflow = self.counter(
            "push_client_series_overflow_total",
            help="Times that a client had no room for a series.",
        )
        if process_metrics:
            _ProcessMetrics(self, instance, per_process_cpu)
        _handle_signals(self._signals)
        _clients.add(self)
        _watch_multiprocessing()
        self._start()

    def _made_transport(
        self,
        address: Optional[str],
        url: Optional[str],
        ca_file: Optional[str],
        context: Optional[ssl.SSLContext],
        timeout: float,
    ) -> "Union[_UDP, _HTTP]":
        if url is None:
            if ca_file is not None or context is not None:
                raise ValueError("ca_file and ssl_context need a url; UDP has no TLS.")
            given = "127.0.0.1:8125" if address is None else address
            return _UDP(given, self._monotonic, self._fail)
        if address is not None:
            raise ValueError(f"Give the address {address!r} or the url {url!r}, and not both.")
        if ca_file is not None:
            if context is not None:
                raise ValueError("Give ca_file or ssl_context, and not both.")
            context = ssl.create_default_context(cafile=ca_file)
        return _HTTP(url, context, timeout)

    def _renew(self) -> None:
        """Becomes an instance that has sent nothing."""
        # Reentrant, because a signal's handler or a finaliser may record amid a recording.
        self._lock = threading.RLock()
        self._flushing = threading.RLock()
        self._is_amid_flush = False
        # Released to end the thread. An Event may not be set amid its own setting, by a handler.
        self._latch = threading.Lock()
        self._latch.acquire()
        self._thread: Optional[threading.Thread] = None
        self._instance = os.urandom(8)
        # The instance's name, right or wrong: each frame tells the time of its sending.
        self._start_ms = self._wall_ms()
        self._started = self._monotonic()
        self._sequence = 0
        self._flush_number = 0
        self._last_sent = -math.inf
        # Until when `close` waits for answers, and the last frames that have none.
        self._deadline: Optional[float] = None
        self._unanswered: Optional[Dict[int, bytes]] = None
        self._frames_sent = 0
        self._send_errors = 0
        self._values_refused = 0
        self._values_after_close = 0
        self._last_error = ""

    def _wall_ms(self) -> int:
        return max(1, min(int(self._wall() * 1_000), _TIME_MS_MAX))

    # Metrics.

    def counter(
        self,
        name: str,
        help: str = "",
        labelnames: Sequence[str] = (),
        *,
        unit: str = "",
        **unknown: NoReturn,
    ) -> Counter:
        """The counter of this name, the same at each call.

        Here and below: an option that is given and differs from an earlier definition of the name
        raises ValueError; one that is left out is not compared.
        """
        _refuse_options("A counter", unknown, "help, labelnames, unit")
        return self._metric(Counter, name, help, labelnames, {"unit": unit or None})

    def gauge(
        self,
        name: str,
        help: str = "",
        labelnames: Sequence[str] = (),
        *,
        merge: Optional[str] = None,
        unit: str = "",
        **unknown: NoReturn,
    ) -> Gauge:
        """The gauge of this name; `merge` is last, sum, min, max or avg over all processes.

        It is `last` by default.
        """
        _refuse_options("A gauge", unknown, "help, labelnames, merge, unit")
        if merge is not None and merge not in MERGES:
            raise ValueError(f"The merge of {name} is {merge!r}; it is one of {', '.join(MERGES)}.")
        return self._metric(Gauge, name, help, labelnames, {"merge": merge, "unit": unit or None})

    def histogram(
        self,
        name: str,
        help: str = "",
        labelnames: Sequence[str] = (),
        *,
        bounds: Optional[Sequence[float]] = None,
        unit: str = "",
        **unknown: NoReturn,
    ) -> Histogram:
        """The histogram of this name; without `bounds` it has Weir's own, which are for seconds."""
        _refuse_options("A histogram", unknown, "help, labelnames, bounds, unit")
        own = None if bounds is None else _checked_bounds(name, bounds)
        return self._metric(
            Histogram, name, help, labelnames, {"bounds": own, "unit": unit or None}
        )

    def collect(self, function: Callable[[], None]) -> None:
        """Has `function` called before each flush, to set what is kept elsewhere."""
        if not callable(function):
            raise TypeError(f"collect needs a function, and not {function!r}.")
        self._collectors.append(function)

    def _metric(
        self,
        kind: Type[S],
        name: str,
        help: str,
        labelnames: Sequence[str],
        options: Dict[str, object],
    ) -> S:
        if not isinstance(name, str) or not name:
            raise ValueError(f"The name of a metric is {name!r}; it is a string that is not empty.")
        options["labelnames"] = _declared_names(kind, name, labelnames) or None
        given = {option: value for option, value in options.items() if value is not None}
        with self._lock:
            known = self._metrics.get(name)
            if known is not None:
                self._check_same(known, kind, given)
                known._help = known._help or help
                return cast(S, known)
            made = kind.__new__(kind)
            made._describe(name, help, cast("Tuple[str, ...]", given.get("labelnames", ())))
            made._begin(self, (_text(name),), False)
            made._define(given)
            made._reset()
            if made._labelnames:
                # Only its series with labels take values.
                made._is_open = False
            self._metrics[name] = made
            self._series.append(made)
            return made

    @staticmethod
    def _check_same(known: "_Metric[Any]", kind: type, given: Dict[str, object]) -> None:
        name = known._name
        if type(known) is not kind:
            raise ValueError(
                f"{name} is a {type(known).__name__} already; "
                f"give the {kind.__name__} another name."
            )
        for option, value in given.items():
            if known._defined[option] != value:
                raise ValueError(
                    f"{name} was defined with {option}={known._defined[option]!r}, and now with "
                    f"{value!r}; give both the same, or leave it out."
                )

    def _child(self, root: "_Metric[S]", given: _Key) -> S:
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
            # A counter is shown from 0 on, so that its first increase is one to Prometheus.
            made = root._new(key, type(root) is not Gauge)
            root._children[key] = made
            self._series.append(made)
            return made

    def _without_room(self, root: "_Metric[S]") -> S:
        if not self._is_closed:
            self._overflow.inc()
        with self._lock:
            if root._no_room is None:
                root._no_room = root._new((), False)
            return root._no_room

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
        """Keeps no memory of gauges that were removed."""
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
                # One that was removed, or that needs labels.
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
            else:
                self._values_refused += 1

    @property
    def stats(self) -> Dict[str, Union[int, str]]:
        """What became of it all, for logs and tests."""
        return {
            "series": len(self._series) - self._removed_count,
            "series_removed": self._removed_count,
            "series_overflow": int(self._overflow._total),
            "frames_sent": self._frames_sent,
            "send_errors": self._send_errors,
            "values_refused": self._values_refused,
            "values_after_close": self._values_after_close,
            "last_error": self._last_error,
        }

    # Sending.

    def flush(self) -> None:
        """Sends what is due now. The background thread does so by itself."""
        self._flush_within(-1)

    def _flush_within(self, timeout: float) -> None:
        """Flushes, unless another flush takes longer than so many seconds; -1 is for ever."""
        if not self._flushing.acquire(timeout=timeout):
            return
        try:
            # A signal's handler may come here amid a flush of the same thread, which then goes on.
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
        frames = self._frames(self._due_records(now), 0, now)
        # The next flush may come late by the jitter, and then by a slow machine.
        is_silent = now - self._last_sent + 2 * self._interval > HEARTBEAT_SECONDS
        if not frames and is_silent:
            frames = self._frames([], 0, now, at_least_one=True)
        if frames:
            self._last_sent = now
            self._send([data for _, data in frames])

    def close(self, timeout: float = CLOSE_SECONDS) -> bool:
        """Sends all totals a last time, and again until they are answered for.

        Returns whether all were, within `timeout` seconds. Gauges leave the server with it. It is
        called at the interpreter's exit too. What is recorded afterwards is counted in `stats`, and
        goes nowhere. A further call waits for what the first waits for, and no longer than that.
        """
        if not _is_number(timeout) or timeout < 0:
            raise ValueError(f"The timeout is {timeout!r}; it is seconds, 0 or more.")
        with self._lock:
            if self._deadline is None:
                self._deadline = self._monotonic() + timeout
        # A flush that goes on holds the lock, and one that is stuck must not hold up the process.
        patience = max(self._deadline - self._monotonic(), CONFIRM_SECONDS_MAX)
        if not self._flushing.acquire(timeout=min(patience, threading.TIMEOUT_MAX)):
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
        """Makes the last frames, and takes no values after them."""
        if not self._is_closed:
            self._collect()
        now = self._monotonic()
        with self._lock:
            self._shut()
            last = [s for s in self._series if not isinstance(s, Gauge)]
            records = [s._record(now) for s in last if s._changed or s._due]
        self._unanswered = dict(self._frames(records, _FINAL | _CONFIRM, now, at_least_one=True))

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

    def __enter__(self) -> "Client":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _collect(self) -> None:
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

    def _frames(
        self, records: Sequence[_Record], flags: int, now: float, at_least_one: bool = False
    ) -> List[Tuple[int, bytes]]:
        """The frames that hold these records, each with its sequence."""
        made: List[Tuple[int, bytes]] = []
        frame: Optional[_Frame] = self._frame(flags, now) if at_least_one else None
        for record in records:
            if frame is not None and frame.add(record, now):
                continue
            if frame is not None and frame.records:
                made.append(self._signed(frame))
                frame = None
            frame = frame or self._frame(flags, now)
            if not frame.add(record, now):
                self._fail(OSError(f"A series takes more than {FRAME_BYTES_MAX} bytes."))
                # Its strings are taken back; the frame goes on to the next record.
        if frame is not None and (frame.records or not made and at_least_one):
            made.append(self._signed(frame))
        elif frame is not None:
            self._sequence -= 1
        return made

    def _frame(self, flags: int, now: float) -> _Frame:
        self._sequence += 1
        tail = 0 if self._key is None else _TAG_BYTES
        header = self._header(flags, now)
        sent_ms, limit = self._wall_ms(), self._frame_bytes
        return _Frame(header, self._common, limit, tail, sent_ms, self._sequence)

    def _header(self, flags: int, now: float) -> bytes:
        key = b""
        if self._key is not None:
            flags |= _SIGNED
            key = bytes((len(self._key.name),)) + self._key.name
        age = _milliseconds(now - self._started)
        times = b"".join(map(_varint, (self._start_ms, self._sequence, age)))
        return _START + bytes((flags,)) + key + self._instance + times

    def _signed(self, frame: _Frame) -> Tuple[int, bytes]:
        data = frame.data()
        return frame.sequence, data if self._key is None else data + self._key.tag(data)

    def _send(self, frames: Sequence[bytes]) -> bool:
        """Whether all are known to have arrived, which UDP does not tell."""
        try:
            have_arrived = self._transport.send(frames)
            self._frames_sent += len(frames)
            return have_arrived
        except Exception as error:
            self._fail(error)
            self._transport.close()
            return False

    def _confirm(self) -> bool:
        """Sends the last frames until all are answered, or the deadline is over."""
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
                    missing.pop(self._answered(answer), None)
                    if not missing:
                        return True
            except OSError as error:
                self._fail(error)
            time.sleep(max(0.0, end - self._monotonic()))
            wait = min(2 * wait, CONFIRM_SECONDS_MAX)
            if self._monotonic() >= deadline:
                break
        return not missing

    def _answered(self, answer: bytes) -> int:
        """The sequence that an answer is to; 0 where it is none, or not to this client."""
        for sequence_bytes in range(1, 11):
            data = answer[: 12 + sequence_bytes]
            if len(data) == 12 + sequence_bytes and data[-1] < 0x80:
                break
        else:
            return 0
        flags = _ANSWER if self._key is None else _ANSWER | _SIGNED
        if data[:12] != _START + bytes((flags,)) + self._instance:
            return 0
        tag = b"" if self._key is None else self._key.tag(data)
        if not hmac.compare_digest(tag, answer[len(data) :]):
            return 0
        return sum((byte & 0x7F) << 7 * place for place, byte in enumerate(data[12:]))

    def _fail(self, error: Exception) -> None:
        self._send_errors += 1
        self._last_error = str(error) or type(error).__name__

    # The thread, and forks.

    def _start(self) -> None:
        if not self._is_background or self._is_closed:
            return
        self._thread = threading.Thread(target=self._run, name="weir-flush", daemon=True)
        try:
            self._thread.start()
        except RuntimeError as error:
            # The interpreter is about to end; what is recorded goes with the last flush.
            self._fail(error)

    def _run(self) -> None:
        latch = self._latch
        while not latch.acquire(timeout=self._interval * random.uniform(1 - JITTER, 1 + JITTER)):
            try:
                self.flush()
            except Exception as error:
                # Whatever it is, the thread goes on.
                self._fail(error)

    def _forked(self) -> None:
        """Goes on in a child process: another instance, which has counted nothing.

        One that is closed stays closed, but its locks may be held by threads that are not here.
        """
        if self._is_closed:
            self._lock = threading.RLock()
            self._flushing = threading.RLock()
            # The last frames are the parent's to send.
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


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and value == value


def _is_used(metric: "_Metric[Any]") -> bool:
    """Whether any of its series has been sent."""
    return bool(metric._due or metric._children)


# Process metrics.


class _CPUTime:
    """Which part of this process' CPU time was given to each server already.

    The totals of all clients add up there, so that each tick is given by one of them only.
    """

    def __init__(self) -> None:
        self.renew()

    def renew(self) -> None:
        """Begins anew in a child process, whose time begins at 0."""
        self._lock = threading.RLock()
        self._given: Dict[str, Tuple[int, int]] = {}

    def take(self, destination: str, ticks_per_second: int) -> Tuple[int, int]:
        """The ticks in user and in system mode that no client has taken."""
        with self._lock:
            times = os.times()
            user, system = self._given.get(destination, (0, 0))
            now_user = round(times.user * ticks_per_second)
            now_system = round(times.system * ticks_per_second)
            self._given[destination] = (now_user, now_system)
            return now_user - user, now_system - system


_cpu_time = _CPUTime()


class _ProcessMetrics:
    """What the operating system says of this process, in the names that Prometheus' clients use."""

    def __init__(self, client: Client, instance: Optional[str], per_process_cpu: bool) -> None:
        self._client = client
        self._instance = instance
        self._per_process_cpu = per_process_cpu
        self._page_bytes = os.sysconf("SC_PAGE_SIZE")
        self._ticks_per_second = os.sysconf("SC_CLK_TCK")
        self._pid = 0
        self._user = self._system = 0
        client.collect(self._collect)

    def _labels(self) -> Dict[str, str]:
        if self._instance is not None:
            return {"instance": self._instance}
        if "instance" in self._client._common_labels:
            # A label of every series names the process already.
            return {}
        return {"instance": f"{socket.gethostname()}:{os.getpid()}"}

    def _collect(self) -> None:
        labels = self._labels()
        self._collect_cpu_time(labels if self._per_process_cpu else {})
        if not os.path.isdir("/proc/self"):
            return
        with open("/proc/self/stat", "rb") as file:
            # Behind the name of the program, which may hold anything: field 3 and on.
            fields = file.read().rpartition(b")")[2].split()
        with open("/proc/stat", "rb") as file:
            booted = next(int(line.split()[1]) for line in file if line.startswith(b"btime"))
        started = booted + int(fields[19]) / self._ticks_per_second
        self._gauge("process_resident_memory_bytes", int(fields[21]) * self._page_bytes, labels)
        self._gauge("process_start_time_seconds", started, labels)
        self._gauge("process_uptime_seconds", max(0.0, time.time() - started), labels)
        # Without the descriptor that lists them.
        self._gauge("process_open_fds", len(os.listdir("/proc/self/fd")) - 1, labels)

    def _collect_cpu_time(self, labels: Dict[str, str]) -> None:
        if self._pid != os.getpid():
            self._pid, self._user, self._system = os.getpid(), 0, 0
        destination = self._client._transport.destination
        user, system = _cpu_time.take(destination, self._ticks_per_second)
        self._user += user
        self._system += system
        for mode, ticks in (("user", self._user), ("system", self._system)):
            counter = self._client.counter(f"process_cpu_{mode}_seconds_total").labels(**labels)
            counter.set_total(ticks / self._ticks_per_second)

    def _gauge(self, name: str, value: float, labels: Dict[str, str]) -> None:
        self._client.gauge(name).labels(**labels)._poll(value)


# How processes end.

# All clients that live; a client's own thread keeps it alive until it is closed. Those that are
# open are closed at the interpreter's exit, and begin anew in a child.
_clients: "weakref.WeakSet[Client]" = weakref.WeakSet()


def _close_all() -> None:
    for client in list(_clients):
        client.close()


def _all_forked() -> None:
    _cpu_time.renew()
    for client in list(_clients):
        client._forked()
    _watch_multiprocessing()


atexit.register(_close_all)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_all_forked)

# Children of multiprocessing, and so of concurrent.futures, end by os._exit, which skips `atexit`
# (since Python 3.13 they run it, but forget what their parent had registered). Before that they run
# finalisers of their own in the order of their priorities. Ours is the last, so that what other
# finalisers record is sent.
_FINALISER_PRIORITY = -1_000_000
_watched: Set[str] = set()
_finalised_pid = 0


def _watch_multiprocessing() -> None:
    """Has the clients closed at the end of a child of multiprocessing, where that is in use.

    Called whenever a client is made, and after each fork. A child first forgets the finalisers of
    its parent, and then calls what is registered here.
    """
    global _finalised_pid
    util = sys.modules.get("multiprocessing.util")
    process = sys.modules.get("multiprocessing.process")
    if util is None or process is None:
        return
    if "multiprocessing" not in _watched:
        _watched.add("multiprocessing")
        util.register_after_fork(_close_after_threads, _finalise)
    # A client that is made within a child comes too late for that call.
    if process.parent_process() is not None and _finalised_pid != os.getpid():
        _finalise(_close_after_threads)


def _finalise(close: Callable[[], None]) -> None:
    global _finalised_pid
    _finalised_pid = os.getpid()
    util = sys.modules["multiprocessing.util"]
    util.Finalize(None, close, exitpriority=_FINALISER_PRIORITY)


def _close_after_threads() -> None:
    """Closes all clients, after the threads that the process waits for before it ends."""
    if not _other_threads():
        _close_all()
        return
    # The process waits for this thread as well, which in turn waits for the others.
    threading.Thread(target=_close_as_last_thread, name="weir-close", daemon=False).start()


def _close_as_last_thread() -> None:
    while True:
        others = _other_threads()
        if not others:
            break
        for thread in others:
            thread.join()
    _close_all()


def _other_threads() -> List[threading.Thread]:
    own = (threading.current_thread(), threading.main_thread())
    return [t for t in threading.enumerate() if not t.daemon and t not in own]


# What handled a signal before this module did.
_handled: Dict[int, Any] = {}
_ENDING_SIGNALS = ("SIGTERM", "SIGINT", "SIGHUP", "SIGQUIT", "SIGUSR1", "SIGUSR2", "SIGBREAK")


def _signal_numbers(signals: Union[bool, Iterable[Union[int, str]]]) -> Set[int]:
    if isinstance(signals, bool):
        return {signal.SIGTERM, signal.SIGINT} if signals else set()
    known = {name: getattr(signal, name) for name in _ENDING_SIGNALS if hasattr(signal, name)}
    if isinstance(signals, (str, int)):
        raise ValueError(f"signals is {signals!r}; it is True, False, or a list of signals.")
    numbers: Set[int] = set()
    for each in signals:
        number = known.get(each) if isinstance(each, str) else each
        if number not in known.values():
            raise ValueError(f"signals has {each!r}; it takes {', '.join(known)}.")
        numbers.add(int(cast(int, number)))
    return numbers


def _handle_signals(numbers: Set[int]) -> None:
    for number in numbers:
        if number in _handled:
            continue
        before = signal.getsignal(number)
        # What is ignored, as in a job that outlives its terminal, ends nothing.
        if before == signal.SIG_IGN:
            continue
        name = signal.Signals(number).name
        if before is None:
            raise ValueError(f"signals: {name} is handled by other than Python; leave it out.")
        try:
            signal.signal(number, _on_signal)
        except ValueError:
            raise ValueError(
                "signals: only the main thread may handle signals; make the client there."
            ) from None
        _handled[number] = before


def _on_signal(number: int, frame: Any) -> None:
    """Has what was recorded sent, and does what the signal did before."""
    before = _handled.get(number, signal.SIG_DFL)
    # The kernel spares the first process of a container the default action.
    is_end = not callable(before) and os.getpid() != 1
    for client in list(_clients):
        if number not in client._signals:
            continue
        try:
            if is_end:
                client.close()
            else:
                # The application goes on, and may record more before it ends.
                client._flush_within(CLOSE_SECONDS)
        except Exception as error:
            # Whatever it is, the signal does what it does.
            client._fail(error)
    if callable(before):
        before(number, frame)
    elif is_end:
        signal.signal(number, signal.SIG_DFL)
        signal.raise_signal(number)


def _release_signals() -> None:
    """Gives back the signals that no client asks for any longer, where this thread may."""
    if not _handled or threading.current_thread() is not threading.main_thread():
        return
    wanted = set().union(*(c._signals for c in list(_clients) if not c._is_closed))
    for number in set(_handled) - wanted:
        # Where the application has a handler that calls this one, it stays.
        if signal.getsignal(number) is _on_signal:
            signal.signal(number, _handled.pop(number))
