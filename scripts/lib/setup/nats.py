"""A server of NATS with JetStream, at a free port of the loopback."""

import socket
import subprocess

from programs import Program, program


class NATS(Program):
    name = "nats-server"

    def __init__(self, port=None):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", port or 0))
            self.address = "127.0.0.1:%d" % probe.getsockname()[1]
        self.url = f"nats://{self.address}"
        super().__init__({"nats.conf": f'listen: "{self.address}"\njetstream {{store_dir: "store"}}\n'})

    def command(self):
        return [program("nats-server"), "--config", "nats.conf"]

    def started(self):
        self.wait_for("Server is (ready)")

    def start_again(self):
        """With what it has on its disk, after it was killed."""
        self.process.wait()
        self.process = subprocess.Popen(
            self.command(), stdout=self.log, stderr=subprocess.STDOUT, cwd=self.folder
        )
