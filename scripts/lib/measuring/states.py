"""State on disk: what commits add to scrapes and to ingest, how long the file is, and how fast it is read."""

import re
import statistics
import sys
import tempfile
import threading
import time
from pathlib import Path

from measuring.machine import die
from measuring.receivers import PACKED, STEP_SECONDS_MAX, WARM_UP_DATAGRAMS_PER_SECOND, Weir
from measuring.scrapes import FORMATS, SERIES_COUNTS, Scrape, fill
from measuring.table import Column

SCRAPES = 7
LOAD_SECONDS = 5
LOADS = 5
LOAD_DATAGRAMS_PER_SECOND = 50_000

COLUMNS = [
    Column("series", "series", "{:,.0f}"),
    Column("changed since the last scrape", "changed"),
    Column("without state, ms", "plain_milliseconds", "{:,.1f}"),
    Column("with state, ms", "state_milliseconds", "{:,.1f}"),
    Column("more, ms", "more_milliseconds", "{:+,.1f}"),
]
LOAD_COLUMNS = [
    Column("series", "series", "{:,.0f}"),
    Column("state", "state"),
    Column("commits", "commits", "{:,.0f}"),
    Column("datagrams", "datagrams", "{:,.0f}"),
    Column("dropped", "dropped", "{:,.0f}"),
    Column("CPU s a million lines", "cpu_seconds_per_million_lines", "{:.3f}"),
]
FILE_COLUMNS = [
    Column("series", "series", "{:,.0f}"),
    Column("file, MB", "megabytes", "{:,.1f}"),
    Column("bytes a series", "bytes_per_series", "{:.0f}"),
    Column("read to ready, ms", "ready_milliseconds", "{:,.0f}"),
]


class Stateful(Weir):
    """The server with its state in a folder that outlives it."""

    def __init__(self, cores, folder, interval="5s"):
        super().__init__(cores)
        self.state = [f"--state.dir={folder}", f"--state.interval={interval}"]

    def command(self):
        return super().command() + self.state


def change(weir, series):
    """Gives each series one more line or two; half are counters, half histograms."""
    for kind in ["counter", "histogram"]:
        weir.load(
            PACKED,
            f"--series={series // 2}",
            f"--kind={kind}",
            f"--datagrams={series // 2 // 15 + 64}",
            f"--datagrams-per-second={WARM_UP_DATAGRAMS_PER_SECOND}",
        )
    weir.rest()


def scrapes(cores, short):
    """Both servers live at once and are scraped in turn, so that a machine that changes its pace changes
    both alike."""
    rows, files = [], []
    for series in [1_000, 10_000] if short else SERIES_COUNTS:
        print(f"measure: commits of {series} series", file=sys.stderr)
        with tempfile.TemporaryDirectory(dir="/var/tmp") as folder:
            with Weir(cores) as plain, Stateful(cores, folder) as stateful:
                pair = [plain, stateful]
                for weir in pair:
                    fill(weir, series)
                for changed in ["none", "all"]:
                    rows.append(compare(pair, series, changed, 3 if short else SCRAPES))
            files.append(restart(cores, folder, series))
    return rows, files


def compare(pair, series, changed, times):
    readers = [Scrape(weir.page) for weir in pair]
    for reader in readers:
        reader.get(FORMATS["text 0.0.4"], False)
    taken = [[], []]
    for _ in range(times):
        if changed == "all":
            for weir in pair:
                change(weir, series)
        # A tick counts as changed for one second.
        time.sleep(1.1)
        for reader, seconds in zip(readers, taken):
            if changed == "none":
                reader.get(FORMATS["text 0.0.4"], False)
            seconds.append(reader.get(FORMATS["text 0.0.4"], False)[0])
    plain, state = (statistics.median(seconds) * 1e3 for seconds in taken)
    return {
        "series": series,
        "changed": changed,
        "plain_milliseconds": plain,
        "state_milliseconds": state,
        "more_milliseconds": state - plain,
    }


def restart(cores, folder, series):
    """What a start makes of the file that the server before has left."""
    size = (Path(folder) / "weir.state").stat().st_size
    with Stateful(cores, folder) as weir:
        log = Path(weir.log.name).read_text()
        told = re.search(r'msg="the state is restored".* series=(\d+) .*milliseconds=(\d+)', log)
        if told is None or int(told[1]) != series:
            die(f"The server did not restore {series} series: {log}")
        if Scrape(weir.page).own("weir_series")["weir_series"] != series:
            die(f"The server does not hold {series} series.")
    return {
        "series": series,
        "megabytes": size / 1e6,
        "bytes_per_series": size / series,
        "ready_milliseconds": float(told[2]),
    }


def loads(cores, short):
    """Ingest beside a scrape and a commit each second, and without a state, in turn."""
    rows = []
    for series in [1_000] if short else [1_000, 100_000]:
        done = {"off": [], "on": []}
        for number in range(1 if short else LOADS):
            print(f"measure: a load beside commits, run {number + 1}", file=sys.stderr)
            for state, runs in done.items():
                with tempfile.TemporaryDirectory(dir="/var/tmp") as folder:
                    weir = Stateful(cores, folder, "1s") if state == "on" else Weir(cores)
                    runs.append(load(weir, series))
        for state, runs in done.items():
            rows.append(
                {"series": series, "state": state}
                | {key: statistics.median(run[key] for run in runs) for key in runs[0]}
            )
    return rows


def load(weir, series):
    with weir:
        weir.warm_up(series, False)
        weir.rest()
        before, cpu = weir.account(), weir.cpu_seconds()
        ended = threading.Event()
        reader = threading.Thread(target=scrape_each_second, args=(weir.page, ended))
        reader.start()
        weir.load(
            PACKED,
            f"--series={series}",
            f"--datagrams-per-second={LOAD_DATAGRAMS_PER_SECOND}",
            f"--seconds={LOAD_SECONDS}",
        )
        ended.set()
        reader.join(STEP_SECONDS_MAX)
        weir.rest()
        cpu = weir.cpu_seconds() - cpu
        after = weir.account()
        commits = weir.told.get("weir_state_commits_total", 0)
    lines = after["lines"] - before["lines"]
    return {
        "commits": commits,
        "datagrams": after["received"] - before["received"],
        "dropped": after["dropped"] - before["dropped"],
        "cpu_seconds_per_million_lines": cpu * 1e6 / lines,
    }


def scrape_each_second(page, ended):
    scrape = Scrape(page)
    while not ended.wait(1):
        scrape.get(FORMATS["text 0.0.4"], True)
