"""Methods that users of prometheus_client know."""

import asyncio
import unittest

from support import captured_client


def flushed(client, sent, times=1):
    """The values of the series that this many flushes send, by name and labels."""
    for _ in range(times):
        client.flush()
    return {
        (r["name"], *map(tuple, r["labels"])): r.get("value", r.get("buckets"))
        for r in sent.take_records()
        if r["type"] != "meta"
    }


class Labels(unittest.TestCase):
    def test_are_given_in_the_order_of_their_declaration_or_by_name(self):
        client, sent, _ = captured_client()
        counter = client.counter("x_total", "Help.", ["method", "status"])
        counter.labels("GET", 200).inc()
        self.assertIs(counter.labels(status="200", method="GET"), counter.labels("GET", 200))
        self.assertEqual(
            flushed(client, sent), {("x_total", ("method", "GET"), ("status", "200")): 1}
        )

    def test_that_were_declared_have_to_be_given(self):
        client, sent, _ = captured_client()
        client.counter("x_total", labelnames=["a"]).inc()
        client.gauge("g", labelnames=["a"]).set(1)
        client.histogram("h", labelnames=["a"]).observe(1)
        self.assertEqual(client.stats["values_refused"], 3)
        self.assertEqual(flushed(client, sent), {})

    def test_that_are_empty_or_common_make_no_other_series(self):
        client, sent, _ = captured_client(labels={"region": "eu", "zone": ""})
        counter = client.counter("x_total")
        self.assertIs(counter.labels(a=""), counter)
        self.assertIs(counter.labels(region="eu"), counter)
        self.assertIs(counter.labels(a="1", b=""), counter.labels(a="1"))
        self.assertIs(counter.labels(a="\ud800"), counter.labels(a="?"))
        counter.labels(region="us").inc(2)
        counter.labels(region="").inc(3)
        found = flushed(client, sent)
        self.assertEqual(found[("x_total", ("region", "us"))], 2)
        self.assertEqual(found[("x_total", ("region", ""))], 3)
        self.assertEqual(client._common_labels, {"region": "eu"})

    def test_that_were_declared_may_all_be_empty(self):
        client, sent, _ = captured_client()
        counter = client.counter("x_total", labelnames=["a"])
        counter.labels("").inc(2)
        counter.labels(a="").inc(3)
        self.assertEqual(flushed(client, sent), {("x_total",): 5})
        self.assertEqual(client.stats["values_refused"], 0)

    def test_whose_values_have_no_text_lose_their_series_and_raise_nothing(self):
        class Mute:
            def __str__(self):
                raise ValueError("no")

        client, _, _ = captured_client()
        client.counter("x_total").labels(a=Mute()).inc()
        self.assertEqual(client.stats["series_overflow"], 1)


class Gauges(unittest.TestCase):
    def test_are_set_to_the_time(self):
        client, sent, clock = captured_client()
        client.gauge("last_success_seconds").set_to_current_time()
        self.assertEqual(flushed(client, sent), {("last_success_seconds",): clock.wall()})

    def test_are_read_by_a_function_at_each_flush(self):
        client, sent, _ = captured_client()
        items = [1, 2]
        gauge = client.gauge("queue")
        gauge.set_function(lambda: len(items))
        gauge.labels(a="1").set_function(lambda: 7)
        expected = {("queue",): 2, ("queue", ("a", "1")): 7}
        self.assertEqual(flushed(client, sent), expected)
        items.append(3)
        self.assertEqual(flushed(client, sent)[("queue",)], 3)
        removed = gauge.labels(a="1")
        gauge.remove(a="1")
        removed.set_function(lambda: 7)
        self.assertEqual(client._functions, [gauge])
        self.assertEqual(client.stats["values_refused"], 1)
        flushed(client, sent, 70)
        self.assertNotIn(7, flushed(client, sent, 70).values())
        gauge.set_function(lambda: 9)
        self.assertEqual(client._functions, [gauge])
        self.assertEqual(flushed(client, sent), {("queue",): 9})
        with self.assertRaises(TypeError) as raised:
            gauge.set_function(5)
        self.assertEqual(str(raised.exception), "queue needs a function, and not 5.")

    def test_keep_their_value_if_the_function_fails_which_is_counted(self):
        client, sent, _ = captured_client()
        answers = [3, float("nan"), None, ZeroDivisionError()]

        def read():
            answer = answers.pop(0)
            if isinstance(answer, Exception):
                raise answer
            return answer

        client.gauge("queue").set_function(read)
        self.assertEqual(set(flushed(client, sent, 4).values()), {3})
        self.assertEqual((client.stats["values_refused"], client.stats["send_errors"]), (2, 1))
        self.assertEqual(client.stats["last_error"], "ZeroDivisionError")

    def test_count_what_is_in_progress(self):
        client, sent, _ = captured_client()
        gauge = client.gauge("in_flight", merge="sum")
        values = []

        @gauge.track_inprogress()
        def plain(depth):
            values.append(gauge._value)
            return plain(depth - 1) if depth else "result"

        @gauge.track_inprogress()
        async def coroutine():
            await asyncio.sleep(0)
            values.append(gauge._value)

        async def two():
            await asyncio.gather(coroutine(), coroutine())

        self.assertEqual(plain(1), "result")
        asyncio.run(two())
        with self.assertRaises(KeyError), gauge.track_inprogress():
            values.append(gauge._value)
            raise KeyError
        self.assertEqual(values, [1, 2, 2, 1, 1])
        self.assertEqual(flushed(client, sent), {("in_flight",): 0})

    def test_time_blocks(self):
        client, sent, _ = captured_client()
        with client.gauge("last_run_seconds").time():
            pass
        [seconds] = flushed(client, sent).values()
        self.assertGreaterEqual(seconds, 0)


class Counters(unittest.TestCase):
    def test_count_exceptions_of_a_type_and_catch_none(self):
        client, sent, _ = captured_client()
        counter = client.counter("errors_total")

        @counter.count_exceptions((KeyError, ValueError))
        def plain(error):
            raise error

        @counter.labels(a="1").count_exceptions(KeyError)
        async def coroutine(error):
            raise error

        for error in (KeyError(), UnicodeError(), TypeError(), KeyboardInterrupt()):
            with self.assertRaises(type(error)):
                plain(error)
        for error in (KeyError(), ValueError()):
            with self.assertRaises(type(error)):
                asyncio.run(coroutine(error))
        with self.assertRaises(RuntimeError), counter.count_exceptions():
            raise RuntimeError
        with self.assertRaises(SystemExit), counter.count_exceptions():
            raise SystemExit
        with counter.count_exceptions():
            pass
        expected = {("errors_total",): 3, ("errors_total", ("a", "1")): 1}
        self.assertEqual(flushed(client, sent), expected)
        with self.assertRaises(TypeError) as raised:
            counter.count_exceptions("KeyError")
        self.assertEqual(
            str(raised.exception), "count_exceptions needs exception types, and not 'KeyError'."
        )


class Timers(unittest.TestCase):
    def test_may_get_their_labels_in_the_block(self):
        client, sent, _ = captured_client()
        histogram = client.histogram("d_seconds", labelnames=["status"])
        with histogram.time() as timer:
            timer.labels("ok")
        [key] = flushed(client, sent)
        self.assertEqual(key, ("d_seconds", ("status", "ok")))
        self.assertEqual(client.stats["values_refused"], 0)


if __name__ == "__main__":
    unittest.main()
