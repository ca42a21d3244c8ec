"""One page in Debian's Chromium, as JSON: python -m measuring.browsing '{"url": …}'.

It is a program of its own, because what drives Chromium is in an environment of its own.
"""

import json
import os
import statistics
import sys
import time
from pathlib import Path

from page.browser import WAIT_MILLISECONDS, browser

# When the page has shown the first answer, in milliseconds since the navigation began.
SHOWN = """
new MutationObserver((_, observer) => {
  if (!document.querySelector('#main .view:not(.waiting)')) return;
  window.shownAt = performance.now();
  observer.disconnect();
}).observe(document, {subtree: true, childList: true, attributes: true});
"""


def cpu_seconds(process):
    """CPU time of all threads of a process; 0 if it has ended."""
    try:
        return time.clock_gettime(~process << 3 | 2)
    except OSError:
        return 0


def chromium_seconds():
    """CPU time of all processes of the Chromium that this process has started."""
    parents, names = {}, {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            head, _, tail = (folder / "stat").read_text().rpartition(")")
        except OSError:
            continue
        number = int(folder.name)
        parents[number] = int(tail.split()[1])
        names[number] = head.partition("(")[2]

    def is_ours(process):
        while process > 1:
            if process == os.getpid():
                return True
            process = parents.get(process, 0)
        return False

    ours = [each for each, name in names.items() if name.startswith("chrom") and is_ours(each)]
    if not ours:
        sys.exit("There is no process of Chromium.")
    return sum(map(cpu_seconds, ours))


class Traffic:
    """The requests of a page and their bytes as they came, heads included."""

    def __init__(self, page):
        self.requests = self.bytes = 0
        self.session = page.context.new_cdp_session(page)
        self.session.send("Network.enable")
        self.session.on("Network.loadingFinished", self.add)
        self.session.send("Performance.enable")

    def add(self, event):
        self.requests += 1
        self.bytes += event["encodedDataLength"]

    def heap_bytes(self):
        self.session.send("HeapProfiler.collectGarbage")
        told = self.session.send("Performance.getMetrics")["metrics"]
        return next(one["value"] for one in told if one["name"] == "JSHeapUsedSize")


def open_page(page, asked):
    """Opens the page, and returns when it showed its first answer, with what that took."""
    traffic = Traffic(page)
    page.add_init_script(SHOWN)
    page.goto(f"{asked['url']}/#/{asked['view']}")
    end = time.monotonic() + WAIT_MILLISECONDS / 1e3
    # Waiting for an expression would need `unsafe-eval`, which the page forbids.
    while not page.evaluate("window.shownAt"):
        if time.monotonic() > end:
            sys.exit(f"The page has shown nothing: {page.inner_text('body')[:400]}")
        page.wait_for_timeout(20)
    first = {"requests": traffic.requests, "bytes": traffic.bytes}
    return traffic, first | {"milliseconds": page.evaluate("window.shownAt")}


def measure(asked):
    seconds, server = asked["seconds"], asked["server"]
    more = {"http_credentials": asked["user"]} if asked.get("user") else {}
    before = cpu_seconds(server)
    time.sleep(seconds / 2)
    alone = (cpu_seconds(server) - before) / (seconds / 2)
    openings = []
    with browser() as chromium:
        with chromium.page() as page:
            # Chromium is busy with itself after its start.
            page.wait_for_timeout(5_000)
            began = chromium_seconds()
            page.wait_for_timeout(seconds * 500)
            blank = (chromium_seconds() - began) / (seconds / 2)
        for _ in range(asked["openings"]):
            with chromium.page(**more) as page:
                openings.append(open_page(page, asked)[1])
        with chromium.page(**more) as page:
            traffic, first = open_page(page, asked)
            openings.append(first)
            # What belongs to the opening is not part of a second.
            page.wait_for_timeout(2_000)
            requests, count = traffic.requests, traffic.bytes
            used, server_used, began = chromium_seconds(), cpu_seconds(server), time.monotonic()
            page.wait_for_timeout(seconds * 1_000)
            took = time.monotonic() - began
            used, server_used = chromium_seconds() - used, cpu_seconds(server) - server_used
            if page.locator("#stale:visible, .trouble:visible").count():
                sys.exit(f"The page shows trouble: {page.inner_text('body')[:400]}")
            text = page.inner_text("#main")
            missing = [each for each in asked["shows"] if each not in text]
            if missing:
                sys.exit(f"The page lacks {missing}: {text[:400]}")
            result = {
                "milliseconds_median": statistics.median(one["milliseconds"] for one in openings),
                "milliseconds_max": max(one["milliseconds"] for one in openings),
                "requests": first["requests"],
                "bytes": first["bytes"],
                "requests_per_second": (traffic.requests - requests) / took,
                "bytes_per_second": (traffic.bytes - count) / took,
                "server_alone_milliseconds_per_second": alone * 1e3,
                "server_milliseconds_per_second": server_used * 1e3 / took,
                "browser_blank_milliseconds_per_second": blank * 1e3,
                "browser_milliseconds_per_second": used * 1e3 / took,
                "heap_megabytes": traffic.heap_bytes() / 1e6,
            }
        ignored = ["401 (Unauthorized)"] if asked.get("user") else []
        if messages := chromium.take_messages(but=ignored):
            sys.exit(f"The console says {messages[:3]}")
    if result["requests_per_second"] < 0.7:
        sys.exit("The page does not ask each second.")
    return result


if __name__ == "__main__":
    print(json.dumps(measure(json.loads(sys.argv[1]))))
