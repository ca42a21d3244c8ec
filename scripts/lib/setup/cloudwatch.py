"""An endpoint in the place of CloudWatch: it accepts some requests, refuses two, and then is unavailable."""

import itertools
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

# Nobody checks the signature that is made with them.
CREDENTIALS = {"AWS_ACCESS_KEY_ID": "AKCHECKS", "AWS_SECRET_ACCESS_KEY": "checks-only"}
# A scrape has to see that there were none before the first refusal, and pushes before and after it.
REFUSED_FROM, REFUSED_UNTIL, AVAILABLE_UNTIL = 5, 7, 9


def answer(number):
    """Status and code for the request with this number, from 0 on."""
    if REFUSED_FROM <= number < REFUSED_UNTIL:
        return 400, "InvalidParameterValue"
    if number >= AVAILABLE_UNTIL:
        return 503, "ServiceUnavailable"
    return 200, None


class CloudWatch:
    """`url` is where it listens until the end of the block."""

    def __enter__(self):
        numbers = itertools.count()

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                self.rfile.read(int(self.headers["Content-Length"]))
                status, code = answer(next(numbers))
                error = f"<Error><Code>{code}</Code><Message>It is not taken.</Message></Error>"
                body = f"<ErrorResponse>{error}</ErrorResponse>" if code else "<PutMetricDataResponse/>"
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body.encode())

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()
