"""A client of Weir's push protocol in one file, for Python 3.9 and later, without dependencies.

    import weir

    client = weir.Client("127.0.0.1:8125", labels={"service": "gateway"})
    requests = client.counter("requests_total", help="Requests answered.")
    requests.labels(status="ok").inc()

Recording never blocks on the network and never raises. A background thread sends the totals that
have changed, and repeats them, so that a lost datagram is made good by the next: docs/protocol.md.
"""

import asyncio
import atexit
import base64
import bisect
import functools
import hashlib
import hmac
import http.client
import ipaddress
import math
import os
import random
import select
import socket
import ssl
import struct
import threading
import time
import urllib.parse
import weakref
from typing import Any, Callable, Dict, Generic, Iterable, Iterator, List, Mapping
from typing import Optional, Sequence, Tuple, Type, TypeVar, Union, cast

__all__ = ["Client", "Counter", "Gauge", "Histogram", "Timer"]

# Weir's own bounds, which cost nothing in a frame.
DEFAULT_BOUNDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120)
BOUNDS_MAX = 200
MERGES = ("last", "sum", "min", "max", "avg")

# What passes through an Ethernet with a tunnel or two in one piece, and what UDP can hold.
FRAME_BYTES = 1_432
FRAME_BYTES_MAX = 65_507
# Below the server's 1 MiB for a body, by more than the longest frame.
BODY_BYTES = 900_000
# An instance that is silent for longer is taken for gone.
HEARTBEAT_SECONDS = 15.0
# A total that has not changed is repeated at 1, 2, 4, … 64 flushes, and then in this rhythm.
REPEAT_FLUSHES = 60
# How long an address that a name stood for is used; names move.
RESOLVE_SECONDS = 60.0
# A flush comes sooner or later by up to this share, so that instances do not send in step.
JITTER = 0.1
# The wait for the answer to the last frames, which doubles from try to try.
CONFIRM_SECONDS = 0.05
# Where half of all is lost, a minute of such waits leaves nothing to chance.
CONFIRM_SECONDS_MAX = 1.0

_NUMBER_MAX = 1.7976931348623157e308
_WHOLE_MAX = 2**53
_TAG_BYTES = 16
_START = b"\xf7\x57\x01"
_SIGNED, _FINAL, _CONFIRM, _ANSWER = 1, 2, 4, 128
_COUNTER, _GAUGE, _HISTOGRAM, _META = 1, 3, 6, 10

Labels = Mapping[str, object]
_Record = Tuple[int, "Sequence[bytes]", bytes, Optional[bytes], bytes, "Sequence[_Exemplar]"]


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


class _Frame:
    """A frame that records are added to until it is full."""

    def __init__(self, header: bytes, common: Sequence[bytes], limit: int, tail: int) -> None:
        self._header = header
        self._limit = limit
        self._strings: Dict[bytes, int] = {}
        self._bounds: Dict[bytes, int] = {}
        self._records: List[bytes] = []
        self._common = _varint(len(common) // 2) + self._indices(common)
        # The counts of strings and of lists take up to three bytes each.
        self._size = len(header) + tail + 6 + len(self._common) + sum(map(len, self._strings))

    def _indices(self, texts: Iterable[bytes]) -> bytes:
        strings = self._strings
        return b"".join(_varint(strings.setdefault(text, len(strings))) for text in texts)

    def add(self, record: _Record, now: float) -> bool:
        """Takes a record in, or says that there is no room for it; a frame's first always fits."""
        kind, texts, before, bounds, fields, exemplars = record
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
        if exemplars:
            body += _varint(len(exemplars)) + b"".join(self._exemplar(e, now) for e in exemplars)
        body = _varint(kind) + _varint(len(body)) + body
        new = list(self._strings)[known:] + list(self._bounds)[known_bounds:]
        size = self._size + len(body) + sum(map(len, new))
        if size > (self._limit if self._records else FRAME_BYTES_MAX):
            for text in list(self._strings)[known:]:
                del self._strings[text]
            for each in list(self._bounds)[known_bounds:]:
                del self._bounds[each]
            return False
        self._records.append(body)
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
        age = max(0, int((now - exemplar.at) * 1_000))
        return labels + _number(exemplar.value) + _varint(age)

    def data(self) -> bytes:
        parts = [self._header, _varint(len(self._strings)), *self._strings, self._common]
        return b"".join([*parts, _varint(len(self._bounds)), *self._bounds, *self._records])


class _Key:
    """What frames are signed with."""

    def __init__(self, name: str, secret: bytes) -> None:
        self.name = name.encode()
        if not 1 <= len(self.name) <= 32:
            raise ValueError(f"The key's id {name!r} has not 1 to 32 bytes.")
        self._secret = secret

    def tag(self, data: bytes) -> bytes:
        return hmac.new(self._secret, data, hashlib.sha256).digest()[:_TAG_BYTES]


# Series.


class _Series:
    """One name with one set of labels, and when it is to be sent."""

    __slots__ = ("_changed", "_client", "_due", "_exemplar", "_lock", "_offset", "_texts")

    def _begin(self, client: "Client", texts: Tuple[bytes, ...], is_due: bool) -> None:
        self._client = client
        self._lock = client._lock
        self._texts = texts
        self._changed = is_due
        # The flush at which it is repeated; 0 while it has never been sent.
        self._due = 0
        self._offset = 0
        self._exemplar: Optional[_Exemplar] = None

    def _is_due(self, flush: int) -> bool:
        return self._changed or 0 < self._due <= flush

    def _sent(self, flush: int) -> None:
        """Sets when it is repeated: 1, 2, 4, … 64 flushes after it changed, then every 60."""
        if self._changed:
            self._changed = False
            self._offset, step = 1, 1
        elif self._offset < 64:
            step = self._offset
            self._offset *= 2
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

    def _forked(self, lock: "threading.RLock") -> None:  # type: ignore[valid-type]
        self._lock = lock
        self._changed, self._due, self._offset, self._exemplar = False, 0, 0, None
        self._reset()

    def _reset(self) -> None:
        raise NotImplementedError

    def _record(self) -> _Record:
        raise NotImplementedError


S = TypeVar("S", bound="_Metric[Any]")


class _Metric(_Series, Generic[S]):
    """A metric, which is a series itself, and has others with labels."""

    __slots__ = ("_children", "_help", "_meta_due", "_name", "_no_room", "_root", "_unit")

    def _describe(self, name: str, unit: str, help: str) -> None:
        self._root: "_Metric[S]" = self
        self._name = name
        self._unit = unit
        self._help = help
        self._meta_due = 1
        self._children: Dict[Tuple[Tuple[str, str], ...], S] = {}
        self._no_room: Optional[S] = None

    def labels(self, **labels: object) -> S:
        """The series with these labels, the same at each call; keep it where it is used often.

        Beyond the client's `series_max` it is one whose values go nowhere, which is counted.
        """
        root = self._root
        try:
            # Of little use on a series that has labels already; they are then replaced.
            key = tuple(sorted((name, str(value)) for name, value in labels.items()))
            child = root._children.get(key)
            return child if child is not None else root._client._child(root, key)
        except Exception:
            return root._client._without_room(root)

    def _new(self, texts: Tuple[bytes, ...], is_due: bool) -> S:
        child = cast(S, type(self).__new__(type(self)))
        child._root = self
        child._begin(self._client, texts, is_due)
        child._copy(self)
        child._reset()
        return child

    def _copy(self, root: Any) -> None:
        """Takes over what is the same for all series of the metric."""


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
                if value >= 0 and total <= _NUMBER_MAX:
                    self._total = total
                    self._changed = True
                    if exemplar is not None:
                        self._note(exemplar, float(value))
                    return
        except Exception:
            pass
        self._client._refuse()

    def set_total(self, total: float) -> None:
        """Sets the total to one that is kept elsewhere. What is smaller than before is passed over."""
        try:
            with self._lock:
                if 0 <= total <= _NUMBER_MAX:
                    if total > self._total or not self._due:
                        self._total = max(self._total, total)
                        self._changed = True
                    return
        except Exception:
            pass
        self._client._refuse()

    def _reset(self) -> None:
        self._total = 0

    def _record(self) -> _Record:
        exemplars = self._take_exemplars()
        return (_COUNTER, self._texts, b"", None, _number(float(self._total)), exemplars)


class Gauge(_Metric["Gauge"]):
    """A value that goes up and down. Weir shows one for all processes, by the merge."""

    __slots__ = ("_merge", "_value")
    _merge: int
    _value: float

    def set(self, value: float) -> None:
        try:
            with self._lock:
                if -_NUMBER_MAX <= value <= _NUMBER_MAX:
                    # What is the same is repeated in its own rhythm.
                    if value != self._value or not self._due:
                        self._value = value
                        self._changed = True
                    return
        except Exception:
            pass
        self._client._refuse()

    def inc(self, value: float = 1) -> None:
        """Adds to this process' own value, which begins at 0."""
        try:
            with self._lock:
                changed = value if self._value != self._value else self._value + value
                if -_NUMBER_MAX <= changed <= _NUMBER_MAX:
                    self._value = changed
                    self._changed = True
                    return
        except Exception:
            pass
        self._client._refuse()

    def dec(self, value: float = 1) -> None:
        try:
            self.inc(-value)
        except Exception:
            self._client._refuse()

    def clear(self) -> None:
        """Takes the value away, until it is set again."""
        with self._lock:
            self._value = math.nan
            self._changed = True

    def _copy(self, root: Any) -> None:
        self._merge = root._merge

    def _reset(self) -> None:
        self._value = math.nan

    def _record(self) -> _Record:
        return (_GAUGE, self._texts, bytes((self._merge,)), None, _number(float(self._value)), ())


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
                if -_NUMBER_MAX <= total <= _NUMBER_MAX:
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

    def _copy(self, root: Any) -> None:
        self._bounds, self._bounds_data = root._bounds, root._bounds_data

    def _reset(self) -> None:
        self._counts = [0] * (len(self._bounds) + 1)
        self._sum = 0.0

    def _record(self) -> _Record:
        filled = [place for place, count in enumerate(self._counts) if count]
        buckets, next_place = [_varint(len(filled))], 0
        for place in filled:
            buckets += [_varint(place - next_place), _number(self._counts[place])]
            next_place = place + 1
        fields = _number(float(self._sum)) + b"".join(buckets)
        exemplars = self._take_exemplars()
        return (_HISTOGRAM, self._texts, b"", self._bounds_data, fields, exemplars)


F = TypeVar("F", bound=Callable[..., Any])


class Timer:
    """Observes seconds: `with histogram.time(): …`, or `@histogram.time()` on a function.

    Functions that are coroutines are timed until they return. What is raised is timed too.
    """

    __slots__ = ("_begun", "_histogram")

    def __init__(self, histogram: Histogram) -> None:
        self._histogram = histogram
        self._begun = 0.0

    def __enter__(self) -> "Timer":
        self._begun = time.perf_counter()
        return self

    def __exit__(self, *_: object) -> None:
        self._histogram.observe(time.perf_counter() - self._begun)

    def __call__(self, function: F) -> F:
        # Each call has a timer of its own, for calls may overlap.
        @functools.wraps(function)
        def timed(*args: Any, **options: Any) -> Any:
            with Timer(self._histogram):
                return function(*args, **options)

        @functools.wraps(function)
        async def timed_coroutine(*args: Any, **options: Any) -> Any:
            with Timer(self._histogram):
                return await function(*args, **options)

        return cast(F, timed_coroutine if asyncio.iscoroutinefunction(function) else timed)


# Ways to the server. They raise OSError or HTTPException, which the client counts.


class _UDP:
    def __init__(self, address: str) -> None:
        host, _, port = address.rpartition(":")
        if not host or not port.isdigit():
            raise ValueError(f'The address {address!r} is not like "host:8125" or "[::1]:8125".')
        self._host, self._port = host.strip("[]"), int(port)
        try:
            ipaddress.ip_address(self._host)
            self._lifetime = math.inf
        except ValueError:
            self._lifetime = RESOLVE_SECONDS
        self._socket: Optional[socket.socket] = None
        self._until = 0.0

    def _connected(self) -> socket.socket:
        if self._socket is not None and time.monotonic() < self._until:
            return self._socket
        self.close()
        found = socket.getaddrinfo(self._host, self._port, type=socket.SOCK_DGRAM)
        family, kind, protocol, _, address = found[0]
        made = socket.socket(family, kind, protocol)
        try:
            made.connect(address)
            made.setblocking(False)
        except OSError:
            made.close()
            raise
        self._socket, self._until = made, time.monotonic() + self._lifetime
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
            made = self._connected()
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


class _HTTP:
    def __init__(self, url: str, context: Optional[ssl.SSLContext], timeout: float) -> None:
        parts = urllib.parse.urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError(f'The URL {url!r} is not like "https://host/api/v1/push".')
        self._host, self._port = parts.hostname, parts.port
        path = parts.path if parts.path not in ("", "/") else "/api/v1/push"
        self._target = path + (f"?{parts.query}" if parts.query else "")
        self._headers = {"Content-Type": "application/vnd.weir.push"}
        if parts.username is not None:
            user, password = map(urllib.parse.unquote, (parts.username, parts.password or ""))
            credentials = base64.b64encode(f"{user}:{password}".encode()).decode()
            self._headers["Authorization"] = f"Basic {credentials}"
        self._timeout = timeout
        self._context = None
        if parts.scheme == "https":
            self._context = context or ssl.create_default_context()
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

    - `address`: where its UDP port is: `"host:8125"`, `"127.0.0.1:8125"`, `"[::1]:8125"`.
    - `url`: where it takes frames by HTTP, in place of the address:
      `"https://user:password@host/api/v1/push"`. `ca_file` or `ssl_context` say whom to trust.
    - `labels`: on every series.
    - `key`: id and secret to sign with, as in the server's `--push.keys-file`.
    - `flush_interval`: seconds.
    - `series_max`: how many series it keeps at most.
    - `process_metrics`: whether to send `process_*`, with the label `instance`, which is the host's
      name and the process' number unless `instance` says otherwise, or `labels` has it.
    - `background`: False for no thread: then `flush()` is yours to call, say at the end of each
      invocation of a serverless function.

    Raises ValueError where these can't be meant; after that no method does for want of a server.
    """

    def __init__(
        self,
        address: str = "127.0.0.1:8125",
        *,
        url: Optional[str] = None,
        labels: Optional[Labels] = None,
        key: Optional[Tuple[str, bytes]] = None,
        flush_interval: float = 1.0,
        series_max: int = 10_000,
        process_metrics: bool = False,
        instance: Optional[str] = None,
        ca_file: Optional[str] = None,
        ssl_context: Optional[ssl.SSLContext] = None,
        http_timeout: float = 5.0,
        frame_bytes: int = FRAME_BYTES,
        background: bool = True,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        if not 0 < flush_interval < HEARTBEAT_SECONDS:
            raise ValueError(
                f"flush_interval is {flush_interval}; it is seconds, above 0 and below 15."
            )
        self._transport: Union[_UDP, _HTTP] = (
            _UDP(address)
            if url is None
            else _HTTP(url, _trust(url, ca_file, ssl_context), http_timeout)
        )
        self._key = None if key is None else _Key(*key)
        self._common = _texts(sorted((labels or {}).items()))
        self._interval = flush_interval
        self._series_max = series_max
        self._frame_bytes = frame_bytes
        self._monotonic = monotonic
        self._is_background = background
        self._metrics: Dict[str, _Metric[Any]] = {}
        self._series: List[_Series] = []
        self._collectors: List[Callable[[], None]] = []
        self._is_closed = False
        self._renew()
        self._overflow = self.counter(
            "push_client_series_overflow_total",
            help="Times that a client had no room for a series.",
        )
        if process_metrics:
            own = None if labels is not None and "instance" in labels and not instance else instance
            _ProcessMetrics(self, own, labels is not None and "instance" in labels)
        _clients.add(self)
        self._start()

    def _renew(self) -> None:
        """Becomes an instance that has sent nothing."""
        # Reentrant, for a signal's handler or a finaliser may record amid a recording.
        self._lock = threading.RLock()
        self._flushing = threading.RLock()
        self._wake = threading.Event()
        self._thread: Optional[threading.Thread] = None
        self._instance = os.urandom(8)
        self._start_ms = int(time.time() * 1_000)
        self._started = self._monotonic()
        self._sequence = 0
        self._flush_number = 0
        self._last_sent = -math.inf
        self._frames_sent = 0
        self._send_errors = 0
        self._values_refused = 0
        self._last_error = ""

    # Metrics.

    def counter(self, name: str, *, unit: str = "", help: str = "") -> Counter:
        """The counter of this name, the same at each call."""
        return self._metric(Counter, name, unit, help, lambda made: None)

    def gauge(self, name: str, *, merge: str = "last", unit: str = "", help: str = "") -> Gauge:
        """The gauge of this name; `merge` is last, sum, min, max or avg over all processes."""
        if merge not in MERGES:
            raise ValueError(f"The merge of {name} is {merge!r}; it is one of {', '.join(MERGES)}.")

        def shape(made: Gauge) -> None:
            made._merge = MERGES.index(merge)

        return self._metric(Gauge, name, unit, help, shape)

    def histogram(
        self,
        name: str,
        *,
        bounds: Optional[Sequence[float]] = None,
        unit: str = "",
        help: str = "",
    ) -> Histogram:
        """The histogram of this name; without `bounds` it has Weir's own, which are for seconds."""
        own = DEFAULT_BOUNDS if bounds is None else tuple(map(float, bounds))
        ascending = all(low < high for low, high in zip(own, own[1:]))
        if not ascending or not all(map(math.isfinite, own)) or len(own) > BOUNDS_MAX:
            raise ValueError(
                f"The bounds of {name} are not finite, ascending and at most {BOUNDS_MAX}; "
                "leave +Inf out."
            )

        def shape(made: Histogram) -> None:
            made._bounds = own
            made._bounds_data = b"" if own == DEFAULT_BOUNDS else _bounds_list(own)

        return self._metric(Histogram, name, unit, help, shape)

    def collect(self, function: Callable[[], None]) -> None:
        """Has `function` called before each flush, to set gauges and totals that are kept elsewhere."""
        self._collectors.append(function)

    def _metric(
        self, kind: Type[S], name: str, unit: str, help: str, shape: Callable[[S], None]
    ) -> S:
        with self._lock:
            known = self._metrics.get(name)
            if known is not None:
                if type(known) is not kind:
                    raise ValueError(f"{name} is a {type(known).__name__} already.")
                return cast(S, known)
            made = kind.__new__(kind)
            made._describe(name, unit, help)
            made._begin(self, (_text(name),), False)
            shape(made)
            made._reset()
            self._metrics[name] = made
            self._series.append(made)
            return made

    def _child(self, root: "_Metric[S]", key: Tuple[Tuple[str, str], ...]) -> S:
        if not key:
            return cast(S, root)
        with self._lock:
            child = root._children.get(key)
            if child is not None:
                return child
            if len(self._series) >= self._series_max:
                return self._without_room(root)
            # A counter is shown from 0 on, so that its first increase is one to Prometheus.
            made = root._new((root._texts[0], *_texts(key)), type(root) is not Gauge)
            root._children[key] = made
            self._series.append(made)
            return made

    def _without_room(self, root: "_Metric[S]") -> S:
        self._overflow.inc()
        if root._no_room is None:
            root._no_room = root._new(root._texts, False)
        return root._no_room

    def _refuse(self) -> None:
        self._values_refused += 1

    @property
    def stats(self) -> Dict[str, Union[int, str]]:
        """What became of it all, for logs and tests."""
        return {
            "series": len(self._series),
            "series_overflow": int(self._overflow._total),
            "frames_sent": self._frames_sent,
            "send_errors": self._send_errors,
            "values_refused": self._values_refused,
            "last_error": self._last_error,
        }

    # Sending.

    def flush(self) -> None:
        """Sends what is due now. The background thread does so by itself."""
        with self._flushing:
            if self._is_closed:
                return
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

    def close(self, timeout: float = 2.0) -> bool:
        """Sends all totals a last time, and again until they are answered for.

        Returns whether all were, within `timeout` seconds. Gauges leave the server with it. It is
        called at the interpreter's exit too. What is recorded afterwards goes nowhere.
        """
        with self._flushing:
            if self._is_closed:
                return True
            self._collect()
            self._is_closed = True
            self._wake.set()
            _clients.discard(self)
            with self._lock:
                last = [s for s in self._series if not isinstance(s, Gauge)]
                records = [s._record() for s in last if s._changed or s._due]
            now = self._monotonic()
            frames = self._frames(records, _FINAL | _CONFIRM, now, at_least_one=True)
            is_answered = self._confirm(dict(frames), timeout)
            self._transport.close()
            return is_answered

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

    def _due_records(self, now: float) -> List[_Record]:
        flush = self._flush_number
        records: List[_Record] = []
        for series in list(self._series):
            if not series._is_due(flush):
                continue
            with self._lock:
                records.append(series._record())
                series._sent(flush)
        for metric in list(self._metrics.values()):
            if (metric._unit or metric._help) and metric._meta_due <= flush and _is_used(metric):
                metric._meta_due = flush + REPEAT_FLUSHES
                optional = [_text(text) if text else b"" for text in (metric._unit, metric._help)]
                records.append((_META, (metric._texts[0], *optional), b"", None, b"", ()))
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
            if frame is not None and frame._records:
                made.append(self._signed(frame))
                frame = None
            frame = frame or self._frame(flags, now)
            if not frame.add(record, now):
                self._fail(OSError(f"A series takes more than {FRAME_BYTES_MAX} bytes."))
                # Its strings are taken back; the frame goes on to the next record.
        if frame is not None and (frame._records or not made and at_least_one):
            made.append(self._signed(frame))
        elif frame is not None:
            self._sequence -= 1
        return made

    def _frame(self, flags: int, now: float) -> _Frame:
        self._sequence += 1
        key = b""
        if self._key is not None:
            flags |= _SIGNED
            key = bytes((len(self._key.name),)) + self._key.name
        age = max(0, int((now - self._started) * 1_000))
        times = b"".join(map(_varint, (self._start_ms, self._sequence, age)))
        header = _START + bytes((flags,)) + key + self._instance + times
        tail = 0 if self._key is None else _TAG_BYTES
        return _Frame(header, self._common, self._frame_bytes, tail)

    def _signed(self, frame: _Frame) -> Tuple[int, bytes]:
        data = frame.data()
        return self._sequence, data if self._key is None else data + self._key.tag(data)

    def _send(self, frames: Sequence[bytes]) -> bool:
        """Whether all are known to have arrived, which UDP does not tell."""
        try:
            have_arrived = self._transport.send(frames)
            self._frames_sent += len(frames)
            return have_arrived
        except (OSError, http.client.HTTPException, ValueError) as error:
            self._fail(error)
            self._transport.close()
            return False

    def _confirm(self, missing: Dict[int, bytes], timeout: float) -> bool:
        deadline = time.monotonic() + timeout
        wait = CONFIRM_SECONDS
        while missing:
            if self._send(list(missing.values())):
                return True
            end = min(time.monotonic() + wait, deadline)
            try:
                for answer in self._transport.answers(end - time.monotonic()):
                    missing.pop(self._answered(answer), None)
                    if not missing:
                        return True
            except OSError as error:
                self._fail(error)
            time.sleep(max(0.0, end - time.monotonic()))
            wait = min(2 * wait, CONFIRM_SECONDS_MAX)
            if time.monotonic() >= deadline:
                return False
        return True

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
        wake = self._wake
        while not wake.wait(self._interval * random.uniform(1 - JITTER, 1 + JITTER)):
            try:
                self.flush()
            except Exception as error:
                # Whatever it is, the thread goes on.
                self._fail(error)

    def _forked(self) -> None:
        """Goes on in a child process: another instance, which has counted nothing."""
        self._transport.close()
        self._renew()
        for series in self._series:
            series._forked(self._lock)
        for metric in self._metrics.values():
            metric._meta_due = 1
            if metric._no_room is not None:
                metric._no_room._forked(self._lock)
        self._start()


def _is_used(metric: "_Metric[Any]") -> bool:
    """Whether any of its series has been sent."""
    return bool(metric._due or metric._children)


def _trust(
    url: str, ca_file: Optional[str], context: Optional[ssl.SSLContext]
) -> Optional[ssl.SSLContext]:
    if context is not None or ca_file is None:
        return context
    return ssl.create_default_context(cafile=ca_file)


class _ProcessMetrics:
    """What the operating system says of this process, in the names that Prometheus' clients use."""

    def __init__(self, client: Client, instance: Optional[str], is_common: bool) -> None:
        self._client = client
        self._instance = instance
        self._is_common = is_common
        self._page_bytes = os.sysconf("SC_PAGE_SIZE")
        self._ticks = os.sysconf("SC_CLK_TCK")
        client.collect(self._collect)

    def _labels(self) -> Dict[str, str]:
        if self._instance is not None:
            return {"instance": self._instance}
        # A label of every series names the process already.
        return {} if self._is_common else {"instance": f"{socket.gethostname()}:{os.getpid()}"}

    def _collect(self) -> None:
        labels = self._labels()
        times = os.times()
        self._counter("process_cpu_user_seconds_total", times.user, labels)
        self._counter("process_cpu_system_seconds_total", times.system, labels)
        if not os.path.isdir("/proc/self"):
            return
        with open("/proc/self/stat", "rb") as file:
            # Behind the name of the program, which may hold anything: field 3 and on.
            fields = file.read().rpartition(b")")[2].split()
        with open("/proc/stat", "rb") as file:
            booted = next(int(line.split()[1]) for line in file if line.startswith(b"btime"))
        started = booted + int(fields[19]) / self._ticks
        self._gauge("process_resident_memory_bytes", int(fields[21]) * self._page_bytes, labels)
        self._gauge("process_start_time_seconds", started, labels)
        self._gauge("process_uptime_seconds", max(0.0, time.time() - started), labels)
        # Without the descriptor that lists them.
        self._gauge("process_open_fds", len(os.listdir("/proc/self/fd")) - 1, labels)

    def _counter(self, name: str, total: float, labels: Dict[str, str]) -> None:
        self._client.counter(name).labels(**labels).set_total(total)

    def _gauge(self, name: str, value: float, labels: Dict[str, str]) -> None:
        self._client.gauge(name).labels(**labels).set(value)


# Clients that are not closed: each has its last flush at the interpreter's exit, and begins anew in
# a child. A client's own thread keeps it alive until it is closed.
_clients: "weakref.WeakSet[Client]" = weakref.WeakSet()


def _close_all() -> None:
    for client in list(_clients):
        client.close()


def _all_forked() -> None:
    for client in list(_clients):
        client._forked()


atexit.register(_close_all)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_all_forked)
