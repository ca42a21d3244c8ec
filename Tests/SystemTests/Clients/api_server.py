"""A server with the API of Weir, of which a test decides what it answers.

usage: api_server.py PORT PREFIX

It prints its port, then a line for each request. Findings are bad with the path /bad before the prefix.
"""
import http.server
import json
import sys
import time

PREFIX = sys.argv[2]


def status():
    now = int(time.time() * 1000)
    columns = {name: [float(i % 7) for i in range(300)] for name in ("lines", "series", "dropped")}
    return {
        "now_ms": now, "full": True, "version": "9.9", "node": "mock\u001b]0;owned\u0007", "uptime_seconds": 90.0,
        "findings": [{"id": "x", "level": "bad" if "bad" in PREFIX else "warn", "subject": "", "view": "overview",
                      "what": "Something \u202e is wrong.", "fix": "Repair it.", "since_seconds": 5}],
        "path": {"lines": 12345.0, "series": 7.0}, "scrape": None,
        "names": [{"name": "first_name", "lines": 5.0}, {"name": "esc\u001b[31m", "lines": 4.0}],
        "senders": [{"name": "10.9.8.7", "how": "text", "lines": 5.0, "refused": 1.0}], "sampled_seconds": 60,
        "limits": [{"limit": "the_limit", "used": 5, "max": 10, "full_in_seconds": 60, "name": None}],
        "history": {"step_seconds": 1, "end_ms": now // 1000 * 1000, "columns": columns},
    }


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def answer(self, code, body):
        self.send_response(code)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        print(self.path, flush=True)
        path, _, query = self.path.partition("?")
        if path == PREFIX + "/api/v1/status":
            return self.answer(200, json.dumps(status()).encode() + b"\n")
        if path != PREFIX + "/api/v1/tap":
            return self.answer(404, b"")
        if "reason=nonsense" in query:
            return self.answer(400, json.dumps({"error": "write another reason"}).encode())
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()

        def part(text):
            data = text.encode()
            self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))
            self.wfile.flush()

        if "name=none" not in query:
            for number in range(3):
                line = json.dumps({"time_ms": 1790000000001, "sender": "10.0.0.1:5",
                                   "line": "a\u001b[31m.b:%d|c|#shop:de" % number}) + "\n"
                part(line[:20])
                time.sleep(0.05)
                part(line[20:])
            part('{"not_shown": 12480}\n')
        if "name=wait" in query:
            try:
                for _ in range(300):
                    time.sleep(0.1)
                    part("\n")
            except OSError:
                return
        part('{"end": "seconds"}\n')
        self.wfile.write(b"0\r\n\r\n")

    def log_message(self, *_):
        pass


http.server.ThreadingHTTPServer.allow_reuse_address = True
server = http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler)
print(server.server_address[1], flush=True)
server.serve_forever()
