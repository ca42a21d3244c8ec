"""Kills a server with state again and again, while it is sent to and scraped.

Nothing that a whole scrape has shown may fall after a kill, pushed totals must be exact at the end, and text
may lack no more than was sent between the last whole scrape before a kill and the restart.
"""

import http.client
import random
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

from soaking.prometheus import Prometheus
from soaking.scrapes import Scrapes
from soaking.server import STEP_SECONDS_MAX, WEIR, die

sys.path.insert(0, str(Path(__file__).resolve().parents[3] / "Sources/Clients/python/src"))
import weir_client

TEXT_SERIES = 20
LINES_PER_DATAGRAM = 10
DATAGRAMS_PER_SECOND = 400
PUSH_CLIENTS = 4
ALIVE_SECONDS = (0.05, 1.5)


def free_port(kind):
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Watched:
    """The server, started anew on the same ports and the same state after each kill."""

    def __init__(self, folder):
        self.udp, self.web = free_port(socket.SOCK_DGRAM), free_port(socket.SOCK_STREAM)
        self.log = open(Path(folder) / "log", "a+")
        self.flags = [
            f"--statsd.listen-udp=127.0.0.1:{self.udp}",
            f"--web.listen-address=127.0.0.1:{self.web}",
            f"--state.dir={folder}/state",
            "--state.interval=1s",
        ]
        (Path(folder) / "state").mkdir()

    def start(self):
        self.process = subprocess.Popen([WEIR, *self.flags], stderr=self.log)
        end = time.monotonic() + STEP_SECONDS_MAX
        while True:
            try:
                connection = http.client.HTTPConnection("127.0.0.1", self.web, timeout=1)
                connection.request("GET", "/-/ready")
                if connection.getresponse().status == 200:
                    return
            except OSError:
                pass
            if self.process.poll() is not None or time.monotonic() > end:
                self.log.seek(0)
                die(f"The server did not start again: {self.log.read()[-2000:]}")
            time.sleep(0.005)

    def end(self, number):
        self.process.send_signal(number)
        self.process.wait(STEP_SECONDS_MAX)


class Text(threading.Thread):
    """Sends lines at a steady pace, and notes how many were sent by when."""

    def __init__(self, port, seed):
        super().__init__(daemon=True)
        self.target, self.chance = ("127.0.0.1", port), random.Random(seed)
        self.sent = [0] * TEXT_SERIES
        # Cumulated lines, with the time before they were sent.
        self.journal = [(0.0, 0)]
        self.going = True

    def run(self):
        sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        total = 0
        while self.going:
            lines = []
            picks = [self.chance.randrange(TEXT_SERIES) for _ in range(LINES_PER_DATAGRAM)]
            for pick in picks:
                lines.append(f"text_requests_total:1|c|#series:{pick}")
                lines.append(f"text_seconds:{self.chance.random()}|h|#series:{pick % 3}")
                lines.append(f"text_odd_total:0.1|c|#series:{pick}")
            total += LINES_PER_DATAGRAM
            self.journal.append((time.monotonic(), total))
            try:
                sender.sendto("\n".join(lines).encode(), self.target)
            except ConnectionRefusedError:
                pass
            for pick in picks:
                self.sent[pick] += 1
            time.sleep(1 / DATAGRAMS_PER_SECOND)

    def sent_between(self, start, end):
        """The most lines that were sent from the first time to the second."""
        before = max((count for at, count in self.journal if at < start), default=0)
        return max(count for at, count in self.journal if at <= end) - before


class Push(threading.Thread):
    """Counts in a client of its own, whose totals must be exact at the end."""

    def __init__(self, port, number):
        super().__init__(daemon=True)
        self.client = weir_client.Client(
            f"127.0.0.1:{port}", labels={"client": str(number)}, flush_interval=0.2
        )
        self.chance = random.Random(number)
        self.requests, self.observed, self.sum, self.going = 0, 0, 0.0, True

    def run(self):
        requests = self.client.counter("push_requests_total")
        seconds = self.client.histogram("push_seconds")
        while self.going:
            requests.inc()
            value = self.chance.randrange(64) / 8
            seconds.observe(value)
            self.requests += 1
            self.observed += 1
            self.sum += value
            time.sleep(0.002)


def run(rounds, seed=1):
    """Returns the faults, and prints what was done."""
    chance = random.Random(seed)
    with tempfile.TemporaryDirectory() as folder:
        server = Watched(folder)
        server.start()
        with Prometheus(f"127.0.0.1:{server.web}") as prometheus:
            return play(rounds, chance, server, prometheus, seed)


def play(rounds, chance, server, prometheus, seed):
    scrapes, text = Scrapes(server.web, seed), Text(server.udp, seed)
    pushes = [Push(server.udp, number) for number in range(PUSH_CLIENTS)]
    for thread in [scrapes, text, *pushes]:
        thread.start()
    allowed, began = 0, time.time()
    for number in range(rounds):
        time.sleep(chance.uniform(*ALIVE_SECONDS))
        covered = scrapes.covered_at
        server.end(signal.SIGKILL)
        server.start()
        allowed += text.sent_between(covered, time.monotonic())
    # Like `systemctl restart`: nothing is lost that the socket had received.
    server.end(signal.SIGTERM)
    server.start()
    time.sleep(2)
    for thread in [text, *pushes]:
        thread.going = False
        thread.join(STEP_SECONDS_MAX)
    for push in pushes:
        push.client.close()
    time.sleep(2.5)
    scrapes.going = False
    scrapes.join(STEP_SECONDS_MAX)
    scrapes.scrape()
    faults = list(scrapes.faults)
    lost = check_text(text, scrapes.shown, allowed, faults)
    wrong = check_pushed(pushes, scrapes.shown)
    faults += wrong
    resets = check_prometheus(prometheus, text, pushes, scrapes.shown, began, faults)
    server.end(signal.SIGTERM)
    print(
        f"{rounds} kills, {scrapes.whole} whole scrapes and {scrapes.broken} that were broken or "
        f"refused; {len(scrapes.shown)} values never fell: {not scrapes.faults}. Text: "
        f"{sum(text.sent):,} lines sent to one name, {lost:,} lost, {allowed:,} allowed. Pushed: "
        f"{sum(push.requests for push in pushes):,} counts, "
        f"{len(wrong)} totals wrong. Resets that Prometheus saw: {resets}.",
        flush=True,
    )
    return faults


def check_text(text, shown, allowed, faults):
    counted = 0
    for series, sent in enumerate(text.sent):
        value = shown.get(f'text_requests_total{{series="{series}"}}'.encode(), 0)
        counted += value
        if value > sent:
            faults.append(f"text_requests_total of {series} is {value}, and {sent} were sent.")
    lost = int(sum(text.sent) - counted)
    if lost > allowed:
        faults.append(f"{lost} lines of text are lost, and only {allowed} may be.")
    return lost


def check_pushed(pushes, shown):
    faults = []
    for number, push in enumerate(pushes):
        labels = f'{{client="{number}"}}'
        for name, want in [
            ("push_requests_total", push.requests),
            ("push_seconds_count", push.observed),
            ("push_seconds_sum", push.sum),
        ]:
            value = shown.get((name + labels).encode())
            if value != want:
                faults.append(f"{name}{labels} is {value!r}, not {want!r}.")
    return faults


def check_prometheus(prometheus, text, pushes, shown, began, faults):
    """What `rate` and `increase` make of the run."""
    time.sleep(1.5)
    span = f"[{int(time.time() - began) + 60}s]"
    resets = 0
    for series in prometheus.query(f'{{__name__=~"(text|push)_.*"}}{span}'):
        values = [float(value) for _, value in series["values"]]
        resets += sum(after < before for before, after in zip(values, values[1:]))
    if resets:
        faults.append(f"Prometheus saw {resets} resets.")
    for number, push in enumerate(pushes):
        stored = prometheus.query(f'push_requests_total{{client="{number}"}}{span}')
        values = [(float(at), float(value)) for at, value in stored[0]["values"]]
        # increase() of the samples themselves: no reset, so the last less the first.
        if values[-1][1] != push.requests:
            faults.append(f"Prometheus has {values[-1][1]} of client {number}, not {push.requests}.")
        seconds = int(values[-1][0] - values[0][0])
        increase = prometheus.query(
            f'increase(push_requests_total{{client="{number}"}}[{seconds}s])', at=values[-1][0]
        )
        rise = float(increase[0]["value"][1])
        inside = [value for at, value in values if at >= values[-1][0] - seconds]
        # Prometheus extrapolates by up to half an interval at each end, and an interval may have
        # been without a scrape.
        step = max((b - a for a, b in zip(inside, inside[1:])), default=0)
        if abs(rise - (inside[-1] - inside[0])) > step:
            faults.append(
                f"increase() of client {number} is {rise}, and the truth is "
                f"{inside[-1] - inside[0]} within {step}."
            )
    return resets
