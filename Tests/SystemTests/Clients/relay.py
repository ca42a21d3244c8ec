"""Passes GET requests on to a server, asking for the text format whatever was asked for.

Usage: relay.py https://HOST:PORT CA_FILE USER:PASSWORD. Prints its own port, and ends when its standard
input does.
"""

import base64
import http.server
import ssl
import sys
import threading
import urllib.request

TARGET, CA_FILE, CREDENTIALS = sys.argv[1:]
AUTHORIZATION = "Basic " + base64.b64encode(CREDENTIALS.encode()).decode()
TRUST = ssl.create_default_context(cafile=CA_FILE)


class Relay(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        request = urllib.request.Request(
            TARGET + self.path,
            headers={"Accept": "text/plain;version=0.0.4", "Authorization": AUTHORIZATION},
        )
        with urllib.request.urlopen(request, timeout=10, context=TRUST) as answer:
            body = answer.read()
            self.send_response(answer.status)
            self.send_header("Content-Type", answer.headers["Content-Type"])
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    def log_message(self, *_):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Relay)
print(server.server_port, flush=True)
threading.Thread(target=server.serve_forever, daemon=True).start()
sys.stdin.read()
