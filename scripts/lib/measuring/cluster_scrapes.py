"""How long scrapes of a cluster wait: idle, under a load, and when the leader of NATS ends."""

import http.client
import statistics
import sys
import threading
import time

from measuring.cluster import (
    ROUND_DATAGRAMS,
    Cluster,
    account,
    check,
    end_load,
    get,
    reference,
    settle,
    start_load,
    totals,
)
from measuring.machine import die
from measuring.receivers import STEP_SECONDS_MAX
from measuring.table import Column

SERIES = 1_000
SCRAPES, RUNS, PAUSE_SECONDS = 200, 3, 0.01
BUSY_LINES_PER_SECOND = 200_000
KILLS, BEFORE_SECONDS, RECOVERED_SECONDS = 5, 1.5, 2
LEADER_DATAGRAMS_PER_SECOND = 100

COLUMNS = [
    Column("cluster of three", "load"),
    Column("page", "page"),
    Column("scrapes", "scrapes", "{:,.0f}"),
    Column("503", "refused", "{:.0f}"),
    Column("p50, ms", "p50", "{:.1f}"),
    Column("p99, ms", "p99", "{:.1f}"),
    Column("max, ms", "max", "{:.1f}"),
    Column("p50 of the runs", "p50s"),
    Column("p99 of the runs", "p99s"),
]
LEADER_COLUMNS = [
    Column("kill", "kill"),
    Column("nobody answered, s", "all", "{:.1f}"),
    Column("w1", "w1", "{:.1f}"),
    Column("w2", "w2", "{:.1f}"),
    Column("w3", "w3", "{:.1f}"),
]


def timed(port, path):
    began = time.monotonic()
    status = get(port, path)[0]
    return time.monotonic() - began, status


def barrier(_, options):
    growth, lines = reference(ROUND_DATAGRAMS, SERIES)
    count = 20 if options.short else SCRAPES
    # A scrape of one family of them.
    family = min(growth).split(b"{")[0].decode()
    pages = {"/metrics": f"/metrics?name[]={family}", "/metrics/node": "/metrics/node?name[]=weir_cluster_ready"}
    taken = {}
    with Cluster(3) as cluster:
        before, shown = account(cluster), totals(cluster)
        loads = rounds = 0
        for _ in range(1 if options.short else RUNS):
            for state in ["idle", "busy"]:
                print(f"measure: barriers, {state}", file=sys.stderr)
                started = []
                if state == "busy":
                    per_second = round(BUSY_LINES_PER_SECOND / 3 / lines * ROUND_DATAGRAMS)
                    each = round(per_second * count * 0.06 / ROUND_DATAGRAMS) + 1
                    started = [start_load(a, per_second, each * ROUND_DATAGRAMS, SERIES) for a in cluster.addresses]
                    rounds += 3 * each
                    time.sleep(0.5)
                runs = scrapes(cluster, pages, count, started)
                for page, found in runs.items():
                    taken.setdefault((state, page), []).append(found)
                loads += sum(end_load(load)["datagrams_sent"] for load in started)
        if settle(cluster, before, loads)["dropped"]:
            die("The cluster lost some lines.")
        check(cluster, shown, {name: grown * rounds for name, grown in growth.items()})
    return [quantiles(state, page, runs) for (state, page), runs in taken.items()]


def scrapes(cluster, pages, count, loads):
    """Scrapes of each page in turn, of the nodes in turn: as many, or for as long as the loads last."""
    found = {page: [] for page in pages}
    number = 0
    while number < count and (not loads or loads[0].poll() is None):
        weir = cluster.weirs[number % 3]
        for page, path in pages.items():
            time.sleep(PAUSE_SECONDS)
            found[page].append(timed(weir.web, path))
        number += 1
    return found


def quantiles(state, page, runs):
    def quantile(found, q):
        ordered = sorted(seconds for seconds, status in found if status == 200)
        return ordered[min(len(ordered) - 1, int(q * len(ordered)))] * 1e3

    every = [one for run in runs for one in run]
    return {
        "load": state if state == "idle" else f"{BUSY_LINES_PER_SECOND:,} lines/s",
        "page": page,
        "scrapes": len(every),
        "refused": sum(status != 200 for _, status in every),
        "p50": quantile(every, 0.5),
        "p99": quantile(every, 0.99),
        "max": quantile(every, 1),
        "p50s": ", ".join(f"{quantile(run, 0.5):.1f}" for run in runs),
        "p99s": ", ".join(f"{quantile(run, 0.99):.1f}" for run in runs),
    }


class Scraper(threading.Thread):
    """Scrapes a node again and again, and notes when its whole pages ended."""

    def __init__(self, weir):
        super().__init__(daemon=True)
        self.weir, self.ends, self.going = weir, [], True

    def run(self):
        while self.going:
            try:
                if get(self.weir.web, "/metrics", 5)[0] == 200:
                    self.ends.append(time.monotonic())
            except (OSError, http.client.HTTPException):
                pass
            time.sleep(0.05)


def leader(_, options):
    growth, _ = reference(ROUND_DATAGRAMS, SERIES)
    rows = []
    with Cluster(3) as cluster:
        before, shown = account(cluster), totals(cluster)
        sent = 0
        for number in range(1 if options.short else KILLS):
            load = start_load(
                cluster.addresses[number % 3], LEADER_DATAGRAMS_PER_SECOND, ROUND_DATAGRAMS, SERIES
            )
            rows.append(kill(cluster, number))
            sent += end_load(load)["datagrams_sent"]
        if settle(cluster, before, sent)["dropped"]:
            die("The cluster lost some lines.")
        check(cluster, shown, {name: grown * len(rows) for name, grown in growth.items()})
    every = [row["all"] for row in rows]
    rows.append(
        {"kill": "median", "all": statistics.median(every)}
        | {name: statistics.median(row[name] for row in rows) for name in ["w1", "w2", "w3"]}
    )
    return rows


def kill(cluster, number):
    """Ends the server that leads the log at once. The longest times without a whole scrape."""
    scrapers = [Scraper(weir) for weir in cluster.weirs]
    for scraper in scrapers:
        scraper.start()
    time.sleep(BEFORE_SECONDS)
    server = cluster.leader()
    print(f"measure: ends {server}, the leader", file=sys.stderr)
    killed = time.monotonic()
    server.kill()
    end = killed + STEP_SECONDS_MAX
    # Until each node has answered for a while after its gap.
    while not all(s.ends and s.ends[-1] > killed + 1 for s in scrapers):
        if time.monotonic() > end:
            die("The nodes do not answer again.")
        time.sleep(0.1)
    time.sleep(RECOVERED_SECONDS)
    server.start()
    cluster.wait("NATS is healthy again", [server], type(server).is_healthy)
    time.sleep(RECOVERED_SECONDS)
    for scraper in scrapers:
        scraper.going = False
    for scraper in scrapers:
        scraper.join(STEP_SECONDS_MAX)
    row = {"kill": f"{number + 1}"}
    for scraper in scrapers:
        row[str(scraper.weir)] = longest(scraper.ends)
    row["all"] = longest(sorted(at for scraper in scrapers for at in scraper.ends))
    return row


def longest(ends):
    return max(later - at for at, later in zip(ends, ends[1:]))
