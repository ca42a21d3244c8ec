"""What must be so at the end: all that was sent is shown, on each node, but for text that died with a node."""

import time

from ClusterTests.faults import CLEAN_FAULTS
from ClusterTests.scraping import FORMATS, GROWING, scrape
from ClusterTests.truth import is_between

# Text is in the log after a second; a second more is for a message that was lost and sent again.
IN_LOG_SECONDS = 2.0
# The text of other nodes comes each second. The rest is for a machine that is busy.
REST_SECONDS_MAX = 30
# A leader is found within some seconds after a fault, and nodes connect again.
SETTLE_SECONDS_MAX = 20
SHOWN_MAX = 10


def safe_until(scrapes, at):
    """Before this time text was in the log at `at`, because scrapes were whole for long enough since.

    The scrapes are those beside one node, in order.
    """
    run_ended = None
    for one in reversed(scrapes):
        if one.ended > at:
            continue
        if one.outcome != "whole":
            run_ended = None
            continue
        if run_ended is None:
            run_ended = one.ended
        if run_ended - one.began >= IN_LOG_SECONDS:
            return one.began
    return 0.0


def windows(weir, scrapes, play):
    """Times in which text that was sent to a node may have died with it."""
    beside = [s for s in scrapes if s.inside and s.node == str(weir)]
    for down in weir.downs:
        is_calm = not any(
            one.begin <= down.ended_at and (one.end or down.at) >= down.at - IN_LOG_SECONDS
            for one in play.intervals
            if one.name not in CLEAN_FAULTS
        )
        start = down.at if down.is_clean and is_calm else safe_until(beside, down.at)
        up = (s.ended for s in beside if s.outcome == "whole" and s.began > (down.until or down.at))
        yield start, next(up, time.monotonic())


def missing_allowed(text, weirs, scrapes, play):
    """By series, how much text may be missing."""
    allowed = {}
    for weir in weirs:
        last = 0.0
        for start, end in windows(weir, scrapes, play):
            # What was sent in two windows is missing once.
            for series, amount in text.sent_between(str(weir), max(start, last), end).items():
                allowed[series] = allowed.get(series, 0) + amount
            last = max(last, end)
    return allowed


def wrong_values(page, text, pushing, allowed):
    """What a page shows that is not what was sent: sentences."""
    values = {series: float(value) for series, value in GROWING.findall(page)}
    for series, most in pushing.truth.totals.items():
        if not is_between(series, values.get(series, 0.0), most, most):
            yield f"{series.decode()} is {values.get(series)!r}, and {most!r} was pushed."
    for series, most in text.truth.totals.items():
        least = most - allowed.get(series, 0)
        if not is_between(series, values.get(series, 0.0), least, most):
            yield (
                f"{series.decode()} is {values.get(series)!r}, of {most!r} that were sent; "
                f"at least {least!r} is right."
            )


def first_difference(pages):
    """A sentence with the first line in which pages differ; None if they are the same."""
    (first, one), *others = pages.items()
    for node, page in others:
        if page == one:
            continue
        a, b = one.decode().splitlines(), page.decode().splitlines()
        lines = [pair for pair in zip(a, b) if pair[0] != pair[1]]
        pair = lines[0] if lines else (f"{len(a)} lines", f"{len(b)} lines")
        return f'The pages of {first} and {node} differ at rest: "{pair[0]}" and "{pair[1]}".'
    return None


def at_rest(cluster, shown, text, pushing, allowed):
    """Scrapes all nodes until everything is right. Returns what is still wrong after a while, and the last page."""
    end = time.monotonic() + REST_SECONDS_MAX
    while True:
        pages = {str(weir): scrape(shown, weir, FORMATS[0], True) for weir in cluster.weirs}
        faults = [f"{node} does not answer at the end." for node, page in pages.items() if page is None]
        if not faults:
            for node, page in pages.items():
                wrong = list(wrong_values(page, text, pushing, allowed))
                faults += [f"On {node}: {sentence}" for sentence in wrong[:SHOWN_MAX]]
                if len(wrong) > SHOWN_MAX:
                    faults.append(f"On {node}: and {len(wrong) - SHOWN_MAX} more are wrong.")
            difference = first_difference(pages)
            if difference:
                faults.append(difference)
        if not faults or time.monotonic() > end:
            return faults, pages
        time.sleep(0.5)


def refused_in_calm(shown, play):
    """Scrapes without a page although no fault was on, nor some seconds before."""
    return [
        s
        for s in shown.scrapes
        if s.outcome != "whole" and not play.is_on(s.began, s.ended, SETTLE_SECONDS_MAX)
    ]


def longest_gap(times):
    """The longest time between two neighbours, and when it began."""
    ordered = sorted(times)
    return max(((b - a, a) for a, b in zip(ordered, ordered[1:])), default=(0.0, 0.0))
