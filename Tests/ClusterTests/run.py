"""One run: a cluster, what is sent to it, faults, and checks while they are on and at the end."""

import contextlib
import random
import signal
import sys
import tempfile
import threading
import time
from pathlib import Path

from ClusterTests import checks, mounts
from ClusterTests.balancing import Balancer
from ClusterTests.faults import DISKS, FAULTS, LINKS, Stage, plan
from ClusterTests.network import open_network
from ClusterTests.playing import Play
from ClusterTests.processes import Cluster
from ClusterTests.programs import clock_library, nats_program, prometheus_program
from ClusterTests.prometheus import INTERVAL_SECONDS, Judgement, Prometheus
from ClusterTests.pushing import Pushing
from ClusterTests.report import print_table
from ClusterTests.scraping import GROWING, Shown, scrapers
from ClusterTests.stream_end import wait_for_stream_end
from ClusterTests.text import Text

NAMES = ["n1", "n2", "n3", "w1", "w2", "w3"]
SECONDS, CLIENTS = 3_600, 15
# Flags with which a check has to find something.
BREAKS = {"barrier": ["--cluster.read=local"], "end": ["--cluster.read=local"]}
# Faults, the most seconds, and clients. Few clients leave few messages on their way when a link is cut.
BROKEN_RUNS = {"barrier": (["cut-weir"], 40, 15), "end": (["cut-machine"], 40, 3)}
PROMETHEUS_SECONDS_LEAST = 60
DISK_MEBIBYTES = 128
# Nodes compare their views each minute.
DIFFERENCE = "two nodes show different series"
TICK_SECONDS = 0.2
FAULTS_SHOWN_MAX = 20


def add_options(parser):
    group = parser.add_argument_group("cluster")
    group.add_argument("--seed", type=int, help="of the faults; by default a new one")
    group.add_argument("--faults", help=f"some of {','.join(FAULTS)}; none for a run without")
    group.add_argument("--clients", type=int, help=f"that push, 1 to 30 ({CLIENTS})")
    group.add_argument(
        "--break",
        dest="broken",
        choices=BREAKS,
        help="scrape without a barrier, or with the end of the stream in the marker's place; pass when a step back "
        "is found, at the latest after 40 seconds",
    )
    group.add_argument("--weir", type=Path, help="the binary, in place of the release build")
    group.add_argument("--keep", type=Path, help="a new folder for logs and states, which stays")


def run(options, weir):
    """Returns the faults, and prints what was done."""
    names, seconds, clients = settings(options)
    seed = options.seed if options.seed is not None else random.randrange(100_000)
    # So that blocks end, and with them processes, namespaces and mounts.
    for number in [signal.SIGTERM, signal.SIGHUP]:
        signal.signal(number, lambda number, _: sys.exit(128 + number))
    nats = nats_program()
    prometheus = prometheus_program() if seconds >= PROMETHEUS_SECONDS_LEAST and not options.broken else None
    with contextlib.ExitStack() as stack:
        if options.keep:
            options.keep.mkdir(parents=True)
            folder = options.keep
        else:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="weir-cluster-")))
        sentence = mounts.separate()
        has_mounts = sentence is None
        if sentence:
            print(f"{sentence}, so no disk is full.", flush=True)
        network, sentence = open_network(NAMES)
        stack.callback(network.close)
        if sentence:
            print(sentence, flush=True)
        can = {None: True, LINKS: network.can_cut, DISKS: has_mounts}
        possible = [name for name in names if can[FAULTS[name][1]]]
        if options.broken and possible != names:
            sys.exit(f"soak: --break={options.broken} needs network namespaces; run it as root.")
        names = possible
        cluster = Cluster(network, folder, nats, weir, BREAKS.get(options.broken, []))
        if has_mounts:
            for server in cluster.nats:
                server.disk = mounts.Memory(server.store, DISK_MEBIBYTES)
                stack.callback(server.disk.close)
        stack.callback(cluster.end)
        library = clock_library(folder) if "clock-skew" in names else None
        one = Run(cluster, seed, clients, library, options.broken)
        if prometheus:
            one.watch(prometheus, folder / "prometheus", stack)
        one.play_faults(plan(seed, seconds, names), seconds)
        if options.broken:
            return one.broken_faults()
        faults = one.finish()
        print_table(one)
        return faults


def settings(options):
    """Names of faults, seconds and clients."""
    names, seconds, clients = BROKEN_RUNS.get(options.broken, (list(FAULTS), SECONDS, CLIENTS))
    if options.faults is not None:
        names = [name for name in options.faults.split(",") if name != "none"]
    for name in names:
        if name not in FAULTS:
            sys.exit(f'soak: "{name}" is no fault; write some of {", ".join(FAULTS)}.')
    return names, options.seconds or seconds, options.clients or clients


class Run:
    def __init__(self, cluster, seed, clients, clock_library=None, broken=None):
        self.cluster, self.seed, self.broken = cluster, seed, broken
        self.clock_library = clock_library
        print(f"seed {seed}: three servers of NATS and three Weirs start", flush=True)
        cluster.start()
        self.text = Text(cluster.network, cluster.weirs, seed)
        self.pushing = Pushing(cluster.weirs, clients, seed)
        barrier = wait_for_stream_end if broken == "end" else None
        self.shown = Shown([self.text.truth, self.pushing.truth], barrier)
        self.scrapers = scrapers(self.shown, cluster.weirs, seed)
        self.allowed, self.pages = {}, {}
        self.prometheus, self.judgement = None, None

    def watch(self, program, folder, stack):
        """Lets a Prometheus scrape the nodes, as one target."""
        balancer = Balancer(self.cluster.weirs)
        stack.callback(balancer.close)
        balancer.start()
        self.prometheus = Prometheus(program, folder, balancer.address)
        stack.callback(self.prometheus.close)
        self.prometheus.wait()
        self.shown.keeps_sums = True

    def play_faults(self, planned, seconds):
        self.play = Play(Stage(self.cluster, self.clock_library), planned, self.say)
        for thread in [self.text, self.pushing, *self.scrapers]:
            thread.start()
        self.play.run(seconds, lambda: self.broken and self.shown.steps_back)

    def say(self, sentence, at=None):
        print(f"{(at or time.monotonic()) - self.play.start:6.1f} s  {sentence}", flush=True)

    def finish(self):
        """Lets everything come to rest. Returns the faults."""
        self.say("no more faults; senders end")
        self.text.going = False
        unconfirmed = self.wait_for(self.pushing.finish)
        # Refusals that go on after the last fault have to be seen.
        calm_at = max((one.end for one in self.play.intervals), default=0.0) + checks.SETTLE_SECONDS_MAX + 2
        while time.monotonic() < calm_at:
            self.play.tend()
            time.sleep(TICK_SECONDS)
        for scraper in self.scrapers:
            scraper.going = False
            scraper.join()
        self.allowed = checks.missing_allowed(self.text, self.cluster.weirs, self.shown.scrapes, self.play)
        faults, self.pages = checks.at_rest(
            self.cluster, self.shown, self.text, self.pushing, self.allowed
        )
        if self.prometheus:
            faults += self.judge()
        if unconfirmed:
            faults.append(f"{unconfirmed} clients had no confirmation of their last frames.")
        return [*faults, *self.running_faults()]

    def judge(self):
        """Compares what Prometheus has with what was sent, after two more of its scrapes."""
        time.sleep(2 * INTERVAL_SECONDS + 0.5)
        page = next((page for page in self.pages.values() if page), b"")
        values = {series: float(value) for series, value in GROWING.findall(page)}
        self.judgement = Judgement(self.prometheus, self.shown, values, self.play.start)
        return self.judgement.faults

    def wait_for(self, function):
        """Runs a function that takes long, and tends the processes meanwhile."""
        results = []
        thread = threading.Thread(target=lambda: results.append(function()), daemon=True)
        thread.start()
        while thread.is_alive():
            self.play.tend()
            thread.join(TICK_SECONDS)
        return results[0]

    def at(self, moment):
        return f"{moment - self.play.start:.2f} s"

    def running_faults(self):
        """What was wrong while the run was on: sentences."""
        for began, series, value, node, least, by, at in self.shown.steps_back[:FAULTS_SHOWN_MAX]:
            yield (
                f"A scrape of {node} that began at {self.at(began)} shows {series.decode()} {value!r}, and one "
                f"of {by} that ended at {self.at(at)} has shown {least!r}."
            )
        if len(self.shown.steps_back) > FAULTS_SHOWN_MAX:
            yield f"{len(self.shown.steps_back) - FAULTS_SHOWN_MAX} more values are below earlier ones."
        for ended, series, value, node, most in self.shown.above[:FAULTS_SHOWN_MAX]:
            yield (
                f"A scrape of {node} that ended at {self.at(ended)} shows {series.decode()} {value!r}, "
                f"and {most!r} was sent."
            )
        for one in checks.refused_in_calm(self.shown, self.play)[:FAULTS_SHOWN_MAX]:
            yield (
                f"A scrape of {one.node} that began at {self.at(one.began)} was not whole although no fault was "
                f"on: {one.detail}"
            )
        for one in self.shown.scrapes:
            if one.outcome == "wrong":
                yield f"A scrape of {one.node} at {self.at(one.began)} was answered with {one.detail}."
        for weir in self.cluster.weirs:
            if DIFFERENCE in weir.log_path.read_text(errors="replace"):
                yield f"{weir} has found that two nodes show different series; see its log."
        for process, at, tail in self.play.ended:
            yield f"{process} ended by itself at {self.at(at)}. Its log ends with: {tail}"

    def broken_faults(self):
        """With a part broken, nothing but backward steps says that the checks can see."""
        for part in [self.text, self.pushing, *self.scrapers]:
            part.going = False
        self.wait_for(self.pushing.finish)
        if self.shown.steps_back:
            print(f"The break was found, as it must be: {next(self.running_faults())}")
            return []
        return ["The break was not found: no scrape showed less than one before it."]

    def lines(self):
        """Counts of text that were sent, that are missing at the end, and that may be."""
        page = next((page for page in self.pages.values() if page), b"")
        shown = {series: float(value) for series, value in GROWING.findall(page)}
        totals = self.text.truth.totals
        counts = [series for series in totals if series.startswith(b"text_requests_total")]
        sent = sum(totals[series] for series in counts)
        missing = sent - sum(shown.get(series, 0) for series in counts)
        return sent, missing, sum(self.allowed.get(series, 0) for series in counts)
