"""What the tests of the client share."""

import socket
import sys
import threading
from pathlib import Path

import reference_reader
import reference_writer

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
import weir  # noqa: E402


class Clock:
    """Time that passes when it is told to, and what a clock on the wall shows of it."""

    def __init__(self):
        self.now = 1000.0
        # What the clock on the wall is ahead.
        self.ahead = 1_764_000_000.0

    def __call__(self):
        return self.now

    def wall(self):
        return self.now + self.ahead


class Captured:
    """A way to nowhere that keeps what was sent."""

    def __init__(self):
        self.frames = []

    def send(self, frames):
        self.frames += frames
        return True

    def close(self):
        pass

    def take(self):
        """The meanings of the frames since last time."""
        taken, self.frames = self.frames, []
        return [meaning_of(data) for data in taken]

    def take_records(self):
        """The records of series since last time."""
        return [record for meaning in self.take() for record in meaning["records"]]


def meaning_of(data, *keys):
    """What a frame means, whose first record has to be the clock, which becomes `sent_ms`."""
    meaning, refused = reference_reader.decode(data, *keys)
    clock, *records = meaning["records"]
    if clock["type"] != "clock" or refused:
        raise AssertionError(f"It does not begin with the clock, or has records refused: {meaning}")
    return {**meaning, "records": records, "sent_ms": clock["sent_ms"]}


def captured_client(**options):
    """A client without a thread, what it sends, and its clock."""
    clock, sent = Clock(), Captured()
    client = weir.Client(background=False, monotonic=clock, wall=clock.wall, **options)
    sent.destination = client._transport.destination
    client._transport = sent
    return client, sent, clock


class Server:
    """A UDP server that keeps frames and answers those that ask for it, after dropping some."""

    def __init__(self, drop=0, answers=True, keys=None):
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self._drop, self._answers, self._keys = drop, answers, keys or {}
        self.arrived = threading.Condition()
        self.frames = []
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    @property
    def address(self):
        return "127.0.0.1:%d" % self._socket.getsockname()[1]

    def _run(self):
        while True:
            data, sender = self._socket.recvfrom(65_535)
            if not data:
                return
            meaning = meaning_of(data, self._keys)
            if meaning["confirm"] and self._drop > 0:
                self._drop -= 1
                continue
            with self.arrived:
                self.frames.append(meaning)
                self.arrived.notify_all()
            if meaning["confirm"] and self._answers:
                self._socket.sendto(reference_writer.encode_answer(meaning, self._keys), sender)

    def wait_for(self, condition):
        """Waits until the frames fulfil a condition; fails after ten seconds."""
        with self.arrived:
            if not self.arrived.wait_for(lambda: condition(self.frames), timeout=10):
                raise AssertionError(f"It has not come: {self.frames}")

    def close(self):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as last:
            last.sendto(b"", self._socket.getsockname())
        self._thread.join()
        self._socket.close()


def totals(frames):
    """The greatest total of each counter, over all instances' frames, by instance, name and labels."""
    found = {}
    for meaning in frames:
        for record in meaning["records"]:
            if record["type"] == "counter":
                key = (meaning["instance"], record["name"], tuple(map(tuple, record["labels"])))
                found[key] = max(found.get(key, 0), record["value"])
    return found
