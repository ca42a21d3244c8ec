"""Hosts with a Weir each that forward to one in the middle, over a network that loses, repeats and reorders.

The ends are killed at random. What the middle shows at the end is what the forwarders counted from text, what
clients pushed, and the sum of the changes of a gauge, exactly.
"""

import random
import re
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from pathlib import Path

from soaking.kill import Push, free_port
from soaking.server import STEP_SECONDS_MAX, WEIR, die

RELAY = Path(__file__).resolve().parents[3] / "Tests/SystemTests/Clients/lossy_relay.py"
HOSTS = 8
# Of each run, without what it takes to settle.
SECONDS = 15
LINES_PER_SECOND = 200
SERIES = re.compile(r"^((?:text|push)_\w+(?:\{[^}]*\})?) (\S+)$", re.MULTILINE)
# A relay delays by up to five seconds, and unconfirmed totals are sent again each second.
SETTLE_SECONDS_MAX = 60


class Node:
    """A Weir that is started again on the same ports."""

    def __init__(self, folder, name, flags, state):
        self.name, self.udp, self.web = (
            name,
            free_port(socket.SOCK_DGRAM),
            free_port(socket.SOCK_STREAM),
        )
        self.flags = [
            f"--statsd.listen-udp=127.0.0.1:{self.udp}",
            f"--web.listen-address=127.0.0.1:{self.web}",
            *flags,
        ]
        if state:
            (Path(folder) / name).mkdir()
            self.flags.append(f"--state.dir={folder}/{name}")
        self.log = open(Path(folder) / f"{name}.log", "a+")
        self.start()

    def start(self):
        self.process = subprocess.Popen([WEIR, *self.flags], stderr=self.log)
        end = time.monotonic() + STEP_SECONDS_MAX
        while True:
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{self.web}/-/ready", timeout=1).close()
                return
            except OSError:
                if self.process.poll() is not None or time.monotonic() > end:
                    self.log.seek(0)
                    die(f"{self.name} did not start: {self.log.read()[-2000:]}")
                time.sleep(0.01)

    def end(self, number):
        self.process.send_signal(number)
        self.process.wait(STEP_SECONDS_MAX)

    def kill(self):
        self.end(signal.SIGKILL)
        self.start()

    def shown(self):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.web}/metrics", timeout=5) as answer:
            return {name: float(value) for name, value in SERIES.findall(answer.read().decode())}


class Host(threading.Thread):
    """An application's lines on one host."""

    def __init__(self, port, number, seed):
        super().__init__(daemon=True)
        self.port, self.number, self.chance = port, number, random.Random(seed)
        self.counted, self.level, self.going = 0, 0, True

    def run(self):
        sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        while self.going:
            change = self.chance.choice([3, 1, -1, -2])
            lines = [
                f"text_requests_total:1|c|#host:{self.number}",
                "text_together_total:2|c",
                f"text_seconds:{self.chance.randrange(64) / 8}|h|#kind:{self.counted % 3}",
                f"text_level:{change:+d}|g",
            ]
            try:
                sender.sendto("\n".join(lines).encode(), ("127.0.0.1", self.port))
                self.counted += 1
                self.level += change
            except ConnectionRefusedError:
                pass
            time.sleep(1 / LINES_PER_SECOND)


class Network:
    """The relay of one run."""

    def __init__(self, seed, target):
        self.process = subprocess.Popen(
            [sys.executable, RELAY, str(seed), f"127.0.0.1:{target}"], stdout=subprocess.PIPE, text=True
        )
        self.port = int(self.process.stdout.readline())

    def end(self):
        self.process.terminate()
        return self.process.communicate(timeout=STEP_SECONDS_MAX)[0].strip()


class Run:
    """One seed."""

    def __init__(self, folder, seed, state, levels):
        self.seed, self.state, self.chance = seed, state, random.Random(seed)
        self.faults = []
        # Without state a restarted middle would take the forwarders' totals for older ones.
        flags = [] if state else ["--push.older-instances=count"]
        self.middle = Node(folder, "middle", flags, state)
        self.networks = [Network(seed, self.middle.udp)]
        target = self.networks[0].port
        self.between = []
        if levels == 2:
            between = Node(folder, "between", [f"--forward.address=127.0.0.1:{target}"], state)
            self.between = [between]
            self.networks.append(Network(seed + 1, between.udp))
            target = self.networks[1].port
        self.forwarders = [
            Node(
                folder,
                f"host-{number}",
                [f"--forward.address=127.0.0.1:{target}", "--forward.expose"],
                state,
            )
            for number in range(HOSTS)
        ]

    def play(self, seconds):
        hosts = [Host(node.udp, n, self.seed * 100 + n) for n, node in enumerate(self.forwarders)]
        pushes = [Push(node.udp, n) for n, node in enumerate(self.forwarders[:3])]
        for thread in [*hosts, *pushes]:
            thread.start()
        end = time.monotonic() + seconds
        kills = 0
        # Without state a killed forwarder loses what it had not sent, so that nothing would be exact.
        ends = [self.middle, *self.between] + (self.forwarders if self.state else [])
        while time.monotonic() < end:
            time.sleep(self.chance.uniform(0.5, 2.5))
            self.chance.choice(ends).kill()
            kills += 1
        for thread in [*hosts, *pushes]:
            thread.going = False
            thread.join(STEP_SECONDS_MAX)
        for push in pushes:
            push.client.close()
        self.check(hosts, pushes)
        done = [network.end() for network in self.networks]
        for node in [*self.forwarders, *self.between, self.middle]:
            node.end(signal.SIGTERM)
        print(
            f"seed {self.seed}, {'with' if self.state else 'without'} state, "
            f"{len(self.networks)} network(s): {kills} kills; {sum(h.counted for h in hosts):,} lines "
            f"of a kind, {sum(p.requests for p in pushes):,} pushed counts; relay: {done[0]}; "
            f"{'exact' if not self.faults else 'NOT exact'}",
            flush=True,
        )

    def check(self, hosts, pushes):
        end = time.monotonic() + SETTLE_SECONDS_MAX
        while True:
            want, shown = self.wanted(hosts, pushes), self.middle.shown()
            wrong = {name: (shown.get(name), value) for name, value in want.items() if shown.get(name) != value}
            if not wrong:
                return
            if time.monotonic() > end:
                self.faults += [
                    f"seed {self.seed}: {name} is {is_} in the middle, not {was}."
                    for name, (is_, was) in sorted(wrong.items())
                ]
                return
            time.sleep(0.5)

    def wanted(self, hosts, pushes):
        want = {}
        for node in self.forwarders:
            for name, value in node.shown().items():
                if name.startswith("text_"):
                    want[name] = want.get(name, 0) + value
        if not self.state:
            # Nothing may be lost where no forwarder was killed.
            want["text_together_total"] = 2 * sum(host.counted for host in hosts)
            want["text_level"] = sum(host.level for host in hosts)
        for number, push in enumerate(pushes):
            labels = f'{{client="{number}"}}'
            want[f"push_requests_total{labels}"] = push.requests
            want[f"push_seconds_count{labels}"] = push.observed
            want[f"push_seconds_sum{labels}"] = push.sum
        return want


CASES = [(True, 1), (False, 1), (True, 2)]


def run(seeds, cases, seconds):
    """Each seed with state and without, and on two levels. Returns the faults."""
    faults = []
    for seed in range(1, seeds + 1):
        for state, levels in CASES[:cases]:
            with tempfile.TemporaryDirectory() as folder:
                one = Run(folder, seed, state, levels)
                one.play(seconds)
                faults += one.faults
    return faults
