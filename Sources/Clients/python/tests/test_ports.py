"""Addresses and ports of a server."""

import contextlib
import socket
import unittest
from unittest import mock

from support import Clock, meaning_of, weir


@contextlib.contextmanager
def names(known):
    """Look-ups find these names, and no others."""
    look_up = socket.getaddrinfo

    def getaddrinfo(host, *arguments, **options):
        name = host.decode()
        if not name[0].isdigit() and name not in known:
            raise socket.gaierror(socket.EAI_NONAME, "not known")
        return look_up(known.get(name, name), *arguments, **options)

    with mock.patch.object(socket, "getaddrinfo", getaddrinfo):
        yield known


class Ports(unittest.TestCase):
    """The source ports that a server sees."""

    def bound(self, host="127.0.0.1", port=0):
        made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.addCleanup(made.close)
        made.bind((host, port))
        made.settimeout(10)
        return made

    def flushed(self, client):
        client.counter("x_total").inc()
        client.flush()

    def client(self, address):
        clock = Clock()
        client = weir.Client(address, background=False, monotonic=clock)
        self.addCleanup(client.close, timeout=0)
        return client, clock

    def test_change_each_minute_for_a_name_and_for_an_address(self):
        for host in ("127.0.0.1", "weir.test"):
            with self.subTest(host), names({"weir.test": "127.0.0.1"}):
                server = self.bound()
                client, clock = self.client(f"{host}:{server.getsockname()[1]}")
                ports = []
                for _ in range(13):
                    self.flushed(client)
                    ports.append(server.recvfrom(2_000)[1][1])
                    clock.now += 10
                self.assertEqual([len(set(ports[i : i + 6])) for i in (0, 6)], [1, 1])
                self.assertNotEqual(ports[0], ports[6])
                self.assertNotEqual(ports[6], ports[12])
                self.assertEqual(client.stats["send_errors"], 0)

    def test_follow_a_name_whose_address_changes(self):
        before = self.bound("127.0.0.1")
        after = self.bound("127.0.0.2", before.getsockname()[1])
        with names({"weir.test": "127.0.0.1"}) as known:
            client, clock = self.client(f"weir.test:{before.getsockname()[1]}")
            self.flushed(client)
            before.recvfrom(2_000)
            known["weir.test"] = "127.0.0.2"
            clock.now += 59.9
            self.flushed(client)
            before.recvfrom(2_000)
            clock.now += 0.1
            self.flushed(client)
            after.recvfrom(2_000)

    def test_stay_for_another_minute_if_the_look_up_fails(self):
        server = self.bound()
        with names({"weir.test": "127.0.0.1"}) as known:
            client, clock = self.client(f"weir.test:{server.getsockname()[1]}")
            self.flushed(client)
            before = server.recvfrom(2_000)[1]
            known.clear()
            for seconds, errors in ((60, 1), (59, 1), (1, 2)):
                clock.now += seconds
                self.flushed(client)
                self.assertEqual(server.recvfrom(2_000)[1], before)
                self.assertEqual(client.stats["send_errors"], errors)

    def test_send_again_in_the_flush_that_learns_of_a_refusal(self):
        server = self.bound()
        address = server.getsockname()
        client, _ = self.client("%s:%d" % address)
        server.close()
        self.flushed(client)
        self.assertEqual(client.stats["send_errors"], 0)
        server = self.bound(*address)
        # The kernel reports the refusal of the earlier datagram now; this one arrives.
        self.flushed(client)
        meaning = meaning_of(server.recvfrom(2_000)[0])
        self.assertEqual([r["value"] for r in meaning["records"]], [2])
        self.assertEqual(client.stats["send_errors"], 1)
        self.flushed(client)
        meaning = meaning_of(server.recvfrom(2_000)[0])
        self.assertEqual([r["value"] for r in meaning["records"]], [3])


if __name__ == "__main__":
    unittest.main()
