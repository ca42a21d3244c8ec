"""A bad network between senders of datagrams and a server.

Usage: lossy_relay.py SEED HOST:PORT. Prints its own port. Of the datagrams of either way 30 % are lost and
10 % come twice; half of the copies are delayed by up to 5 s, so that they come out of order. Prints at SIGTERM
what it has done, as JSON, and ends by itself after five minutes.
"""

import heapq
import json
import random
import selectors
import signal
import socket
import sys
import time

LOSS, DUPLICATES, DELAYED, DELAY_SECONDS, LIFE_SECONDS = 0.3, 0.1, 0.5, 5.0, 300

chance = random.Random(int(sys.argv[1]))
host, port = sys.argv[2].rsplit(":", 1)
target = (host, int(port))
counts = {"received": 0, "lost": 0, "duplicated": 0, "delayed": 0}
front = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
front.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
front.bind(("127.0.0.1", 0))
selector = selectors.DefaultSelector()
selector.register(front, selectors.EVENT_READ, None)
# A socket towards the server for each sender, so that answers find back.
backs = {}
waiting = []
order = 0


def finish(*_):
    print(json.dumps(counts), flush=True)
    sys.exit(0)


def pass_on(send):
    """Has a datagram sent as often and as late as this network does."""
    global order
    counts["received"] += 1
    if chance.random() < LOSS:
        counts["lost"] += 1
        return
    copies = 1
    if chance.random() < DUPLICATES:
        counts["duplicated"] += 1
        copies = 2
    for _ in range(copies):
        delay = 0.0
        if chance.random() < DELAYED:
            counts["delayed"] += 1
            delay = chance.uniform(0, DELAY_SECONDS)
        order += 1
        heapq.heappush(waiting, (time.monotonic() + delay, order, send))


def receive(source, sender):
    while True:
        try:
            data, address = source.recvfrom(65536, socket.MSG_DONTWAIT)
        except BlockingIOError:
            return
        except ConnectionError:
            continue
        if sender is not None:
            pass_on(lambda data=data: front.sendto(data, sender))
            continue
        if address not in backs:
            back = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            back.connect(target)
            selector.register(back, selectors.EVENT_READ, address)
            backs[address] = back
        pass_on(lambda data=data, back=backs[address]: back.send(data))


signal.signal(signal.SIGTERM, finish)
print(front.getsockname()[1], flush=True)
end = time.monotonic() + LIFE_SECONDS
while time.monotonic() < end:
    wait = max(0.0, waiting[0][0] - time.monotonic()) if waiting else 1.0
    for key, _ in selector.select(min(wait, 1.0)):
        receive(key.fileobj, key.data)
    while waiting and waiting[0][0] <= time.monotonic():
        try:
            heapq.heappop(waiting)[2]()
        except OSError:
            pass  # Whoever it was for is gone.
