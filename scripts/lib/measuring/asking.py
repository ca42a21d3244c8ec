"""Who asks as the page does, and what each answer of the API takes."""

import http.client
import itertools
import json
import statistics
import sys
import time
import zlib
from urllib.parse import quote, urlsplit

from measuring.machine import die
from measuring.receivers import STEP_SECONDS_MAX, Weir
from measuring.scrapes import FORMATS, Scrape, fill
from measuring.sending import Beside, Sending, steady
from measuring.table import Column

# Weir keeps each second of so long.
HISTORY_SECONDS = 300

COLUMNS = [
    Column("question", "question"),
    Column("series", "series", "{:,.0f}"),
    Column("bytes", "bytes", "{:,.0f}"),
    Column("in gzip", "bytes_gzip", "{:,.0f}"),
    Column("ms, median", "milliseconds_median", "{:,.1f}"),
    Column("least", "milliseconds_min", "{:,.1f}"),
    Column("most", "milliseconds_max", "{:,.1f}"),
    Column("server's CPU, ms", "cpu_milliseconds", "{:,.1f}"),
]


class Api:
    """The API of a server, by a connection that is kept, as a browser keeps it."""

    def __init__(self, weir):
        self.connection = http.client.HTTPConnection(
            urlsplit(weir.page).netloc, timeout=STEP_SECONDS_MAX
        )
        self.since = None

    def get(self, path, gzip=True):
        """Seconds, bytes as they came, and what the answer says."""
        began = time.monotonic()
        headers = {"Accept-Encoding": "gzip" if gzip else "identity"}
        self.connection.request("GET", f"/api/v1/{path}", headers=headers)
        answer = self.connection.getresponse()
        body = answer.read()
        seconds = time.monotonic() - began
        if answer.status != 200:
            die(f"{path} was answered {answer.status}: {body[:200]}")
        is_packed = answer.headers["Content-Encoding"] == "gzip"
        text = zlib.decompress(body, 31) if is_packed else body
        return seconds, len(body), json.loads(text)

    def status(self, gzip=True):
        """The status since the last one, as the page asks for it."""
        since = "" if self.since is None else f"&since={self.since}"
        got = self.get(f"status?step=1s{since}", gzip)
        if got[2]["full"] != (self.since is None):
            die("The status has the whole history where only its end was asked for, or the other way round.")
        self.since = got[2]["now_ms"]
        return got


class Asker(Beside):
    """Asks for the status each second, and for names and senders each five, until its block ends."""

    def __init__(self, weir):
        super().__init__()
        self.api = Api(weir)
        self.answers = 0
        self.failed = True

    def ask(self, turn):
        self.api.status()
        self.answers += 1
        if turn % 5 == 0:
            names = self.api.get("names?sort=series&limit=50")[2]
            senders = self.api.get("senders?limit=100")[2]
            if not names["complete"] or senders["sampled_seconds"] < 0:
                die("The names were not all read.")
            self.answers += 2

    def run(self):
        turn, start = 0, time.monotonic()
        self.ask(turn)
        while not self.ended.wait(max(0, start + turn + 1 - time.monotonic())):
            turn += 1
            self.ask(turn)
        self.failed = False

    def __exit__(self, *_):
        super().__exit__()
        if self.failed:
            die("The one who asks as the page does did not come to its end.")


def answers(cores, options):
    """A row for each question, after Weir has a whole history, beside a scrape."""
    series, times = (1_000, 3) if options.short else (100_000, 7)
    print(f"measure: answers of {series} series", file=sys.stderr)
    with Weir(cores) as weir:
        began = time.monotonic()
        fill(weir, series)
        before = weir.account()
        with Sending(weir.address, steady(), 100) as sending:
            Api(weir).status()
            wait = 10 if options.short else HISTORY_SECONDS + 5
            time.sleep(max(0, began + wait - time.monotonic()))
            rows = [one | {"series": series} for one in questions(weir, series, times)]
        weir.rest()
        after = weir.account()
    sending.account(before, after)
    return rows


def questions(weir, series, times):
    api = Api(weir)
    known = api.get("names?sort=series&limit=1000")[2]
    total = sum(one["series"] for one in known["names"])
    if not known["complete"] or not series <= total < series + 100:
        die(f"The names have {total} series, and there are {series}.")
    biggest = known["names"][0]["name"]

    def first():
        api.since = None
        return api.status

    def later():
        time.sleep(1)
        return api.status

    limits = itertools.count(100)

    def fresh(path, check):
        def made():
            # Answers are kept, but each limit is a question of its own.
            asked = f"{path}limit={next(limits)}"

            def ask(gzip=True):
                got = api.get(asked, gzip)
                if not check(got[2]):
                    die(f"{asked} is not what it must be: {str(got[2])[:300]}")
                return got

            return ask

        return made

    rows = [
        question("`status`, the first", weir, first, times),
        question("`status`, each second", weir, later, times),
        question(
            "`names`", weir, fresh("names?", lambda told: told["complete"]), times
        ),
        question(
            "`series`",
            weir,
            fresh(f"series?match={quote(biggest)}&", lambda told: told["shown"] >= 100),
            times,
        ),
        question(
            "`names/NAME/labels`",
            weir,
            fresh(f"names/{quote(biggest)}/labels?", lambda told: told["scanned"] == told["series"]),
            times,
        ),
        question(
            "`status/tsdb`",
            weir,
            fresh(
                "status/tsdb?",
                lambda told: series <= told["data"]["headStats"]["numSeries"] < series + 100,
            ),
            times,
        ),
        question("`senders`", weir, fresh("senders?", lambda told: told["senders"]), times),
    ]
    return rows + [scrape(weir, name, times) for name in ["text 0.0.4", "protobuf"]]


def question(name, weir, make, times):
    """What one question takes, where `make` gives it anew for each time."""
    seconds, packed, cpu = [], [], []
    for _ in range(times):
        ask = make()
        used = weir.cpu_seconds()
        took, count, _ = ask()
        cpu.append(weir.cpu_seconds() - used)
        seconds.append(took)
        packed.append(count)
    return row(name, seconds, cpu) | {
        "bytes": make()(gzip=False)[1],
        "bytes_gzip": statistics.median(packed),
    }


def scrape(weir, name, times):
    reader = Scrape(weir.page)
    size = reader.get(FORMATS[name], False)[1]
    seconds, packed, cpu = [], [], []
    for _ in range(times):
        used = weir.cpu_seconds()
        took, count, _ = reader.get(FORMATS[name], True)
        cpu.append(weir.cpu_seconds() - used)
        seconds.append(took)
        packed.append(count)
    return row(f"a scrape, {name}, gzip", seconds, cpu) | {
        "bytes": size,
        "bytes_gzip": statistics.median(packed),
    }


def row(name, seconds, cpu):
    return {
        "question": name,
        "milliseconds_median": statistics.median(seconds) * 1e3,
        "milliseconds_min": min(seconds) * 1e3,
        "milliseconds_max": max(seconds) * 1e3,
        "cpu_milliseconds": statistics.median(cpu) * 1e3,
    }
