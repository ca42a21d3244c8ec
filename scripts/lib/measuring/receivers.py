"""Processes that receive: Weir, and the loop that only counts. One each run, on free ports."""

import json
import re
import signal
import subprocess
import tempfile
import time
import urllib.request
from pathlib import Path

from measuring.machine import BINARIES, die

# No step takes longer on a healthy machine.
STEP_SECONDS_MAX = 120
# Well below what one core takes in, so that the warm-up loses nothing.
WARM_UP_DATAGRAMS_PER_SECOND = 20_000
# A payload of one frame, as Bench packs it: about 18 lines.
PACKED = "--datagram-bytes=1432"
SINGLE = "--lines-per-datagram=1"

NOTHING = {"received": 0, "dropped": 0, "lines": 0}


class Receiver:
    """What all have in common. Ended with its block.

    A subclass says how it is started, in `command`, when it is ready, in `ready`, and gives
    `account`: the datagrams received and dropped and the lines taken in since it started.
    """

    # Whether its socket buffer holds enough to be worth filling.
    fills = True

    def __init__(self, cores):
        self.cores = cores

    def __enter__(self):
        self.log = tempfile.NamedTemporaryFile("w")
        self.process = subprocess.Popen(
            self.command(),
            stdout=subprocess.PIPE,
            stderr=self.log,
            text=True,
            preexec_fn=self.cores.on(self.cores.receiver),
        )
        end = time.monotonic() + STEP_SECONDS_MAX
        while not self.ready(text := Path(self.log.name).read_text()):
            if self.process.poll() is not None or time.monotonic() > end:
                self.stop()
                die(f"{self.name} did not become ready: {text}")
            time.sleep(0.02)
        return self

    def __exit__(self, *_):
        self.stop()

    def stop(self):
        """Ends it and returns what it printed."""
        self.process.send_signal(signal.SIGCONT)
        self.process.terminate()
        try:
            printed, _ = self.process.communicate(timeout=STEP_SECONDS_MAX)
        except subprocess.TimeoutExpired:
            self.process.kill()
            printed, _ = self.process.communicate()
        self.log.close()
        return printed

    def cpu_seconds(self):
        """CPU time of all its threads, those that have ended too, from its CPU clock."""
        return time.clock_gettime(~self.process.pid << 3 | 2)

    def rest(self):
        """Waits until it stands still: what the socket held has been taken in."""
        end = time.monotonic() + STEP_SECONDS_MAX
        before = self.cpu_seconds()
        while True:
            time.sleep(0.2)
            after = self.cpu_seconds()
            if after - before < 0.002:
                return
            if time.monotonic() > end:
                die(f"{self.name} finds no rest after the load.")
            before = after

    def pause(self):
        self.process.send_signal(signal.SIGSTOP)

    def resume(self):
        self.process.send_signal(signal.SIGCONT)

    def resident_bytes(self):
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+) kB", status)[1]) * 1024

    def load(self, *flags):
        """Runs Load against it and returns what it reports."""
        done = subprocess.run(
            [BINARIES / "Load", f"--address={self.address}", "--json", *flags],
            capture_output=True,
            text=True,
            timeout=STEP_SECONDS_MAX,
            preexec_fn=self.cores.on(self.cores.sender),
        )
        if done.returncode != 0:
            die(f"Load failed.\n{done.stderr}")
        return json.loads(done.stdout)

    def warm_up(self, series, check):
        """Makes the series, where it has any."""

    def correct(self, series):
        """Dies where it holds something else than it was sent."""


class Bare(Receiver):
    """Counts what comes. It tells its counts when it ends, and so may be asked once."""

    name = "bare"
    has_series = False

    def command(self):
        return [BINARIES / "BareReceiver", "--port=0", "--json"]

    def ready(self, log):
        found = re.search(r"listening address=(\S+)", log)
        self.address = found and found[1]
        return found

    def before(self):
        return NOTHING

    def account(self):
        told = json.loads(self.stop())
        return {
            "received": told["datagrams_received"],
            "dropped": told["datagrams_dropped"],
            "lines": told["lines"],
        }

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.stop()


class Weir(Receiver):
    """The server, with every default but its ports."""

    name = "weir"
    has_series = True

    def command(self):
        ports = ["--statsd.listen-udp=127.0.0.1:0", "--web.listen-address=127.0.0.1:0"]
        # The payload has few names: one may have as many series as all together.
        return [BINARIES / "weir", *ports, "--limit.series-per-name=1000000"]

    def ready(self, log):
        if not re.search(r'msg="?ready', log):
            return False
        self.address = re.search(r'msg="listening for StatsD".* address=(\S+)', log)[1]
        self.page = "http://" + re.search(r"msg=serving.* address=(\S+)", log)[1] + "/metrics"
        return True

    def warm_up(self, series, check):
        """With `check`, Load asks whether every single total is right."""
        self.load(
            PACKED,
            f"--series={series}",
            f"--datagrams={max(1_024, series // 17 + 1)}",
            f"--datagrams-per-second={WARM_UP_DATAGRAMS_PER_SECOND}",
            *([f"--check={self.page}"] if check else []),
        )

    def own_metrics(self):
        """Weir's own metrics, each summed over its labels."""
        sums = {}
        own = re.compile(rb"(weir_\w+)(?:\{.*\})? (\S+)$")
        with urllib.request.urlopen(self.page, timeout=STEP_SECONDS_MAX) as answer:
            # A page of a million series is not held as a whole.
            for line in answer:
                found = own.match(line)
                if found:
                    name = found[1].decode()
                    sums[name] = sums.get(name, 0) + float(found[2])
        return sums

    def before(self):
        return self.account()

    def account(self):
        self.told = self.own_metrics()
        return {
            "received": self.told["weir_datagrams_received_total"],
            "dropped": self.told["weir_datagrams_dropped_total"],
            "lines": self.told["weir_lines_total"],
        }

    def correct(self, series):
        refused = self.told["weir_lines_refused_total"]
        if self.told["weir_series"] != series or refused != 0:
            die(
                f"The server holds {self.told['weir_series']:.0f} series, not {series}, and "
                f"refused {refused:.0f} lines."
            )
