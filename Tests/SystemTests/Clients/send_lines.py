"""Sends the lines of a file over UDP from a socket of its own.

The lines are packed, whole and in order, into datagrams, and the file is sent over and over.
Prints "ready" and waits for the gate, a file, to appear, so that many senders start at once.
"""

import argparse
import os
import socket
import time


def packed(lines, limit):
    """Datagrams of at most `limit` bytes, in the order of the lines."""
    datagrams, current = [], b""
    for line in lines:
        if current and len(current) + 1 + len(line) > limit:
            datagrams.append(current)
            current = b""
        current = current + b"\n" + line if current else line
    return datagrams + [current]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("address")
    parser.add_argument("file")
    parser.add_argument("--gate")
    parser.add_argument("--repeat", type=int, default=1)
    parser.add_argument("--datagram-bytes", type=int, default=1432)
    parser.add_argument("--datagrams-per-second", type=float, default=2000)
    options = parser.parse_args()

    host, _, port = options.address.rpartition(":")
    host = host.strip("[]")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with open(options.file, "rb") as file:
        datagrams = packed(file.read().splitlines(), options.datagram_bytes)

    sender = socket.socket(family, socket.SOCK_DGRAM)
    sender.connect((host, int(port)))
    print("ready", flush=True)
    while options.gate and not os.path.exists(options.gate):
        time.sleep(0.002)

    start, sent = time.monotonic(), 0
    for _ in range(options.repeat):
        for datagram in datagrams:
            # A pause every few datagrams: sleeping is coarser than the pace.
            ahead = sent / options.datagrams_per_second - (time.monotonic() - start)
            if ahead > 0.002:
                time.sleep(ahead)
            sender.send(datagram)
            sent += 1
    print(sent, flush=True)


if __name__ == "__main__":
    main()
