"""What the client sends and when, with a clock that the test sets, and without a network."""

import asyncio
import threading
import time
import unittest
from unittest import mock

from support import captured_client, private, weir
from test_vectors import KEYS, VECTORS


OWN_TYPES = {"clock", "counter", "gauge", "histogram", "meta"}
FINAL, CONFIRM = private("_FINAL"), private("_CONFIRM")
_text = private("_text")


def fill(frame, meaning):
    """Adds the records of a meaning to a frame, by the client's own series."""
    client, _, _ = captured_client()
    kinds = {"counter": weir.Counter, "gauge": weir.Gauge, "histogram": weir.Histogram}
    for record in meaning["records"]:
        if record["type"] == "clock":
            continue
        if record["type"] == "meta":
            optional = [
                _text(t) if t is not None else b"" for t in (record["unit"], record["help"])
            ]
            frame.add(private("_Record")(private("_META"), (_text(record["name"]), *optional)), 0)
            continue
        series = kinds[record["type"]].__new__(kinds[record["type"]])
        texts = private("_texts")(record["labels"])
        series._begin(client, (_text(record["name"]), *texts), True)
        if record["type"] == "counter":
            series._total = record["value"]
        elif record["type"] == "gauge":
            series._merge = private("MERGES").index(record["merge"])
            series._reset()
            series._value = float(record["value"])
        else:
            bounds = record["bounds"]
            series._bounds = weir.DEFAULT_BOUNDS if bounds is None else bounds
            series._bounds_data = b"" if bounds is None else private("_bounds_list")(bounds)
            series._reset()
            series._sum = record["sum"]
            for place, count in record["buckets"]:
                series._counts[place] = count
        made = series._record(0)
        exemplars = [
            private("_Exemplar")(dict(e["labels"]), e["value"], -e["age_ms"] / 1000)
            for e in record.get("exemplars", [])
        ]
        # The times are those of the vector; other tests check the times that a client sends.
        time_ms = record.get("began_ms", record.get("held_ms"))
        frame.add(made._replace(exemplars=exemplars, time_ms=time_ms), 0)


class TheEncoder(unittest.TestCase):
    def test_writes_the_vectors_byte_for_byte(self):
        written, left_out = 0, set()
        for entry in VECTORS["frames"]:
            if "refused" in entry or entry.get("decode_only"):
                continue
            meaning = entry["frame"]
            types = {record["type"] for record in meaning["records"]}
            if not types <= OWN_TYPES:
                left_out |= types - OWN_TYPES
                continue
            with self.subTest(entry["name"]):
                key = meaning["key"]
                client, _, clock = captured_client(
                    labels=dict(meaning["common"]), key=key and (key, KEYS[key]), frame_bytes=65_507
                )
                writer = client._writer
                writer.instance = int(meaning["instance"], 16).to_bytes(8, "little")
                writer.start_ms = meaning["start_ms"]
                writer.sequence = int(meaning["sequence"])
                writer.started = -meaning["age_ms"] / 1000
                flags = FINAL * meaning["final"] | CONFIRM * meaning["confirm"]
                header, tail = writer.header(flags, 0), 16 if key else 0
                [sent_ms] = [r["sent_ms"] for r in meaning["records"] if r["type"] == "clock"] or [
                    None
                ]
                frame = private("_Frame")(header, client._common, 65_507, tail, sent_ms)
                fill(frame, meaning)
                self.assertEqual(writer.signed(frame)[1].hex(), entry["hex"])
                written += 1
        self.assertGreaterEqual(written, 44)
        # The types that this client does not send.
        unused = {"increment", "gauge_add", "observations", "exponential", "members", "sketch"}
        unused |= {"text_gauge", "forwarder"}
        self.assertEqual(left_out, unused)

    def test_reads_the_answers(self):
        for entry in VECTORS["answers"]:
            key = entry["answer"]["key"]
            client, _, _ = captured_client(key=key and (key, KEYS[key]))
            client._writer.instance = int(entry["answer"]["instance"], 16).to_bytes(8, "little")
            data = bytes.fromhex(entry["hex"])
            self.assertEqual(client._writer.answered(data), entry["answer"]["sequence"])
            for wrong in (data[:-1], data + b"\0", b"\0" + data[1:], b""):
                self.assertEqual(client._writer.answered(wrong), 0)


class Recording(unittest.TestCase):
    def records(self, client, sent):
        client.flush()
        return [r for meaning in sent.take() for r in meaning["records"]]

    def test_values_that_are_not_valid_are_counted_and_raise_nothing(self):
        client, sent, _ = captured_client()
        wrong = [-1, float("nan"), float("inf"), "1", None, 10**400]
        for value in wrong:
            client.counter("x_total").inc(value)
            client.counter("x_total").set_total(value)
        for value in wrong[1:]:
            client.gauge("g").set(value)
            client.gauge("g").dec(value)
            client.histogram("h").observe(value)
        self.assertEqual(client.stats["values_refused"], 27)
        self.assertEqual(self.records(client, sent), [])

    def test_gauges_go_up_and_down_and_are_removed(self):
        client, sent, _ = captured_client()
        gauge = client.gauge("jobs", merge="sum")
        gauge.inc(3)
        gauge.dec()
        [record] = self.records(client, sent)
        self.assertEqual((record["value"], record["merge"]), (2, "sum"))
        gauge.clear()
        [record] = self.records(client, sent)
        self.assertNotEqual(record["value"], record["value"])

    def test_a_total_that_is_kept_elsewhere_never_decreases(self):
        client, sent, _ = captured_client()
        for total in (5, 7.5, 6):
            client.counter("cpu_seconds_total").set_total(total)
        [record] = self.records(client, sent)
        self.assertEqual(record["value"], 7.5)

    def test_the_upper_bounds_of_buckets_are_inclusive(self):
        client, sent, _ = captured_client()
        histogram = client.histogram("size_bytes", bounds=[1, 10])
        for value in (1, 1.5, 10, 11):
            histogram.observe(value)
        [record] = self.records(client, sent)
        self.assertEqual(record["buckets"], [[0, 1], [1, 2], [2, 1]])
        self.assertEqual(record["sum"], 23.5)

    def test_one_exemplar_is_sent_for_each_series_and_flush(self):
        client, sent, clock = captured_client()
        counter = client.counter("x_total")
        counter.inc(exemplar={"trace_id": "1"})
        counter.inc(exemplar={"trace_id": "2"})
        clock.now += 0.25
        [record] = self.records(client, sent)
        expected = [{"labels": [["trace_id", "1"]], "value": 1, "age_ms": 250}]
        self.assertEqual(record["exemplars"], expected)
        [record] = self.records(client, sent)
        self.assertNotIn("exemplars", record)

    def test_timers_time_blocks_functions_and_coroutines(self):
        client, sent, _ = captured_client()
        histogram = client.histogram("d_seconds")

        @histogram.time()
        def plain(value):
            return value

        @histogram.time()
        async def later(value):
            return value

        with histogram.time():
            pass
        self.assertEqual((plain(1), asyncio.run(later(2))), (1, 2))
        with self.assertRaises(KeyError), histogram.time():
            raise KeyError
        [record] = self.records(client, sent)
        self.assertEqual(sum(count for _, count in record["buckets"]), 4)

    def test_calls_that_overlap_have_their_own_timers(self):
        client, sent, _ = captured_client()

        @client.histogram("d_seconds").time()
        def nested(depth):
            return depth and nested(depth - 1)

        with mock.patch.object(time, "perf_counter", side_effect=[0, 10, 11, 12]):
            nested(1)
        [record] = self.records(client, sent)
        self.assertEqual(record["sum"], 1 + 12)

    def test_series_have_a_limit_and_those_without_room_are_counted(self):
        client, sent, _ = captured_client(series_max=10)
        counter = client.counter("x_total")
        for number in range(20):
            counter.labels(n=number).inc()
        found = {
            r["name"]: r.get("value") for r in self.records(client, sent) if r["type"] != "meta"
        }
        self.assertEqual(client.stats["series"], 10)
        self.assertEqual(found["push_client_series_overflow_total"], 12)

    def test_labels_are_the_same_series_in_any_order(self):
        client, _, _ = captured_client()
        counter = client.counter("x_total")
        self.assertIs(counter.labels(a=1, b=2), counter.labels(b="2", a="1"))
        self.assertIs(client.counter("x_total"), counter)

    def test_threads_lose_nothing(self):
        client, sent, _ = captured_client()
        counter, histogram = client.counter("x_total"), client.histogram("d_seconds")

        def work():
            for _ in range(5_000):
                counter.labels(a="b").inc()
                histogram.observe(0.5)

        threads = [threading.Thread(target=work) for _ in range(4)]
        for thread in threads:
            thread.start()
        client.flush()
        for thread in threads:
            thread.join()
        client.close()
        records = [r for m in sent.take() for r in m["records"]]
        self.assertEqual(max(r["value"] for r in records if r["type"] == "counter"), 20_000)
        self.assertIn([[6, 20_000]], [r["buckets"] for r in records if r["type"] == "histogram"])


if __name__ == "__main__":
    unittest.main()
