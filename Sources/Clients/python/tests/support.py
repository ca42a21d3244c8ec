"""What the tests of the client share.

They test the sources of this checkout, unless the variable WEIR_CLIENT selects the package that is
`installed`, or names the folder of a one-file build.
"""

import contextlib
import os
import socket
import sys
import threading
from pathlib import Path
from unittest import mock

import reference_reader
import reference_writer

SOURCES = Path(__file__).resolve().parents[1] / "src"
WHERE = os.environ.get("WEIR_CLIENT", str(SOURCES))
if WHERE != "installed":
    WHERE = str(Path(WHERE).resolve())
    sys.path.insert(0, WHERE)
    # The processes that tests start import it from there too.
    os.environ["PYTHONPATH"] = WHERE
import weir_client as weir  # noqa: E402

IS_EXPECTED = Path(WHERE) in Path(weir.__file__).parents
if WHERE == "installed":
    IS_EXPECTED = Path(sys.prefix) in Path(weir.__file__).parents
if not IS_EXPECTED:
    sys.exit(f"The tests import {weir.__file__}, which is not what WEIR_CLIENT={WHERE} says.")


def modules_with(name):
    """The modules of the client that have this name: one, or all that import it."""
    parts = [m for n, m in sys.modules.items() if n.partition(".")[0] == "weir_client"]
    return [module for module in parts if hasattr(module, name)]


def private(name):
    """Something that the client does not export."""
    return getattr(modules_with(name)[0], name)


@contextlib.contextmanager
def patched(name, value):
    """Replaces a constant of the client."""
    with contextlib.ExitStack() as stack:
        for module in modules_with(name):
            stack.enter_context(mock.patch.object(module, name, value))
        yield


class Clock:
    """A clock that a test sets, and the wall time that it shows."""

    def __init__(self):
        self.now = 1000.0
        # The difference between the wall clock and this one.
        self.ahead = 1_764_000_000.0

    def __call__(self):
        return self.now

    def wall(self):
        return self.now + self.ahead


class Captured:
    """A transport that keeps what was sent."""

    def __init__(self):
        self.frames = []

    def send(self, frames):
        self.frames += frames
        return True

    def close(self):
        pass

    def take(self):
        """The meanings of the frames since the last call."""
        taken, self.frames = self.frames, []
        return [meaning_of(data) for data in taken]

    def take_records(self):
        """The records of series since the last call."""
        return [record for meaning in self.take() for record in meaning["records"]]


def meaning_of(data, *keys):
    """The meaning of a frame. Its first record must be the clock, which becomes `sent_ms`."""
    meaning, refused = reference_reader.decode(data, *keys)
    clock, *records = meaning["records"]
    if clock["type"] != "clock" or refused:
        raise AssertionError(f"It does not begin with the clock, or a record is refused: {meaning}")
    return {**meaning, "records": records, "sent_ms": clock["sent_ms"]}


def captured_client(**options):
    """A client without a thread, its transport, and its clock.

    It does not send what earlier tests recorded after the close of their clients.
    """
    private("_after_close").renew()
    return another_client(**options)


def another_client(**options):
    """The same, in a test that has a client already."""
    clock, sent = Clock(), Captured()
    client = weir.Client(background=False, monotonic=clock, wall=clock.wall, **options)
    sent.destination = client._transport.destination
    client._transport = sent
    return client, sent, clock


class Server:
    """A UDP server that keeps frames, and answers those that ask for it after dropping some."""

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
        """Waits until the frames meet a condition; fails after ten seconds."""
        with self.arrived:
            if not self.arrived.wait_for(lambda: condition(self.frames), timeout=10):
                raise AssertionError(f"The condition is not met: {self.frames}")

    def close(self):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as last:
            last.sendto(b"", self._socket.getsockname())
        self._thread.join()
        self._socket.close()


def totals(frames):
    """The greatest total of each counter in the frames, by instance, name and labels."""
    found = {}
    for meaning in frames:
        for record in meaning["records"]:
            if record["type"] == "counter":
                key = (meaning["instance"], record["name"], tuple(map(tuple, record["labels"])))
                found[key] = max(found.get(key, 0), record["value"])
    return found
