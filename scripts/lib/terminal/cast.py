"""Records `weir top` in a terminal, with the traffic of the demo; see scripts/cast."""

import codecs
import fcntl
import itertools
import json
import os
import pty
import select
import signal
import socket
import struct
import subprocess
import sys
import termios
import threading
import time
import xml.etree.ElementTree as ElementTree
from pathlib import Path

from programs import ROOT, Weir, eventually, weir_program
from terminal.screen import Picture, Screen

COLUMNS, ROWS = 100, 30
SECONDS_MAX = 20
BYTES_MAX = 150_000
IMAGES = ROOT / "docs/img"
TITLE = "weir top: findings, the path of the data with its losses, five minutes, and the busiest names"
# The addresses and the name of the machine are replaced by these.
SHOWN_URL = "http://127.0.0.1:9102"
SHOWN_NODE = "weir-0"
# Keys by the second at which they are pressed; then the recording ends.
KEYS = [(6, "2"), (9, "3"), (12, "1"), (13.5, "?"), (16, "?"), (17.5, "q")]
KEYS_OF_CHECK = [(1.2, "2"), (1.8, "3"), (2.4, "?"), (3, "q")]


class Terminal:
    """A command in a terminal of its own. `events` are what it has written, each with its second."""

    def __init__(self, words):
        environment = {
            "PATH": os.environ["PATH"], "TERM": "xterm-256color", "LC_ALL": "C.UTF-8",
        }  # fmt: skip
        self.process, self.file = pty.fork()
        if self.process == 0:
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
            os.execve(words[0], words, environment)
        self.start = time.monotonic()
        self.events = []
        self.decoder = codecs.getincrementaldecoder("utf-8")()

    @property
    def seconds(self):
        return time.monotonic() - self.start

    def read(self, until):
        """Reads until a second, or the end of the command.

        Returns whether the command goes on."""
        while (left := until - self.seconds) > 0:
            if not select.select([self.file], [], [], left)[0]:
                continue
            try:
                data = os.read(self.file, 65_536)
            except OSError:
                data = b""
            if not data:
                return False
            self.add(self.decoder.decode(data))
        return True

    def add(self, text):
        """Joins what comes within 50 ms: the pieces of a frame."""
        now = self.seconds
        if self.events and now - self.events[-1][0] < 0.05:
            self.events[-1][1] += text
        else:
            self.events.append([now, text])

    def press(self, keys):
        for second, key in keys:
            if not self.read(second):
                raise RuntimeError(f"weir top ended early: {self.events[-1:]}")
            os.write(self.file, key.encode())
        if self.read(self.seconds + 5):
            os.kill(self.process, signal.SIGKILL)
            raise RuntimeError("weir top did not end after q")

    def end(self):
        _, status = os.waitpid(self.process, 0)
        os.close(self.file)
        return os.waitstatus_to_exitcode(status)


def record(folder, warm_seconds, keys):
    """Writes top.cast and top.svg. The picture is of the moment before the first key."""
    with Weir.on_free_ports("--limit.series=40000", "--limit.series-per-name=400") as weir:
        demo = subprocess.Popen(
            [
                weir_program(), "send", weir.udp, f"--url={weir.url}", "--demo=gateway", "--instances=3",
                "--rate=120/s", f"--for={int(warm_seconds + keys[-1][0] + 60)}s",
            ],
            stdout=subprocess.DEVNULL,
        )  # fmt: skip
        try:
            eventually("traffic", lambda: "llm_requests_total" in weir.get("/metrics"))
            with Trouble(weir):
                time.sleep(warm_seconds)
                terminal = Terminal([str(weir_program()), "top", f"--url={weir.url}"])
                terminal.press(keys)
            if (status := terminal.end()) != 0:
                raise RuntimeError(f"weir top ended with status {status}: {terminal.events[-1:]}")
        finally:
            demo.terminate()
            demo.wait()
        events = [[at, shown(text, weir.url)] for at, text in terminal.events]
    write(folder, events, keys[0][0])


class Trouble:
    """Sends, each second, what findings are made from, and scrapes now and then.

    Some lines have an unknown type, and a name gets more series than it may have."""

    def __init__(self, weir):
        self.weir = weir
        self.stop = threading.Event()
        self.thread = threading.Thread(target=self.send)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.stop.set()
        self.thread.join()

    def send(self):
        host, port = self.weir.udp.rsplit(":", 1)
        users = itertools.count()
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            sender.connect((host, int(port)))
            for second in itertools.count():
                if second % 5 == 0:
                    self.weir.get("/metrics")
                for _ in range(10 + 5 * (second // 7 % 3)):
                    sender.send(b"orders.paid:1|q|#shop:de\nsessions:1|c|#user:u%d" % next(users))
                if self.stop.wait(1):
                    return


def shown(text, url):
    """The text without what belongs to this machine."""
    return text.replace(url, SHOWN_URL).replace(f"  {socket.gethostname()}  up ", f"  {SHOWN_NODE}  up ")


def write(folder, events, picture_second):
    head = {"version": 2, "width": COLUMNS, "height": ROWS, "title": "weir top", "env": {"TERM": "xterm-256color"}}
    first = [0, "o", "$ weir top\r\n"]
    lines = [head, first] + [[round(at + 0.8, 3), "o", text] for at, text in events]
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "top.cast").write_text(
        "".join(json.dumps(line, ensure_ascii=False, separators=(",", ":")) + "\n" for line in lines))
    screen = Screen(COLUMNS, ROWS)
    for at, text in events:
        if at >= picture_second:
            break
        screen.write(text)
    (folder / "top.svg").write_text(Picture(screen, TITLE).text())


def faults(folder):
    """What is wrong with the two files of a folder, as sentences."""
    found = []
    cast = (folder / "top.cast").read_bytes()
    if len(cast) > BYTES_MAX:
        found.append(f"top.cast has {len(cast)} bytes; the maximum is {BYTES_MAX}")
    head, *events = [json.loads(line) for line in cast.decode().splitlines()]
    if (head["version"], head["width"], head["height"]) != (2, COLUMNS, ROWS):
        found.append("top.cast has another version or size")
    times = [event[0] for event in events]
    if times != sorted(times) or times[-1] > SECONDS_MAX:
        found.append(f"top.cast takes {times[-1]} s, or goes back in time")
    screen = Screen(COLUMNS, ROWS)
    seen = set()
    for _, kind, text in events:
        if kind != "o":
            found.append(f"top.cast has an event of the kind {kind}")
        screen.write(text)
        seen.update(word for word in WORDS if any(word in line for line in screen.lines))
    found += [f"top.cast never shows {word}" for word in sorted(set(WORDS) - seen)]
    if screen.is_whole:
        found.append("top.cast does not end with the terminal as it was")
    node = socket.gethostname()
    picture = ElementTree.parse(folder / "top.svg")
    words = " ".join(picture.getroot().itertext())
    for word in ("Weir ", "llm_requests_total", "lines/s", "NAME"):
        if word not in words:
            found.append(f"top.svg does not show {word}")
    if f"  {node}  up" in cast.decode() + words:
        found.append("the name of this machine is shown")
    return found


# The header, the path, the three tables and the help.
WORDS = ["Weir ", "lines/s", "llm_requests_total", "SENDER", "LIMIT", "lines that Weir could not read"]


def main():
    arguments = sys.argv[1:]
    if arguments not in ([], ["--check"]):
        sys.exit("usage: scripts/cast [--check]")
    folders = [IMAGES]
    if arguments:
        folders.append(ROOT / ".build-cast")
        record(folders[1], 1, KEYS_OF_CHECK)
    else:
        record(IMAGES, 75, KEYS)
    found = [f"{folder.relative_to(ROOT)}: {fault}" for folder in folders for fault in faults(folder)]
    for fault in found:
        print(f"cast: {fault}", file=sys.stderr)
    if found:
        sys.exit(1)
    sizes = ", ".join(f"{path.name} {path.stat().st_size} bytes" for path in sorted(folders[-1].glob("top.*")))
    print(f"The recording of weir top is in order: {sizes}")


if __name__ == "__main__":
    main()
