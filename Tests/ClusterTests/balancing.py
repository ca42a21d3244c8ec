"""A balancer: each request goes to the next node, by a connection of its own."""

import itertools
import socket
import threading

CONNECT_SECONDS_MAX = 2
ANSWER_SECONDS_MAX = 10
HEAD_BYTES_MAX = 1 << 16
PIECE_BYTES = 1 << 16


class Balancer(threading.Thread):
    def __init__(self, weirs):
        super().__init__(name="balancer", daemon=True)
        self.weirs = itertools.cycle(weirs)
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self.listener.getsockname()[1]}"

    def run(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.pass_on, args=[client, next(self.weirs)], daemon=True).start()

    def pass_on(self, client, weir):
        try:
            with client:
                client.settimeout(ANSWER_SECONDS_MAX)
                head = request_head(client)
                address = (weir.place.address, weir.web)
                with socket.create_connection(address, timeout=CONNECT_SECONDS_MAX) as server:
                    server.settimeout(ANSWER_SECONDS_MAX)
                    # So that the next request is another connection.
                    server.sendall(head.removesuffix(b"\r\n") + b"Connection: close\r\n\r\n")
                    while piece := server.recv(PIECE_BYTES):
                        client.sendall(piece)
        except OSError:
            # The client sees an answer that ends too early.
            pass

    def close(self):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()


def request_head(client):
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        piece = client.recv(PIECE_BYTES)
        if not piece or len(head) > HEAD_BYTES_MAX:
            raise OSError("there is no whole request")
        head += piece
    return head
