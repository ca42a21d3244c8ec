"""The client against real sockets: a small UDP server, none at all, http.server, forks and exits."""

import http.server
import os
import subprocess
import sys
import threading
import unittest
from pathlib import Path

import reference_reader
from support import Server, totals, weir

SECRET = b"a secret"
FOLDER = str(Path(weir.__file__).parent)


def run(program, *arguments):
    """Runs a program that uses the client in a process of its own; fails where it does."""
    environment = {**os.environ, "PYTHONPATH": FOLDER}
    command = [sys.executable, "-W", "error", "-c", program, *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=15)


class ServerTest(unittest.TestCase):
    def server(self, **options):
        made = Server(**options)
        self.addCleanup(made.close)
        return made


class Closing(ServerTest):
    def test_ends_once_its_last_frames_are_answered(self):
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

    def test_signs_them_and_believes_signed_answers_only(self):
        server = self.server(keys={"k1": SECRET})
        client = weir.Client(server.address, background=False, key=("k1", SECRET))
        client.counter("x_total").inc(3)
        self.assertTrue(client.close(timeout=10))
        self.assertEqual(server.frames[0]["key"], "k1")

    def test_gives_up_where_nothing_answers(self):
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
        client._transport, udp = NoWay(), client._transport
        client.flush()
        client._transport = udp
        self.assertTrue(client.close(timeout=10))
        self.assertEqual(len(totals(server.frames)), 300)


class NoWay:
    def send(self, frames):
        raise OSError("the network is away")

    def close(self):
        pass


class DeadServers(unittest.TestCase):
    def test_cost_nothing_but_errors_that_are_counted(self):
        server = Server()
        address = server.address
        server.close()
        client = weir.Client(address, background=False)
        for _ in range(5):
            client.counter("x_total").inc()
            client.flush()
        self.assertGreater(client.stats["send_errors"], 0)
        self.assertFalse(client.close(timeout=0.2))

    def test_so_do_names_that_stand_for_nothing(self):
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
    def test_a_process_that_ends_sends_all_it_has(self):
        server = self.server()
        ended = run(
            "import sys, weir\n"
            "weir.Client(sys.argv[1], flush_interval=10).counter('x_total').inc(5)\n",
            server.address,
        )
        self.assertEqual((ended.returncode, ended.stderr), (0, ""))
        self.assertEqual(list(totals(server.frames).values()), [5])

    def test_a_child_is_another_instance_and_begins_at_zero(self):
        server = self.server()
        ended = run(
            "import os, sys, weir\n"
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
        # Python warns of forks with threads from 3.12 on, which -W error prints at most.
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

    def test_posts_frames_behind_their_lengths(self):
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
            frames.append(reference_reader.decode(reader.take(reader.varint()))[0])
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
