"""A server that is flooded."""

import re
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

WEIR = Path(__file__).resolve().parents[3] / ".build" / "release" / "weir"
# On a healthy machine nothing but the floods themselves takes longer.
STEP_SECONDS_MAX = 30


def die(sentence):
    sys.exit(f"soak: {sentence}")


class Server:
    """One server on free ports, ended with its block."""

    def __init__(self, flags):
        self.flags = flags

    def __enter__(self):
        self.log = tempfile.NamedTemporaryFile("w")
        free = ["--statsd.listen-udp=127.0.0.1:0", "--web.listen-address=127.0.0.1:0"]
        self.process = subprocess.Popen([WEIR, *free, *self.flags], stderr=self.log)
        end = time.monotonic() + STEP_SECONDS_MAX
        while not re.search(r'msg="?ready', text := Path(self.log.name).read_text()):
            if self.process.poll() is not None or time.monotonic() > end:
                self.stop()
                die(f"The server did not become ready: {text}")
            time.sleep(0.02)
        self.udp = re.search(r'msg="listening for StatsD".* address=(\S+)', text)[1]
        self.page = "http://" + re.search(r"msg=serving.* address=(\S+)", text)[1] + "/metrics"
        return self

    def __exit__(self, *_):
        self.stop()

    def stop(self):
        self.process.terminate()
        try:
            self.process.wait(STEP_SECONDS_MAX)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.log.close()

    def resident_megabytes(self):
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+) kB", status)[1]) * 1024 / 1e6

    def samples(self):
        """Weir's own series and those of the tables, by series; the flood's summed by name."""
        with urllib.request.urlopen(self.page, timeout=STEP_SECONDS_MAX) as answer:
            page = answer.read()
        samples = {}
        for series, name, value in re.findall(
            rb"^((weir_\w+|steady_\w+|flood_total|flood_seconds_(?:sum|count))(?:\{.*\})?) (\S+)$",
            page,
            re.MULTILINE,
        ):
            if name.startswith((b"weir_", b"flood_")):
                samples[name.decode()] = samples.get(name.decode(), 0) + float(value)
            if not name.startswith(b"flood_"):
                samples[series.decode()] = float(value)
        return samples
