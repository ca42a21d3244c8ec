"""The client with real sockets: a UDP server, no server, forks and exits."""

import socket
import subprocess
import sys
import threading
import unittest
from unittest import mock

from support import Server, captured_client, patched, private, totals, weir


SECRET = b"a secret"


def run(program, *arguments):
    """Runs a program that uses the client in another process."""
    command = [sys.executable, "-W", "error", "-c", program, *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=15)


class ServerTest(unittest.TestCase):
    def server(self, **options):
        made = Server(**options)
        self.addCleanup(made.close)
        return made


class Closing(ServerTest):
    def test_ends_when_its_last_frames_are_answered(self):
        server = self.server()
        client = weir.Client(server.address, background=False)
        client.counter("x_total").inc(3)
        client.gauge("g").set(1)
        self.assertTrue(client.close(timeout=10))
        [meaning] = server.frames
        self.assertEqual((meaning["final"], meaning["confirm"]), (True, True))
        self.assertEqual([r["type"] for r in meaning["records"]], ["counter"])

    def test_sends_them_again_until_they_are_answered(self):
        server = self.server(drop=3)
        client = weir.Client(server.address, background=False)
        client.counter("x_total").inc(3)
        self.assertTrue(client.close(timeout=10))
        self.assertEqual([m["sequence"] for m in server.frames], [1])

    def test_signs_them_and_accepts_only_signed_answers(self):
        server = self.server(keys={"k1": SECRET})
        client = weir.Client(server.address, background=False, key=("k1", SECRET))
        client.counter("x_total").inc(3)
        self.assertTrue(client.close(timeout=10))
        self.assertEqual(server.frames[0]["key"], "k1")

    def test_gives_up_if_nothing_answers(self):
        server = self.server(answers=False)
        client = weir.Client(server.address, background=False)
        client.counter("x_total").inc(3)
        self.assertFalse(client.close(timeout=0.3))
        self.assertGreater(len(server.frames), 1)
        self.assertEqual(len({m["sequence"] for m in server.frames}), 1)

    def test_sends_every_total_whatever_was_lost_before(self):
        server = self.server()
        client = weir.Client(server.address, background=False)
        for number in range(300):
            client.counter("x_total").labels(n=number).inc()
        client._transport, udp = NoNetwork(), client._transport
        client.flush()
        client._transport = udp
        self.assertTrue(client.close(timeout=10))
        self.assertEqual(len(totals(server.frames)), 300)


class Silence:
    """A server that never answers. The clock advances by each wait for an answer."""

    destination = "nowhere"

    def __init__(self, clock):
        self.clock = clock
        self.sent_at = []

    def send(self, frames):
        self.sent_at.append(self.clock.now)

    def answers(self, seconds):
        self.clock.now += seconds
        return iter(())

    def close(self):
        pass


class TheDeadline(unittest.TestCase):
    def silent_client(self):
        client, _, clock = captured_client()
        client._transport = Silence(clock)
        return client, client._transport, clock

    def test_of_a_minute_leaves_time_for_at_least_sixty_tries(self):
        client, silence, clock = self.silent_client()
        begun = clock.now
        self.assertFalse(client.close(timeout=60))
        self.assertEqual(clock.now - begun, 60)
        self.assertGreaterEqual(len(silence.sent_at), 60)
        waits = [b - a for a, b in zip(silence.sent_at, silence.sent_at[1:])]
        self.assertLessEqual(max(waits), 1.001)

    def test_is_that_of_the_first_of_two_calls(self):
        client, silence, clock = self.silent_client()
        self.assertFalse(client.close(timeout=1))
        ended, tries = clock.now, len(silence.sent_at)
        self.assertFalse(client.close(timeout=100))
        self.assertEqual((clock.now, len(silence.sent_at)), (ended, tries))

    def test_of_zero_seconds_sends_once(self):
        client, silence, clock = self.silent_client()
        client.close(timeout=0)
        self.assertEqual(len(silence.sent_at), 1)

    def test_is_that_of_the_first_call_if_the_second_interrupts_it(self):
        client, silence, clock = self.silent_client()
        nested, wait = [], silence.answers

        def answers(seconds):
            if not nested:
                # As a signal's handler does, with another timeout.
                nested.append(None)
                nested[0] = client.close(timeout=100)
            return wait(seconds)

        silence.answers = answers
        begun = clock.now
        self.assertFalse(client.close(timeout=10))
        self.assertEqual(nested, [False])
        self.assertLessEqual(clock.now - begun, 10.1)

    def test_of_the_first_call_applies_to_another_thread(self):
        client, silence, clock = self.silent_client()
        waiting, go_on = threading.Event(), threading.Event()

        def answers(seconds):
            waiting.set()
            go_on.wait()
            clock.now += seconds
            return iter(())

        silence.answers = answers
        results = []

        def close(timeout):
            results.append(client.close(timeout))

        first = threading.Thread(target=close, args=(3,))
        first.start()
        waiting.wait()
        second = threading.Thread(target=close, args=(1_000,))
        second.start()
        go_on.set()
        first.join()
        second.join()
        self.assertEqual(results, [False, False])
        self.assertLessEqual(clock.now - 1_000, 3.001)

    def test_passes_although_a_flush_does_not_end(self):
        client, _, _ = captured_client()
        stuck, go_on = threading.Event(), threading.Event()

        def collect():
            stuck.set()
            go_on.wait()

        client.collect(collect)
        thread = threading.Thread(target=client.flush)
        thread.start()
        stuck.wait()
        # With a limit, so that the test can fail.
        limit = threading.Timer(10, go_on.set)
        limit.start()
        self.addCleanup(limit.cancel)
        with patched("CONFIRM_SECONDS_MAX", 0.05):
            self.assertFalse(client.close(timeout=0.05))
        self.assertEqual(
            client.stats["last_error"],
            "The last frames were not sent, because a flush did not end.",
        )
        self.addCleanup(private("_after_close").renew)
        client.counter("x_total").inc()
        self.assertEqual(client.stats["values_after_close"], 1)
        go_on.set()
        thread.join()


class NoNetwork:
    def send(self, frames):
        raise OSError("there is no network")

    def close(self):
        pass


class DeadServers(unittest.TestCase):
    def test_cause_only_errors_that_are_counted(self):
        server = Server()
        address = server.address
        server.close()
        client = weir.Client(address, background=False)
        for _ in range(5):
            client.counter("x_total").inc()
            client.flush()
        self.assertGreater(client.stats["send_errors"], 0)
        self.assertFalse(client.close(timeout=0.2))

    def test_with_unknown_names_cause_only_errors_too(self):
        client = weir.Client("no-such-host.invalid:8125", background=False)
        client.counter("x_total").inc()
        client.flush()
        self.assertEqual(client.stats["send_errors"], 1)
        client.close(timeout=0)


class TheThread(ServerTest):
    def test_flushes_by_itself(self):
        server = self.server()
        client = weir.Client(server.address, flush_interval=0.02)
        self.addCleanup(client.close)
        client.counter("x_total").inc(7)
        server.wait_for(lambda frames: 7 in totals(frames).values())


class Processes(ServerTest):
    def test_a_process_that_ends_sends_everything(self):
        server = self.server()
        ended = run(
            "import sys, weir_client as weir\n"
            "weir.Client(sys.argv[1], flush_interval=10).counter('x_total').inc(5)\n",
            server.address,
        )
        self.assertEqual((ended.returncode, ended.stderr), (0, ""))
        self.assertEqual(list(totals(server.frames).values()), [5])

    def test_a_child_is_another_instance_and_begins_at_zero(self):
        server = self.server()
        ended = run(
            "import os, sys, weir_client as weir\n"
            "client = weir.Client(sys.argv[1], flush_interval=10)\n"
            "counter = client.counter('x_total').labels(a='b')\n"
            "counter.inc(5)\n"
            "client.flush()\n"
            "child = os.fork()\n"
            "counter.inc(2 if child == 0 else 1)\n"
            "assert client._thread.is_alive()\n"
            "if child: os.waitpid(child, 0)\n",
            server.address,
        )
        # Since 3.12 Python warns of forks with threads, which -W error only prints.
        self.assertEqual(ended.returncode, 0, ended.stderr)
        self.assertEqual(sorted(totals(server.frames).values()), [2, 6])
        finals = {m["instance"] for m in server.frames if m["final"]}
        self.assertEqual(len(finals), 2)


if __name__ == "__main__":
    unittest.main()
