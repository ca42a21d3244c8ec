"""Clocks and times."""

import functools
import sys
import time
from typing import Callable

# The end of the year 9999, the latest time that a frame may contain.
_TIME_MS_MAX = 253_402_300_799_999


def _monotonic_clock() -> Callable[[], float]:
    """A clock that never jumps, and advances while the host is suspended, if there is one."""
    # Darwin's CLOCK_MONOTONIC contains the time asleep; that of Linux and time.monotonic do not.
    name = "CLOCK_MONOTONIC" if sys.platform == "darwin" else "CLOCK_BOOTTIME"
    try:
        clock = functools.partial(time.clock_gettime, getattr(time, name))
        clock()
        return clock
    except (AttributeError, OSError):
        return time.monotonic


def _wall_ms(wall: Callable[[], float]) -> int:
    """The wall time in milliseconds, within what a frame may contain even if the clock is wrong."""
    return max(1, min(int(wall() * 1_000), _TIME_MS_MAX))


def _milliseconds(seconds: float) -> int:
    """A period of time, which is never negative, whatever the clocks say."""
    return max(0, int(seconds * 1_000))
