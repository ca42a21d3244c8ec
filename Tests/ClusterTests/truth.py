"""What was counted, by series: as a page names them, with the least and the most that may be shown."""

import bisect
import math

# Weir's own for durations, in seconds.
BOUNDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120]
LE = [f"{float(bound)}" for bound in BOUNDS] + ["+Inf"]
# Sums of numbers that no double has exactly depend on the order in which they are added.
ODD_SHARE = 1e-9


class Truth:
    """Totals that only grow. One thread adds, and others read what is there."""

    def __init__(self):
        self.totals = {}
        self.names = {}

    def add(self, increments):
        totals = self.totals
        for series, amount in increments.items():
            totals[series] = totals.get(series, 0) + amount

    def observe(self, increments, name, labels, value):
        """Notes what an observation of a histogram adds to its series."""
        key = (name, labels)
        if key not in self.names:
            inner = f"{labels}," if labels else ""
            braces = f"{{{labels}}}" if labels else ""
            buckets = [f'{name}_bucket{{{inner}le="{le}"}}'.encode() for le in LE]
            self.names[key] = (
                buckets,
                f"{name}_count{braces}".encode(),
                f"{name}_sum{braces}".encode(),
            )
        buckets, count, total = self.names[key]
        for bucket in buckets[bisect.bisect_left(BOUNDS, value) :]:
            increments[bucket] = increments.get(bucket, 0) + 1
        increments[count] = increments.get(count, 0) + 1
        increments[total] = increments.get(total, 0.0) + value


def is_odd(series):
    return b"_odd_" in series


def is_above(series, value, most):
    """Whether a value is more than there can be."""
    if is_odd(series):
        return value > most and not math.isclose(value, most, rel_tol=ODD_SHARE)
    return value > most


def is_between(series, value, least, most):
    if is_odd(series) and (
        math.isclose(value, most, rel_tol=ODD_SHARE) or math.isclose(value, least, rel_tol=ODD_SHARE)
    ):
        return True
    return least <= value <= most
