"""The page in a browser: with few series and many, in a flood, behind a password, and through a forward."""

import contextlib
import json
import os
import random
import re
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from measuring.machine import ROOT, die
from measuring.page import Named
from measuring.receivers import STEP_SECONDS_MAX
from measuring.scrapes import fill
from measuring.sending import Sending, packed, random_names, steady
from measuring.table import Column
from soaking.traffic import STEADY_SERIES

SECONDS = 15
OPENINGS = 4
# Lines of random names each second; a datagram has about 52 of them.
FLOOD_LINES = 20_000
USER = {"username": "metrics", "password": "your-secret-token"}
USERS = """\
basic_auth_users:
  metrics: $2b$10$WeirChecksOnlyNoSecreeEYU.8zTp/MZihwB/Um6MDozJ7LZeHRy
"""

COLUMNS = [
    Column("where", "where"),
    Column("view", "view"),
    Column("shown after ms", "milliseconds_median", "{:,.0f}"),
    Column("most", "milliseconds_max", "{:,.0f}"),
    Column("requests", "requests", "{:.0f}"),
    Column("bytes", "bytes", "{:,.0f}"),
    Column("requests/s", "requests_per_second", "{:.1f}"),
    Column("bytes/s", "bytes_per_second", "{:,.0f}"),
    Column("server, nobody asks: CPU ms/s", "server_alone_milliseconds_per_second", "{:.1f}"),
    Column("page open", "server_milliseconds_per_second", "{:.1f}"),
    Column("browser, empty: CPU ms/s", "browser_blank_milliseconds_per_second", "{:.1f}"),
    Column("page open", "browser_milliseconds_per_second", "{:.1f}"),
    Column("heap, MB", "heap_megabytes", "{:.1f}"),
]


class Situation:
    """A server and how the page is opened; `prepare` fills it, and returns how many series it has."""

    def __init__(self, where, view, prepare, shows, flood=False, password=False, forward=False):
        self.where, self.view, self.prepare, self.shows = where, view, prepare, shows
        self.flood, self.password, self.forward = flood, password, forward


def kinds(series):
    def prepare(weir):
        fill(weir, series)
        return series

    return prepare


def names(count):
    def prepare(weir):
        lines = (f"page_name_{number}_total:1|c" for number in range(count))
        with Sending(weir.address, packed(lines), 1_000) as sending:
            sending.thread.join(STEP_SECONDS_MAX)
        # `packed` keeps what does not fill a datagram.
        return sending.lines

    return prepare


SITUATIONS = [
    Situation("1,000 series", "overview", kinds(1_000), ["steady_requests_total"]),
    Situation("1,000 series", "names", kinds(1_000), ["steady_requests_total", "route"]),
    Situation("100,000 series", "overview", kinds(100_000), ["steady_requests_total"]),
    Situation("100,000 series", "names", kinds(100_000), ["steady_requests_total", "route"]),
    Situation("10,000 names", "overview", names(10_000), ["steady_requests_total"]),
    Situation("10,000 names", "names", names(10_000), ["names that match"]),
    Situation("a flood of names", "overview", names(1_000), ["Busiest names"], flood=True),
    Situation("a flood of names", "names", names(1_000), ["names that match"], flood=True),
    Situation("a password", "overview", kinds(1_000), ["steady_requests_total"], password=True),
    Situation("a forward", "overview", kinds(1_000), ["steady_requests_total"], forward=True),
]


def require_browser():
    command = "source scripts/lib/common.sh; require_browser; have socat || apt socat"
    subprocess.run(["bash", "-euo", "pipefail", "-c", command], cwd=ROOT, check=True, stdout=sys.stderr)


@contextlib.contextmanager
def forwarded(address):
    """A port that passes each connection on, as `ssh -L` and `kubectl port-forward` do."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen(
        ["socat", f"TCP-LISTEN:{port},bind=127.0.0.1,reuseaddr,fork", f"TCP:{address}"]
    )
    try:
        end = time.monotonic() + STEP_SECONDS_MAX
        while True:
            with contextlib.suppress(OSError):
                socket.create_connection(("127.0.0.1", port)).close()
                break
            if time.monotonic() > end or process.poll() is not None:
                die("socat does not forward.")
            time.sleep(0.05)
        yield f"localhost:{port}"
    finally:
        process.terminate()
        process.wait()


def browse(asked, cores):
    done = subprocess.run(
        [ROOT / ".build-page/venv/bin/python", "-m", "measuring.browsing", json.dumps(asked)],
        stdout=subprocess.PIPE,
        text=True,
        timeout=2 * STEP_SECONDS_MAX,
        env=os.environ | {"PYTHONPATH": str(ROOT / "scripts/lib"), "PYTHONDONTWRITEBYTECODE": "1"},
        preexec_fn=cores.on(cores.sender),
    )
    if done.returncode != 0:
        die("The page was not measured; the cause stands above.")
    return json.loads(done.stdout)


class Guarded(Named):
    """Weir behind a password, which the account is told of as well."""

    def own_metrics(self):
        text = subprocess.run(
            ["curl", "-fsS", "-u", f"{USER['username']}:{USER['password']}", self.page],
            check=True,
            capture_output=True,
            text=True,
        ).stdout
        sums = {}
        for name, value in re.findall(r"^(weir_\w+)(?:\{.*\})? (\S+)$", text, re.MULTILINE):
            sums[name] = sums.get(name, 0) + float(value)
        return sums


def one(cores, situation, short):
    print(f"measure: {situation.where}, {situation.view}", file=sys.stderr)
    with contextlib.ExitStack() as stack:
        if situation.password:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            (folder / "web.yml").write_text(USERS)
            weir = stack.enter_context(Guarded(cores, f"--web.config.file={folder / 'web.yml'}"))
        else:
            weir = stack.enter_context(Named(cores))
        address = weir.page.removeprefix("http://").removesuffix("/metrics")
        if situation.forward:
            address = stack.enter_context(forwarded(address))
        series = situation.prepare(weir)
        weir.rest()
        before = weir.account()
        asked = {
            "url": f"http://{address}",
            "view": situation.view,
            "server": weir.process.pid,
            "seconds": 4 if short else SECONDS,
            "openings": 1 if short else OPENINGS,
            "user": USER if situation.password else None,
            "shows": situation.shows,
        }
        datagrams, per_second = steady(), 50
        if situation.flood:
            datagrams, per_second = packed(random_names(random.Random(7))), FLOOD_LINES / 52
        with Sending(weir.address, datagrams, per_second) as sending:
            row = browse(asked, cores)
        weir.rest()
        sending.account(before, weir.account())
        if not situation.flood:
            weir.correct(series + STEADY_SERIES)
    return {"where": situation.where, "view": situation.view} | row


def browser(cores, options):
    require_browser()
    chosen = [SITUATIONS[0], *SITUATIONS[-4:]] if options.short else SITUATIONS
    return [one(cores, situation, options.short) for situation in chosen]
