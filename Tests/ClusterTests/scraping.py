"""Scrapers, and what their pages must not do: show less than a page that ended before they began, or more than
was sent."""

import collections
import http.client
import random
import re
import threading
import time

from ClusterTests.truth import is_above

# Both formats have the same names here.
GROWING = re.compile(
    rb"^((?:text|push)_\w+?(?:_total|_bucket|_sum|_count)(?:\{[^}\n]*\})?) (\S+)$", re.MULTILINE
)
FORMATS = ["text/plain;version=0.0.4", "application/openmetrics-text;version=1.0.0"]
TIMEOUT_SECONDS = 4
PAUSE_SECONDS = 0.25

# outcome: "whole", "refused" (503), "none" (no answer, or only a part of a page), or "wrong".
Scrape = collections.namedtuple("Scrape", "node inside began ended outcome detail")


# Counters whose sums are noted with each page: what it shows, and what was sent when it had ended.
SUMMED = ["text_requests_total", "push_requests_total", "push_shared_total"]
Sums = collections.namedtuple("Sums", "ended shown sent")


def sums_of(values):
    sums = dict.fromkeys(SUMMED, 0)
    for series, value in values.items():
        name = series.split(b"{", 1)[0].decode()
        if name in sums:
            sums[name] += value
    return sums


class Shown:
    """The most that a page has shown of each series, of all pages that have ended."""

    def __init__(self, truths, barrier=None):
        """`barrier` is called before each scrape: with the Weir, the seconds, and whether it is beside it."""
        self.truths, self.barrier = truths, barrier
        # Never changed: a page that ends puts another one in its place. A value has the node and the time.
        self.floor = {}
        self.lock = threading.Lock()
        self.scrapes = []
        self.steps_back = []
        self.above = []
        # Noted only where somebody compares them.
        self.keeps_sums, self.sums = False, []

    def begin(self):
        """What a scrape that begins now has to show at least."""
        return self.floor

    def end(self, floor, node, began, page):
        """Checks a page. Returns its values."""
        values = {series: float(text) for series, text in GROWING.findall(page)}
        ended = time.monotonic()
        for series, (least, by, at) in floor.items():
            value = values.get(series)
            if value is None or value < least:
                self.steps_back.append((began, series, value, node, least, by, at))
        for series, value in values.items():
            # Names of the clients themselves are not in the truth.
            if series.startswith(b"push_client_"):
                continue
            most = max(truth.totals.get(series, 0) for truth in self.truths)
            if is_above(series, value, most):
                self.above.append((ended, series, value, node, most))
        with self.lock:
            merged = dict(self.floor)
            for series, value in values.items():
                known = merged.get(series)
                if known is None or value > known[0]:
                    merged[series] = (value, node, ended)
            self.floor = merged
            if self.keeps_sums:
                self.sums.append(Sums(ended, sums_of(values), self.sent()))
        return values

    def sent(self):
        """The sums of what was sent until now."""
        return sums_of({series: value for truth in self.truths for series, value in list(truth.totals.items())})

    def note(self, *scrape):
        self.scrapes.append(Scrape(*scrape))

    def whole(self, node=None):
        return [s for s in self.scrapes if s.outcome == "whole" and node in (None, s.node)]


def scrape(shown, weir, accept, inside):
    """One scrape over a new connection. Returns the page, or None."""
    node, floor, began = str(weir), shown.begin(), time.monotonic()
    outcome, detail, body = "whole", "", b""
    try:
        if shown.barrier:
            shown.barrier(weir, TIMEOUT_SECONDS, inside)
        headers = {"Accept": accept}
        status, body = weir.get(weir.web, "/metrics", TIMEOUT_SECONDS, headers, inside)
        if status == 503:
            outcome, detail = "refused", body.decode(errors="replace").strip()
        elif status != 200:
            outcome, detail = "wrong", f"{status}: {body[:200]!r}"
    except (OSError, http.client.HTTPException) as error:
        outcome, detail = "none", f"{type(error).__name__}: {error}"
    # A slow check does not count as a slow answer.
    ended = time.monotonic()
    if outcome == "whole":
        shown.end(floor, node, began, body)
    shown.note(node, inside, began, ended, outcome, detail)
    return body if outcome == "whole" else None


class Scraper(threading.Thread):
    """Scrapes these nodes at random: one of them beside it, or all over the network."""

    def __init__(self, shown, weirs, seed, inside):
        super().__init__(name="scraper", daemon=True)
        self.shown, self.weirs, self.chance = shown, weirs, random.Random(f"scraper {seed}")
        self.inside, self.going = inside, True

    def run(self):
        while self.going:
            weir, accept = self.chance.choice(self.weirs), self.chance.choice(FORMATS)
            scrape(self.shown, weir, accept, self.inside)
            time.sleep(self.chance.uniform(0, PAUSE_SECONDS))


def scrapers(shown, weirs, seed):
    """One beside each node, which a cut does not keep from it, and two that hop."""
    return [Scraper(shown, [weir], f"{seed} {weir}", inside=True) for weir in weirs] + [
        Scraper(shown, weirs, f"{seed} {number}", inside=False) for number in range(2)
    ]
