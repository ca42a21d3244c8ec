"""What a cluster takes in: lines of text and pushed frames, with CPU time of its nodes and of NATS."""

import os
import socket
import statistics
import sys
import time

from measuring.cluster import (
    ROUND_DATAGRAMS,
    Alone,
    Cluster,
    account,
    check,
    cpu_seconds,
    end_load,
    reference,
    settle,
    start_load,
    totals,
    whole,
)
from measuring.machine import ROOT, die
from measuring.table import Column

sys.path.insert(1, str(ROOT / "Sources/Clients/python/src"))
import weir_client

SERIES = 1_000
FIXED_LINES_PER_SECOND, FIXED_FRAMES_PER_SECOND = 200_000, 2_000
FIXED_SECONDS, STEP_SECONDS = 3, 1.5
# Rates that are tried, of all nodes together.
LINES = [n * 100_000 for n in [4, 6, 8, 10, 13, 16, 20, 25, 30, 35, 40, 50, 60]]
FRAMES = [n * 1_000 for n in [10, 20, 30, 40, 50, 60, 80]]
# A sender that was this much slower than asked was starved: the machine has no more to give.
SENT_SHARE_MIN = 0.95
# A scrape is refused after this time, and a client repeats its last frames.
CONFIRM_SECONDS, GIVE_UP_SECONDS = 2, 30
INSTANCES, TOGETHER, RECORDS = 60, 20, 20
CONFIRM, UDP_SEGMENT = 4, 103

COLUMNS = [
    Column("what", "what"),
    Column("by", "subject"),
    Column("highest a second", "highest", "{:,.0f}"),
    Column("least", "highest_min", "{:,.0f}"),
    Column("most", "highest_max", "{:,.0f}"),
    Column("the next step failed by", "limits"),
    Column("at a second", "fixed", "{:,.0f}"),
    Column("CPU s/s a node", "node_cpu", "{:.3f}"),
    Column("all nodes", "nodes_cpu", "{:.3f}"),
    Column("NATS, three together", "nats_cpu", "{:.3f}"),
    Column("least, all", "cpu_min", "{:.3f}"),
    Column("most, all", "cpu_max", "{:.3f}"),
]


class Text:
    """Packed lines of a thousand series, from a Load for each node."""

    what, rates, fixed = "lines", LINES, FIXED_LINES_PER_SECOND

    def __init__(self):
        self.growth, self.lines = reference(ROUND_DATAGRAMS, SERIES)

    def send(self, subject, rate, seconds):
        """Returns datagrams sent, seconds, what each total must have grown by, and a fault or None."""
        share = rate / subject.nodes
        rounds = max(1, round(share * seconds / self.lines))
        per_second = round(share / self.lines * ROUND_DATAGRAMS)
        loads = [start_load(each, per_second, rounds * ROUND_DATAGRAMS, SERIES) for each in subject.addresses]
        told = [end_load(load) for load in loads]
        taken = max(one["seconds"] for one in told)
        slow = rounds * self.lines / taken < SENT_SHARE_MIN * share
        times = rounds * subject.nodes
        expected = {name: grown * times for name, grown in self.growth.items()}
        return times * ROUND_DATAGRAMS, taken, expected, "sender" if slow else None


class Kept:
    """A client's transport that keeps its frames."""

    def __init__(self):
        self.frames = []

    def send(self, frames):
        self.frames += frames

    def close(self):
        pass


def made_frames(count):
    """What a client with twenty counters sends in so many flushes, a frame each."""
    client = weir_client.Client("127.0.0.1:9", background=False)
    client._transport = kept = Kept()
    counter = client.counter("pushed_requests_total", labelnames=["provider", "model", "route", "status"])
    children = [
        counter.labels(provider="openai", model="gpt-4o", route=f"/v1/chat/{number}", status="200")
        for number in range(RECORDS)
    ]
    for _ in range(count):
        for child in children:
            child.inc()
        client.flush()
    if len(kept.frames) != count:
        die(f"{count} flushes made {len(kept.frames)} frames.")
    return kept.frames


class Frames:
    """Frames of the Python client, as sixty instances for each node send them: the number of the instance is
    another one in each."""

    what, rates, fixed = "frames", FRAMES, FIXED_FRAMES_PER_SECOND

    def __init__(self):
        self.rounds = made_frames(int(max(FRAMES) * STEP_SECONDS / INSTANCES) + 2)

    def send(self, subject, rate, seconds):
        rounds = max(1, round(rate * seconds / INSTANCES / subject.nodes))
        nodes = []
        for address in subject.addresses:
            host, port = address.split(":")
            made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            made.connect((host, int(port)))
            nodes.append((made, [os.urandom(8) for _ in range(INSTANCES)]))
        sent, began = 0, time.monotonic()
        for frame in self.rounds[:rounds]:
            head, tail = frame[:4], frame[12:]
            for made, ids in nodes:
                # All of a round are of one length, so that the kernel takes many at once.
                made.setsockopt(socket.SOL_UDP, UDP_SEGMENT, len(frame))
                for number in range(0, INSTANCES, TOGETHER):
                    made.send(b"".join(head + one + tail for one in ids[number : number + TOGETHER]))
                    sent += TOGETHER
                ahead = sent / rate - (time.monotonic() - began)
                if ahead > 0.001:
                    time.sleep(ahead)
        taken = time.monotonic() - began
        slow = sent / taken < SENT_SHARE_MIN * rate
        repeated, late = self.confirm(nodes, self.rounds[rounds - 1])
        for made, _ in nodes:
            made.close()
        names = [
            f'pushed_requests_total{{model="gpt-4o",provider="openai",route="/v1/chat/{n}",status="200"}}'.encode()
            for n in range(RECORDS)
        ]
        expected = dict.fromkeys(names, rounds * INSTANCES * subject.nodes)
        return sent + repeated, taken, expected, "sender" if slow else "confirmation" if late else None

    def confirm(self, nodes, frame):
        """Repeats the last frame of each instance until all are confirmed. Returns frames sent, and whether it
        took longer than a scrape may."""
        head, tail = frame[:3] + bytes([frame[3] | CONFIRM]), frame[12:]
        sent, began = 0, time.monotonic()
        for made, ids in nodes:
            open_ids = set(ids)
            while open_ids:
                if time.monotonic() > began + GIVE_UP_SECONDS:
                    die(f"{len(open_ids)} instances were not confirmed.")
                for each in open_ids:
                    made.send(head + each + tail)
                sent += len(open_ids)
                made.settimeout(0.2)
                try:
                    while open_ids:
                        open_ids.discard(made.recv(2_048)[4:12])
                except TimeoutError:
                    pass
        return sent, time.monotonic() - began > CONFIRM_SECONDS


def failed_posts(subject):
    return subject.own().get("weir_cluster_posts_failed_total", 0)


def attempt(load, subject, rate, seconds):
    """One load, as a dictionary. Checked exactly, unless the kernel dropped some."""
    before, shown = account(subject), totals(subject)
    failed = failed_posts(subject)
    nodes = [cpu_seconds(process) for process in subject.processes]
    servers = [cpu_seconds(process) for process in subject.servers]
    sent, taken, expected, fault = load.send(subject, rate, seconds)
    status = subject.scrape(subject.nodes - 1)[0]
    grown = settle(subject, before, sent)
    nodes = [cpu_seconds(process) - at for process, at in zip(subject.processes, nodes)]
    servers = [cpu_seconds(process) - at for process, at in zip(subject.servers, servers)]
    if grown["dropped"]:
        fault = "drops"
    else:
        fault = fault or (None if status == 200 else "scrape")
        check(subject, shown, expected)
        # A message that was not written is made up for by the next totals, but this rate can't last.
        fault = fault or ("messages" if failed_posts(subject) > failed else None)
    return {"fault": fault, "node": sum(nodes) / len(nodes) / taken, "nodes": sum(nodes) / taken,
            "servers": sum(servers) / taken}  # fmt: skip


def highest(load, subject):
    """The highest rate of the list that works, and what failed at the next."""
    low, high, fault = -1, len(load.rates), "end of the list"
    while high - low > 1:
        middle = (low + high) // 2
        found = attempt(load, subject, load.rates[middle], STEP_SECONDS)["fault"]
        print(f"measure: {subject.name}: {load.rates[middle]:,} {load.what}/s: {found or 'all'}", file=sys.stderr)
        if found:
            high, fault = middle, found
        else:
            low = middle
    return (load.rates[low] if low >= 0 else 0), fault


def measure(load, runs, short):
    done = {}
    for number in range(runs):
        for nodes in [0, 1, 2, 3]:
            with Cluster(nodes) if nodes else Alone() as subject:
                print(f"measure: {load.what}, {subject.name}, run {number + 1} of {runs}", file=sys.stderr)
                attempt(load, subject, load.rates[0], 0.5)
                fixed = attempt(load, subject, load.fixed, 1 if short else FIXED_SECONDS)
                done.setdefault(subject.name, []).append((fixed, *highest(load, subject)))
    return [row(load, name, tries) for name, tries in done.items()]


def row(load, name, tries):
    for fixed, _, _ in tries:
        if fixed["fault"]:
            print(f"measure: {name}: {load.fixed:,} {load.what}/s failed by {fixed['fault']}", file=sys.stderr)
    rates = [rate for _, rate, _ in tries]
    every = [fixed["nodes"] + fixed["servers"] for fixed, _, _ in tries]

    def median(key):
        return statistics.median(fixed[key] for fixed, _, _ in tries)

    return {
        "what": load.what,
        "subject": name,
        "highest": statistics.median(rates),
        "highest_min": min(rates),
        "highest_max": max(rates),
        "limits": ", ".join(fault for _, _, fault in tries),
        "fixed": load.fixed,
        "node_cpu": median("node"),
        "nodes_cpu": median("nodes"),
        "nats_cpu": None if name == Alone.name else median("servers"),
        "cpu_min": min(every),
        "cpu_max": max(every),
    }


def text(_, options):
    return measure(Text(), 1 if options.short else 3, options.short)


def frames(_, options):
    return measure(Frames(), 1 if options.short else 3, options.short)
