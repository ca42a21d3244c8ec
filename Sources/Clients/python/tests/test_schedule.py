"""When totals are sent again."""

import unittest

from support import captured_client, totals


class TheSchedule(unittest.TestCase):
    def test_repeats_a_total_at_growing_intervals(self):
        client, sent, clock = captured_client()
        client.counter("x_total").inc()
        flushes = []
        for flush in range(1, 250):
            client.flush()
            if any(meaning["records"] for meaning in sent.take()):
                flushes.append(flush - 1)
            clock.now += 1
        self.assertEqual(flushes, [0, 1, 2, 4, 8, 16, 32, 64, 124, 184, 244])

    def test_sends_only_what_has_changed(self):
        client, sent, _ = captured_client()
        counter = client.counter("x_total")
        counter.labels(a="1").inc()
        counter.labels(a="2").inc()
        # The repetitions are at 1, 2 and 4.
        for _ in range(5):
            client.flush()
        sent.take()
        counter.labels(a="2").inc(5)
        client.flush()
        [meaning] = sent.take()
        records = [(r["labels"], r["value"]) for r in meaning["records"]]
        self.assertIn(([["a", "2"]], 6), records)
        self.assertEqual(len(records), 1)

    def test_is_never_silent_for_more_than_fifteen_seconds(self):
        client, sent, clock = captured_client()
        last, gaps, sequences = None, [], []
        for _ in range(60):
            client.flush()
            for meaning in sent.take():
                sequences.append(meaning["sequence"])
                gaps.append(clock.now - (clock.now if last is None else last))
                last = clock.now
            clock.now += 1.1
        self.assertLessEqual(max(gaps), 15)
        self.assertEqual(sequences, list(range(1, len(sequences) + 1)))
        self.assertGreater(len(sequences), 3)

    def test_sends_help_with_the_first_total_and_then_every_sixty_flushes(self):
        client, sent, _ = captured_client()
        counter = client.counter("x_bytes_total", unit="bytes", help="Bytes.")
        found = []
        for flush in range(1, 130):
            counter.inc()
            client.flush()
            types = [r["type"] for meaning in sent.take() for r in meaning["records"]]
            found += [flush] if "meta" in types else []
        self.assertEqual(found, [1, 61, 121])

    def test_fills_frames_up_to_1432_bytes_each_with_its_own_strings(self):
        client, sent, _ = captured_client(key=("k1", b"secret"), labels={"region": "eu"})
        for number in range(500):
            client.counter("requests_total").labels(path=f"/a/long/path/{number}").inc(number)
        client.flush()
        self.assertTrue(all(len(data) <= 1432 for data in sent.frames))
        self.assertTrue(all(len(data) > 1350 for data in sent.frames[:-1]))
        frames = sent.take()
        self.assertEqual(len(totals(frames)), 500)
        self.assertEqual([m["sequence"] for m in frames], list(range(1, len(frames) + 1)))

    def test_counts_a_series_that_no_frame_can_hold_and_sends_the_others(self):
        client, sent, _ = captured_client()
        client.counter("a_total").inc()
        client.counter("b_total").labels(text="x" * 70_000).inc()
        client.counter("c_total").inc()
        client.flush()
        names = [r["name"] for m in sent.take() for r in m["records"]]
        self.assertEqual(names, ["a_total", "c_total"])
        self.assertEqual(client.stats["send_errors"], 1)


if __name__ == "__main__":
    unittest.main()
