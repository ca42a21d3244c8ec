"""Sends what hostile clients may send, and reads every page as the strictest readers do.

strict_pages.py UDP WEB SEED ROUNDS PROMTOOL [utf-8] [forgets]

prometheus_client reads OpenMetrics and text, promtool the text formats, and strict_protobuf.py protobuf.
Counts in OpenMetrics must never fall, unless the server forgets series. Prints the first page that is
refused and why, and then ends with status 1.
"""

import re
import socket
import subprocess
import sys
import time
import urllib.request

from prometheus_client import parser
from prometheus_client.openmetrics.parser import text_string_to_metric_families as read_openmetrics

from hostile_sender import Hostile
from strict_protobuf import Refused, expect, read_protobuf

SCHEMES = ["allow-utf-8", "underscores", "dots", "values"]
PROTOBUF = "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited"


class Reader:
    def __init__(self, web, promtool, utf8, forgets):
        self.web = web
        self.promtool = promtool
        self.utf8 = utf8
        self.forgets = forgets
        self.counts = {}

    def get(self, accept):
        request = urllib.request.Request(f"http://{self.web}/metrics", headers={"Accept": accept})
        with urllib.request.urlopen(request, timeout=20) as answer:
            return answer.read()

    def openmetrics(self, accept):
        page = self.get(accept)
        try:
            for family in read_openmetrics(page.decode()):
                for sample in family.samples:
                    if family.type in ("histogram", "summary") and sample.name != family.name:
                        self.grows(accept, family, sample)
        except Refused:
            raise
        except Exception as error:
            raise Refused(f"{type(error).__name__}: {error}") from error
        return page

    def grows(self, accept, family, sample):
        if sample.name.endswith("_created"):
            return
        # Of names that become one the first in order is shown, and a new one may come before it.
        if self.forgets or self.utf8 and "allow-utf-8" not in accept:
            return
        key = (accept, sample.name, tuple(sorted(sample.labels.items())))
        expect(self.counts.get(key, 0) <= sample.value, f"{key} fell from {self.counts.get(key)} to {sample.value}")
        self.counts[key] = sample.value

    def text(self, accept):
        page = self.get(accept)
        for _ in parser.text_string_to_metric_families(page.decode()):
            pass
        series = [line.rpartition(b" ")[0] for line in page.split(b"\n") if line[:1] != b"#"]
        for each in set(series):
            expect(not each or series.count(each) == 1, f"{each} twice")
        names = [line[7:].rpartition(b" ")[0] for line in page.split(b"\n") if line.startswith(b"# TYPE ")]
        expect(len(set(names)) == len(names), "a family twice")
        return page

    def lint(self):
        page = self.text("text/plain;version=0.0.4")
        result = subprocess.run([self.promtool, "check", "metrics"], input=page, capture_output=True)
        # 3 is a matter of taste.
        expect(result.returncode in (0, 3), f"promtool: {result.stderr.decode(errors='replace')[:500]}")

    def all(self):
        steps = [("text 0.0.4", self.lint), ("OpenMetrics 0.0.1", lambda: self.openmetrics("application/openmetrics-text;version=0.0.1"))]
        for scheme in SCHEMES:
            open1 = f"application/openmetrics-text;version=1.0.0;escaping={scheme}"
            steps += [
                (f"OpenMetrics 1.0.0, {scheme}", lambda accept=open1: self.openmetrics(accept)),
                (f"text 1.0.0, {scheme}", lambda accept=f"text/plain;version=1.0.0;escaping={scheme}": self.text(accept)),
                (f"protobuf, {scheme}", lambda accept=f"{PROTOBUF};escaping={scheme}": read_protobuf(self.get(accept))),
            ]
        for what, step in steps:
            try:
                step()
            except Refused as refusal:
                raise Refused(f"{what}: {refusal}") from refusal


def main():
    udp, web, seed, rounds, promtool = sys.argv[1:6]
    host, port = udp.rsplit(":", 1)
    sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    hostile = Hostile(int(seed), "utf-8" in sys.argv[6:])
    reader = Reader(web, promtool, hostile.utf8, "forgets" in sys.argv[6:])
    sent = 0
    for number_of_round in range(int(rounds)):
        for _ in range(8):
            lines = "\n".join(hostile.line() for _ in range(12)).encode("utf-8", "replace")
            sender.sendto(lines, (host, int(port)))
            sender.sendto(hostile.frame([hostile.record() for _ in range(6)]), (host, int(port)))
            sent += 2
        end = time.monotonic() + 20
        while True:
            page = reader.get("text/plain").decode()
            received = sum(int(count) for count in re.findall(r"^weir_datagrams_received_total\{[^}]*\} (\d+)$", page, re.M))
            if received >= sent:
                break
            expect(time.monotonic() < end, f"{received} datagrams of {sent} have come")
        try:
            reader.all()
        except Refused as refusal:
            sys.exit(f"seed {seed}, round {number_of_round}: {refusal}")
    applied = re.search(r"^weir_push_records_total (\d+)$", page, re.M)
    print(f"{len(reader.counts)} counts, {applied.group(1)} records")


if __name__ == "__main__":
    main()
