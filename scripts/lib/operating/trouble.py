"""What the checks of docs/troubleshooting.md share.

A trouble is a function for the section whose title it names. It provokes the trouble, runs the section's commands,
applies its remedies, and finds that they help. It runs in a namespace of its own.
"""

import contextlib
import socket
import subprocess
import time

from operating.page import Mismatch
from programs import eventually, program

CONFIGURATION = """\
scrape_configs:
  - job_name: weir
    honor_labels: true
    static_configs:
      - targets: ["127.0.0.1:9102"]
"""
# The functions by title.
TROUBLES = {}


def trouble(title):
    def register(function):
        TROUBLES[title] = function
        return function

    return register


def send(*lines, to="127.0.0.1", port=8125):
    """One datagram."""
    family = socket.AF_INET6 if ":" in to else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as sender, contextlib.suppress(ConnectionRefusedError):
        sender.sendto("\n".join(lines).encode(), (to, port))


def require(condition, sentence):
    if not condition:
        raise Mismatch(sentence)


def until_shown(weir, series, value):
    eventually(f"{series} {value}", lambda: weir.value(series) == value)


def send_many(name, kind, count, labels="path:/user/{}"):
    """A new series in each line, in datagrams that a small buffer holds."""
    lines = [f"{name}:1{kind}|#{labels.format(n)}" for n in range(count)]
    for begin in range(0, count, 25):
        send(*lines[begin : begin + 25])
        time.sleep(0.0005)


def weir_forget(selector):
    subprocess.run([program("weir"), "forget", selector], check=True, stdout=subprocess.DEVNULL)
