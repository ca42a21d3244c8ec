"""The client with real sockets: a UDP server, no server, an HTTP server, forks and exits."""

import contextlib
import http.server
import socket
import subprocess
import sys
import threading
import unittest
from unittest import mock

import reference_reader
from support import Clock, Server, captured_client, meaning_of, patched, private, totals, weir

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


class Answering(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.requests.append((self.path, dict(self.headers), body))
        self.send_response(self.server.status)
        if self.server.status != 204:
            self.send_header("Content-Length", "8")
        self.end_headers()
        if self.server.status != 204:
            self.wfile.write(b"Not so.\n")

    def log_message(self, *_):
        pass


class OverHTTP(unittest.TestCase):
    def setUp(self):
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answering)
        self.server.daemon_threads = True
        self.server.requests, self.server.status = [], 204
        thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        self.addCleanup(thread.join)
        self.addCleanup(self.server.server_close)
        self.addCleanup(self.server.shutdown)

    def client(self):
        port = self.server.server_address[1]
        return weir.Client(url=f"http://ann:p%40ss@127.0.0.1:{port}", background=False)

    def test_posts_each_frame_after_its_length(self):
        client = self.client()
        for number in range(200):
            client.counter("x_total").labels(n=number).inc()
        client.flush()
        [(path, headers, body)] = self.server.requests
        self.assertEqual(path, "/api/v1/push")
        self.assertEqual(headers["Content-Type"], "application/vnd.weir.push")
        self.assertEqual(headers["Authorization"], "Basic YW5uOnBAc3M=")
        reader, frames = reference_reader._Reader(body), []
        while reader.left:
            frames.append(meaning_of(reader.take(reader.varint())))
        self.assertGreater(len(frames), 1)
        self.assertEqual(len(totals(frames)), 200)
        self.assertTrue(client.close(timeout=5))

    def test_counts_what_is_refused(self):
        self.server.status = 400
        client = self.client()
        client.counter("x_total").inc()
        client.flush()
        self.assertEqual(client.stats["send_errors"], 1)
        self.assertEqual(client.stats["last_error"], "400: Not so.")
        self.assertFalse(client.close(timeout=0.1))


if __name__ == "__main__":
    unittest.main()
