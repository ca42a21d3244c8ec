"""The processes of a cluster: three servers of NATS and three Weirs, which are ended and started again."""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

from ClusterTests.network import free_port

STREAM = "weir_weir"
# NATS sets the size of the log aside, and a GiB for the bucket of states.
STORE_BYTES_MAX, LOG_SIZE = 4 << 30, "256MiB"
STEP_SECONDS_MAX = 60
# A Weir whose start fails has tried for half a minute.
START_SECONDS_LEAST = 25
TAIL_BYTES = 1_500


class Down:
    """A time without this process."""

    def __init__(self, at, is_clean=False):
        self.at, self.is_clean = at, is_clean
        # Of one that was asked to end: when it had. And when it was started again.
        self.ended_at, self.until = at, None


class Process:
    """One process at one place. It ends with this one at the latest, even if this one is killed.

    Start it in a thread that lives on: the kernel takes the end of the thread for that of the process.
    """

    def __init__(self, network, place, folder):
        self.network, self.place = network, place
        self.folder = Path(folder) / place.name
        self.folder.mkdir()
        self.log_path = self.folder / "log"
        self.process = None
        # Whether it should run now.
        self.is_wanted = False
        self.downs = []
        # When it was started, and how long its log was then.
        self.started_at, self.log_bytes = 0.0, 0
        # Variables that it gets beside those of this process.
        self.environment = {}

    def __str__(self):
        return self.place.name

    def free_port(self, kind=socket.SOCK_STREAM):
        with self.network.inside(self.place):
            return free_port(kind)

    def arguments(self):
        raise NotImplementedError

    def start(self):
        self.is_wanted = True
        if self.downs:
            self.downs[-1].until = time.monotonic()
        self.started_at = time.monotonic()
        with open(self.log_path, "ab") as log, self.network.inside(self.place):
            self.log_bytes = log.tell()
            self.process = subprocess.Popen(
                ["setpriv", "--pdeathsig", "KILL", *self.arguments()],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=os.environ | self.environment,
            )

    def signal(self, number):
        if self.is_running():
            self.process.send_signal(number)

    def is_running(self):
        return self.process is not None and self.process.poll() is None

    def kill(self):
        """Ends it at once, as when its machine fails; a stopped process too."""
        if self.is_wanted:
            self.downs.append(Down(time.monotonic()))
        self.is_wanted = False
        self.signal(signal.SIGKILL)
        if self.process is not None:
            self.process.wait(STEP_SECONDS_MAX)

    def stop(self):
        """Asks it to end. Returns whether it did."""
        self.downs.append(Down(time.monotonic(), is_clean=True))
        self.is_wanted = False
        self.signal(signal.SIGCONT)
        self.signal(signal.SIGTERM)
        try:
            self.process.wait(STEP_SECONDS_MAX)
            self.downs[-1].ended_at = time.monotonic()
            return True
        except subprocess.TimeoutExpired:
            self.downs[-1].is_clean = False
            self.kill()
            return False

    def has_given_up(self):
        """Whether it ended at its start, after it had tried for long enough."""
        return False

    def log_tail(self):
        with open(self.log_path, "rb") as log:
            size = log.seek(0, 2)
            log.seek(max(0, size - TAIL_BYTES))
            return log.read().decode(errors="replace")

    def get(self, port, path, seconds=5, headers={}, inside=True):
        """Status and body, over a connection of its own."""
        if inside:
            with self.network.inside(self.place):
                made = socket.create_connection(("127.0.0.1", port), timeout=seconds)
        else:
            made = socket.create_connection((self.place.address, port), timeout=seconds)
        connection = http.client.HTTPConnection(self.place.address, port)
        connection.sock = made
        try:
            connection.request("GET", path, headers={"Connection": "close", **headers})
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()


class NATS(Process):
    """A server of NATS, with JetStream on files."""

    def __init__(self, network, place, folder, program):
        super().__init__(network, place, folder)
        self.program = program
        self.clients, self.routes, self.monitor = (self.free_port() for _ in range(3))
        self.store = self.folder / "store"
        self.store.mkdir()
        # Where its store is, if that is a file system of its own.
        self.disk = None

    def configure(self, all_servers):
        listen = self.network.listen_address
        routes = ", ".join(f'"nats-route://{s.place.address}:{s.routes}"' for s in all_servers)
        (self.folder / "nats.conf").write_text(
            f"""server_name: "{self}"
listen: "{listen}:{self.clients}"
http: "127.0.0.1:{self.monitor}"
jetstream {{ store_dir: "{self.store}", max_file_store: {STORE_BYTES_MAX} }}
cluster {{ name: "soak", listen: "{listen}:{self.routes}", routes: [{routes}] }}
"""
        )

    def arguments(self):
        return [self.program, "--config", self.folder / "nats.conf"]

    @property
    def url(self):
        return f"nats://{self.place.address}:{self.clients}"

    def is_healthy(self):
        try:
            return self.get(self.monitor, "/healthz", seconds=1)[0] == 200
        except (OSError, http.client.HTTPException):
            return False

    def leader(self):
        """The name of the server that leads the stream, as far as this one knows; None if it does not."""
        try:
            body = self.get(self.monitor, "/jsz?streams=true", seconds=1)[1]
        except (OSError, http.client.HTTPException):
            return None
        for account in json.loads(body).get("account_details", []):
            for stream in account.get("stream_detail", []):
                if stream.get("name") == STREAM:
                    return stream.get("cluster", {}).get("leader")
        return None


class Weir(Process):
    """A node of the cluster. Some have a directory of states, and some have none."""

    def __init__(self, network, place, folder, program, flags, has_state):
        super().__init__(network, place, folder)
        self.program, self.flags = program, flags
        self.udp, self.web = self.free_port(socket.SOCK_DGRAM), self.free_port()
        self.state = []
        if has_state:
            (self.folder / "state").mkdir()
            self.state = [f"--state.dir={self.folder}/state"]

    def configure(self, servers):
        self.servers = ",".join(server.url for server in servers)

    def arguments(self):
        listen = self.network.listen_address
        return [
            self.program,
            f"--statsd.listen-udp={listen}:{self.udp}",
            f"--web.listen-address={listen}:{self.web}",
            f"--cluster.nats={self.servers}",
            f"--cluster.node={self}",
            f"--cluster.log-size={LOG_SIZE}",
            *self.state,
            *self.flags,
        ]

    def has_given_up(self):
        with open(self.log_path, "rb") as log:
            log.seek(self.log_bytes)
            text = log.read()
        tried = time.monotonic() - self.started_at
        return self.process.returncode == 1 and tried >= START_SECONDS_LEAST and b"msg=ready" not in text

    def is_ready(self):
        try:
            return self.get(self.web, "/-/ready", seconds=1)[0] == 200
        except (OSError, http.client.HTTPException):
            return False


class Cluster:
    """All of them."""

    def __init__(self, network, folder, nats_program, weir_program, flags):
        self.network = network
        places = network.places
        self.nats = [NATS(network, places[f"n{i}"], folder, nats_program) for i in (1, 2, 3)]
        self.weirs = [
            Weir(network, places[f"w{i}"], folder, weir_program, flags, has_state=i != 3) for i in (1, 2, 3)
        ]
        for server, weir in zip(self.nats, self.weirs):
            server.beside, weir.beside = weir, server
        for process in self.all:
            process.configure(self.nats)

    @property
    def all(self):
        return [*self.nats, *self.weirs]

    def start(self):
        for server in self.nats:
            server.start()
        self.wait("NATS is healthy", self.nats, NATS.is_healthy)
        for weir in self.weirs:
            weir.start()
        self.wait("the Weirs are ready", self.weirs, Weir.is_ready)

    def wait(self, what, processes, is_so):
        end = time.monotonic() + STEP_SECONDS_MAX
        for process in processes:
            while not is_so(process):
                if time.monotonic() > end or not process.is_running():
                    sys.exit(f"soak: {what}: not within a minute. {process} says: {process.log_tail()}")
                time.sleep(0.05)

    def leader(self):
        """The server that most of them say leads the stream; the first one if none does."""
        names = [name for server in self.nats if server.is_running() and (name := server.leader())]
        best = max(names, key=names.count, default=None)
        return next((server for server in self.nats if str(server) == best), self.nats[0])

    def end(self):
        for process in self.all:
            process.kill()
