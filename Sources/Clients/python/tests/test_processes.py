"""How processes end, with real processes: children of every kind, forks, and signals."""

import os
import signal
import subprocess
import sys
import threading
import unittest
from pathlib import Path
from unittest import mock

from support import Server, captured_client, private, totals

CHILDREN = str(Path(__file__).with_name("children.py"))


def start(*command):
    return subprocess.Popen(
        [sys.executable, *command],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # A shell's background job ignores it, and so would its children.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )


class ProcessTest(unittest.TestCase):
    def setUp(self):
        self.server = Server()
        self.addCleanup(self.server.close)

    def ended(self, process):
        """Waits for the end of a process. Returns its exit status and what it wrote."""
        self.addCleanup(process.kill)
        output, errors = process.communicate(timeout=60)
        return process.returncode, output, errors

    def total(self, name):
        found = totals(self.server.frames)
        return sum(value for (_, of, _), value in found.items() if of == name)

    def instances(self, condition):
        return {m["instance"] for m in self.server.frames if condition(m)}


class Children(ProcessTest):
    """They end by os._exit, and the first flush of the client comes after ten seconds."""

    def lose_nothing(self, method):
        expected = {"executor": 40, "pool": 40, "terminated": 40}
        expected.update({"failing": 1, "threads": 120})
        if method == "fork":
            # With other methods Python 3.13 runs finalisers after `atexit` has closed the client.
            expected["finaliser"] = 3
        for case, total in expected.items():
            with self.subTest(case):
                self.server.frames.clear()
                code, _, errors = self.ended(start(CHILDREN, self.server.address, method, case))
                self.assertEqual((code, errors), (0, ""))
                self.assertEqual(self.total("jobs_total"), total)
                # All have sent their last frame, so that their gauges leave the server.
                counted = self.instances(lambda m: totals([m]))
                self.assertEqual(counted - self.instances(lambda m: m["final"]), set())

    def test_by_fork_lose_nothing(self):
        self.lose_nothing("fork")

    def test_by_forkserver_lose_nothing(self):
        self.lose_nothing("forkserver")

    def test_by_spawn_lose_nothing(self):
        self.lose_nothing("spawn")


RECORD = """\
import os, signal, sys, time, weir_client as weir
{before}
client = weir.Client(sys.argv[1], flush_interval=10, signals={signals})
client.counter("x_total").inc(5)
client.gauge("g").set(1)
{after}
def ready(): print("ready", flush=True)
{wait}
"""


class Signals(ProcessTest):
    def signalled(self, number, signals=True, before="", after="", wait="ready(); time.sleep(20)"):
        """Sends a signal to a process that waits. Returns its exit status and what it wrote."""
        program = RECORD.format(signals=signals, before=before, after=after, wait=wait)
        process = start("-W", "error", "-c", program, self.server.address)
        self.assertEqual(process.stdout.readline(), "ready\n")
        process.send_signal(number)
        return self.ended(process)

    def test_send_the_last_frames_and_then_end_the_process(self):
        for number, signals in (
            (signal.SIGTERM, True),
            (signal.SIGTERM, ["SIGTERM"]),
            (signal.SIGHUP, ["SIGHUP", int(signal.SIGTERM)]),
        ):
            with self.subTest(number):
                self.server.frames.clear()
                code, _, errors = self.signalled(number, signals)
                self.assertEqual((code, errors), (-number, ""))
                self.assertEqual(self.total("x_total"), 5)
                self.assertEqual(len(self.instances(lambda m: m["final"])), 1)

    def test_end_it_without_that_if_the_client_does_not_handle_them(self):
        for signals in (False, [], ["SIGINT"]):
            code, _, _ = self.signalled(signal.SIGTERM, signals)
            self.assertEqual(code, -signal.SIGTERM)
        self.assertEqual(self.total("x_total"), 0)

    def test_of_the_keyboard_still_interrupt(self):
        wait = (
            "try: ready(); time.sleep(20)\n"
            "except KeyboardInterrupt: client.counter('x_total').inc(2); print('interrupted')"
        )
        code, output, errors = self.signalled(signal.SIGINT, wait=wait)
        self.assertEqual((code, output, errors), (0, "interrupted\n", ""))
        # Sent by the handler, and again at the end with what came after it.
        values = [list(totals([m]).values()) for m in self.server.frames]
        self.assertEqual(values, [[5], [7]])
        self.assertEqual([m["final"] for m in self.server.frames], [False, True])

    def test_go_to_the_handler_that_was_set_before(self):
        before = "signal.signal(signal.SIGTERM, lambda *a: (print('handled', a[0]), sys.exit(7)))"
        code, output, errors = self.signalled(signal.SIGTERM, before=before)
        self.assertEqual((code, output, errors), (7, "handled 15\n", ""))
        self.assertEqual([m["final"] for m in self.server.frames], [False, True])

    def test_go_to_a_handler_that_the_application_sets_afterwards(self):
        after = "signal.signal(signal.SIGTERM, lambda *_: sys.exit(7))"
        self.assertEqual(self.signalled(signal.SIGTERM, after=after)[0], 7)
        self.assertEqual([m["final"] for m in self.server.frames], [True])

    def test_that_are_ignored_stay_ignored(self):
        before = "signal.signal(signal.SIGTERM, signal.SIG_IGN)"
        wait = "ready(); sys.stdin.readline(); print(signal.getsignal(signal.SIGTERM).name)"
        code, output, _ = self.signalled(signal.SIGTERM, before=before, wait=wait)
        self.assertEqual((code, output), (0, "SIG_IGN\n"))

    def test_end_a_process_that_finds_no_server(self):
        after = "client._transport._host = b'no-such-host.invalid'; client._transport.close()"
        self.assertEqual(self.signalled(signal.SIGTERM, after=after)[0], -signal.SIGTERM)

    def test_may_interrupt_any_step(self):
        # They interrupt the end of the client between any two steps.
        wait = (
            "import threading; ready()\n"
            "def kill():\n"
            "    while True: os.kill(os.getpid(), signal.SIGTERM)\n"
            "calls = []\n"
            "modules = [m for m in list(sys.modules.values()) if hasattr(m, '_close_all')]\n"
            "close_all = modules[0]._close_all\n"
            "def nested(*a):\n"
            "    if len(calls) < 20: calls.append(1); close_all()\n"
            "signal.signal(signal.SIGTERM, nested)\n"
            "threading.Thread(target=kill, daemon=True).start()\n"
            "while len(calls) < 1: pass\n"
            "client.close()\n"
            "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
            "print('closed')"
        )
        for _ in range(3):
            self.server.frames.clear()
            code, output, errors = self.signalled(signal.SIGWINCH, wait=wait)
            self.assertEqual((code, output, errors), (0, "closed\n", ""))
            self.assertEqual(self.total("x_total"), 5)


class Handlers(unittest.TestCase):
    def test_are_restored_by_the_last_client_that_needs_them(self):
        before = signal.getsignal(signal.SIGUSR1)
        self.addCleanup(signal.signal, signal.SIGUSR1, before)
        first, _, _ = captured_client(signals=["SIGUSR1"])
        second, _, _ = captured_client(signals=["SIGUSR1"])
        self.assertIs(signal.getsignal(signal.SIGUSR1), private("_on_signal"))
        first.close()
        self.assertIs(signal.getsignal(signal.SIGUSR1), private("_on_signal"))
        second.close()
        self.assertEqual(signal.getsignal(signal.SIGUSR1), before)

    def test_are_for_the_main_thread(self):
        errors = []

        def make():
            try:
                captured_client(signals=["SIGUSR1"])
            except ValueError as error:
                errors.append(str(error))

        thread = threading.Thread(target=make)
        thread.start()
        thread.join()
        self.assertEqual(
            errors, ["signals: only the main thread may handle signals; make the client there."]
        )

    def test_outside_python_are_not_replaced(self):
        with mock.patch.object(signal, "getsignal", return_value=None):
            with self.assertRaises(ValueError) as raised:
                captured_client(signals=["SIGUSR1"])
        self.assertEqual(
            str(raised.exception),
            "signals: SIGUSR1 has a handler outside Python; leave it out.",
        )

    def test_only_flush_if_the_default_action_does_not_end_the_process(self):
        client, sent, _ = captured_client(signals=["SIGUSR1"])
        self.addCleanup(client.close)
        client.counter("x_total").inc()
        with mock.patch.object(os, "getpid", return_value=1):
            signal.raise_signal(signal.SIGUSR1)
        [meaning] = sent.take()
        self.assertFalse(meaning["final"])
        client.counter("x_total").inc()
        self.assertEqual(client.stats["values_after_close"], 0)


class Forks(ProcessTest):
    def test_leave_it_to_the_parent_to_send_what_came_after_its_close(self):
        program = (
            "import os, sys, weir_client as weir\n"
            "client = weir.Client(sys.argv[1], flush_interval=10)\n"
            "counter = client.counter('x_total')\n"
            "client.close()\n"
            "counter.inc()\n"
            "child = os.fork()\n"
            "weir.Client(sys.argv[1], flush_interval=10).close()\n"
            "if child: os.waitpid(child, 0)\n"
        )
        code, _, errors = self.ended(start("-c", program, self.server.address))
        self.assertEqual(
            (code, self.total("push_client_samples_after_close_total")), (0, 1), errors
        )
        self.assertEqual(len(self.instances(lambda m: m["final"])), 3)

    def test_of_a_closed_client_neither_hang_nor_send(self):
        program = (
            "import os, sys, threading, weir_client as weir\n"
            "client = weir.Client(sys.argv[1], flush_interval=10)\n"
            "counter = client.counter('x_total')\n"
            "counter.inc(5)\n"
            "client.close()\n"
            "held, leave = threading.Event(), threading.Event()\n"
            "def hold():\n"
            "    with client._lock: held.set(); leave.wait()\n"
            "threading.Thread(target=hold).start()\n"
            "held.wait()\n"
            "child = os.fork()\n"
            "if child == 0:\n"
            "    counter.inc()\n"
            "    print(client.stats['values_after_close'], client.close(), flush=True)\n"
            "    os._exit(0)\n"
            "os.waitpid(child, 0)\n"
            "leave.set()\n"
        )
        code, output, errors = self.ended(start("-c", program, self.server.address))
        self.assertEqual((code, output), (0, "1 True\n"), errors)
        self.assertEqual([m["final"] for m in self.server.frames], [True])


if __name__ == "__main__":
    unittest.main()
