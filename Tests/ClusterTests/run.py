"""One run: a cluster, what is sent to it, faults, and checks while they are on and at the end."""

import contextlib
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

from ClusterTests import checks
from ClusterTests.faults import FAULTS, Stage, plan
from ClusterTests.network import open_network
from ClusterTests.playing import Play
from ClusterTests.processes import Cluster
from ClusterTests.pushing import Pushing
from ClusterTests.report import print_table
from ClusterTests.scraping import GROWING, Shown, scrapers
from ClusterTests.text import Text

COMMON = Path(__file__).resolve().parents[2] / "scripts/lib/common.sh"
NATS_LEAST = (2, 12)
NAMES = ["n1", "n2", "n3", "w1", "w2", "w3"]
# Flags with which a check has to find something.
BREAKS = {"barrier": ["--cluster.read=local"]}
TICK_SECONDS = 0.2
FAULTS_SHOWN_MAX = 20


def add_options(parser):
    group = parser.add_argument_group("cluster")
    group.add_argument("--seed", type=int, help="of the faults; by default a new one")
    group.add_argument("--faults", help=f"some of {','.join(FAULTS)}; none for a run without")
    group.add_argument("--clients", type=int, default=15, help="that push, 1 to 30 (%(default)s)")
    group.add_argument("--break", dest="broken", choices=BREAKS, help="break this, and pass if it is found")
    group.add_argument("--weir", type=Path, help="the binary, in place of the release build")
    group.add_argument("--keep", type=Path, help="a new folder for logs and states, which stays")


def run(options, weir):
    """Returns the faults, and prints what was done."""
    names = list(FAULTS) if options.faults is None else options.faults.split(",")
    names = [name for name in names if name != "none"]
    for name in names:
        if name not in FAULTS:
            sys.exit(f'soak: "{name}" is no fault; write some of {", ".join(FAULTS)}.')
    seed = options.seed if options.seed is not None else random.randrange(100_000)
    # So that blocks end, and with them processes and namespaces.
    for number in [signal.SIGTERM, signal.SIGHUP]:
        signal.signal(number, lambda number, _: sys.exit(128 + number))
    nats = nats_program()
    with contextlib.ExitStack() as stack:
        network, sentence = open_network(NAMES)
        stack.callback(network.close)
        if sentence:
            print(sentence, flush=True)
            names = [name for name in names if not FAULTS[name][1]]
        if options.keep:
            options.keep.mkdir(parents=True)
            folder = options.keep
        else:
            folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="weir-cluster-"))
        cluster = Cluster(network, folder, nats, weir, BREAKS.get(options.broken, []))
        stack.callback(cluster.end)
        one = Run(cluster, seed, options.clients)
        one.play_faults(plan(seed, options.seconds, names), options.seconds)
        faults = one.finish()
        print_table(one)
        if options.broken:
            return one.broken_faults()
        return faults


def nats_program():
    """The server on the PATH if it is new enough; else the one that the tests install."""
    program = shutil.which("nats-server")
    if program:
        text = subprocess.run([program, "--version"], capture_output=True, text=True, timeout=30).stdout
        version = re.search(r"v(\d+)\.(\d+)", text)
        if version and tuple(map(int, version.groups())) >= NATS_LEAST:
            return program
    script = f'set -euo pipefail; source "{COMMON}"; require_nats >&2; command -v nats-server'
    done = subprocess.run(["bash", "-c", script], stdout=subprocess.PIPE, text=True)
    if done.returncode != 0:
        sys.exit("soak: nats-server could not be installed; see above.")
    return done.stdout.strip()


class Run:
    def __init__(self, cluster, seed, clients):
        self.cluster, self.seed = cluster, seed
        print(f"seed {seed}: three servers of NATS and three Weirs start", flush=True)
        cluster.start()
        self.text = Text(cluster.network, cluster.weirs, seed)
        self.pushing = Pushing(cluster.weirs, clients, seed)
        self.shown = Shown([self.text.truth, self.pushing.truth])
        self.scrapers = scrapers(self.shown, cluster.weirs, seed)
        self.allowed, self.pages = {}, {}

    def play_faults(self, planned, seconds):
        self.play = Play(Stage(self.cluster), planned, self.say)
        for thread in [self.text, self.pushing, *self.scrapers]:
            thread.start()
        self.play.run(seconds)

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
        if unconfirmed:
            faults.append(f"{unconfirmed} clients had no confirmation of their last frames.")
        return [*faults, *self.running_faults()]

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
        for process, at, tail in self.play.ended:
            yield f"{process} ended by itself at {self.at(at)}. Its log ends with: {tail}"

    def broken_faults(self):
        """With a part broken, nothing but backward steps says that the checks can see."""
        if self.shown.steps_back:
            print("The break was found, as it must be.")
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
