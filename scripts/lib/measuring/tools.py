"""The benchmarks that run in one process: Drain, Bench, and Weir's memory by series."""

import json
import subprocess
import sys

from measuring.machine import BINARIES, die
from measuring.receivers import PACKED, WARM_UP_DATAGRAMS_PER_SECOND, Weir
from measuring.table import Column

SERIES_COUNTS = [10, 100, 1_000, 10_000, 100_000, 1_000_000]
# Enough series that the memory of an empty server does not matter.
KIND_SERIES = 200_000

DRAIN_COLUMNS = [
    Column("consumer", "consumer"),
    Column("receivers", "receivers", "{:.0f}"),
    Column("series", "series", "{:,.0f}"),
    Column("lines a datagram", "lines_per_datagram", "{:.1f}"),
    Column("drains", "drains", "{:.0f}"),
    Column("datagrams/s", "datagrams_per_second_median", "{:,.0f}"),
    Column("lines/s", "lines_per_second_median", "{:,.0f}"),
    Column("most", "lines_per_second_max", "{:,.0f}"),
    Column("CPU ns a line", "cpu_ns_per_line_median", "{:.1f}"),
    Column("times one receiver", "times_one_receiver", "{:.2f}"),
]

ENGINE_COLUMNS = [
    Column("series", "series", "{:,.0f}"),
    Column("lines a datagram", "lines_per_datagram", "{:.1f}"),
    Column("threads", "threads", "{:.0f}"),
    Column("decode, ns", "decode_ns_median", "{:.1f}"),
    Column("route + apply, ns", "apply_ns_median", "{:.1f}"),
    Column("whole, ns", "whole_ns_median", "{:.1f}"),
    Column("least", "whole_ns_min", "{:.1f}"),
    Column("whole, CPU ns", "whole_cpu_ns_median", "{:.1f}"),
    Column("lines/s, all threads", "lines_per_second_median", "{:,.0f}"),
]

SERIES_COLUMNS = [
    Column("series", "series", "{:,.0f}"),
    Column("kind", "kind"),
    Column("resident MB", "resident_megabytes", "{:.1f}"),
    Column("after a scrape", "resident_megabytes_after_scrape", "{:.1f}"),
    Column("bytes a series", "bytes_per_series", "{:.0f}"),
]


def figures(program, *flags):
    """What a benchmark prints with --json, an object a row."""
    print(f"measure: {program} {' '.join(flags)}", file=sys.stderr)
    done = subprocess.run([BINARIES / program, "--json", *flags], stdout=subprocess.PIPE, text=True)
    if done.returncode != 0:
        die(f"{program} failed; its own words stand above.")
    return [json.loads(line) for line in done.stdout.splitlines()]


def drain():
    return figures("Drain")


def engine():
    return figures("Bench")


def drain_by_series():
    counts = ",".join(map(str, SERIES_COUNTS))
    return figures("Drain", f"--series={counts}", "--lines=packed", "--receivers=1")


def memory_by_series(cores):
    """Resident memory of a fresh server for each number of series, and for each kind of them."""
    cases = [(count, "mixed") for count in SERIES_COUNTS]
    cases += [(KIND_SERIES, kind) for kind in ["counter", "gauge", "histogram"]]
    rows = [resident(cores, *case) for case in cases]
    # A server with ten series has what an empty one has.
    least = rows[0]["resident_megabytes"]
    for row in rows:
        if row["series"] >= KIND_SERIES // 2:
            row["bytes_per_series"] = (row["resident_megabytes"] - least) * 1e6 / row["series"]
    return rows


def resident(cores, series, kind):
    print(f"measure: memory of {series} series, {kind}", file=sys.stderr)
    with Weir(cores) as weir:
        weir.load(
            PACKED,
            f"--series={series}",
            f"--kind={kind}",
            f"--datagrams={max(1_024, series // 15 + 1)}",
            f"--datagrams-per-second={WARM_UP_DATAGRAMS_PER_SECOND}",
        )
        weir.rest()
        before = weir.resident_bytes()
        weir.account()
        weir.correct(series)
        after = weir.resident_bytes()
    return {
        "series": series,
        "kind": kind,
        "resident_megabytes": before / 1e6,
        "resident_megabytes_after_scrape": after / 1e6,
    }
