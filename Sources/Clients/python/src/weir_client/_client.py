"""The client."""

import ssl
import time
from typing import Callable, Dict, Iterable, NoReturn, Optional, Sequence, Tuple, Union

from ._bounds import _checked_bounds
from ._clock import _monotonic_clock
from ._closing import _Closing
from ._counter import Counter
from ._ends import _clients, _watch_multiprocessing
from ._frame import FRAME_BYTES
from ._gauge import MERGES, Gauge
from ._histogram import Histogram
from ._options import _check_client_options, _refuse_options
from ._process_metrics import _ProcessMetrics
from ._signals import _handle_signals, _signal_numbers
from ._signing import _SigningKey
from ._transports import _transport
from ._wire import Labels


class Client(_Closing):
    """Counts, and sends what it has counted to Weir.

    - `address`: the UDP port of Weir, `"host:8125"` or `"[::1]:8125"`; by default on this host.
    - `url`: where Weir accepts frames over HTTP, instead of the address:
      `"https://user:password@host/api/v1/push"`. `ca_file` or `ssl_context` say whom to trust.
    - `http_timeout`: the timeout of a request in seconds.
    - `labels`: labels of every series.
    - `key`: the id and the secret that sign frames, as in the server's `--push.keys-file`.
    - `flush_interval`: seconds between flushes.
    - `series_max`: the limit on series; as many removed totals are remembered.
    - `frame_bytes`: the limit on a frame in bytes.
    - `process_metrics`: whether to send `process_*`. The gauges have the label `instance`, which is
      the name of the host and the number of the process, unless `instance` or `labels` set it.
      CPU time is added up over all processes; `per_process_cpu` adds the label there too.
    - `signals`: True for SIGTERM and SIGINT, or a list of signals. What was recorded is sent, and
      then the signal does what it did without the client.
    - `background`: False for no thread. Then the application calls `flush()`, for example at the
      end of each invocation of a serverless function.
    - `monotonic`, `wall`: clocks, for tests.

    Raises ValueError if an option is not valid. Methods that record or send never raise because of
    the network.
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
        _check_client_options(flush_interval, series_max, frame_bytes, http_timeout)
        self._transport = _transport(
            address, url, ca_file, ssl_context, http_timeout, monotonic, self._fail
        )
        super().__init__(
            labels or {},
            series_max,
            monotonic,
            wall,
            None if key is None else _SigningKey(key),
            frame_bytes,
            flush_interval,
            background,
        )
        self._signals = _signal_numbers(signals)
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

    def __enter__(self) -> "Client":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def counter(
        self,
        name: str,
        help: str = "",
        labelnames: Sequence[str] = (),
        *,
        unit: str = "",
        **unknown: NoReturn,
    ) -> Counter:
        """The counter of this name, the same one at each call.

        Here and below: an option that differs from an earlier definition of the name raises
        ValueError; an option that is left out is not compared.
        """
        _refuse_options("A counter", unknown, "help, labelnames, unit")
        return self._define(Counter, name, help, labelnames, {"unit": unit or None})

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
        """The gauge of this name. `merge` is last, sum, min, max or avg, over all processes.

        The default is last.
        """
        _refuse_options("A gauge", unknown, "help, labelnames, merge, unit")
        if merge is not None and merge not in MERGES:
            raise ValueError(
                f"The merge of {name} is {merge!r}; it must be one of {', '.join(MERGES)}."
            )
        return self._define(Gauge, name, help, labelnames, {"merge": merge, "unit": unit or None})

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
        """The histogram of this name. The default of `bounds` suits durations in seconds."""
        _refuse_options("A histogram", unknown, "help, labelnames, bounds, unit")
        own = None if bounds is None else _checked_bounds(name, bounds)
        return self._define(
            Histogram, name, help, labelnames, {"bounds": own, "unit": unit or None}
        )

    def collect(self, function: Callable[[], None]) -> None:
        """Calls `function` before each flush, to set values that are kept elsewhere."""
        if not callable(function):
            raise TypeError(f"collect needs a function, and not {function!r}.")
        self._collectors.append(function)

    @property
    def stats(self) -> Dict[str, Union[int, str]]:
        """What happened so far, for logs and tests."""
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

    def _count_overflow(self) -> None:
        self._overflow.inc()

    def _count_after_close(self, values: int) -> None:
        self.counter(
            "push_client_samples_after_close_total",
            help="Samples recorded after close, which are not sent.",
        ).inc(values)
