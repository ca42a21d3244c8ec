"""Troubles of docs/troubleshooting.md with a cluster: one node, and one server of NATS at the usual port."""

import contextlib
import json
import os
import signal
import socket
import urllib.error

from operating.page import table
from operating.trouble import require, send, trouble, until_shown
from programs import Weir, eventually
from setup.nats import NATS

PORT = 4222
STREAM = "weir_weir"


@trouble("Scrapes of a cluster are 503")
def no_page(steps):
    """The answers of the table that one server can cause within seconds: the first two, and the last."""
    missing, unmarked, *_, removed = [row[0].strip("`") for row in table(steps.text)]
    with contextlib.ExitStack() as stack:
        nats = stack.enter_context(NATS(PORT))
        weir = stack.enter_context(Weir(f"--cluster.nats={nats.url}", "--cluster.replicas=1"))
        weir.until_ready()
        send("kept_total:1|c")
        until_shown(weir, "kept_total", 1)
        os.kill(nats.process.pid, signal.SIGSTOP)
        eventually(unmarked, lambda: answer(weir).startswith(unmarked))
        eventually(missing, lambda: answer(weir).startswith(missing))
        os.kill(nats.process.pid, signal.SIGKILL)
        steps.run()
        steps.run()
        send("kept_total:1|c")
        nats.start_again()
        eventually("the next page", lambda: answer(weir) == "")
        until_shown(weir, "kept_total", 2)
        remove_stream()
        eventually(removed, lambda: answer(weir).startswith(removed))


def answer(weir):
    """What a scrape says where there is no page; an empty text where there is one."""
    try:
        weir.get("/metrics")
        return ""
    except urllib.error.HTTPError as error:
        require(error.code == 503, f"the answer is {error.code}.")
        return error.read().decode()


def remove_stream():
    """As an operator might, by mistake."""
    with socket.create_connection(("127.0.0.1", PORT)) as connection, connection.makefile("rb") as lines:
        lines.readline()
        options = json.dumps({"verbose": False, "pedantic": False, "lang": "python", "version": "0"})
        subject = f"$JS.API.STREAM.DELETE.{STREAM}"
        connection.sendall(f"CONNECT {options}\r\nSUB answer 1\r\nPUB {subject} answer 0\r\n\r\n".encode())
        while not lines.readline().startswith(b"MSG"):
            pass
        require(json.loads(lines.readline()).get("success"), "the stream is still there.")
