"""`with` blocks and decorators that record."""

import functools
import inspect
import time
from typing import TYPE_CHECKING, Any, Callable, Optional, Tuple, Type, TypeVar, Union, cast

if TYPE_CHECKING:
    from ._counter import Counter
    from ._gauge import Gauge
    from ._histogram import Histogram

F = TypeVar("F", bound=Callable[..., Any])


class _Block:
    """A `with` block, or a decorator for functions, where each call is its own block.

    The block of a coroutine function lasts until the coroutine returns.
    """

    __slots__ = ()

    def __enter__(self) -> Any:
        raise NotImplementedError

    def __exit__(self, kind: Optional[Type[BaseException]], *_: object) -> None:
        raise NotImplementedError

    def _again(self) -> "_Block":
        """Another block of this kind, because calls of a function may overlap."""
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

    A block that raises is recorded too. If labels are known only at the end:
    `with histogram.time() as timer: …; timer.labels(status="ok")`.
    """

    __slots__ = ("_begun", "_metric")

    def __init__(self, metric: "Union[Histogram, Gauge]") -> None:
        self._metric = metric
        self._begun = 0.0

    def labels(self, *values: object, **labels: object) -> None:
        """Selects the series with these labels, which the time is recorded in."""
        self._metric = self._metric.labels(*values, **labels)

    def __enter__(self) -> "Timer":
        self._begun = time.perf_counter()
        return self

    def __exit__(self, *_: object) -> None:
        self._metric._take_seconds(time.perf_counter() - self._begun)

    def _again(self) -> "Timer":
        return Timer(self._metric)


class InProgress(_Block):
    """Adds one to a gauge during a block."""

    __slots__ = ("_gauge",)

    def __init__(self, gauge: "Gauge") -> None:
        self._gauge = gauge

    def __enter__(self) -> "InProgress":
        self._gauge.inc()
        return self

    def __exit__(self, *_: object) -> None:
        self._gauge.dec()


class ExceptionCounter(_Block):
    """Counts the blocks that raise an exception of certain types, and does not catch it."""

    __slots__ = ("_counter", "_exception")

    def __init__(
        self,
        counter: "Counter",
        exception: Union[Type[BaseException], Tuple[Type[BaseException], ...]],
    ) -> None:
        kinds = exception if isinstance(exception, tuple) else (exception,)
        if not all(isinstance(kind, type) and issubclass(kind, BaseException) for kind in kinds):
            raise TypeError(f"count_exceptions needs exception types, and not {exception!r}.")
        self._counter = counter
        self._exception = kinds

    def __enter__(self) -> "ExceptionCounter":
        return self

    def __exit__(self, kind: Optional[Type[BaseException]], *_: object) -> None:
        if kind is not None and issubclass(kind, self._exception):
            self._counter.inc()
