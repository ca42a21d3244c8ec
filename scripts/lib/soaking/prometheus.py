"""A real Prometheus that scrapes one server every second."""

import json
import re
import shutil
import subprocess
import tempfile
import time
import urllib.parse
import urllib.request
from pathlib import Path

from soaking.server import STEP_SECONDS_MAX, die

CONFIGURATION = """\
global:
  scrape_interval: 1s
  scrape_timeout: 1s
scrape_configs:
  - job_name: weir
    honor_labels: true
    static_configs:
      - targets: ["{target}"]
"""


class Prometheus:
    """Ended with its block; its data goes with it."""

    def __init__(self, target):
        self.target = target

    def __enter__(self):
        program = shutil.which("prometheus")
        if program is None:
            die("There is no prometheus; install the package prometheus.")
        self.folder = tempfile.TemporaryDirectory()
        folder = Path(self.folder.name)
        (folder / "prometheus.yml").write_text(CONFIGURATION.format(target=self.target))
        self.log = open(folder / "log", "w")
        self.process = subprocess.Popen(
            [
                program,
                f"--config.file={folder}/prometheus.yml",
                f"--storage.tsdb.path={folder}/data",
                "--web.listen-address=127.0.0.1:0",
            ],
            stderr=self.log,
        )
        end = time.monotonic() + STEP_SECONDS_MAX
        while not (found := re.search(r'msg="Listening on" address=(\S+)', self.logged())):
            if self.process.poll() is not None or time.monotonic() > end:
                die(f"Prometheus did not start: {self.logged()}")
            time.sleep(0.05)
        self.address = found[1]
        while True:
            try:
                urllib.request.urlopen(f"http://{self.address}/-/ready", timeout=1).close()
                return self
            except OSError:
                if time.monotonic() > end:
                    die("Prometheus did not become ready.")
                time.sleep(0.05)

    def logged(self):
        return (Path(self.folder.name) / "log").read_text()

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        self.log.close()
        self.folder.cleanup()

    def query(self, expression, at=None):
        """Labels and value of each series of an instant vector, or the samples of each of a range."""
        fields = {"query": expression} | ({} if at is None else {"time": at})
        url = f"http://{self.address}/api/v1/query?{urllib.parse.urlencode(fields)}"
        with urllib.request.urlopen(url, timeout=STEP_SECONDS_MAX) as answer:
            return json.load(answer)["data"]["result"]
