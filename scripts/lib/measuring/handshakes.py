"""Scrapes beside floods of TLS handshakes, which strangers may ask for without being let in."""

import http.client
import re
import ssl
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from measuring.machine import BINARIES, ROOT, die
from measuring.table import Column

HELLOS_PER_SECOND = 1_000
FLOOD = ROOT / "Tests/SystemTests/Clients/hello_flood.py"

# Kinds of flood: those of hello_flood.py, and whole handshakes with a client's certificate, as fast as
# possible.
KINDS = ["none", "x25519", "p256", "tls12", "retry", "ffdhe", "garbage", "client certificates"]

COLUMNS = [
    Column("server's key", "key"),
    Column("flood", "kind"),
    Column("hellos/s", "hellos_per_second", "{:,.0f}"),
    Column("answered", "answered", "{:,.0f}"),
    Column("closed", "closed", "{:,.0f}"),
    Column("scrapes on a kept connection: worst ms", "kept_milliseconds_max", "{:,.1f}"),
    Column("on new ones: worst ms", "new_milliseconds_max", "{:,.1f}"),
    Column("that failed", "failed", "{:,.0f}"),
]

KEYS = {
    "ECDSA P-256": ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"],
    "RSA 2048": ["-newkey", "rsa:2048"],
}


class Server:
    """Weir with a certificate of its own, which asks for one if `asks` is set. Ended with its block."""

    def __init__(self, cores, key, asks):
        self.cores, self.key, self.asks = cores, key, asks

    def __enter__(self):
        self.folder = tempfile.TemporaryDirectory()
        folder = Path(self.folder.name)
        self.certificate, self.key_file = folder / "server.crt", folder / "server.key"
        subprocess.run(
            ["openssl", "req", "-x509", *KEYS[self.key], "-nodes", "-days", "2"]
            + ["-subj", "/CN=weir.test", "-addext", "subjectAltName=IP:127.0.0.1"]
            + ["-keyout", str(self.key_file), "-out", str(self.certificate)],
            check=True,
            capture_output=True,
        )
        config = "tls_server_config:\n  cert_file: server.crt\n  key_file: server.key\n"
        if self.asks:
            config += "  client_ca_file: server.crt\n  client_auth_type: VerifyClientCertIfGiven\n"
        (folder / "web.yml").write_text(config)
        self.log = open(folder / "log", "w+")
        self.process = subprocess.Popen(
            [BINARIES / "weir", "--statsd.listen-udp=127.0.0.1:0", "--web.listen-address=127.0.0.1:0"]
            + [f"--web.config.file={folder / 'web.yml'}"],
            stderr=self.log,
            preexec_fn=self.cores.on(self.cores.receiver),
        )
        end = time.monotonic() + 30
        while "ready" not in (text := (folder / "log").read_text()):
            if self.process.poll() is not None or time.monotonic() > end:
                die(f"weir did not become ready: {text}")
            time.sleep(0.02)
        self.address = re.search(r"serving address=(\S+)", text.replace('"', "")).group(1)
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()
        self.log.close()
        self.folder.cleanup()


class Scraper:
    """Scrapes once a second, on a connection that is kept and on a new one."""

    def __init__(self, server):
        self.server = server
        self.trust = ssl.create_default_context(cafile=server.certificate)
        self.kept, self.new, self.failed = [], [], 0
        self.connection = self.connect()
        self.scrape(self.connection)

    def connect(self):
        return http.client.HTTPSConnection(self.server.address, context=self.trust, timeout=10)

    @staticmethod
    def scrape(connection):
        connection.request("GET", "/metrics")
        answer = connection.getresponse()
        if answer.status != 200 or b"weir_build_info" not in answer.read():
            die(f"a scrape was answered with {answer.status}.")

    def once(self):
        start = time.monotonic()
        self.scrape(self.connection)
        self.kept.append(time.monotonic() - start)
        start = time.monotonic()
        connection = self.connect()
        try:
            self.scrape(connection)
            self.new.append(time.monotonic() - start)
        except (OSError, http.client.HTTPException):
            self.failed += 1
        connection.close()


def flood(server, kind, seconds):
    """Starts a flood; what it prints is parsed by `counts`."""
    if kind == "client certificates":
        command = ["openssl", "s_time", "-connect", server.address, "-new", "-time", str(seconds)]
        command += ["-cert", str(server.certificate), "-key", str(server.key_file)]
    else:
        command = [sys.executable, FLOOD, server.address, kind, str(HELLOS_PER_SECOND), str(seconds)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def counts(kind, printed, seconds):
    if kind == "client certificates":
        made = int(re.findall(r"(\d+) connections in \d+ real seconds", printed)[-1])
        return {"hellos_per_second": made / seconds, "answered": made, "closed": None}
    words = printed.split()
    numbers = dict(zip(words[::2], map(int, words[1::2])))
    return {
        "hellos_per_second": numbers["sent"] / seconds,
        "answered": numbers["answered"],
        "closed": numbers["closed"] + numbers["failed"],
    }


def measure(cores, seconds):
    rows = []
    for key in KEYS:
        for kind in KINDS:
            with Server(cores, key, asks=kind == "client certificates") as server:
                scraper = Scraper(server)
                row = {"key": key, "kind": kind}
                flooding = None if kind == "none" else flood(server, kind, seconds)
                end = time.monotonic() + seconds
                while time.monotonic() < end:
                    scraper.once()
                    time.sleep(1)
                if flooding:
                    row |= counts(kind, flooding.communicate(timeout=60)[0], seconds)
                rows.append(
                    row
                    | {
                        "kept_milliseconds_max": 1e3 * max(scraper.kept),
                        "new_milliseconds_max": 1e3 * max(scraper.new, default=float("nan")),
                        "failed": scraper.failed,
                    }
                )
    return rows
