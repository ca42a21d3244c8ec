"""Troubles of docs/troubleshooting.md with scrapes, and with series: too many, too old, another label."""

import contextlib
import os
import re
import signal
import socket
import subprocess
import tempfile
import threading
import time

from operating.page import Mismatch, table
from operating.quick_prometheus import QuickPrometheus
from operating.trouble import CONFIGURATION, require, send, send_many, trouble, until_shown
from programs import Weir, certificate, eventually, program

# Of the password "scrape", with the least cost that is accepted.
USERS = b"basic_auth_users: {prometheus: $2b$10$WeirChecksOnlyNoSecreeFYBdGghuM4Bh12gkaCHr6F0mpHBGmBq}\n"
TLS = b"tls_server_config: {cert_file: cert.pem, key_file: key.pem}\n"
# What Prometheus says of a page that comes too late.
LATE = r"context deadline exceeded|connection reset by peer"


@trouble("No data in Prometheus")
def no_data(steps):
    """Every error of the table, each by a job of its own."""
    key, cert = certificate("DNS:weir.example,IP:127.0.0.1")
    files = {"key.pem": key, "cert.pem": cert, "users.yml": USERS, "tls.yml": TLS}
    off = "--statsd.listen-udp="
    jobs = {
        "refused": ("http", "127.0.0.1:9100", ""),
        "unknown": ("http", "weir.invalid:9102", ""),
        "stopped": ("http", "127.0.0.1:9103", ""),
        "users": ("http", "127.0.0.1:9104", ""),
        "plain": ("http", "127.0.0.1:9105", ""),
        "no-tls": ("https", "127.0.0.1:9102", ""),
        "authority": ("https", "127.0.0.1:9105", ""),
        "name": ("https", "localhost:9105", "tls_config: {ca_file: cert.pem}"),
        "path": ("http", "127.0.0.1:9102", "metrics_path: /prometheus"),
        "limit": ("http", "127.0.0.1:9102", "sample_limit: 10"),
        "state": ("http", "127.0.0.1:9106", ""),
    }
    configuration = "scrape_configs:\n" + "".join(
        f'  - {{job_name: {name}, scheme: {scheme}, static_configs: [{{targets: ["{target}"]}}]'
        + (f", {more}" if more else "")
        + "}\n"
        for name, (scheme, target, more) in jobs.items()
    )
    with contextlib.ExitStack() as stack:
        stack.enter_context(Weir())
        with QuickPrometheus(CONFIGURATION):
            steps.run()
        steps.run()
        stopped = stack.enter_context(Weir(off, "--web.listen-address=127.0.0.1:9103"))
        for port, file in ((9104, "users.yml"), (9105, "tls.yml")):
            flags = [off, f"--web.listen-address=127.0.0.1:{port}", f"--web.config.file={file}"]
            stack.enter_context(Weir(*flags, files=files))
        stack.enter_context(unwritable_state())
        stack.enter_context(no_names())
        os.kill(stopped.process.pid, signal.SIGSTOP)
        stack.callback(os.kill, stopped.process.pid, signal.SIGCONT)
        prometheus = stack.enter_context(QuickPrometheus(configuration, files={"cert.pem": cert}))
        rows = {row[0].strip("`"): row for row in table(steps.text)}

        def unexplained():
            """Errors that no row has, and rows that no job shows."""
            targets = prometheus.answer("/api/v1/targets")["activeTargets"]
            shown = {target["labels"]["job"]: target["lastError"] for target in targets}
            patterns = {row: ".*".join(re.escape(part) for part in row.split("…")) for row in rows}
            found = {
                row
                for row, pattern in patterns.items()
                for error in shown.values()
                if re.fullmatch(pattern, error)
            }
            odd = [f"{job}: {error}" for job, error in shown.items() if not any(
                re.fullmatch(pattern, error) for pattern in patterns.values())]  # fmt: skip
            return odd + [f"no job shows {row}" for row in rows if row not in found]

        eventually_none("errors", unexplained)


def eventually_none(what, read, within=15):
    end = time.monotonic() + within
    while left := read():
        if time.monotonic() > end:
            raise Mismatch(f"{what}: " + "; ".join(left))
        time.sleep(0.2)


@contextlib.contextmanager
def unwritable_state():
    """A Weir whose state can neither be written nor removed: an empty disk is mounted read-only over its own."""
    with Weir(
        "--statsd.listen-udp=", "--web.listen-address=127.0.0.1:9106", "--state.dir=/var/lib/weir",
        "--state.interval=1s",
    ) as weir:  # fmt: skip
        subprocess.run([program("mount"), "-t", "tmpfs", "-o", "ro", "tmpfs", "/var/lib/weir"], check=True)
        try:
            yield weir
        finally:
            subprocess.run([program("umount"), "/var/lib/weir"], check=True)


@contextlib.contextmanager
def no_names():
    """A name server that knows no name, for this namespace."""
    with tempfile.NamedTemporaryFile("w") as file, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 53))
        print("nameserver 127.0.0.1", file=file, flush=True)
        subprocess.run([program("mount"), "--bind", file.name, "/etc/resolv.conf"], check=True)

        def answer():
            with contextlib.suppress(OSError):
                while True:
                    question, sender = server.recvfrom(512)
                    # An answer (0x8180) with the code 3, and the question as it came without more records.
                    server.sendto(question[:2] + b"\x81\x83\0\1" + bytes(6) + question[12:], sender)

        threading.Thread(target=answer, daemon=True).start()
        yield


@trouble("Scrapes take too long")
def slow(steps):
    with Weir() as weir:
        steps.run()
        send_many("latency", "|h", count=10_000)
        eventually("series", lambda: (weir.value('weir_series{type="histogram"}') or 0) >= 10_000)
        short = CONFIGURATION.replace("honor_labels", "scrape_timeout: 10ms\n    honor_labels")
        with QuickPrometheus(short) as prometheus:
            eventually("an error", lambda: re.search(LATE, last_error(prometheus) or ""))
            steps.run()
        with QuickPrometheus(steps.configuration().replace("15s", "2s").replace("10s", "2s")) as prometheus:
            eventually("a scrape", lambda: prometheus.query('up{job="weir"} == 1'))


def last_error(prometheus):
    targets = prometheus.answer("/api/v1/targets")["activeTargets"]
    return targets[0]["lastError"] if targets else None


@trouble("The label instance becomes exported_instance")
def exported_instance(steps):
    with Weir():
        send("process_uptime_seconds:60|g|#instance:gateway-1")
        with QuickPrometheus(CONFIGURATION.replace("    honor_labels: true\n", "")):
            steps.run()
        with QuickPrometheus(steps.configuration()) as prometheus:
            eventually("the label", lambda: prometheus.query('process_uptime_seconds{instance="gateway-1"}'))
            require(not prometheus.query('{exported_instance!=""}'), "the remedy does not help.")


@trouble("A gauge stays after its instance has ended")
def stale_gauge(steps):
    line = "process_uptime_seconds:60|g|#instance:gateway-3"
    with Weir():
        send(line)
        steps.run()
        steps.once()
    # A check can't wait for five minutes.
    flags = steps.flags(duration=("--series.ttl=process_*=5m", "--series.ttl=process_*=1s"))
    with Weir(*flags) as weir:
        series = 'process_uptime_seconds{instance="gateway-3"}'
        send(line)
        until_shown(weir, series, 60)
        until_shown(weir, series, None)


@trouble("High memory usage")
def memory(steps):
    with Weir() as weir:
        send_many("http_requests_total", "|c", 1_000, "method:GET,path:/user/{}")
        eventually("the series", lambda: (weir.value('weir_series{type="counter"}') or 0) >= 1_000)
        with QuickPrometheus(CONFIGURATION):
            steps.run()
        steps.run()
        steps.once()
    with Weir(*steps.flags()) as weir:
        send_many("http_requests_total", "|c", 1_000, "method:GET,path:/user/{}")
        steps.run()
        require(weir.value('weir_series{type="counter"}') <= 100, "the limit does not hold.")
        with QuickPrometheus(steps.configuration()) as prometheus:
            eventually("a scrape", lambda: prometheus.query("weir_series"))
            require(not prometheus.query("http_requests_total"), "the series are stored.")
