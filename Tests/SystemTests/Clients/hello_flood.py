"""Sends TLS hellos to a server at a steady rate, each on a connection of its own.

usage: hello_flood.py HOST:PORT KIND RATE SECONDS

Each connection is closed once the server has answered, so that the server does its most expensive work
for nothing. Prints "sent N answered N closed N failed N": answered with a flight of TLS, closed without
an answer, or not connected. The kinds:

  x25519   a hello of TLS 1.3 with a key for X25519
  p256     the same with a key for P-256
  tls12    a hello of TLS 1.2
  retry    a key for a group that is not the server's, and after its answer one for X25519
  ffdhe    a key for ffdhe8192 alone
  garbage  a record whose hello is random
"""

import os
import selectors
import socket
import struct
import sys
import time

OUTSTANDING_MAX = 400
PATIENCE_SECONDS = 5
P256_GENERATOR = bytes.fromhex(
    "046b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296"
    "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5"
)
GROUPS = {"x25519": 0x001D, "p256": 0x0017, "p384": 0x0018, "ffdhe8192": 0x0104}


def extension(number, body):
    return struct.pack(">HH", number, len(body)) + body


def listed(body, width=2):
    return len(body).to_bytes(width, "big") + body


def hello(shares, groups, versions=(0x0304, 0x0303)):
    """A ClientHello in its record; shares are pairs of a group and its key."""
    suites = struct.pack(">7H", 0x1301, 0x1302, 0x1303, 0xC02B, 0xC02F, 0xC02C, 0xC030)
    algorithms = struct.pack(">8H", 0x0403, 0x0804, 0x0401, 0x0503, 0x0805, 0x0501, 0x0806, 0x0601)
    numbers = b"".join(struct.pack(">H", GROUPS[group]) for group in groups)
    extensions = extension(10, listed(numbers)) + extension(11, b"\x01\x00")
    extensions += extension(13, listed(algorithms))
    if 0x0304 in versions:
        offered = b"".join(struct.pack(">H", version) for version in versions)
        keys = b"".join(struct.pack(">H", GROUPS[group]) + listed(key) for group, key in shares)
        extensions += extension(43, listed(offered, 1)) + extension(45, b"\x01\x01")
        extensions += extension(51, listed(keys))
    body = b"\x03\x03" + os.urandom(32) + listed(os.urandom(32), 1) + listed(suites) + b"\x01\x00"
    body += listed(extensions)
    message = b"\x01" + listed(body, 3)
    return b"\x16\x03\x01" + listed(message)


def messages(kind):
    """What a connection sends, one after each answer."""
    x25519 = ("x25519", os.urandom(32))
    if kind == "x25519":
        return [hello([x25519], ["x25519", "p256"])]
    if kind == "p256":
        return [hello([("p256", P256_GENERATOR)], ["p256"])]
    if kind == "tls12":
        return [hello([], ["x25519", "p256"], versions=(0x0303,))]
    if kind == "retry":
        first = hello([("p384", b"\x04" + os.urandom(96))], ["p384", "x25519"])
        # The second must be the first with another key: the same random and session.
        second = hello([x25519], ["p384", "x25519"])
        start, length = 11, 32 + 1 + 32
        return [first, second[:start] + first[start : start + length] + second[start + length :]]
    if kind == "ffdhe":
        return [hello([("ffdhe8192", b"\x02" + os.urandom(1023))], ["ffdhe8192"])]
    if kind == "garbage":
        return [b"\x16\x03\x01" + listed(b"\x01" + listed(os.urandom(300), 3))]
    raise SystemExit(f'"{kind}" is no kind.')


def main():
    address, kind, rate, seconds = sys.argv[1], sys.argv[2], int(sys.argv[3]), float(sys.argv[4])
    host, port = address.rsplit(":", 1)
    target = (host, int(port))
    selector = selectors.DefaultSelector()
    counts = {"sent": 0, "answered": 0, "closed": 0, "failed": 0}
    opened = {}

    def end(connection, outcome):
        counts[outcome] += 1
        selector.unregister(connection)
        opened.pop(connection, None)
        connection.close()

    def begin():
        connection = socket.socket()
        connection.setblocking(False)
        counts["sent"] += 1
        try:
            connection.connect(target)
        except BlockingIOError:
            pass
        opened[connection] = time.monotonic()
        selector.register(connection, selectors.EVENT_WRITE, messages(kind))

    def go_on(key):
        connection, left = key.fileobj, key.data
        try:
            if key.events & selectors.EVENT_READ:
                if not connection.recv(65536):
                    return end(connection, "closed")
                if not left:
                    return end(connection, "answered")
            connection.send(left[0])
            selector.modify(connection, selectors.EVENT_READ, left[1:])
        except (BrokenPipeError, ConnectionResetError):
            end(connection, "closed")
        except OSError:
            end(connection, "failed")

    start = time.monotonic()
    while (now := time.monotonic()) < start + seconds or opened:
        due = rate * (min(now - start, seconds))
        while counts["sent"] < due and len(opened) < OUTSTANDING_MAX:
            begin()
        for key, _ in selector.select(0.001):
            go_on(key)
        for connection, since in list(opened.items()):
            if now - since < PATIENCE_SECONDS:
                break
            end(connection, "failed")
    print(" ".join(f"{name} {count}" for name, count in counts.items()))


main()
