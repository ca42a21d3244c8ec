"""Plays a serverless platform: Node processes that are frozen and killed; see scripts/check-serverless."""

import base64
import contextlib
import http.client
import os
import random
import re
import signal
import ssl
import statistics
import subprocess
import sys
import time
import urllib.request
from concurrent.futures import ThreadPoolExecutor

from operating import namespace
from operating.page import Steps, sections
from programs import ROOT, Program, Weir, certificate, eventually, program

# The user `functions` with the password "push", and `prometheus` with "scrape".
WEB = b"""\
tls_server_config: {cert_file: cert.pem, key_file: key.pem}
basic_auth_users:
  functions: $2b$10$WeirChecksOnlyNoSecree7Gz/7vKF5dKqCNli5jewhX/79Jv9lIu
  prometheus: $2b$10$WeirChecksOnlyNoSecreeFYBdGghuM4Bh12gkaCHr6F0mpHBGmBq
"""
SECRET = "00112233445566778899aabbccddeeff"
KEYS = f"keys: [{{id: functions-2026, secret: {SECRET}}}]\n".encode()
INSTANCES = 6
REQUESTS = 10
ANSWER_SECONDS_MAX = 20


class Function(Program):
    """One process of a function. It stops itself after each answer."""

    name = "function"

    def __init__(self, mode, authority):
        environment = {
            "WEIR_URL": "https://functions:push@weir.example/api/v1/push",
            "WEIR_KEY_ID": "functions-2026",
            "WEIR_KEY_SECRET": SECRET,
        }
        super().__init__({"ca.pem": authority}, environment)
        self.mode = mode

    def command(self):
        host = ROOT / "scripts/lib/operating/function_host.mjs"
        return ["env", f"NODE_EXTRA_CA_CERTS={self.folder}/ca.pem", program("node"), host, self.mode]

    def started(self):
        self.port = int(self.wait_for(r'"port":(\d+)'))
        self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=ANSWER_SECONDS_MAX)

    def __exit__(self, *_):
        with contextlib.suppress(ProcessLookupError, AttributeError):
            self.process.kill()
        super().__exit__(*_)

    def is_frozen(self):
        with open(f"/proc/{self.process.pid}/stat") as file:
            return file.read().rpartition(")")[2].split()[0] == "T"

    def thaw(self):
        self.process.send_signal(signal.SIGCONT)

    def request(self):
        """Thaws it, asks it, waits until it is frozen. Returns the seconds until the answer."""
        begin = time.monotonic()
        self.thaw()
        self.connection.request("POST", "/api/chat", b"{}")
        answer = self.connection.getresponse()
        answer.read()
        seconds = time.monotonic() - begin
        if answer.status != 200:
            raise RuntimeError(f"the function answered {answer.status}: {self.logged()}")
        eventually("the freeze", self.is_frozen)
        return seconds

    def kill(self):
        self.process.kill()
        self.process.wait()


class SecureWeir(Weir):
    """With TLS, users, keys and a state, as docs/serverless.md starts it."""

    def __init__(self, key, cert, *more):
        flags = [*Steps(sections(ROOT / "docs/serverless.md")["Weir"]).flags(), *more]
        super().__init__(*flags, files={"key.pem": key, "cert.pem": cert, "web.yml": WEB, "keys.yml": KEYS})
        self.context = ssl.create_default_context(cadata=cert.decode())

    def get(self, path):
        request = urllib.request.Request(f"https://weir.example{path}")
        request.add_header("Authorization", "Basic " + base64.b64encode(b"prometheus:scrape").decode())
        with urllib.request.urlopen(request, timeout=ANSWER_SECONDS_MAX, context=self.context) as answer:
            return answer.read().decode()

    def requests(self):
        """What all functions together have counted."""
        shown = re.findall(r"^llm_requests_total\{.*\} (\S+)$", self.get("/metrics"), re.MULTILINE)
        return sum(map(float, shown))


class Platform:
    """Runs functions in one mode, and compares what was answered with what Weir shows."""

    def __init__(self, weir, mode, authority, seed=1):
        self.weir, self.mode, self.authority = weir, mode, authority
        self.chance = random.Random(seed)
        self.before = weir.requests()

    def function(self):
        return Function(self.mode, self.authority)

    def shown(self):
        return round(self.weir.requests() - self.before)

    def frozen(self):
        """Functions that are killed while they are frozen. Returns how many requests were answered, and times."""

        def live(seed):
            pauses = random.Random(seed)
            with self.function() as function:
                times = []
                for _ in range(REQUESTS):
                    times.append(function.request())
                    time.sleep(pauses.uniform(0, 0.3))
                function.kill()
                return times

        with ThreadPoolExecutor(INSTANCES) as pool:
            return list(pool.map(live, range(INSTANCES)))

    def killed(self, count):
        """Functions that are killed while they work at a request. Returns how many were answered, and how many sent."""

        def live(wait):
            with self.function() as function:
                function.request()
                function.thaw()
                function.connection.request("POST", "/api/chat", b"{}")
                time.sleep(wait)
                function.kill()
                with contextlib.suppress(OSError, http.client.HTTPException):
                    return 1 + (function.connection.getresponse().status == 200)
                return 1

        waits = [self.chance.uniform(0, 0.01) for _ in range(count)]
        with ThreadPoolExecutor(2) as pool:
            return sum(pool.map(live, waits)), 2 * count


def report(title, *columns):
    print(f"  {title:<44}" + "".join(f"{column:>12}" for column in columns))


class Run:
    def __init__(self):
        self.key, self.cert = certificate("DNS:weir.example")
        self.faults = []

    def require(self, condition, sentence):
        if not condition:
            self.faults.append(sentence)

    def weir(self, *more):
        return SecureWeir(self.key, self.cert, *more)

    def __call__(self):
        with self.weir() as weir:
            self.killed_while_frozen(weir)
            self.killed_at_work(weir)
            self.told_to_end(weir)
            page = weir.get("/metrics")
            self.require(
                'weir_series{type="counter"} 1\n' in page, "processes have made series of their own."
            )
            refused = re.findall(
                r"^(weir_push_(?:frames|records)_refused_total.*) [^0].*$", page, re.MULTILINE
            )
            self.require(not refused, f"{refused} is not 0.")
        self.frozen_for_long()
        self.restarted()

    def killed_while_frozen(self, weir):
        """After the first request of all, for which Weir has to check the password."""
        with Platform(weir, "before", self.cert).function() as function:
            print(f"  the first request of all: {1000 * function.request():.0f} ms")
        report("killed while frozen", "answered", "shown", "lost", "first ms", "others ms")
        for mode in ("before", "after", "begun", "timer"):
            platform = Platform(weir, mode, self.cert)
            times = platform.frozen()
            answered, shown = INSTANCES * REQUESTS, platform.shown()
            first = statistics.median(each[0] for each in times)
            others = statistics.median(seconds for each in times for seconds in each[1:])
            report(mode, answered, shown, answered - shown, f"{1000 * first:.1f}", f"{1000 * others:.1f}")
            self.require(shown <= answered, f"{mode}: {shown} are shown of {answered}.")
            if mode in ("before", "after"):
                self.require(shown == answered, f"{mode}: {shown} are shown of {answered}.")
            else:
                self.require(
                    shown < answered, f"{mode} loses nothing, and docs/serverless.md says that it does."
                )

    def killed_at_work(self, weir):
        report("killed while it works at its second request", "answered", "shown", "lost")
        count = 12
        for mode in ("before", "after"):
            platform = Platform(weir, mode, self.cert)
            answered, sent = platform.killed(count)
            shown = platform.shown()
            report(mode, answered, shown, max(0, answered - shown))
            # An answer is a promise only if it comes after the sending.
            least = answered if mode == "before" else answered - count
            self.require(least <= shown <= sent, f"{mode}: {shown} are shown of {answered} to {sent}.")

    def told_to_end(self, weir):
        """SIGTERM to a function that was thawed: it ends by itself, and the series stay."""
        platform = Platform(weir, "before", self.cert)
        with platform.function() as function:
            function.request()
            function.thaw()
            function.process.terminate()
            function.process.wait(ANSWER_SECONDS_MAX)
        self.require(platform.shown() == 1, "SIGTERM has lost a request.")

    def frozen_for_long(self):
        """Weir has closed the connection meanwhile, so that the first sending fails."""
        with self.weir("--web.idle-timeout=1s") as weir:
            platform = Platform(weir, "before", self.cert)
            for _ in range(2):
                with platform.function() as function:
                    function.request()
                    # What is left is the scrape itself.
                    eventually("the idle timeout", lambda: weir.value("weir_http_connections") == 1)
                    function.request()
                    function.kill()
            self.require(platform.shown() == 4, f"{platform.shown()} of 4 are shown after long freezes.")

    def restarted(self):
        """Weir restarts while a function is frozen, and once it is not there at all."""
        with contextlib.ExitStack() as stack:
            with self.weir() as weir:
                platform = Platform(weir, "before", self.cert)
                function = stack.enter_context(platform.function())
                function.request()
                begin = weir.requests()
            absent = function.request()
            with self.weir() as weir:
                self.require(weir.requests() == begin, "the state has lost requests.")
                function.request()
                shown = weir.requests() - begin
                self.require(shown == 2, f"{shown} requests are shown of 2 after a restart of Weir.")
            with self.weir() as weir:
                function.request()
                shown = weir.requests() - begin
                self.require(shown == 3, f"{shown} requests are shown of 3 after a restart of Weir.")
                os.kill(weir.process.pid, signal.SIGSTOP)
                hanging = function.request()
                os.kill(weir.process.pid, signal.SIGCONT)
                function.request()
                shown = weir.requests() - begin
                self.require(shown == 5, f"{shown} requests are shown of 5 after Weir hung.")
        report("an answer while Weir", "", "", "", "ms")
        report("is not there", "", "", "", f"{1000 * absent:.0f}")
        report("does not answer", "", "", "", f"{1000 * hanging:.0f}")


def main():
    namespace.enter({"localhost": "127.0.0.1", "weir.example": "127.0.0.1"})
    try:
        run = Run()
        run()
    except (TimeoutError, RuntimeError, ValueError, OSError, subprocess.SubprocessError) as error:
        sys.exit(f"{type(error).__name__}: {error}")
    if run.faults:
        sys.exit("\n".join(run.faults))


if __name__ == "__main__":
    main()
