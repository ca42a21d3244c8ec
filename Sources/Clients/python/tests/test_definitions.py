"""Mistakes in a program raise where they are written, with a sentence that names the remedy."""

import unittest

from support import captured_client, weir


class Mistakes(unittest.TestCase):
    def assert_says(self, error, sentence, wrong):
        with self.assertRaises(error) as raised:
            wrong()
        self.assertEqual(str(raised.exception), sentence)


class Metrics(Mistakes):
    def test_have_one_kind_and_the_same_options_wherever_they_are_defined(self):
        client, _, _ = captured_client()
        client.counter("x_total", labelnames=("a", "b"), unit="bytes")
        client.gauge("g", merge="sum")
        client.gauge("plain")
        client.histogram("h", bounds=(1, 2))
        client.histogram("own")
        for wrong, sentence in (
            (
                lambda: client.gauge("x_total"),
                "x_total is already defined as a Counter; choose another name for the Gauge.",
            ),
            (
                lambda: client.gauge("g", merge="max"),
                "g is already defined with merge='sum', and not with 'max'; "
                "use the same value, or leave it out.",
            ),
            (
                lambda: client.gauge("plain", merge="sum"),
                "plain is already defined with merge='last', and not with 'sum'; "
                "use the same value, or leave it out.",
            ),
            (
                lambda: client.histogram("h", bounds=(1, 3)),
                "h is already defined with bounds=(1.0, 2.0), and not with (1.0, 3.0); "
                "use the same value, or leave it out.",
            ),
            (
                lambda: client.histogram("own", bounds=(1, 3)),
                f"own is already defined with bounds={weir.DEFAULT_BOUNDS!r}, "
                "and not with (1.0, 3.0); "
                "use the same value, or leave it out.",
            ),
            (
                lambda: client.counter("x_total", labelnames=("b", "a")),
                "x_total is already defined with labelnames=('a', 'b'), and not with ('b', 'a'); "
                "use the same value, or leave it out.",
            ),
            (
                lambda: client.counter("x_total", unit="seconds"),
                "x_total is already defined with unit='bytes', and not with 'seconds'; "
                "use the same value, or leave it out.",
            ),
        ):
            with self.subTest(sentence):
                self.assert_says(ValueError, sentence, wrong)

    def test_are_the_same_where_options_are_repeated_or_left_out(self):
        client, _, _ = captured_client()
        gauge = client.gauge("g", "Help.", ["a"], merge="sum", unit="jobs")
        self.assertIs(client.gauge("g"), gauge)
        again = client.gauge("g", help="Other help.", labelnames=("a",), merge="sum", unit="jobs")
        self.assertIs(again, gauge)
        histogram = client.histogram("h", bounds=[1, 2])
        self.assertIs(client.histogram("h", bounds=(1.0, 2.0)), histogram)
        self.assertIs(client.histogram("h"), histogram)
        own = client.histogram("own", bounds=weir.DEFAULT_BOUNDS)
        self.assertIs(client.histogram("own"), own)

    def test_have_options_of_their_kind_only(self):
        client, _, _ = captured_client()
        for wrong, sentence in (
            (
                lambda: client.histogram("h", buckets=(1, 2)),
                "A histogram has no option 'buckets'; use bounds=.",
            ),
            (
                lambda: client.gauge("g", multiprocess_mode="livesum"),
                "A gauge has no option 'multiprocess_mode'; use merge=.",
            ),
            (
                lambda: client.counter("c", documentation="Help."),
                "A counter has no option 'documentation'; use help=.",
            ),
            (
                lambda: client.counter("c", bounds=(1, 2)),
                "A counter has no option 'bounds'; the options are help, labelnames, unit.",
            ),
        ):
            with self.subTest(sentence):
                self.assert_says(TypeError, sentence, wrong)

    def test_have_valid_bounds_merges_and_names(self):
        client, _, _ = captured_client()
        not_ascending = "The bounds of h must be finite, ascending and at most 200; leave +Inf out."
        for bounds in ([2, 1], [1, 1], [1, float("inf")], [float("nan")], range(201)):
            self.assert_says(
                ValueError,
                not_ascending,
                lambda bounds=bounds: client.histogram("h", bounds=bounds),
            )
        for wrong, sentence in (
            (
                lambda: client.histogram("h", bounds="1,2"),
                "The bounds of h must be a list of numbers, and not '1,2'.",
            ),
            (
                lambda: client.gauge("g", merge="median"),
                "The merge of g is 'median'; it must be one of last, sum, min, max, avg.",
            ),
            (
                lambda: client.counter(""),
                "The name of a metric is ''; it must be a string that is not empty.",
            ),
            (
                lambda: client.counter(None),
                "The name of a metric is None; it must be a string that is not empty.",
            ),
        ):
            with self.subTest(sentence):
                self.assert_says(ValueError, sentence, wrong)


class LabelNames(Mistakes):
    def test_are_those_that_prometheus_allows(self):
        client, sent, _ = captured_client()
        for name in ("a-b", "a.b", "1a", "", "ä", "a\n", 5):
            sentence = (
                f"The label {name!r} of x_total is not valid; use ASCII letters, digits and _, "
                "and no digit first."
            )
            with self.subTest(name):
                if isinstance(name, str):
                    self.assert_says(
                        weir.LabelError,
                        sentence,
                        lambda name=name: client.counter("x_total").labels(**{name: "1"}),
                    )
                self.assert_says(
                    weir.LabelError,
                    sentence,
                    lambda name=name: client.counter("x_total", labelnames=(name,)),
                )
        reserved = "The label '__a' of x_total begins with __, which Prometheus reserves."
        self.assert_says(weir.LabelError, reserved, lambda: client.counter("x_total").labels(__a=1))
        self.assert_says(
            weir.LabelError,
            "The label '__a' of all series begins with __, which Prometheus reserves.",
            lambda: weir.Client(labels={"__a": 1}),
        )
        le = "The label 'le' of h is reserved for the buckets of a histogram."
        self.assert_says(weir.LabelError, le, lambda: client.histogram("h").labels(le=1))
        self.assert_says(weir.LabelError, le, lambda: client.histogram("h", labelnames=["le"]))
        client.counter("x_total").labels(le=1, _b2=2).inc()
        client.flush()
        [record] = [r for r in sent.take_records()]
        self.assertEqual(record["labels"], [["_b2", "2"], ["le", "1"]])

    def test_are_declared_as_a_list_of_different_names(self):
        client, _, _ = captured_client()
        self.assert_says(
            weir.LabelError,
            'The labelnames of x_total are one string; use ("status",).',
            lambda: client.counter("x_total", labelnames="status"),
        )
        self.assert_says(
            weir.LabelError,
            "The labelnames of x_total contain a label twice: a, a.",
            lambda: client.counter("x_total", labelnames=("a", "a")),
        )

    def test_that_were_declared_need_a_value_each(self):
        client, _, _ = captured_client()
        counter = client.counter("x_total", labelnames=("method", "status"))
        sentence = "x_total needs a value for each of method, status."
        for wrong in (
            lambda: counter.labels("GET"),
            lambda: counter.labels("GET", 200, 3),
            lambda: counter.labels("GET", status=200),
            lambda: counter.labels(method="GET"),
            lambda: counter.labels(method="GET", status=200, a=1),
            lambda: counter.labels(),
            lambda: counter.remove("GET"),
        ):
            self.assert_says(weir.LabelError, sentence, wrong)
        self.assert_says(
            weir.LabelError,
            "y_total was defined without labelnames; use labels(name=value).",
            lambda: client.counter("y_total").labels("GET"),
        )


if __name__ == "__main__":
    unittest.main()
