"""Runs what the first user's document has, word for word; see scripts/check-gateway-document.

gateway-document.json is its content. Here it meets a Weir to which three Node gateways push (docs/examples/node),
and which in a bad phase is also sent text; a real Prometheus with the document's three jobs; promtool and curl. The
namespace has the document's ports and host names.
"""

import contextlib
import json
import re
import socket
import subprocess
import sys
import urllib.request

from operating import namespace
from operating.page import Mismatch, shell
from operating.quick_prometheus import QuickPrometheus
from programs import ROOT, STEP_SECONDS_MAX, Program, Weir, certificate, eventually, program

DOCUMENT = json.loads((ROOT / "scripts/lib/operating/gateway-document.json").read_text())
HOSTS = {
    "localhost": "127.0.0.1",
    "your-app.vercel.app": "127.0.0.1",
    "app-1.example.com": "127.0.0.11",
    "app-2.example.com": "127.0.0.12",
    "app-3.example.com": "127.0.0.13",
}
# TLS, and the document's user with its password.
WEB = b"""\
tls_server_config: {cert_file: cert.pem, key_file: key.pem}
basic_auth_users:
  metrics: $2b$10$WeirChecksOnlyNoSecreeEYU.8zTp/MZihwB/Um6MDozJ7LZeHRy
"""
GATEWAYS = 3
REQUESTS = 1_200
# All times but those within expressions are shorter by this.
TIMES = 15


class Gateway(Program):
    """docs/examples/node/gateway.mjs"""

    name = "gateway"

    def __init__(self, number):
        super().__init__()
        self.number = number

    def command(self):
        file = ROOT / "docs/examples/node/gateway.mjs"
        return [program("node"), file, f"--instance=gateway-{self.number}", f"--seed={self.number}"]

    def started(self):
        self.port = int(self.wait_for(r'"port":(\d+)'))


def load(gateways):
    """Sends all gateways the requests of an hour, and returns how many were answered."""
    urls = ",".join(f"http://127.0.0.1:{gateway.port}" for gateway in gateways)
    command = [program("node"), ROOT / "docs/examples/node/load.mjs", f"--gateways={urls}"]
    run = subprocess.run([*command, f"--requests={REQUESTS}"], capture_output=True, text=True, timeout=60)
    if run.returncode:
        raise RuntimeError(f"load.mjs: {run.stdout}{run.stderr}")
    return json.loads(run.stdout)["answered"]


def bad_phase():
    """What a fourth instance sends as text: errors, slow answers, much memory, many refused requests."""
    labels = "#provider:anthropic,model:sonnet"
    lines = [f"llm_requests_total:1|c|{labels},status:error"] * 300
    lines += [f"llm_request_duration_seconds:8|h|{labels}"] * 300
    lines += [f"llm_tokens_total:20|c|{labels},type:prompt"] * 300
    lines.append("process_resident_memory_bytes:1610612736|g|#instance:gateway-4")
    lines.append("rate_limit_hits_total:4000|c|#endpoint:/v1/chat/completions")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        for begin in range(0, len(lines), 15):
            sender.sendto("\n".join(lines[begin : begin + 15]).encode(), ("127.0.0.1", 8125))


def configuration():
    """The document's jobs and alerts as files of Prometheus, which reads JSON as YAML."""
    jobs = json.loads(json.dumps(DOCUMENT["scrapes"]))
    jobs["basic"]["scrape_interval"] = jobs["basic"]["scrape_timeout"] = f"{15 // TIMES}s"
    # What stands for a certificate of a public authority.
    jobs["password"]["tls_config"] = {"ca_file": "cert.pem"}
    rules = [
        {key: rule[key] for key in ("alert", "expr", "for")} | {"labels": {"severity": rule["severity"]}}
        for rule in DOCUMENT["alerts"]
    ]
    group = {"name": "realmultillm", "interval": f"{30 // TIMES}s", "rules": rules}
    content = {"rule_files": ["alerts.yml"], "scrape_configs": list(jobs.values())}
    lines = [f"{json.dumps(key)}: {json.dumps(value)}\n" for key, value in content.items()]
    return "".join(lines), json.dumps({"groups": [group]}).encode()


class Run:
    def __init__(self, stack):
        key, cert = certificate("DNS:your-app.vercel.app")
        files = {"key.pem": key, "cert.pem": cert, "web.yml": WEB}
        flags = ["--web.listen-address=localhost:3000", f"--series.zero-first={30 // TIMES}s"]
        self.weir = stack.enter_context(Weir(*flags))
        stack.enter_context(
            Weir(
                "--statsd.listen-udp=",
                "--web.listen-address=127.0.0.1:443",
                "--web.config.file=web.yml",
                files=files,
            )
        )
        for host, address in HOSTS.items():
            if host.startswith("app-"):
                addresses = [f"--statsd.listen-udp={address}:8125", f"--web.listen-address={address}:3000"]
                stack.enter_context(Weir(*addresses))
        jobs, rules = configuration()
        self.prometheus = stack.enter_context(QuickPrometheus(jobs, files={"cert.pem": cert, "alerts.yml": rules}))
        self.gateways = [stack.enter_context(Gateway(number + 1)) for number in range(GATEWAYS)]
        self.faults = []

    def require(self, condition, sentence):
        if not condition:
            self.faults.append(sentence)

    def __call__(self):
        self.jobs()
        answered = load(self.gateways)
        requests = sum(count for status, count in answered.items() if status in ("200", "502"))
        self.wait_for(f"sum(llm_requests_total) == {requests}")
        self.wait_for("sum(rate(llm_requests_total[5m])) > 0")
        self.metrics()
        for panel in DOCUMENT["panels"]:
            self.answers(panel["panel"], panel)
        for alert in DOCUMENT["alerts"]:
            found = self.prometheus.query(alert["expr"])
            self.require(not found, f"{alert['alert']} is not silent while all is well: {found}")
        self.commands()
        bad_phase()
        self.wait_for(f"sum(llm_requests_total) == {requests + 300}")
        for alert in DOCUMENT["alerts"]:
            self.wait_for(alert["expr"])
            self.answers(alert["alert"], alert)
        self.pending()
        return requests

    def wait_for(self, expression):
        eventually(expression, lambda: self.prometheus.query(expression))

    def jobs(self):
        """Every target of the document's three scrape configurations."""
        for job in DOCUMENT["scrapes"].values():
            config = job["static_configs"][0]
            labels = {"job": job["job_name"]} | config.get("labels", {})
            selector = ",".join(f'{name}="{value}"' for name, value in labels.items())
            self.wait_for(f"count(up{{{selector}}} == 1) == {len(config['targets'])}")

    def metrics(self):
        """Name, type and labels of each metric, on the page that the document names."""
        with urllib.request.urlopen(
            "http://localhost:3000/api/metrics/prometheus", timeout=STEP_SECONDS_MAX
        ) as answer:
            page = answer.read().decode()
        for metric in DOCUMENT["metrics"]:
            name, kind = metric["name"], metric["type"]
            self.require(f"# TYPE {name} {kind}\n" in page, f"{name} is no {kind}.")
            sample = f"{name}_count" if kind == "histogram" else name
            found = [
                set(re.findall(r'(\w+)="', labels)) - {"instance"}
                for labels in re.findall(rf"^{sample}(?:\{{(.*)\}})? ", page, re.MULTILINE)
            ]
            self.require(found, f"{name} is not there.")
            for labels in found:
                self.require(labels == set(metric["labels"]), f"{name} has the labels {labels}.")

    def answers(self, title, query):
        """A query has an answer with a number and with the labels that the document's panels and alerts use."""
        found = self.prometheus.query(query["expr"])
        self.require(
            len(found) >= query.get("series_min", 1), f"{title} has an answer of {len(found)} series."
        )
        for series in found:
            self.require(series["value"][1] != "NaN", f"{title}: {series['metric']} is NaN.")
            missing = set(query["labels"]) - series["metric"].keys()
            self.require(not missing, f"{title}: {series['metric']} lacks {missing}.")

    def commands(self):
        """Each as it is; where curl itself refuses it, then with -g."""
        for command in DOCUMENT["commands"]:
            text = command["command"]
            if refusal := command.get("refused_by_curl"):
                self.require(refusal in shell(text), f"curl accepts {text}.")
                text = text.replace("curl ", "curl -sg ", 1)
            printed = shell(f"set -o pipefail; {text}; echo status $?")
            self.require(printed.endswith("status 0\n"), f"{text} fails: {printed[-300:]}")
            wanted = command["prints"]
            right = wanted in printed if wanted else printed == "status 0\n"
            self.require(right, f"{text} prints: {printed[-300:]}")
        for page in DOCUMENT["pages"]:
            # Debian's package has only the older pages.
            found = [shell(f"curl -sfL {page[key]}") for key in ("page", "of_debian")]
            self.require(any("<html" in text for text in found), f"{page['page']} is no page.")

    def pending(self):
        """Each alert waits for its own time, with its severity."""
        wanted = {alert["alert"]: alert["severity"] for alert in DOCUMENT["alerts"]}

        def waiting():
            alerts = self.prometheus.answer("/api/v1/alerts")["alerts"]
            found = {each["labels"]["alertname"]: each["labels"]["severity"] for each in alerts}
            return found == wanted and {each["state"] for each in alerts} == {"pending"}

        eventually("all alerts pending", waiting)


def main():
    namespace.enter(HOSTS)
    with contextlib.ExitStack() as stack:
        try:
            run = Run(stack)
            requests = run()
        except (Mismatch, TimeoutError, RuntimeError, ValueError) as error:
            sys.exit(str(error))
        if run.faults:
            sys.exit("\n".join(run.faults))
    counts = ", ".join(
        f"{len(DOCUMENT[part])} {part}" for part in ("metrics", "scrapes", "alerts", "panels", "commands")
    )
    print(f"gateway document: {counts}, with {requests} requests of {GATEWAYS} gateways")


if __name__ == "__main__":
    main()
