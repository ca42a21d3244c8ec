"""Pushing over HTTP."""

import http.server
import threading
import unittest

import reference_bytes
from support import meaning_of, totals, weir


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
        reader, frames = reference_bytes.Reader(body), []
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
