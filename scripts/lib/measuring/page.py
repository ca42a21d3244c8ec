"""What the page costs: lines while somebody asks, scrapes beside an earlier build, and memory."""

import statistics
import sys
import time

from measuring.asking import Api, Asker
from measuring.loads import FILL_DATAGRAMS, FLOOD, LINES
from measuring.machine import die
from measuring.receivers import PACKED, SINGLE, Weir
from measuring.scrapes import FORMATS, Scrape, check, fill
from measuring.sending import account, many_senders
from measuring.table import Column

# Pairs of fresh processes, and how often each of a pair is loaded in turn.
PAIRS = 7
FILLS, FLOODS = 6, 2
FLOOD_SECONDS = 2
QUIET = "--datagrams-per-second=20000"
CASES = [(PACKED, 1_000), (PACKED, 100_000), (SINGLE, 1_000)]

LINE_COLUMNS = [
    Column("load", "load"),
    Column("lines a datagram", "lines_per_datagram"),
    Column("series", "series", "{:,.0f}"),
    Column("pairs", "pairs", "{:.0f}"),
    Column("nobody asks: CPU s a million lines", "plain_cpu_seconds_per_million_lines", "{:.3f}"),
    Column("sampled, or asked", "asked_cpu_seconds_per_million_lines", "{:.3f}"),
    Column("more, median", "more_median", "{:+.1%}"),
    Column("least", "more_min", "{:+.1%}"),
    Column("most", "more_max", "{:+.1%}"),
    Column("answers/s", "answers_per_second", "{:.1f}"),
    Column("answering alone, CPU ms/s", "answering_milliseconds_per_second", "{:+.1f}"),
]

SCRAPE_COLUMNS = [
    Column("series", "series", "{:,.0f}"),
    Column("format", "format"),
    Column("scrapes", "scrapes", "{:.0f}"),
    Column("before: ms", "before_milliseconds", "{:,.1f}"),
    Column("now: ms", "now_milliseconds", "{:,.1f}"),
    Column("before: CPU ms", "before_cpu_milliseconds", "{:,.1f}"),
    Column("now: CPU ms", "now_cpu_milliseconds", "{:,.1f}"),
    Column("more CPU, median", "more_median", "{:+.1%}"),
    Column("least", "more_min", "{:+.1%}"),
    Column("most", "more_max", "{:+.1%}"),
]

MEMORY_COLUMNS = [
    Column("who asks", "asks"),
    Column("names", "names", "{:,.0f}"),
    Column("senders", "senders", "{:,.0f}"),
    Column("resident MB at the start", "start_megabytes", "{:.1f}"),
    Column("with all names and senders", "filled_megabytes", "{:.1f}"),
    Column("after 20 s", "megabytes_20", "{:.1f}"),
    Column("after 40 s", "megabytes_40", "{:.1f}"),
    Column("after 60 s", "megabytes_60", "{:.1f}"),
    Column("most", "most_megabytes", "{:.1f}"),
]


class Named(Weir):
    """Weir with more flags, or another build of it."""

    def __init__(self, cores, *flags, program=None):
        super().__init__(cores)
        self.flags, self.program = flags, program

    def command(self):
        first, *rest = super().command()
        return [self.program or first, *rest, *self.flags]


def fresh(weir, series, is_checked):
    weir.warm_up(series, is_checked)
    weir.rest()
    return weir


def fill_buffer(weir, packing, series):
    """CPU seconds to empty a full buffer, and how many datagrams were sent."""
    cpu = weir.cpu_seconds()
    weir.pause()
    told = weir.load(packing, f"--series={series}", FLOOD, f"--datagrams={FILL_DATAGRAMS[packing]}")
    weir.resume()
    weir.rest()
    return weir.cpu_seconds() - cpu, told["datagrams_sent"]


def flood(weir, packing, series, pace, asks):
    """CPU seconds for a load, and how many datagrams were sent, with the page's questions or without."""
    cpu = weir.cpu_seconds()
    flags = [packing, f"--series={series}", pace, f"--seconds={FLOOD_SECONDS}"]
    if asks:
        with Asker(weir):
            told = weir.load(*flags)
    else:
        told = weir.load(*flags)
    weir.rest()
    return weir.cpu_seconds() - cpu, told["datagrams_sent"]


def pair(cores, packing, series, times, is_checked, run):
    """CPU seconds a million lines of two fresh processes that are loaded in turn: nobody asks the first."""
    with Weir(cores) as plain, Weir(cores) as asked:
        both = [fresh(weir, series, is_checked) for weir in (plain, asked)]
        Asker(asked).ask(0)
        asked.rest()
        before = [weir.account() for weir in both]
        cpu, sent = [0, 0], [0, 0]
        for turn in range(times):
            for which in [0, 1] if turn % 2 == 0 else [1, 0]:
                seconds, datagrams = run(both[which], which == 1)
                cpu[which] += seconds
                sent[which] += datagrams
        after = [weir.account() for weir in both]
        for weir in both:
            weir.correct(series)
    for which in range(2):
        account(sent[which], None, before[which], after[which])
    return [
        cpu[which] * 1e6 / (after[which]["lines"] - before[which]["lines"]) for which in range(2)
    ]


def compare(cores, load, packing, series, pairs, times, run):
    """A row of some pairs, each of them in turns."""
    done = []
    for number in range(pairs):
        print(f"measure: {load}, {series} series, pair {number + 1} of {pairs}", file=sys.stderr)
        done.append(pair(cores, packing, series, times, number == 0, run))
    more = [asked / plain - 1 for plain, asked in done]
    return {
        "load": load,
        "lines_per_datagram": LINES[packing],
        "series": series,
        "pairs": pairs,
        "plain_cpu_seconds_per_million_lines": statistics.median(plain for plain, _ in done),
        "asked_cpu_seconds_per_million_lines": statistics.median(asked for _, asked in done),
        "more_median": statistics.median(more),
        "more_min": min(more),
        "more_max": max(more),
    }


def sampling(cores, options):
    """What sampling adds to a line: nobody asks during the load, but the one of each two was asked before."""

    def run(packing, series):
        return lambda weir, _: fill_buffer(weir, packing, series)

    pairs, fills = (1, 2) if options.short else (PAIRS, FILLS)
    return [
        compare(cores, "full buffer, sampled", packing, series, pairs, fills, run(packing, series))
        for packing, series in CASES
    ]


def floods(cores, options):
    """What the open page adds to a load: its sampling and its answers."""

    def run(packing, series, pace):
        return lambda weir, asks: flood(weir, packing, series, pace, asks)

    pairs, times = (1, 1) if options.short else (PAIRS, FLOODS)
    rows = []
    for load, pace, cases in [("flood", FLOOD, CASES), ("20,000/s, each ms", QUIET, [(SINGLE, 1_000)])]:
        for packing, series in cases:
            row = compare(cores, f"{load}, asked", packing, series, pairs, times, run(packing, series, pace))
            rows.append(row | answering(cores, series, 2 if options.short else 10))
    return rows


def answering(cores, series, seconds):
    """CPU of the answers to the page without any load, beyond what Weir does by itself."""
    with Weir(cores) as weir:
        fresh(weir, series, False)
        cpu = weir.cpu_seconds()
        time.sleep(seconds)
        alone = weir.cpu_seconds() - cpu
        cpu = weir.cpu_seconds()
        with Asker(weir) as asker:
            time.sleep(seconds - 0.5)
        asked = weir.cpu_seconds() - cpu
    if asker.answers < seconds:
        die(f"Only {asker.answers} questions were answered in {seconds} s.")
    return {
        "answers_per_second": asker.answers / seconds,
        "answering_milliseconds_per_second": (asked - alone) * 1e3 / seconds,
    }


def scrapes(cores, options):
    """Scrapes of this build and of another one, in turns; a row for each format."""
    series, times, pairs = (1_000, 3, 1) if options.short else (100_000, 7, 3)
    taken = {name: [[], []] for name in ["text 0.0.4", "protobuf"]}
    for number in range(pairs):
        print(f"measure: scrapes beside {options.before}, pair {number + 1}", file=sys.stderr)
        with Named(cores, program=options.before) as before, Weir(cores) as now:
            readers = []
            for weir in (before, now):
                fill(weir, series)
                readers.append(Scrape(weir.page))
            for name, spent in taken.items():
                for reader in readers:
                    check(series, name, reader.get(FORMATS[name], False, keep=True)[2])
                for turn in range(times):
                    for which in [0, 1] if turn % 2 == 0 else [1, 0]:
                        weir = (before, now)[which]
                        cpu = weir.cpu_seconds()
                        seconds = readers[which].get(FORMATS[name], False)[0]
                        spent[which].append((seconds, weir.cpu_seconds() - cpu))
    return [scrape_row(series, name, *spent) for name, spent in taken.items()]


def scrape_row(series, name, before, now):
    more = [late[1] / early[1] - 1 for early, late in zip(before, now)]
    return {
        "series": series,
        "format": name,
        "scrapes": len(now),
        "before_milliseconds": statistics.median(seconds for seconds, _ in before) * 1e3,
        "now_milliseconds": statistics.median(seconds for seconds, _ in now) * 1e3,
        "before_cpu_milliseconds": statistics.median(cpu for _, cpu in before) * 1e3,
        "now_cpu_milliseconds": statistics.median(cpu for _, cpu in now) * 1e3,
        "more_median": statistics.median(more),
        "more_min": min(more),
        "more_max": max(more),
    }


def memory(cores, options):
    """Resident memory with many names and senders: without the page, with nobody who asks, and asked."""
    names, seconds = (1_000, 6) if options.short else (10_000, 60)
    rows = []
    for asks, flags in [("without the page", ["--no-web.ui"]), ("nobody", []), ("the page", [])]:
        print(f"measure: memory where {asks} asks", file=sys.stderr)
        with Named(cores, *flags) as weir:
            rows.append({"asks": asks, "names": names, "senders": 10_000} | grow(weir, asks, names, seconds))
    return rows


def grow(weir, asks, names, seconds):
    before = weir.account()
    row = {"start_megabytes": weir.resident_bytes() / 1e6}
    sent = many_senders(weir.address, names)
    weir.rest()
    row["filled_megabytes"] = row["most_megabytes"] = weir.resident_bytes() / 1e6
    asker = Asker(weir) if asks == "the page" else None
    if asker:
        asker.__enter__()
    start, marks = time.monotonic(), [seconds / 3, seconds * 2 / 3, seconds]
    while marks:
        sent += many_senders(weir.address, names)
        now = weir.resident_bytes() / 1e6
        row["most_megabytes"] = max(row["most_megabytes"], now)
        if time.monotonic() - start >= marks[0]:
            marks.pop(0)
            row[f"megabytes_{60 - 20 * len(marks)}"] = now
    if asker:
        asker.__exit__()
        senders = asker.api.get("senders?limit=1000")[2]
        heard = len(senders["senders"]) + senders["others"]["senders"]
        if heard < 1_000:
            die(f"Of 10,000 senders only {heard} were heard.")
        row["senders_known"] = heard
    weir.rest()
    account(sent, sent, before, weir.account())
    weir.correct(names)
    return row
