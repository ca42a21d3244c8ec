"""Datagrams at a slow pace from this process, beside what is measured, until nobody needs them."""

import socket
import threading
import time

from measuring.machine import die
from measuring.receivers import STEP_SECONDS_MAX
from soaking.traffic import packed, random_names, steady  # noqa: F401 (for those who send)

SENDERS = 10_000


class Beside:
    """Runs beside what is measured, until its block ends."""

    def __init__(self):
        self.ended = threading.Event()
        self.thread = threading.Thread(target=self.run)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.ended.set()
        self.thread.join(STEP_SECONDS_MAX)


class Sending(Beside):
    """Sends datagrams, each with its number of lines, until its block ends."""

    def __init__(self, address, datagrams, per_second):
        host, _, port = address.rpartition(":")
        self.target = (host, int(port))
        self.datagrams, self.per_second = datagrams, per_second
        super().__init__()
        self.sent = self.lines = 0

    def run(self):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            sender.connect(self.target)
            start = time.monotonic()
            for datagram, count in self.datagrams:
                # Sleeping is coarser than the pace.
                ahead = self.sent / self.per_second - (time.monotonic() - start)
                if self.ended.is_set() or (ahead > 0.002 and self.ended.wait(ahead)):
                    return
                sender.send(datagram)
                self.sent, self.lines = self.sent + 1, self.lines + count

    def account(self, before, after):
        """Dies where a server has not counted what was sent."""
        account(self.sent, self.lines, before, after)


def account(sent, lines, before, after):
    grown = {key: after[key] - before[key] for key in after}
    if grown["received"] + grown["dropped"] != sent:
        die(
            f"{sent} datagrams were sent, but Weir received {grown['received']:.0f}, and the kernel "
            f"dropped {grown['dropped']:.0f}."
        )
    if lines is not None and grown["dropped"] == 0 and grown["lines"] != lines:
        die(f"{lines} lines were sent, and Weir counted {grown['lines']:.0f}.")


def many_senders(address, names):
    """A line each from 10,000 addresses of the loopback, about 10,000 a second; returns how many."""
    host, _, port = address.rpartition(":")
    start = time.monotonic()
    for number in range(SENDERS):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            sender.bind((f"127.{1 + number // 62_500}.{number // 250 % 250}.{1 + number % 250}", 0))
            sender.sendto(f"page_name_{number % names}_total:1|c".encode(), (host, int(port)))
        if number % 100 == 0 and (ahead := number / 10_000 - (time.monotonic() - start)) > 0:
            time.sleep(ahead)
    return SENDERS
