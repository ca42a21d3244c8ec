"""Receivers under load: floods, quiet loads, and buffers that were filled while they slept."""

import statistics
import sys

from measuring.machine import die
from measuring.receivers import PACKED, SINGLE
from measuring.table import Column

# More than fits into the default buffer of 16 MiB; the kernel drops and counts the rest.
FILL_DATAGRAMS = {SINGLE: 60_000, PACKED: 20_000}
FILLS = 4
LINES = {SINGLE: "1", PACKED: "17 or 18"}
# As many padded frames as one buffer of 64 KiB holds.
SEGMENTS = 45

COLUMNS = [
    Column("load", "load"),
    Column("lines a datagram", "lines_per_datagram"),
    Column("series", "series", "{:,.0f}"),
    Column("receiver", "receiver"),
    Column("datagrams/s sent", "datagrams_sent_per_second", "{:,.0f}"),
    Column("late, ms", "lateness_milliseconds_max", "{:.1f}"),
    Column("dropped", "dropped", "{:.1%}"),
    Column("lines/s taken in", "lines_per_second", "{:,.0f}"),
    Column("lines a CPU second", "lines_per_cpu_second", "{:,.0f}"),
    Column("CPU s a million lines", "cpu_seconds_per_million_lines", "{:.3f}"),
    Column("resident MB", "resident_megabytes", "{:.0f}"),
]


class Case:
    """One load. `flags` go to Load; `paused` fills the buffer of a receiver that stands still."""

    def __init__(self, load, packing, series, *flags, paused=False):
        self.load, self.packing, self.series = load, packing, series
        self.flags, self.paused = flags, paused

    def takes(self, kind):
        """Who knows no series is shown once."""
        return (kind.has_series or self.series == 1_000) and (kind.fills or not self.paused)


def quiet(pace, series, tick_microseconds):
    """Spaced evenly, as many senders together would; or what falls due in a tick at once, as few
    would that gather."""
    spacing = f"every {tick_microseconds / 1_000:g} ms" if tick_microseconds else "evenly"
    flags = [f"--datagrams-per-second={pace}", f"--tick-microseconds={tick_microseconds}"]
    return Case(f"{pace:,}/s, {spacing}", SINGLE, series, *flags)


FLOOD = "--datagrams-per-second=0"
PARTS = {
    "flood": [
        Case("flood", packing, series, FLOOD)
        for packing in [SINGLE, PACKED]
        for series in [1_000, 100_000]
    ],
    "segments": [
        Case(f"flood, {count} a buffer", PACKED, 1_000, FLOOD, f"--segments={count}")
        for count in [1, SEGMENTS]
    ],
    "quiet": [
        quiet(20_000, 1_000, 0),
        quiet(20_000, 100_000, 0),
        quiet(50_000, 1_000, 0),
        quiet(20_000, 1_000, 1_000),
        quiet(50_000, 1_000, 1_000),
    ],
    "paused": [
        Case("full buffer", packing, series, FLOOD, paused=True)
        for packing in [SINGLE, PACKED]
        for series in [1_000, 100_000]
    ],
}


def flags(case, options):
    bound = [f"--datagrams={FILL_DATAGRAMS[case.packing]}"] if case.paused else []
    return [case.packing, f"--series={case.series}", *case.flags, *bound] + (
        [] if bound else [f"--seconds={options.seconds}"]
    )


def apply(case, receiver, options):
    """Sends the load and waits until all is taken in.

    Returns how many datagrams that were, in how many seconds, and by how many milliseconds the
    sender was behind its pace at the worst: where that is much, evenly is not what they came.
    """
    datagrams, seconds, late = 0, 0, 0
    for _ in range(FILLS if case.paused else 1):
        if case.paused:
            receiver.pause()
        told = receiver.load(*flags(case, options))
        if case.paused:
            receiver.resume()
        receiver.rest()
        datagrams += told["datagrams_sent"]
        seconds += told["seconds"]
        late = max(late, told["lateness_milliseconds_max"])
    return datagrams, seconds, late


def run(case, receiver, options, check):
    """One measurement, as a dictionary."""
    with receiver:
        receiver.warm_up(case.series, check)
        receiver.rest()
        before, cpu = receiver.before(), receiver.cpu_seconds()
        datagrams, seconds, late = apply(case, receiver, options)
        cpu = receiver.cpu_seconds() - cpu
        resident = receiver.resident_bytes()
        after = receiver.account()
        receiver.correct(case.series)
    grown = {key: after[key] - before[key] for key in after}
    if grown["received"] + grown["dropped"] != datagrams:
        die(
            f"{datagrams} datagrams were sent, but {receiver.name} received "
            f"{grown['received']:.0f}, and the kernel dropped {grown['dropped']:.0f}."
        )
    lines = grown["lines"]
    measured = {
        "lines_per_cpu_second": lines / cpu,
        "cpu_seconds_per_million_lines": cpu * 1e6 / lines,
        "resident_megabytes": resident / 1e6,
    }
    if not case.paused:
        measured |= {
            "datagrams_sent_per_second": datagrams / seconds,
            "lateness_milliseconds_max": late,
            "dropped": grown["dropped"] / datagrams,
            "lines_per_second": lines / seconds,
        }
    return measured


def measure(part, kinds, cores, options):
    """The medians of each case and receiver, a row each. The runs go round all of them in turn,
    so that a machine that changes its pace changes all alike."""
    pairs = [(case, kind) for case in PARTS[part] for kind in kinds if case.takes(kind)]
    runs = [[] for _ in pairs]
    for number in range(options.runs):
        print(f"measure: {part}, run {number + 1} of {options.runs}", file=sys.stderr)
        for (case, kind), done in zip(pairs, runs):
            done.append(run(case, kind(cores), options, check=number == 0))
    return [
        {
            "load": case.load,
            "lines_per_datagram": LINES[case.packing],
            "series": case.series,
            "receiver": kind.name,
            "runs": len(done),
        }
        | {key: statistics.median(one[key] for one in done) for key in done[0]}
        for (case, kind), done in zip(pairs, runs)
    ]
