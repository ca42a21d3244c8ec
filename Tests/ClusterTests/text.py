"""Lines of text for each Weir in turn, and a journal of what was sent to which, and when.

The sender stands beside the Weir that it sends to, as an application on the same machine: a link that is cut
loses nothing of it.
"""

import bisect
import itertools
import random
import socket
import threading
import time

from ClusterTests.truth import Truth

DATAGRAMS_PER_SECOND = 60
PICKS_PER_DATAGRAM = 10
SERIES = 20
KINDS = 3


class Text(threading.Thread):
    def __init__(self, network, weirs, seed):
        super().__init__(name="text", daemon=True)
        self.weirs, self.chance = weirs, random.Random(f"text {seed}")
        self.sockets = []
        for weir in weirs:
            with network.inside(weir.place):
                made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
                made.connect(("127.0.0.1", weir.udp))
                made.setblocking(False)
            self.sockets.append(made)
        self.truth = Truth()
        # For each Weir: when a datagram was sent, and the seed that it was made with.
        self.journal = {str(weir): [] for weir in weirs}
        self.lines = 0
        self.full = 0
        self.going = True

    def run(self):
        number, next_at = 0, time.monotonic()
        while self.going:
            index = number % len(self.weirs)
            self.send(index)
            number += 1
            next_at += 1 / DATAGRAMS_PER_SECOND
            # After a pause of this process it does not catch up with a burst.
            next_at = max(next_at, time.monotonic() - 0.1)
            time.sleep(max(0, next_at - time.monotonic()))

    def send(self, index):
        node = str(self.weirs[index])
        seed = self.chance.getrandbits(64)
        lines, increments = self.datagram(node, seed)
        # The truth is ahead of what any page can show.
        self.truth.add(increments)
        self.journal[node].append((time.monotonic(), seed))
        self.lines += len(lines)
        data = "\n".join(lines).encode()
        for _ in range(2):
            try:
                self.sockets[index].send(data)
                return
            except ConnectionRefusedError:
                # It may be the error of an earlier datagram. There is nobody at the second one.
                pass
            except BlockingIOError:
                self.full += 1
                return

    def datagram(self, node, seed):
        """The lines, and what they add to which series."""
        chance, lines, increments = random.Random(seed), [], {}

        def count(name, labels, amount):
            series = f"{name}{{{labels}}}".encode()
            increments[series] = increments.get(series, 0) + amount

        for _ in range(PICKS_PER_DATAGRAM):
            series, kind = chance.randrange(SERIES), chance.randrange(KINDS)
            value, odd = chance.randrange(64) / 8, chance.random()
            lines.append(f"text_requests_total:1|c|#node:{node},series:{series}")
            count("text_requests_total", f'node="{node}",series="{series}"', 1)
            lines.append(f"text_seconds:{value}|h|#kind:{kind},node:{node}")
            self.truth.observe(increments, "text_seconds", f'kind="{kind}",node="{node}"', value)
            lines.append(f"text_odd_seconds:{odd!r}|h|#node:{node}")
            self.truth.observe(increments, "text_odd_seconds", f'node="{node}"', odd)
            # Gauges and sets are compared between the nodes only.
            lines.append(f"text_level:{chance.choice(['+3', '+1', '-1', '-2'])}|g")
        lines.append(f"text_users:{chance.randrange(500)}|s")
        return lines, increments

    def sent_between(self, node, start, end):
        """What was sent to a Weir from one time to another, by series."""
        sent = {}
        journal = self.journal[node]
        first = bisect.bisect_left(journal, (start,))
        for _, seed in itertools.takewhile(lambda one: one[0] <= end, journal[first:]):
            for series, amount in self.datagram(node, seed)[1].items():
                sent[series] = sent.get(series, 0) + amount
        return sent
