"""Upper bounds of the buckets of histograms."""

import math
from typing import Sequence, Tuple

# Weir's own bounds, which suit durations in seconds. They take no room in a frame.
DEFAULT_BOUNDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120)
BOUNDS_MAX = 200


def _checked_bounds(of: str, bounds: Sequence[float]) -> Tuple[float, ...]:
    try:
        own = tuple(map(float, bounds))
    except (TypeError, ValueError):
        raise ValueError(
            f"The bounds of {of} must be a list of numbers, and not {bounds!r}."
        ) from None
    is_ascending = all(low < high for low, high in zip(own, own[1:]))
    if not is_ascending or not all(map(math.isfinite, own)) or len(own) > BOUNDS_MAX:
        raise ValueError(
            f"The bounds of {of} must be finite, ascending and at most {BOUNDS_MAX}; "
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
        raise ValueError("exponential_bounds exceeds the largest floating-point number.") from None
