"""Scrapes: what each format takes, what a hundred of them leave behind, and what ingest feels."""

import http.client
import re
import statistics
import subprocess
import sys
import threading
import time
import zlib
from urllib.parse import urlsplit

from measuring.machine import BINARIES, die
from measuring.receivers import (
    PACKED,
    STEP_SECONDS_MAX,
    WARM_UP_DATAGRAMS_PER_SECOND,
    Weir,
)
from measuring.table import Column

SERIES_COUNTS = [1_000, 100_000, 1_000_000]
SCRAPES = 7
# The limit on memory growth, and on the effect that scrapes have on a load.
MANY_SCRAPES = 100
SCRAPES_UNDER_LOAD = 10
# A load that loses nothing without scrapes: half of what one core takes in.
LOAD_DATAGRAMS_PER_SECOND = 50_000

FORMATS = {
    "text 0.0.4": "text/plain;version=0.0.4",
    "OpenMetrics 1.0.0": "application/openmetrics-text;version=1.0.0",
    "protobuf": (
        "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;"
        "encoding=delimited"
    ),
}

COLUMNS = [
    Column("series", "series", "{:,.0f}"),
    Column("format", "format"),
    Column("coding", "coding"),
    Column("bytes", "bytes", "{:,.0f}"),
    Column("ms, median", "milliseconds_median", "{:,.1f}"),
    Column("least", "milliseconds_min", "{:,.1f}"),
    Column("MB/s, before coding", "megabytes_per_second", "{:,.0f}"),
    Column("rendering alone, MB/s", "rendering_megabytes_per_second", "{:,.0f}"),
]

MEMORY_COLUMNS = [
    Column("series", "series", "{:,.0f}"),
    Column("scrapes", "scrapes", "{:.0f}"),
    Column("resident MB before", "resident_megabytes_before", "{:.1f}"),
    Column("after one", "resident_megabytes_after_one", "{:.1f}"),
    Column("after all", "resident_megabytes_after_all", "{:.1f}"),
]

LOAD_COLUMNS = [
    Column("series", "series", "{:,.0f}"),
    Column("scrapes meanwhile", "scrapes", "{:.0f}"),
    Column("datagrams/s", "datagrams_per_second", "{:,.0f}"),
    Column("datagrams", "datagrams", "{:,.0f}"),
    Column("dropped", "dropped", "{:,.0f}"),
    Column("longest lock, ms", "longest_lock_milliseconds", "{:.3f}"),
]


class Scrape:
    """One scrape of a page, read to its end on a connection that is kept."""

    def __init__(self, page):
        self.url = urlsplit(page)
        self.connection = http.client.HTTPConnection(self.url.netloc, timeout=STEP_SECONDS_MAX)
        self.buffer = bytearray(1 << 20)

    def get(self, accept, gzip, path=None, keep=False):
        """Seconds, bytes as they came, and the page itself where it is to be kept."""
        coding = "gzip" if gzip else "identity"
        headers = {"Accept": accept, "Accept-Encoding": coding}
        began = time.monotonic()
        self.connection.request("GET", path or self.url.path, headers=headers)
        answer = self.connection.getresponse()
        if answer.status != 200 or (answer.headers["Content-Encoding"] == "gzip") != gzip:
            die(f"A scrape was answered {answer.status}, {answer.headers['Content-Encoding']}.")
        count, parts = 0, []
        while read := answer.readinto(self.buffer):
            count += read
            if keep:
                parts.append(bytes(self.buffer[:read]))
        return time.monotonic() - began, count, b"".join(parts)

    def own(self, *names):
        """Samples of Weir's own, each summed over its labels."""
        query = "&".join(f"name[]={name}" for name in names)
        text = self.get("text/plain", False, f"{self.url.path}?{query}", keep=True)[2].decode()
        found = re.findall(r"^(\w+)(?:\{.*\})? (\S+)$", text, re.MULTILINE)
        return {
            name: sum(float(value) for other, value in found if other == name) for name in names
        }


def fill(weir, series):
    """Half counters, half histograms."""
    for kind in ["counter", "histogram"]:
        weir.load(
            PACKED,
            f"--series={series // 2}",
            f"--kind={kind}",
            # One round, and half of one for what Load leaves for the next.
            f"--datagrams={series // 2 // 15 + 64}",
            f"--datagrams-per-second={WARM_UP_DATAGRAMS_PER_SECOND}",
        )
    weir.rest()


def metrics_in(page):
    """How many metrics a page of delimited protobuf has; dies where it is none."""

    def varint(at):
        value = shift = 0
        while True:
            byte = page[at]
            value |= (byte & 0x7F) << shift
            at, shift = at + 1, shift + 7
            if byte < 0x80:
                return value, at

    at = count = 0
    while at < len(page):
        length, at = varint(at)
        end = at + length
        while at < end:
            tag, at = varint(at)
            skipped, at = varint(at)
            if tag & 7 == 2:
                at += skipped
            count += tag == 4 << 3 | 2
        if at != end:
            die("A family of protobuf is not as long as it says.")
    return count


def check(series, format_name, page):
    """Dies where a page does not have every series."""
    if format_name == "protobuf":
        found, wanted = metrics_in(page), series
        # Weir's own series are on the page as well.
        if not wanted <= found < wanted + 200:
            die(f"The page of protobuf has {found} metrics, and there are {wanted} series.")
        return
    # Each counter a line, each histogram its sum, its count and 15 buckets.
    lines = len(re.findall(rb"^llm_\w+\{|^\w+\{[^}]*\} ", page, re.MULTILINE))
    wanted = series // 2 + series // 2 * 17
    if not wanted <= lines < wanted + 500:
        die(f"The page of {format_name} has {lines} samples, not {wanted} and Weir's own.")
    if format_name.startswith("OpenMetrics") and not page.endswith(b"# EOF\n"):
        die("The page of OpenMetrics does not end.")


def formats(cores, series_counts, scrapes):
    """A row for each number of series, format and coding."""
    rows = []
    for series in series_counts:
        print(f"measure: scrapes of {series} series", file=sys.stderr)
        with Weir(cores) as weir:
            fill(weir, series)
            scrape = Scrape(weir.page)
            if scrape.own("weir_series")["weir_series"] != series:
                die(f"The server does not hold {series} series.")
            for name, accept in FORMATS.items():
                size = None
                for gzip in [False, True]:
                    row = case(scrape, series, name, accept, gzip, scrapes)
                    size = size or row["bytes"]
                    seconds = row["milliseconds_median"] / 1e3
                    row["megabytes_per_second"] = size / 1e6 / seconds
                    rows.append(row)
    return rows


def case(scrape, series, name, accept, gzip, scrapes):
    # The page is checked where that does not take longer than the measurement.
    keep = series <= 100_000
    _, _, page = scrape.get(accept, gzip, keep=keep)
    if keep:
        check(series, name, zlib.decompress(page, 31) if gzip else page)
    spent = ["weir_scrape_duration_seconds_sum", "weir_scrape_duration_seconds_count"]
    before = scrape.own(*spent)
    taken = [scrape.get(accept, gzip)[:2] for _ in range(scrapes)]
    after = scrape.own(*spent)
    seconds = [seconds for seconds, _ in taken]
    row = {
        "series": series,
        "format": name,
        "coding": "gzip" if gzip else "identity",
        "bytes": taken[-1][1],
        "milliseconds_median": statistics.median(seconds) * 1e3,
        "milliseconds_min": min(seconds) * 1e3,
    }
    if not gzip:
        # A request counts itself only after its answer.
        count = after[spent[1]] - before[spent[1]]
        rendering = (after[spent[0]] - before[spent[0]]) / (count - 1)
        row["rendering_megabytes_per_second"] = row["bytes"] / 1e6 / rendering
    return row


def memory(cores, series, scrapes=MANY_SCRAPES):
    """Resident memory over many scrapes, text and gzip in turn."""
    print(f"measure: memory over {scrapes} scrapes of {series} series", file=sys.stderr)
    with Weir(cores) as weir:
        fill(weir, series)
        before = weir.resident_bytes()
        scrape = Scrape(weir.page)
        scrape.get(FORMATS["text 0.0.4"], True)
        after_one = weir.resident_bytes()
        for number in range(scrapes - 1):
            scrape.get(list(FORMATS.values())[number % 3], number % 2 == 0)
        after_all = weir.resident_bytes()
    return [
        {
            "series": series,
            "scrapes": scrapes,
            "resident_megabytes_before": before / 1e6,
            "resident_megabytes_after_one": after_one / 1e6,
            "resident_megabytes_after_all": after_all / 1e6,
        }
    ]


def under_load(cores, series):
    """Datagrams dropped while scrapes go on, and without them for as long."""
    rows = []
    for scrapes in [0, SCRAPES_UNDER_LOAD]:
        print(f"measure: a load beside {scrapes} scrapes of {series} series", file=sys.stderr)
        with Weir(cores) as weir:
            fill(weir, series)
            scrape = Scrape(weir.page)
            watched = [
                "weir_datagrams_dropped_total",
                "weir_datagrams_received_total",
                "weir_scrape_longest_lock_seconds",
            ]
            scrape.own(*watched)
            before = scrape.own(*watched)
            seconds = 40 if series > 100_000 else 5
            load = subprocess.Popen(
                [
                    BINARIES / "Load",
                    f"--address={weir.address}",
                    "--lines-per-datagram=1",
                    f"--datagrams-per-second={LOAD_DATAGRAMS_PER_SECOND}",
                    "--series=1000",
                    f"--seconds={seconds}",
                    "--json",
                ],
                stdout=subprocess.DEVNULL,
                preexec_fn=cores.on(cores.sender),
            )
            time.sleep(1)
            reader = threading.Thread(
                target=lambda: [
                    scrape.get(FORMATS["text 0.0.4"], number % 2 == 1)
                    for number in range(scrapes)
                ]
            )
            reader.start()
            reader.join()
            if scrapes and load.poll() is not None:
                die("The load ended before the scrapes did.")
            if load.wait(STEP_SECONDS_MAX) != 0:
                die("Load failed.")
            weir.rest()
            after = scrape.own(*watched)
            rows.append(
                {
                    "series": series,
                    "scrapes": scrapes,
                    "datagrams_per_second": LOAD_DATAGRAMS_PER_SECOND,
                    "datagrams": after[watched[1]] - before[watched[1]],
                    "dropped": after[watched[0]] - before[watched[0]],
                    "longest_lock_milliseconds": after[watched[2]] * 1e3,
                }
            )
    return rows
