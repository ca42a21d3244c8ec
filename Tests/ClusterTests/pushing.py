"""Clients of the push protocol, which lose a third of their datagrams, and come and go."""

import atexit
import random
import sys
import threading
import time
from pathlib import Path

from ClusterTests.truth import Truth

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "Sources/Clients/python/src"))
import weir_client
from weir_client import _ends

LOST_SHARE = 1 / 3
FLUSH_SECONDS = 0.25
PAUSE_SECONDS = 0.02
# One client ends and another begins in its place this often.
LIFE_SECONDS = 4.0
CLOSE_SECONDS = 120


class Lossy:
    """A client's transport that loses datagrams, and answers to them."""

    def __init__(self, transport, chance):
        self.transport, self.chance = transport, chance

    def is_kept(self):
        return self.chance.random() >= LOST_SHARE

    def send(self, frames):
        return self.transport.send([frame for frame in frames if self.is_kept()])

    def answers(self, seconds):
        return (answer for answer in self.transport.answers(seconds) if self.is_kept())

    def close(self):
        self.transport.close()


class Pushing(threading.Thread):
    """Counts in many clients. Each has series of its own, and some that all share."""

    def __init__(self, weirs, count, seed):
        super().__init__(name="push", daemon=True)
        self.weirs, self.chance = weirs, random.Random(f"push {seed}")
        self.truth = Truth()
        self.made, self.frames = 0, 0
        self.closing, self.unconfirmed = [], 0
        self.lock = threading.Lock()
        self.clients = [self.client(number) for number in range(count)]
        self.going = True
        # A run that is ended early does not wait for answers that can't come.
        atexit.unregister(_ends._close_all)

    def client(self, number):
        weir = self.weirs[self.made % len(self.weirs)]
        self.made += 1
        client = weir_client.Client(f"{weir.place.address}:{weir.udp}", flush_interval=FLUSH_SECONDS)
        client._transport = Lossy(client._transport, random.Random(self.chance.random()))
        labels = {"client": str(number)}
        own = client.counter("push_requests_total", labelnames=["client"]).labels(**labels)
        seconds = client.histogram("push_seconds", labelnames=["client"]).labels(**labels)
        shared = client.counter("push_shared_total")
        odd = client.histogram("push_odd_seconds")
        return client, f'client="{number}"', own, seconds, shared, odd

    def run(self):
        replace_at = time.monotonic() + LIFE_SECONDS
        while self.going:
            for parts in self.clients:
                self.count(*parts)
            if time.monotonic() > replace_at:
                replace_at += LIFE_SECONDS
                number = self.chance.randrange(len(self.clients))
                self.close(self.clients[number][0])
                self.clients[number] = self.client(number)
            time.sleep(PAUSE_SECONDS)

    def count(self, client, label, own, seconds, shared, odd):
        amount, value = self.chance.randrange(1, 4), self.chance.randrange(64) / 8
        fraction = self.chance.random()
        increments = {f"push_requests_total{{{label}}}".encode(): amount, b"push_shared_total": 1}
        self.truth.observe(increments, "push_seconds", label, value)
        self.truth.observe(increments, "push_odd_seconds", "", fraction)
        # The truth is ahead of what any page can show.
        self.truth.add(increments)
        own.inc(amount)
        seconds.observe(value)
        shared.inc()
        odd.observe(fraction)

    def close(self, client):
        """Ends a client, which repeats its last frames until a Weir has confirmed them."""

        def close():
            is_confirmed = client.close(timeout=CLOSE_SECONDS)
            with self.lock:
                self.frames += client.stats["frames_sent"]
                self.unconfirmed += not is_confirmed

        thread = threading.Thread(target=close, daemon=True)
        thread.start()
        self.closing.append(thread)

    def finish(self):
        """Ends all. Returns how many were not confirmed."""
        self.going = False
        self.join()
        for client, *_ in self.clients:
            self.close(client)
        for thread in self.closing:
            thread.join()
        return self.unconfirmed
