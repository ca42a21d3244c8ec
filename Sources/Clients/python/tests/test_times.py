"""Times in frames: of their sending, of the beginning of series, of the settings of gauges."""

import time
import unittest
from unittest import mock

from support import captured_client, private


class TheClock(unittest.TestCase):
    def test_is_in_every_frame_although_it_was_wrong_at_the_start(self):
        client, sent, clock = captured_client(key=("k1", b"secret"))
        clock.ahead = 0
        client._renew()
        sent_ms, starts = [], set()
        for _ in range(20):
            clock.now += 1
            client.flush()
            for meaning in sent.take():
                sent_ms.append(meaning["sent_ms"])
                starts.add(meaning["start_ms"])
            # The clock is corrected.
            clock.ahead = 1_764_000_000
        client.counter("x_total").inc()
        client.close()
        [last] = sent.take()
        self.assertEqual(starts | {last["start_ms"]}, {1_000_000})
        self.assertEqual(sent_ms, [1_001_000, 1_764_001_015_000])
        self.assertEqual(last["sent_ms"], 1_764_001_020_000)
        self.assertEqual(last["age_ms"], 20_000)

    def test_is_never_a_time_that_a_server_refuses(self):
        for wall, expected in ((-5, 1), (0, 1), (1e15, 253_402_300_799_999)):
            client, sent, clock = captured_client()
            clock.ahead = wall - clock.now
            client.flush()
            [meaning] = sent.take()
            self.assertEqual(meaning["sent_ms"], expected)

    def test_of_the_age_continues_while_the_host_is_suspended(self):
        with mock.patch.object(time, "clock_gettime", return_value=5.0) as read:
            self.assertEqual(private("_monotonic_clock")()(), 5.0)
        read.assert_called_with(getattr(time, "CLOCK_BOOTTIME", None) or time.CLOCK_MONOTONIC)

    def test_of_the_age_is_another_if_the_system_has_no_such_clock(self):
        with mock.patch.object(time, "clock_gettime", side_effect=OSError):
            self.assertIs(private("_monotonic_clock")(), time.monotonic)


class Totals(unittest.TestCase):
    def test_are_sent_with_the_time_when_they_began_which_never_changes(self):
        client, sent, clock = captured_client()
        counter, histogram = client.counter("x_total"), client.histogram("d_seconds")
        clock.now += 90
        counter.labels(a="b").inc()
        histogram.labels(a="b").observe(1)
        counter.inc(exemplar={"trace_id": "1"})
        found = {}
        for _ in range(5):
            clock.now += 1
            client.flush()
            for record in sent.take_records():
                key = (record["name"], bool(record["labels"]))
                found.setdefault(key, set()).add(record["began_ms"])
        expected = {
            ("x_total", False): {0},
            ("x_total", True): {90_000},
            ("d_seconds", True): {90_000},
        }
        self.assertEqual(found, expected)

    def test_of_a_fork_begin_with_it(self):
        client, sent, clock = captured_client()
        clock.now += 90
        counter = client.counter("x_total").labels(a="b")
        client._forked()
        client._transport = sent
        counter.inc()
        client.flush()
        [record] = sent.take_records()
        self.assertEqual((record["value"], record["began_ms"]), (1, 0))


class Gauges(unittest.TestCase):
    def held(self, client, sent):
        client.flush()
        return [(r["value"], r.get("held_ms")) for r in sent.take_records()]

    def test_are_sent_with_the_time_since_their_last_setting(self):
        client, sent, clock = captured_client()
        gauge = client.gauge("jobs")
        gauge.set(3)
        clock.now += 0.5
        self.assertEqual(self.held(client, sent), [(3, 500)])
        # A repeat is not a new setting.
        clock.now += 1
        self.assertEqual(self.held(client, sent), [(3, 1_500)])
        gauge.inc()
        clock.now += 0.25
        self.assertEqual(self.held(client, sent), [(4, 250)])

    def test_may_be_set_to_the_same_value_which_is_sent_at_once_for_last(self):
        client, sent, clock = captured_client()
        last, summed = client.gauge("last"), client.gauge("summed", merge="sum")
        for gauge in (last, summed):
            gauge.set(3)
        # They are repeated after 1, 2 and 4 flushes.
        for _ in range(6):
            client.flush()
        sent.take()
        clock.now += 100
        for gauge in (last, summed):
            gauge.set(3)
        clock.now += 0.5
        self.assertEqual(self.held(client, sent), [(3, 500)])
        for _ in range(3):
            client.flush()
        held = {r["name"]: r["held_ms"] for r in sent.take_records()}
        self.assertEqual(held, {"last": 500, "summed": 500})

    def test_that_are_read_are_not_set_if_the_value_is_unchanged(self):
        client, sent, clock = captured_client()
        values = [5, 5, 6]
        client.gauge("queue").set_function(lambda: values[0])
        self.assertEqual(self.held(client, sent), [(5, 0)])
        clock.now += 1
        values.pop(0)
        self.assertEqual(self.held(client, sent), [(5, 1_000)])
        values.pop(0)
        clock.now += 1
        self.assertEqual(self.held(client, sent), [(6, 0)])

    def test_that_are_removed_have_no_time(self):
        client, sent, _ = captured_client()
        client.gauge("jobs").set(3)
        client.gauge("jobs").clear()
        client.flush()
        [record] = sent.take_records()
        self.assertNotIn("held_ms", record)


if __name__ == "__main__":
    unittest.main()
