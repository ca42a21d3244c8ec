"""The end of the log as a server of NATS says it. To wait for it is no barrier, which --break=end shows.

The server that leads the log goes on answering for some seconds after it was cut off.
"""

import json
import re
import socket
import time

from ClusterTests.processes import STREAM

ANSWER_BYTES_MAX = 1 << 20
PAUSE_SECONDS = 0.01
SEQUENCE = re.compile(rb"^weir_cluster_sequence (\S+)$", re.MULTILINE)


def stream_end(weir, seconds):
    """The last sequence, by the server beside a Weir.

    -> INFO {...}   <- CONNECT {...}, SUB, PUB, PING   -> PONG, MSG inbox 1 bytes, {...}
    """
    server = weir.beside
    with weir.network.inside(weir.place):
        connection = socket.create_connection((server.place.address, server.clients), timeout=seconds)
    with connection, connection.makefile("rb") as lines:
        lines.readline()
        connection.sendall(
            b'CONNECT {"verbose":false,"pedantic":false,"lang":"python","version":"1"}\r\n'
            + b"SUB _INBOX.end 1\r\n"
            + f"PUB $JS.API.STREAM.INFO.{STREAM} _INBOX.end 0\r\n\r\n".encode()
        )
        while line := lines.readline():
            if line.startswith(b"PING"):
                connection.sendall(b"PONG\r\n")
            if line.startswith(b"MSG "):
                size = min(int(line.split()[-1]), ANSWER_BYTES_MAX)
                answer = json.loads(lines.read(size))
                if "state" not in answer:
                    raise OSError(f"The stream has no state: {answer.get('error')}")
                return answer["state"]["last_seq"]
    raise OSError("The server of NATS ended the connection.")


def wait_for_stream_end(weir, seconds, inside):
    """Waits until a Weir has applied what the server beside it takes for the end."""
    until = time.monotonic() + seconds
    last = stream_end(weir, seconds)
    while True:
        status, body = weir.get(weir.web, "/metrics/node", seconds, inside=inside)
        found = SEQUENCE.search(body) if status == 200 else None
        if found and float(found[1]) >= last:
            return
        if time.monotonic() > until:
            raise TimeoutError(f"The node has not applied message {last}.")
        time.sleep(PAUSE_SECONDS)
