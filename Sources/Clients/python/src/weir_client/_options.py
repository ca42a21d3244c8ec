"""Checks of options."""

import math
from typing import Mapping

from ._frame import FRAME_BYTES_MAX, FRAME_BYTES_MIN

# An instance sends a frame at least this often, so flushes must be at least as frequent.
FLUSH_SECONDS_MAX = 15.0

# Names that options have in other libraries, and their names here.
_OPTION_HINTS = {
    "buckets": "bounds",
    "documentation": "help",
    "description": "help",
    "label_names": "labelnames",
    "labels": "labelnames",
    "multiprocess_mode": "merge",
}


def _refuse_options(of: str, unknown: Mapping[str, object], options: str) -> None:
    """Raises TypeError if there is an unknown option, and names the one that may be meant."""
    for option in unknown:
        hint = _OPTION_HINTS.get(option)
        is_known = hint is not None and hint in options.split(", ")
        remedy = f"use {hint}=" if is_known else f"the options are {options}"
        raise TypeError(f"{of} has no option {option!r}; {remedy}.")


def _check_client_options(
    flush_interval: float, series_max: int, frame_bytes: int, http_timeout: float
) -> None:
    if not _is_number(flush_interval) or not 0 < flush_interval < FLUSH_SECONDS_MAX:
        raise ValueError(
            f"flush_interval is {flush_interval!r}; it must be seconds, above 0 and below 15."
        )
    if not isinstance(series_max, int) or series_max < 1:
        raise ValueError(f"series_max is {series_max!r}; it must be a whole number, 1 or more.")
    sizes = range(FRAME_BYTES_MIN, FRAME_BYTES_MAX + 1)
    if not isinstance(frame_bytes, int) or frame_bytes not in sizes:
        raise ValueError(
            f"frame_bytes is {frame_bytes!r}; it must be from {sizes[0]} to {sizes[-1]}."
        )
    if not _is_number(http_timeout) or not 0 < http_timeout < math.inf:
        raise ValueError(f"http_timeout is {http_timeout!r}; it must be seconds, above 0.")


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and value == value
