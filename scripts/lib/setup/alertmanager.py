"""Debian's Alertmanager, and the webhook that it tells."""

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from programs import FREE_PORT, Program, program


class Alertmanager(Program):
    name = "alertmanager"

    def __init__(self, configuration):
        super().__init__({"alertmanager.yml": configuration})

    def command(self):
        return [
            program("prometheus-alertmanager"),
            "--config.file=alertmanager.yml",
            "--storage.path=data",
            f"--web.listen-address={FREE_PORT}",
            "--cluster.listen-address=",
        ]

    def started(self):
        self.target = self.wait_for(r'msg="Listening on" address=(\S+)')
        self.url = f"http://{self.target}"
        self.until_ready()


class Webhook:
    """Where an Alertmanager sends to: remembers each alert of each message, by the receiver in the path."""

    def __enter__(self):
        messages = self.messages = []

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                for alert in body["alerts"]:
                    messages.append((time.monotonic(), self.path.strip("/"), alert))
                self.send_response(200)
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()

    def told(self, name, status):
        """Which alerts of a name and status have come, the first one first: time, receiver and alert."""
        return [
            message
            for message in list(self.messages)
            if message[2]["labels"]["alertname"] == name and message[2]["status"] == status
        ]
