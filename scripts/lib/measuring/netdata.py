"""A peer that a reader can install: Debian's netdata, with its statsd plugin and nothing else.

It drops labels, so that the same payload is four metrics to it, of which it keeps a second's
samples each; Weir keeps every series. It counts what it receives and not what the kernel drops.
What it spends when nothing comes, on its own charts, is measured first and not held against it.
"""

import os
import re
import socket
import tempfile
import time
import urllib.request
from pathlib import Path

from measuring.machine import ROOT, die
from measuring.receivers import STEP_SECONDS_MAX, Receiver

UNPACKED = ROOT / ".build-tools"
# It publishes its own counts once a second.
PUBLISH_SECONDS = 2.5
IDLE_SECONDS = 3

# Every plugin except statsd is off, and it listens on the loopback only. By default it would run at the
# lowest priority, and lose the core to any other process.
CONFIGURATION = """
[db]
  mode = ram
  retention = 300
[directories]
  config = {home}
  stock config = {home}
  log = {home}/log
  web = {unpacked}/usr/share/netdata/web
  cache = {home}/cache
  lib = {home}/lib
  home = {home}
  lock = {home}
  plugins = {home}/plugins
[global]
  run as user = {user}
  process scheduling policy = keep
[web]
  bind to = 127.0.0.1:{web}
[cloud]
  enabled = no
[ml]
  enabled = no
[health]
  enabled = no
[plugins]
  {others}
  enable running new plugins = no
  netdata monitoring = yes
  statsd = yes
[statsd]
  bind to = udp:127.0.0.1:{udp}
  default port = {udp}
"""
OTHERS = """
proc diskspace cgroups tc idlejitter timex checks apps python.d charts.d go.d node.d perf slabinfo
ioping ebpf nfacct
""".split()


def free_port(kind):
    with socket.socket(socket.AF_INET, kind) as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


class Netdata(Receiver):
    name = "netdata"
    has_series = False
    # Its buffer is the system's default, and holds too little to time.
    fills = False
    idle_share = 0

    def command(self):
        program = UNPACKED / "usr" / "sbin" / "netdata"
        if not program.exists():
            die("There is no netdata; scripts/measure-peer unpacks Debian's and runs this.")
        self.home = tempfile.TemporaryDirectory()
        home = Path(self.home.name)
        for folder in ["log", "cache", "lib", "plugins"]:
            (home / folder).mkdir()
        (home / ".opt-out-from-anonymous-statistics").touch()
        udp, self.web = free_port(socket.SOCK_DGRAM), free_port(socket.SOCK_STREAM)
        self.address = f"127.0.0.1:{udp}"
        configuration = home / "netdata.conf"
        configuration.write_text(
            CONFIGURATION.format(
                home=home,
                unpacked=UNPACKED,
                user=os.environ.get("USER", "root") if os.geteuid() else "root",
                web=self.web,
                udp=udp,
                others="\n  ".join(f"{plugin} = no" for plugin in OTHERS),
            )
        )
        return [program, "-D", "-c", configuration]

    def ready(self, log):
        try:
            return "udp" in self.page()
        except OSError:
            return False

    def page(self):
        query = "format=prometheus&source=as-collected&filter=netdata.statsd_*"
        url = f"http://127.0.0.1:{self.web}/api/v1/allmetrics?{query}"
        with urllib.request.urlopen(url, timeout=STEP_SECONDS_MAX) as answer:
            return answer.read().decode()

    def stop(self):
        printed = super().stop()
        self.home.cleanup()
        return printed

    def rest(self):
        """It never stands still; what the socket held has long been taken in."""
        time.sleep(PUBLISH_SECONDS)

    def warm_up(self, series, check):
        # Its start is not part of its idle cost.
        self.rest()
        before = self.cpu_seconds()
        time.sleep(IDLE_SECONDS)
        self.idle_share = (self.cpu_seconds() - before) / IDLE_SECONDS

    def cpu_seconds(self):
        return super().cpu_seconds() - self.idle_share * time.monotonic()

    def before(self):
        self.sent = 0
        return self.account()

    def load(self, *flags):
        told = super().load(*flags)
        self.sent += told["datagrams_sent"]
        return told

    def account(self):
        page = self.page()

        def count(chart, dimension):
            found = re.findall(
                rf'netdata_{chart}_total{{.*dimension="{dimension}"}} (\d+)', page
            )
            return sum(map(int, found))

        received = count("statsd_packets", "udp")
        lines = count("statsd_events", "(?!errors|unknown)\\w+")
        return {"received": received, "dropped": self.sent - received, "lines": lines}
