"""Opens sockets and hands them over as systemd does: hand_over.py KIND[=NAME]:WHERE ... -- PROGRAM ARGUMENT ...

KIND is udp, tcp, unixgram, unix, or file. One line is sent to each StatsD socket before the program starts.
"""

import os
import socket
import sys

FIRST = 3
place = sys.argv.index("--")
opened, names, before = [], [], []
for spec in sys.argv[1:place]:
    kind, where = spec.split(":", 1)
    kind, _, name = kind.partition("=")
    names.append(name)
    if kind == "file":
        opened.append(os.open(where, os.O_RDONLY))
        continue
    family = socket.AF_UNIX if kind.startswith("unix") else socket.AF_INET
    is_stream = kind in ("tcp", "unix")
    one = socket.socket(family, socket.SOCK_STREAM if is_stream else socket.SOCK_DGRAM)
    if family == socket.AF_INET:
        host, port = where.rsplit(":", 1)
        one.bind((host, int(port)))
    else:
        one.bind(where)
    if is_stream:
        one.listen(16)
    if name != "web":
        sender = socket.socket(family, one.type)
        sender.connect(one.getsockname())
        line = b"early_total:1|c|#kind:%s" % kind.encode()
        sender.sendall(len(line).to_bytes(4, "little") + line if kind == "unix" else line)
        before.append(sender)
    opened.append(one.detach())
for sender in before:
    sender.close()
# Out of the way first, because the numbers that they have may be those that others should get.
moved = [os.dup2(one, 100 + index) for index, one in enumerate(opened)]
for one in opened:
    os.close(one)
for index, one in enumerate(moved):
    os.dup2(one, FIRST + index, inheritable=True)
    os.close(one)
environment = dict(
    os.environ, LISTEN_PID=str(os.getpid()), LISTEN_FDS=str(len(moved)), LISTEN_FDNAMES=":".join(names))
program = sys.argv[place + 1:]
os.execve(program[0], program, environment)
