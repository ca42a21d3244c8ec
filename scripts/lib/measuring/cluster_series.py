"""A hundred thousand series in a cluster: what goes to NATS, memory, and how long a node takes to join."""

import statistics
import sys
import time

from measuring.cluster import (
    Alone,
    Cluster,
    account,
    cpu_seconds,
    end_load,
    resident_bytes,
    settle,
    start_load,
    totals,
    whole,
)
from measuring.machine import die
from measuring.receivers import STEP_SECONDS_MAX
from measuring.table import Column

SERIES, SHORT_SERIES = 100_000, 5_000
# A line of each series takes this many datagrams, with 17 or 18 in each.
SERIES_PER_DATAGRAM = 17.3
WINDOWS, WINDOW_SECONDS, JOINS = 3, 10, 3
LOG_BYTES = 4 << 30
STATE_SECONDS_MAX, IDLE_SECONDS = 420, 5

COLUMNS = [
    Column("by", "subject"),
    Column("lines/s", "lines", "{:,.0f}"),
    Column("to NATS, bytes/s", "posted", "{:,.0f}"),
    Column("the log grows, bytes/s", "log", "{:,.0f}"),
    Column("4 GiB last, minutes", "minutes", "{:.0f}"),
    Column("CPU s/s: the node", "first", "{:.3f}"),
    Column("each other node", "others", "{:.3f}"),
    Column("NATS, three together", "servers", "{:.3f}"),
]
MEMORY_COLUMNS = [
    Column("process", "process"),
    Column("empty, resident MB", "empty", "{:.1f}"),
    Column("with the series", "full", "{:.1f}"),
    Column("after ten scrapes", "scraped", "{:.1f}"),
]
JOIN_COLUMNS = [
    Column("a node starts from", "source"),
    Column("log, MB", "log", "{:.1f}"),
    Column("ready after s, median", "seconds", "{:.2f}"),
    Column("least", "least", "{:.2f}"),
    Column("most", "most", "{:.2f}"),
]


def series(_, options):
    """Three tables: what is posted, memory, and joins."""
    count = SHORT_SERIES if options.short else SERIES
    per_second = round(count / SERIES_PER_DATAGRAM)
    datagrams = per_second * (2 if options.short else WINDOW_SECONDS)
    windows = 1 if options.short else WINDOWS
    with Cluster(3) as cluster:
        names = ["the node that is sent to", "a node with a directory", "a node without one", "a server of NATS"]
        named = dict(zip(names, [*cluster.running, cluster.nats[0]]))
        empty = {name: megabytes(one.process) for name, one in named.items()}
        shown = totals(cluster)
        rows = [idle(cluster, "new, nobody sends")]
        end_load(start_load(cluster.addresses[0], per_second, datagrams, count))
        joined = [] if options.short else stored_joins(cluster)
        joined.append(join(cluster, cluster.weirs[1], "its own directory, stopped with SIGTERM"))
        rows.append(idle(cluster, f"{count:,} series, nobody sends"))
        rows.append(loaded(cluster, count, per_second, datagrams, windows))
        joined.append(join(cluster, cluster.weirs[2], "a state of the bucket, and the log of the load"))
        memory = [
            {"process": name, "empty": empty[name], **scraped(cluster, one.process)} for name, one in named.items()
        ]
        after = [totals(cluster), *(whole(cluster, node) for node in [1, 2])]
    with Alone() as alone:
        memory.append({"process": "a single Weir", "empty": megabytes(alone.processes[0])})
        rows.append(loaded(alone, count, per_second, datagrams, 1))
        memory[-1] |= scraped(alone, alone.processes[0])
        growth = whole(alone)
    compare(after, shown, growth, windows + 1)
    return rows, memory, joined


def compare(pages, before, growth, times):
    """Dies where a node shows something else than a single Weir that got the same, so many times."""
    for page in pages:
        wrong = [name for name, grown in growth.items() if page.get(name, 0) - before.get(name, 0) != times * grown]
        if wrong or not growth:
            die(f"{len(wrong)} of {len(growth)} totals differ from {times} times those of a single Weir.")


def idle(cluster, name):
    time.sleep(1)
    processes = cluster.processes + cluster.servers
    before, began = [cpu_seconds(process) for process in processes], time.monotonic()
    time.sleep(IDLE_SECONDS)
    taken = time.monotonic() - began
    cpu = [(cpu_seconds(process) - at) / taken for process, at in zip(processes, before)]
    return {"subject": f"cluster, {name}", "first": cpu[0], "others": statistics.mean(cpu[1:3]),
            "servers": sum(cpu[3:])}  # fmt: skip


def megabytes(process):
    return resident_bytes(process) / 1e6


def scraped(subject, process):
    full = megabytes(process)
    node = subject.processes.index(process) if process in subject.processes else 0
    for _ in range(10):
        subject.scrape(node)
    return {"full": full, "scraped": megabytes(process)}


def loaded(subject, count, per_second, datagrams, windows):
    """All series change each second, by text at the first node. The median of some windows."""
    found = []
    for number in range(windows):
        print(f"measure: {subject.name}, {count:,} series change, {number + 1} of {windows}", file=sys.stderr)
        before, own, log = account(subject), subject.own(), log_bytes(subject)
        processes = subject.processes + subject.servers
        cpu = [cpu_seconds(process) for process in processes]
        told = end_load(start_load(subject.addresses[0], per_second, datagrams, count))
        # What was counted last is written within a second.
        time.sleep(1.2)
        cpu = [(cpu_seconds(process) - at) / told["seconds"] for process, at in zip(processes, cpu)]
        grown = settle(subject, before, datagrams)
        if grown["dropped"]:
            die(f"{subject.name} lost {grown['dropped']:.0f} datagrams.")
        name = "weir_cluster_posted_bytes_total"
        nodes = subject.nodes
        one = {"lines": told["lines_sent"] / told["seconds"], "first": cpu[0]}
        if nodes > 1:
            log = (log_bytes(subject) - log) / told["seconds"]
            one |= {
                "posted": (subject.own()[name] - own[name]) / told["seconds"],
                "log": log,
                "minutes": LOG_BYTES / log / 60,
                "others": statistics.mean(cpu[1:nodes]),
                "servers": sum(cpu[nodes:]),
            }
        print(f"measure: {one}", file=sys.stderr)
        found.append(one)
    return {"subject": subject.name, **{key: statistics.median(one[key] for one in found) for key in found[0]}}


def log_bytes(subject):
    return subject.log_bytes() if subject.servers else 0


def stored_joins(cluster):
    """Waits until a node has put a state with the series into the bucket: five minutes."""
    stored = "weir_cluster_states_stored_total"
    before = cluster.own()[stored]
    print(f"measure: {before:.0f} states were stored; waits for another", file=sys.stderr)
    end = time.monotonic() + STATE_SECONDS_MAX
    while cluster.own()[stored] <= before:
        if time.monotonic() > end:
            die("No node stored a state.")
        time.sleep(1)
    print("measure: a state was stored", file=sys.stderr)
    return [join(cluster, cluster.weirs[2], "a state of the bucket")]


def join(cluster, weir, source):
    taken = [again(cluster, weir) for _ in range(JOINS)]
    return {"source": source, "log": cluster.log_bytes() / 1e6, "seconds": statistics.median(taken),
            "least": min(taken), "most": max(taken)}  # fmt: skip


def again(cluster, weir):
    """Ends a node and starts it again. Seconds from the start of the process until it is ready."""
    if not weir.stop():
        die(f"{weir} did not end.")
    began = time.monotonic()
    weir.start()
    while not weir.is_ready():
        if time.monotonic() > began + STEP_SECONDS_MAX or not weir.is_running():
            die(f"{weir} does not become ready: {weir.log_tail()}")
        time.sleep(0.005)
    taken = time.monotonic() - began
    print(f"measure: {weir} was ready after {taken:.2f} s", file=sys.stderr)
    return taken
