"""A cluster on the loopback: three servers of NATS and up to three Weirs; and a single Weir beside it."""

import http.client
import json
import re
import subprocess
import sys
import tempfile
import time

from measuring.machine import BINARIES, ROOT, Cores, die
from measuring.receivers import STEP_SECONDS_MAX, Weir

sys.path.insert(1, str(ROOT / "Tests"))
from ClusterTests import processes
from ClusterTests.network import Loopback
from ClusterTests.programs import nats_program

# What grows, of the metrics that Load and the clients send.
GROWING = re.compile(
    rb"^((?!weir_|process_|push_client_)\w+(?:_total|_sum|_count|_bucket)(?:\{[^}\n]*\})?) (\S+)$", re.M
)
OWN = re.compile(rb"^(weir_\w+)(?:\{.*\})? (\S+)$", re.M)
ACCOUNT = {
    "received": "weir_datagrams_received_total",
    "dropped": "weir_datagrams_dropped_total",
    "lines": "weir_lines_total",
    "refused": "weir_lines_refused_total",
}
# The payload has few names: one may have as many series as all together.
FLAGS = ["--limit.series-per-name=1000000"]
# Load repeats this many datagrams, if it has no more series than fit into them.
ROUND_DATAGRAMS = 1_024


def cpu_seconds(process):
    return time.clock_gettime(~process.pid << 3 | 2)


def get(port, path, seconds=STEP_SECONDS_MAX):
    """Status and body, over a connection of its own."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=seconds)
    try:
        connection.request("GET", path, headers={"Accept": "text/plain;version=0.0.4"})
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def totals_of(page):
    return {name: float(value) for name, value in GROWING.findall(page)}


def own_of(page):
    sums = {}
    for name, value in OWN.findall(page):
        sums[name.decode()] = sums.get(name.decode(), 0) + float(value)
    return sums


class Alone:
    """A single Weir, with the questions that a cluster answers too."""

    name, nodes, servers = "single", 1, []

    def __enter__(self):
        self.weir = Weir(Cores(pin=False)).__enter__()
        self.web = int(self.weir.page.rsplit(":", 1)[1].split("/")[0])
        self.addresses = [self.weir.address]
        return self

    def __exit__(self, *_):
        self.weir.stop()

    @property
    def processes(self):
        return [self.weir.process]

    def scrape(self, node=0, seconds=STEP_SECONDS_MAX):
        return get(self.web, "/metrics", seconds)

    def own(self):
        """Its own metrics, those of all nodes added."""
        return own_of(self.scrape()[1])


class Cluster(processes.Cluster):
    """Its first nodes run; others can be started later."""

    def __init__(self, nodes):
        self.folder = tempfile.TemporaryDirectory(dir="/var/tmp")
        names = ["n1", "n2", "n3", "w1", "w2", "w3"]
        super().__init__(Loopback(names), self.folder.name, nats_program(), BINARIES / "weir", FLAGS)
        self.nodes = nodes
        self.name = f"cluster, {nodes} node{'s' if nodes > 1 else ''}"

    def __enter__(self):
        for server in self.nats:
            server.start()
        self.wait("NATS is healthy", self.nats, processes.NATS.is_healthy)
        for weir in self.running:
            weir.start()
        self.wait("the Weirs are ready", self.running, processes.Weir.is_ready)
        return self

    def __exit__(self, *_):
        self.end()
        self.folder.cleanup()

    @property
    def running(self):
        return self.weirs[: self.nodes]

    @property
    def addresses(self):
        return [f"127.0.0.1:{weir.udp}" for weir in self.running]

    @property
    def processes(self):
        return [weir.process for weir in self.running]

    @property
    def servers(self):
        return [server.process for server in self.nats]

    def scrape(self, node=0, seconds=STEP_SECONDS_MAX):
        return get(self.weirs[node].web, "/metrics", seconds)

    def own(self):
        sums = {}
        for weir in self.running:
            for name, value in own_of(get(weir.web, "/metrics/node")[1]).items():
                sums[name] = sums.get(name, 0) + value
        return sums

    def log_bytes(self):
        """Bytes of the log, as the servers of NATS count them."""
        told = json.loads(self.nats[0].get(self.nats[0].monitor, "/jsz?streams=true", 5)[1])
        for account in told.get("account_details", []):
            for stream in account.get("stream_detail", []):
                if stream["name"] == processes.STREAM:
                    return stream["state"]["bytes"]
        return die("NATS does not know the log.")


def account(subject):
    own = subject.own()
    return {key: own.get(name, 0) for key, name in ACCOUNT.items()}


def whole(subject, node=0):
    """The totals of a page, when a scrape is answered."""
    end = time.monotonic() + STEP_SECONDS_MAX
    while True:
        status, page = subject.scrape(node)
        if status == 200:
            return totals_of(page)
        if time.monotonic() > end:
            die(f"{subject.name} does not answer scrapes: {status}, {page[:200]!r}")
        time.sleep(0.05)


def totals(subject):
    """What all nodes have counted: a scrape writes the text of its own node into the log."""
    for node in range(subject.nodes):
        whole(subject, node)
    return whole(subject)


def check(subject, before, expected):
    """Dies where a total has not grown by exactly what was sent, at any node."""
    totals(subject)
    for node in range(subject.nodes):
        after = whole(subject, node)
        wrong = {
            name: after.get(name, 0) - before.get(name, 0)
            for name, grown in expected.items()
            if after.get(name, 0) - before.get(name, 0) != grown
        }
        if wrong or not expected:
            name = min(wrong, default=b"")
            die(
                f"{subject.name}, node {node + 1}: {len(wrong)} of {len(expected)} totals differ; the first is "
                f"{name.decode()}, which grew by {wrong.get(name)} and not by {expected.get(name)}."
            )


def start_load(address, datagrams_per_second, datagrams, series):
    command = [
        BINARIES / "Load", f"--address={address}", "--json", "--datagram-bytes=1432", f"--series={series}",
        f"--datagrams-per-second={datagrams_per_second}", f"--datagrams={datagrams}",
    ]  # fmt: skip
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def end_load(load):
    printed, _ = load.communicate(timeout=STEP_SECONDS_MAX)
    if load.returncode != 0:
        die("Load failed; its own words stand above.")
    return json.loads(printed)


def settle(subject, before, sent):
    """Waits until every datagram is accounted for. Returns how much the counts grew."""
    end = time.monotonic() + STEP_SECONDS_MAX
    while True:
        after = account(subject)
        grown = {key: after[key] - before[key] for key in after}
        if grown["received"] + grown["dropped"] >= sent or time.monotonic() > end:
            break
        time.sleep(0.1)
    if grown["received"] + grown["dropped"] != sent or grown["refused"] != 0:
        die(
            f"{sent} datagrams were sent, but {subject.name} received {grown['received']:.0f}, dropped "
            f"{grown['dropped']:.0f}, and refused {grown['refused']:.0f} lines."
        )
    return grown


def reference(datagrams, series, per_second=10_000):
    """What so many datagrams of Load add to each total, and their lines; from a single Weir."""
    with Alone() as alone:
        before = account(alone)
        told = end_load(start_load(alone.addresses[0], per_second, datagrams, series))
        if settle(alone, before, datagrams)["dropped"]:
            die("A single Weir lost some of the reference.")
        return whole(alone), told["lines_sent"]


def resident_bytes(process):
    with open(f"/proc/{process.pid}/status") as status:
        return int(re.search(r"VmRSS:\s+(\d+) kB", status.read())[1]) * 1024
