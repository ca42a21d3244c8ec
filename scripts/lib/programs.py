"""The real programs that the checks of docs/ start, each in a folder that goes with it.

They listen on free ports of the loopback, or on the addresses that the documentation names where a check has a
network of its own.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
# Nothing but a stalled machine takes longer.
STEP_SECONDS_MAX = 30
FREE_PORT = "127.0.0.1:0"


def weir_program():
    """The release build, or what WEIR names."""
    path = Path(os.environ.get("WEIR", ROOT / ".build/release/weir")).absolute()
    if not path.exists():
        sys.exit(f"There is no {path}; run scripts/test release.")
    return path


def program(name):
    path = shutil.which(name)
    if path is None:
        sys.exit(f"There is no {name} here; scripts/lib/common.sh says what brings it.")
    return path


def eventually(what, condition, within=STEP_SECONDS_MAX):
    """Waits until a condition returns something that is true, and returns it."""
    end = time.monotonic() + within
    while True:
        if found := condition():
            return found
        if time.monotonic() > end:
            raise TimeoutError(f"{what} did not happen within {within} s")
        time.sleep(0.05)


class Program:
    """A program that is ended, with its files, at the end of its block. It runs in its folder.

    `files` are the contents by name, which may be in folders. `environment` is added to that of the check.
    """

    name = "program"

    def __init__(self, files=None, environment=None):
        self.files = files or {}
        self.environment = environment or {}

    def __enter__(self):
        self.temporary = tempfile.TemporaryDirectory()
        self.folder = Path(self.temporary.name)
        self.log = open(self.folder / "log", "w")
        try:
            for name, content in self.files.items():
                file = self.folder / name
                file.parent.mkdir(exist_ok=True)
                file.write_bytes(content.encode() if isinstance(content, str) else content)
                file.chmod(0o600)
            self.process = subprocess.Popen(
                self.command(), stdout=self.log, stderr=subprocess.STDOUT, cwd=self.folder,
                env=os.environ | self.environment,
            )  # fmt: skip
            self.started()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        process = getattr(self, "process", None)
        if process is not None:
            process.terminate()
            try:
                process.wait(5)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self.log.close()
        self.temporary.cleanup()

    def logged(self):
        return (self.folder / "log").read_text()

    def wait_for(self, pattern):
        """The first group of a pattern in the log."""

        def found():
            match = re.search(pattern, self.logged())
            if match is None and self.process.poll() is not None:
                raise RuntimeError(f"{self.name} ended: {self.logged()}")
            return match

        return eventually(f"{pattern} in the log of {self.name}", found)[1]

    def get(self, path, **fields):
        """A page as text."""
        url = f"{self.url}{path}"
        if fields:
            url += "?" + urllib.parse.urlencode(fields, doseq=True)
        with urllib.request.urlopen(url, timeout=STEP_SECONDS_MAX) as answer:
            return answer.read().decode()

    def until_ready(self):
        def is_ready():
            try:
                self.get("/-/ready")
                return True
            except OSError:
                if self.process.poll() is not None:
                    raise RuntimeError(f"{self.name} ended: {self.logged()}") from None
                return False

        eventually(f"{self.name} ready", is_ready)


class Weir(Program):
    """Its folder has another one, `state`, for --state.dir. `get` is for one without TLS."""

    name = "weir"

    def __init__(self, *flags, files=None, environment=None):
        super().__init__(files, environment)
        self.flags = flags

    @classmethod
    def on_free_ports(cls, *flags, **options):
        free = [f"--statsd.listen-udp={FREE_PORT}", f"--web.listen-address={FREE_PORT}"]
        return cls(*free, *flags, **options)

    def command(self):
        (self.folder / "state").mkdir(mode=0o700)
        return [weir_program(), *self.flags]

    def started(self):
        self.wait_for(r'msg="?(ready)')

    @property
    def udp(self):
        return self.wait_for(r'msg="listening for StatsD".* address=(\S+)')

    @property
    def target(self):
        return self.wait_for(r'msg="?serving.* address=(\S+)')

    @property
    def url(self):
        return f"http://{self.target}"

    def value(self, series, path="/metrics"):
        """What a scrape shows of one series, or None."""
        found = re.search(rf"^{re.escape(series)} (\S+)$", self.get(path), re.MULTILINE)
        return float(found[1]) if found else None


class Prometheus(Program):
    name = "prometheus"

    def __init__(self, configuration, files=None, address=FREE_PORT):
        super().__init__({"prometheus.yml": configuration} | (files or {}))
        self.address = address

    def command(self):
        return [
            program("prometheus"),
            "--config.file=prometheus.yml",
            "--storage.tsdb.path=data",
            f"--web.listen-address={self.address}",
        ]

    def started(self):
        self.url = "http://" + self.wait_for(r'msg="Listening on" address=(\S+)')
        self.until_ready()

    def answer(self, path, **fields):
        """The data of an answer; an error of Prometheus is a ValueError with its sentence."""
        try:
            return json.loads(self.get(path, **fields))["data"]
        except urllib.error.HTTPError as error:
            raise ValueError(json.loads(error.read()).get("error", str(error))) from None

    def query(self, expression):
        return self.answer("/api/v1/query", query=expression)["result"]

    def query_range(self, expression, start, end, step):
        fields = {"query": expression, "start": start, "end": end, "step": step}
        return self.answer("/api/v1/query_range", **fields)["result"]


def certificate(names="IP:127.0.0.1"):
    """A key and a certificate, valid for 30 days, both as PEM."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(
            [
                program("openssl"), "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
                "-nodes", "-keyout", "key.pem", "-out", "cert.pem", "-days", "30",
                "-subj", "/CN=weir", "-addext", f"subjectAltName={names}",
            ],
            cwd=folder, check=True, capture_output=True,
        )  # fmt: skip
        return (Path(folder) / "key.pem").read_bytes(), (Path(folder) / "cert.pem").read_bytes()


def push_client(address="127.0.0.1:8125", **options):
    """The Python client of this repository, which pushes totals."""
    sys.path.insert(0, str(ROOT / "Sources/Clients/python/src"))
    import weir_client

    return weir_client.Client(address, **options)
