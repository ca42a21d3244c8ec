"""The page where it is not alone: in an outage, behind a password or a prefix, at another path, or turned off."""

import http.server
import os
import signal
import threading
import urllib.error
import urllib.request

from playwright.sync_api import TimeoutError

from page.browser import faults
from page.traffic import Sender
from page.views import show
from programs import Weir

USERS = """\
basic_auth_users:
  metrics: $2b$10$WeirChecksOnlyNoSecreeEYU.8zTp/MZihwB/Um6MDozJ7LZeHRy
"""


def outage(chromium, pictures):
    """A Weir that does not answer is told of at once, and another one at the same address is taken."""
    found = []
    with chromium.page() as page:
        with Weir.on_free_ports() as weir:
            target = weir.target
            show(page, weir, "overview")
            if page.is_visible("#stale"):
                found.append("a running Weir is called silent")
            # One that takes connections and says nothing.
            os.kill(weir.process.pid, signal.SIGSTOP)
            try:
                page.wait_for_selector("#stale:visible", timeout=12_000)
            except TimeoutError:
                found.append("a Weir that is stopped is not told of within 12 s")
            os.kill(weir.process.pid, signal.SIGCONT)
            page.wait_for_selector("#stale", state="hidden")
        page.wait_for_selector("#stale:visible")
        text = page.inner_text("#stale")
        if "Weir does not answer" not in text or "ago" not in text:
            found.append(f"the outage is told of as {text!r}")
        found += [f"in an outage: {each}" for each in faults(page, False)]
        page.screenshot(path=pictures / "outage.png")
        with Weir("--statsd.listen-udp=127.0.0.1:0", f"--web.listen-address={target}") as weir, Sender(weir.udp) as sender:
            sender.send("after_total:1|c")
            page.wait_for_selector("#stale", state="hidden")
            page.keyboard.press("2")
            page.wait_for_selector("text=after_total")
    return found + [
        f"the console says {each}" for each in chromium.take_messages(but=["ERR_CONNECTION_REFUSED", "Failed to fetch"])
    ]


def password(chromium, pictures):
    found = []
    with Weir.on_free_ports("--web.config.file=web.yml", files={"web.yml": USERS}) as weir:
        try:
            weir.get("/")
            found.append("it answers without a password")
        except urllib.error.HTTPError as error:
            if error.code != 401:
                found.append(f"without a password it answers {error.code}")
        credentials = {"username": "metrics", "password": "your-secret-token"}
        with chromium.page(http_credentials=credentials) as page:
            show(page, weir, "about")
            if "running for" not in page.inner_text("#main"):
                found.append("with the password the page shows nothing")
    return found + [f"the console says {each}" for each in chromium.take_messages(but=["401 (Unauthorized)"])]


class Prefix(http.server.BaseHTTPRequestHandler):
    """Passes /weir/… on without this prefix, as reverse proxies and kubectl proxy do."""

    target = ""

    def do_GET(self):
        if not self.path.startswith("/weir/"):
            self.send_error(404)
            return
        headers = {"Accept": self.headers.get("Accept", "*/*")}
        request = urllib.request.Request(self.target + self.path.removeprefix("/weir"), headers=headers)
        try:
            answer = urllib.request.urlopen(request)
        except urllib.error.HTTPError as error:
            answer = error
        body = answer.read()
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            if name.lower() not in ("connection", "content-length", "transfer-encoding"):
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def prefix(chromium, pictures):
    found = []
    with Weir.on_free_ports() as weir, Sender(weir.udp) as sender:
        sender.send("behind_total:1|c")
        handler = type("Handler", (Prefix,), {"target": weir.url})
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            with chromium.page() as page:
                page.goto(f"http://127.0.0.1:{server.server_port}/weir/#/names")
                page.wait_for_selector("text=behind_total")
        finally:
            server.shutdown()
            server.server_close()
    return found + [f"the console says {each}" for each in chromium.take_messages()]


def folder(chromium, pictures):
    """Where the metrics are at /, the page is at /ui/."""
    found = []
    with Weir.on_free_ports("--web.telemetry-path=/") as weir, Sender(weir.udp) as sender:
        sender.send("moved_total:1|c")
        if "moved_total" not in weir.get("/"):
            found.append("/ has no metrics")
        with chromium.page() as page:
            page.goto(weir.url + "/ui/#/names")
            page.wait_for_selector("text=moved_total")
    return found + [f"the console says {each}" for each in chromium.take_messages()]


def hidden_lines(chromium, pictures):
    found = []
    with Weir.on_free_ports("--no-web.show-lines") as weir, Sender(weir.udp) as sender, chromium.page() as page:
        sender.send("secret_total:x|c")
        show(page, weir, "refused")
        text = page.inner_text("#main")
        if "Lines are hidden" not in text or "bad_value" not in text or "secret" in text:
            found.append(f"hidden lines are shown as {text[:200]!r}")
    return found + [f"the console says {each}" for each in chromium.take_messages()]


def turned_off(chromium, pictures):
    found = []
    with Weir.on_free_ports("--no-web.ui") as weir, chromium.page() as page:
        page.goto(weir.url + "/")
        if not page.locator("a[href='/metrics']").count():
            found.append("there are no links where the page is turned off")
    chromium.take_messages()
    return found
