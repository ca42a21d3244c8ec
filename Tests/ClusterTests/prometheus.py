"""A real Prometheus that scrapes all nodes as one target, and what it makes of the run.

     prometheus ── one target, each second ──▶ balancer ──┬──▶ w1    each scrape goes to the next one
                                                          ├──▶ w2
                                                          └──▶ w3
"""

import bisect
import json
import math
import re
import subprocess
import time
import urllib.parse
import urllib.request

from ClusterTests.scraping import SUMMED

INTERVAL_SECONDS = 1
START_SECONDS_MAX = 60
QUERY_SECONDS_MAX = 60
# Times are those of the begins of scrapes, which Prometheus moves by a few milliseconds.
ALIGNED_SECONDS = 0.05
TIMES_COMPARED = 20
CONFIGURATION = """\
global:
  scrape_interval: {seconds}s
  scrape_timeout: {seconds}s
scrape_configs:
  - job_name: weir
    honor_labels: true
    static_configs:
      - targets: ["{target}"]
"""
METRICS = '{__name__=~"(text|push)_.*(_total|_bucket|_sum|_count)"}'


class Prometheus:
    def __init__(self, program, folder, target):
        self.folder = folder
        folder.mkdir()
        (folder / "prometheus.yml").write_text(
            CONFIGURATION.format(seconds=INTERVAL_SECONDS, target=target)
        )
        with open(folder / "log", "wb") as log:
            self.process = subprocess.Popen(
                [
                    "setpriv", "--pdeathsig", "KILL", program, f"--config.file={folder}/prometheus.yml",
                    f"--storage.tsdb.path={folder}/data", "--web.listen-address=127.0.0.1:0",
                ],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            )  # fmt: skip
        # As time.monotonic() has times here.
        self.offset = time.time() - time.monotonic()

    def wait(self):
        """Until it answers."""
        end = time.monotonic() + START_SECONDS_MAX
        while True:
            text = (self.folder / "log").read_text()
            found = re.search(r'msg="Listening on" address=(\S+)', text)
            try:
                if found:
                    urllib.request.urlopen(f"http://{found[1]}/-/ready", timeout=1).close()
                    self.address = found[1]
                    return
            except OSError:
                pass
            if self.process.poll() is not None or time.monotonic() > end:
                raise RuntimeError(f"Prometheus did not start: {text}")
            time.sleep(0.05)

    def close(self):
        self.process.kill()
        self.process.wait()

    def query(self, expression, at=None):
        fields = {"query": expression} | ({} if at is None else {"time": at})
        url = f"http://{self.address}/api/v1/query?{urllib.parse.urlencode(fields)}"
        with urllib.request.urlopen(url, timeout=QUERY_SECONDS_MAX) as answer:
            return json.load(answer)["data"]["result"]

    def number(self, expression, at=None):
        """A query whose answer is one number; 0 if there is none."""
        found = self.query(expression, at)
        return float(found[0]["value"][1]) if found else 0.0


class Judgement:
    """What Prometheus has after a run that is at rest: counts for the report, and faults."""

    def __init__(self, prometheus, shown, page, began):
        self.prometheus, self.shown = prometheus, shown
        self.span = f"[{math.ceil(time.monotonic() - began) + 60}s]"
        self.faults, self.compared, self.increases = [], 0, []
        ups = prometheus.query(f"up{self.span}")
        self.scrapes = [float(value) for one in ups for _, value in one["values"]]
        self.resets = self.count_resets()
        if self.resets:
            self.faults.append(f"Prometheus saw {self.resets:.0f} resets of counters.")
        for name in SUMMED:
            self.check_increase(name, page)
            self.check_sums(name)
        if not self.compared:
            self.faults.append("Prometheus has nothing that could be compared.")

    def count_resets(self):
        names = self.prometheus.query(f"count by (__name__) (last_over_time({METRICS}{self.span}))")
        # resets() leaves out names, so that each is asked for by itself.
        return sum(
            self.prometheus.number(f"sum(resets({one['metric']['__name__']}{self.span}))") for one in names
        )

    def check_increase(self, name, page):
        """increase() over the run is the last value less the first, within what one scrape adds."""
        wanted = rise = step = 0.0
        for series in self.prometheus.query(f"{name}{self.span}"):
            values = [(float(at), float(value)) for at, value in series["values"]]
            if len(values) < 2:
                continue
            labels = ",".join(
                f'{key}="{value}"'
                for key, value in sorted(series["metric"].items())
                if key not in ("__name__", "instance", "job")
            )
            key = (f"{name}{{{labels}}}" if labels else name).encode()
            if page.get(key) != values[-1][1]:
                self.faults.append(
                    f"Prometheus has {values[-1][1]!r} of {key.decode()} at the end, and nodes show {page.get(key)!r}."
                )
            # No longer than the samples, because it extrapolates to the start of a longer range.
            span = math.ceil((values[-1][0] - values[0][0]) * 1_000) + 1
            matcher = ",".join(f'{key}="{value}"' for key, value in series["metric"].items() if key != "__name__")
            rise += self.prometheus.number(f"increase({name}{{{matcher}}}[{span}ms])", at=values[-1][0])
            wanted += values[-1][1] - values[0][1]
            step += (values[-1][1] - values[0][1]) / (len(values) - 1)
        self.increases.append((name, rise, wanted))
        if abs(rise - wanted) > step:
            self.faults.append(
                f"increase() of {name} is {rise:.1f} over the run, and it grew by {wanted:.0f}; "
                f"a scrape adds {step:.1f}."
            )

    def check_sums(self, name):
        """At several times: no less than pages that ended before the scrape began, no more than was sent."""
        ats = sorted({at for one in self.prometheus.query(f"{name}{self.span}") for at, _ in one["values"]})
        ended = [one.ended for one in self.shown.sums]
        for at in ats[:: max(1, len(ats) // TIMES_COMPARED)]:
            began = at - self.prometheus.offset
            before = bisect.bisect_left(ended, began - ALIGNED_SECONDS)
            after = bisect.bisect_left(ended, began + INTERVAL_SECONDS + ALIGNED_SECONDS)
            least = max((one.shown[name] for one in self.shown.sums[:before]), default=0)
            value = self.prometheus.number(f"sum({name})", at=at)
            if after == len(ended):
                continue
            most = self.shown.sums[after].sent[name]
            self.compared += 1
            if not least <= value <= most:
                self.faults.append(
                    f"sum({name}) of Prometheus at {began:.2f} is {value:.0f}; {least:.0f} was shown before, "
                    f"and {most:.0f} sent until its end."
                )
