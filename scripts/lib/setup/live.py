"""A real Prometheus with data for every query: four Weirs, the gateway's traffic, and every mistake.

  main   has a state, mapping rules and all inputs, relays to targets that are not there, is forwarded to, and
         pushes to a CloudWatch of setup/cloudwatch.py
  edge   forwards to main, and has a state
  tls    has TLS, a user and keys
  node   is the only one of a cluster, on a server of NATS
"""

import base64
import contextlib
import http.client
import socket
import ssl
import threading
import urllib.request

from programs import Prometheus, Weir, certificate, eventually, push_client
from setup.checks import rule_files
from setup.cloudwatch import CREDENTIALS, CloudWatch
from setup.nats import NATS
from setup.scale import scaled_rules
from setup.traffic import Fleet

# Of the password "scrape", with the least cost that is accepted.
WEB = b"""\
tls_server_config: {cert_file: cert.pem, key_file: key.pem}
basic_auth_users:
  prometheus: $2b$10$WeirChecksOnlyNoSecreeFYBdGghuM4Bh12gkaCHr6F0mpHBGmBq
"""
KEYS = b"keys: [{id: checks, secret: 00112233445566778899aabbccddeeff}]\n"
MAPPING = b"""\
mappings:
  - {match: "mapped.*.done", name: mapped_done_total, labels: {job: "$1"}}
  - {match: "unwanted.*", name: unwanted, action: drop}
"""
CONFIGURATION = """\
global: {{scrape_interval: 500ms, scrape_timeout: 500ms, evaluation_interval: 500ms}}
rule_files: [rules/*.yml]
scrape_configs:
  - {{job_name: weir, honor_labels: true, static_configs: [{{targets: ["{main}"]}}]}}
  - {{job_name: weir-node, metrics_path: /metrics/node, static_configs: [{{targets: ["{node}"]}}]}}
  - {{job_name: weir-edge, honor_labels: true, static_configs: [{{targets: ["{edge}"]}}]}}
  - job_name: weir-tls
    honor_labels: true
    scheme: https
    tls_config: {{ca_file: ca.pem}}
    basic_auth: {{username: prometheus, password: scrape}}
    static_configs: [{{targets: ["{tls}"]}}]
"""
EDGE_CONNECTIONS_MAX = 4
TCP_CONNECTIONS_MAX = 2
TICK_SECONDS = 0.1
SERIES_PER_NAME = 20


def unused_address():
    """One of the loopback at which nobody receives."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return f"127.0.0.1:{probe.getsockname()[1]}"


class Live:
    """`prometheus` answers about traffic that goes on until the end of the block."""

    def __enter__(self):
        with contextlib.ExitStack() as stack:
            key, cert = certificate()
            main_flags = [
                "--state.dir=state", "--series.ttl=process_*=5m", "--limit.overflow=series",
                f"--limit.series-per-name={SERIES_PER_NAME}", "--statsd.mapping-config=mapping.yml",
                "--statsd.listen-tcp=127.0.0.1:0", f"--limit.tcp-connections={TCP_CONNECTIONS_MAX}",
                f"--statsd.relay.address={unused_address()}",
                "--statsd.relay.address=unixgram:///var/empty/not-there.sock",
                # More metrics than it may push.
                f"--cloudwatch.endpoint={stack.enter_context(CloudWatch()).url}",
                "--cloudwatch.namespace=Gateway", "--cloudwatch.region=us-east-1", "--cloudwatch.interval=1s",
                "--cloudwatch.include=llm_*", "--cloudwatch.dimensions=provider", "--cloudwatch.max-metrics=2",
            ]  # fmt: skip
            self.main = stack.enter_context(
                Weir.on_free_ports(
                    *main_flags, files={"mapping.yml": MAPPING}, environment=CREDENTIALS
                )
            )
            self.tcp = self.main.wait_for(r'msg="listening for StatsD over TCP" address=(\S+)')
            self.edge = stack.enter_context(
                Weir.on_free_ports(
                    f"--forward.address={self.main.udp}", "--state.dir=state",
                    f"--web.max-connections={EDGE_CONNECTIONS_MAX}",
                )
            )
            files = {"key.pem": key, "cert.pem": cert, "web.yml": WEB, "keys.yml": KEYS}
            flags = ["--web.config.file=web.yml", "--push.keys-file=keys.yml"]
            self.tls = stack.enter_context(Weir.on_free_ports(*flags, files=files))
            nats = stack.enter_context(NATS())
            node_flags = [f"--cluster.nats={nats.url}", "--cluster.replicas=1", "--cluster.log-size=16MiB"]
            self.node = stack.enter_context(Weir.on_free_ports(*node_flags))
            self.tls_context = ssl.create_default_context(cadata=cert.decode())
            configuration = CONFIGURATION.format(
                main=self.main.target, edge=self.edge.target, tls=self.tls.target, node=self.node.target
            )
            rules = {
                f"rules/{file.name}": scaled_rules(file, factor=60, with_windows=False)
                for file in rule_files()
            }
            self.prometheus = stack.enter_context(Prometheus(configuration, rules | {"ca.pem": cert}))
            self.fleet = stack.enter_context(Fleet(self.main.udp, instances=2))
            self.edge_fleet = stack.enter_context(Fleet(self.edge.udp, instances=1, seed=2))
            self.udp = stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
            # The third one's frames are refused, because they are not signed.
            weirs = (self.main, self.edge, self.tls)
            self.clients = [push_client(weir.udp, flush_interval=0.2) for weir in weirs]
            for client in self.clients:
                stack.callback(client.close, 0)
            self.ending = threading.Event()
            self.trouble, self.ticks = None, 0
            sender = threading.Thread(target=self.send, daemon=True)
            sender.start()
            stack.callback(sender.join)
            stack.callback(self.ending.set)
            self.stack = stack.pop_all()
        return self

    def __exit__(self, *_):
        self.stack.close()

    def send(self):
        self.fleet.is_bad = True
        try:
            while not self.ending.wait(TICK_SECONDS):
                self.fleet.run(TICK_SECONDS)
                self.edge_fleet.run(TICK_SECONDS)
                self.send_mistakes()
                for client in self.clients:
                    client.counter("pushed_total").inc()
                    # Text has made it a gauge.
                    client.counter("process_heap_bytes").inc()
        except Exception as trouble:
            self.trouble = trouble

    def send_mistakes(self):
        lines = ["llm_requests_total:oops|c", "mapped.a.done:1|c", "unwanted.x:1|c"]
        lines += [f"wide_total:1|c|#user:{n}" for n in range(2 * SERIES_PER_NAME)]
        lines += [f"wide:1|g|#user:{n}" for n in range(2 * SERIES_PER_NAME)]
        for line in lines:
            self.to(self.main.udp, line.encode())
        self.ticks += 1
        if self.ticks % 10 == 1:
            self.connect_too_often()
            self.post("/api/v1/statsd", b"posted_total:1|c\n")
            self.post("/metrics/job/backup", b"backup_bytes 7\n")
            self.post("/metrics/job/backup", b"backup_bytes seven\n")
            # Checking a password is meant to cost something.
            self.connect_in_plain_text()
            self.ask_with_a_wrong_password()
            self.hold_connections()

    def to(self, address, datagram):
        host, _, port = address.rpartition(":")
        self.udp.sendto(datagram, (host, int(port)))

    def post(self, path, body):
        request = urllib.request.Request(f"{self.main.url}{path}", body)
        with contextlib.suppress(OSError):
            urllib.request.urlopen(request, timeout=1).close()

    def connect_too_often(self):
        """Over TCP: one connection more than there may be, and a line that is too long."""
        host, _, port = self.tcp.rpartition(":")
        lines = [*[b"tcp_total:1|c\n"] * (TCP_CONNECTIONS_MAX + 1), b"x" * 70_000]
        for some in (lines[:-1], lines[-1:]):
            with contextlib.ExitStack() as held:
                for line in some:
                    with contextlib.suppress(OSError):
                        connection = socket.create_connection((host, int(port)), timeout=1)
                        held.enter_context(connection)
                        connection.sendall(line)

    def connect_in_plain_text(self):
        with contextlib.suppress(OSError, http.client.HTTPException):
            urllib.request.urlopen(f"http://{self.tls.target}/metrics", timeout=1).close()

    def ask_with_a_wrong_password(self):
        request = urllib.request.Request(f"https://{self.tls.target}/metrics")
        wrong = base64.b64encode(b"prometheus:wrong").decode()
        request.add_header("Authorization", f"Basic {wrong}")
        with contextlib.suppress(OSError):
            urllib.request.urlopen(request, timeout=1, context=self.tls_context).close()

    def hold_connections(self):
        """One more than there may be, so that the server closes one that is idle."""
        host, _, port = self.edge.target.rpartition(":")
        with contextlib.ExitStack() as held:
            for _ in range(EDGE_CONNECTIONS_MAX + 1):
                with contextlib.suppress(OSError):
                    connection = http.client.HTTPConnection(host, int(port), timeout=1)
                    held.callback(connection.close)
                    connection.request("GET", "/-/healthy")
                    connection.getresponse().read()

    def wait_for_data(self):
        """Until each Weir was scraped often enough for a rate, and the rules have used it."""
        for question in (
            "min(count_over_time(weir_build_info[5m])) >= 6 and count(weir_build_info) == 4",
            "count(provider_model:llm_cost_dollars:rate5m > 0) >= 3",
            "weir_forward_frames_confirmed_total > 2",
        ):
            eventually(question, lambda: self.prometheus.query(question))
        self.check_sender()

    def check_sender(self):
        """Raises what has ended the traffic, if anything has."""
        if self.trouble:
            raise self.trouble
