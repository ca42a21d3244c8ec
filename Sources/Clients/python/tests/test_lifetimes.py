"""Series that are removed, clients that are closed, and the metrics of the process."""

import threading
import unittest

from support import another_client, captured_client, private


def flushed(client, sent, times=1):
    """The values of the series that this many flushes send, by name and labels."""
    for _ in range(times):
        client.flush()
    return {
        (r["name"], *map(tuple, r["labels"])): r.get("value", r.get("buckets"))
        for r in sent.take_records()
        if r["type"] != "meta"
    }


class Removal(unittest.TestCase):
    def test_of_a_gauge_removes_it_from_the_server_and_from_memory(self):
        client, sent, _ = captured_client()
        gauge = client.gauge("jobs", labelnames=["queue"])
        kept = gauge.labels("a")
        kept.set(3)
        gauge.labels("b").set(4)
        flushed(client, sent)
        gauge.remove("a")
        found = flushed(client, sent)
        self.assertNotEqual(found[("jobs", ("queue", "a"))], found[("jobs", ("queue", "a"))])
        # The handle that was kept does not add it again.
        kept.set(5)
        kept.inc()
        self.assertEqual(client.stats["values_refused"], 2)
        self.assertEqual(client.stats["series_removed"], 1)
        # The removal is repeated at growing intervals, and then forgotten.
        flushes = [i for i in range(1, 200) if ("jobs", ("queue", "a")) in flushed(client, sent)]
        self.assertEqual(flushes, [1, 2, 4, 8, 16, 32, 64])
        self.assertEqual((client.stats["series_removed"], len(gauge._removed)), (0, 0))
        self.assertNotIn(kept, client._series)
        gauge.labels("a").set(6)
        self.assertEqual(flushed(client, sent)[("jobs", ("queue", "a"))], 6)

    def test_of_a_gauge_that_is_used_again_at_once_keeps_its_new_value(self):
        client, sent, _ = captured_client()
        gauge = client.gauge("jobs")
        gauge.labels(queue="a").set(3)
        flushed(client, sent)
        gauge.remove(queue="a")
        gauge.labels(queue="a").set(4)
        self.assertEqual(set(flushed(client, sent, 200).values()), {4})
        self.assertEqual(client.stats["series_removed"], 0)

    def test_of_a_gauge_that_was_never_sent_leaves_nothing(self):
        client, sent, _ = captured_client()
        gauge = client.gauge("jobs")
        gauge.labels(queue="a").set(3)
        gauge.remove(queue="a")
        self.assertEqual(flushed(client, sent), {})
        self.assertEqual((client.stats["series"], client.stats["series_removed"]), (2, 0))

    def test_of_a_total_ends_its_repeats_and_keeps_the_total(self):
        client, sent, clock = captured_client()
        counter, histogram = client.counter("x_total"), client.histogram("h", bounds=[1])
        handle = counter.labels(a="1")
        handle.inc(5)
        histogram.labels(a="1").observe(0.5)
        client.flush()
        began = {r["name"]: r["began_ms"] for r in sent.take_records()}
        counter.remove(a="1")
        histogram.remove(a="1")
        sent_at = [i for i in range(1, 200) if flushed(client, sent)]
        self.assertEqual(sent_at, [1, 2, 4, 8, 16, 32, 64, *sent_at[7:]])
        self.assertEqual(client.stats["series_removed"], 2)
        # The same labels continue where they were, so that the total never decreases.
        clock.now += 500
        self.assertIs(counter.labels(a="1"), handle)
        handle.inc(2)
        histogram.labels(a="1").observe(0.5)
        client.flush()
        records = sent.take_records()
        self.assertEqual([r.get("value", r.get("buckets")) for r in records], [7, [[0, 2]]])
        self.assertEqual({r["name"]: r["began_ms"] for r in records}, began)
        self.assertEqual(client.stats["series_removed"], 0)

    def test_of_a_total_does_not_repeat_it_every_sixty_flushes(self):
        client, sent, _ = captured_client()
        client.counter("x_total").labels(a="1").inc()
        client.counter("x_total").remove(a="1")
        flushed(client, sent, 65)
        self.assertEqual(flushed(client, sent, 200), {})

    def test_loses_nothing_that_is_recorded_through_a_handle(self):
        client, sent, _ = captured_client()
        handle = client.counter("x_total").labels(a="1")
        handle.inc()
        client.counter("x_total").remove(a="1")
        flushed(client, sent, 200)
        handle.inc()
        self.assertEqual(flushed(client, sent), {("x_total", ("a", "1")): 2})
        handle.inc()
        client.close()
        self.assertEqual([r["value"] for r in sent.take_records()], [3])

    def test_makes_room_and_the_number_of_remembered_totals_has_a_limit(self):
        client, sent, _ = captured_client(series_max=10)
        # The client's own counter and these two take three places.
        counter, gauge = client.counter("x_total"), client.gauge("g")
        for number in range(100):
            gauge.labels(n=number).set(1)
            gauge.remove(n=number)
        self.assertEqual(client.stats["series_overflow"], 0)
        for number in range(100):
            counter.labels(n=number).inc()
            counter.remove(n=number)
        self.assertEqual(len(client._series), 20)
        self.assertEqual(client.stats["series_overflow"], 100 - 17)

    def test_of_an_unknown_series_does_nothing(self):
        client, _, _ = captured_client()
        client.counter("x_total").remove(a="1")
        self.assertEqual(client.stats["series_removed"], 0)

    def test_of_all_series_with_labels_is_clear(self):
        client, sent, _ = captured_client()
        counter, gauge = client.counter("x_total"), client.gauge("g")
        for series in (counter, counter.labels(a="1"), counter.labels(a="2")):
            series.inc()
        gauge.set(1)
        gauge.labels(a="1").set(1)
        flushed(client, sent)
        counter.clear()
        gauge.clear()
        self.assertEqual(client.stats["series_removed"], 3)
        values = flushed(client, sent)
        self.assertEqual(
            [key for key in values if values[key] != values[key]], [("g",), ("g", ("a", "1"))]
        )
        self.assertEqual(values[("x_total",)], 1)


class AfterClosing(unittest.TestCase):
    NAME = ("push_client_samples_after_close_total",)

    def setUp(self):
        self.addCleanup(private("_after_close").renew)

    def test_what_is_recorded_is_sent_once_by_the_next_client(self):
        client, _, _ = captured_client()
        counter = client.counter("x_total")
        client.close()
        counter.inc()
        counter.inc()
        client.gauge("g").set(1)
        following, sent, _ = another_client()
        following.flush()
        counted, described = sent.take_records()
        self.assertEqual((counted["name"], counted["value"]), (self.NAME[0], 3))
        self.assertEqual(described["help"], "Samples recorded after close, which are not sent.")
        third, sent_third, _ = another_client()
        self.assertEqual(flushed(third, sent_third), {})
        counter.inc()
        self.assertEqual(flushed(following, sent)[self.NAME], 4)

    def test_what_is_recorded_is_in_the_last_frames_of_the_next_client(self):
        client, _, _ = captured_client()
        counter = client.counter("x_total")
        client.close()
        counter.inc()
        following, sent, _ = another_client()
        following.close()
        self.assertEqual([r["value"] for r in sent.take_records()], [1])

    def test_what_is_recorded_is_counted(self):
        client, sent, _ = captured_client(series_max=4)
        counter, gauge = client.counter("x_total"), client.gauge("g")
        histogram = client.histogram("h")
        nowhere = counter.labels(n=1)
        counter.inc(3)
        client.close()
        sent.take()
        for record in (
            counter.inc,
            lambda: counter.set_total(9),
            counter.labels(a="new").inc,
            nowhere.inc,
            lambda: gauge.set(1),
            gauge.inc,
            gauge.dec,
            lambda: histogram.observe(1),
            lambda: counter.inc(-1),
        ):
            record()
        client.flush()
        self.assertEqual(client.stats["values_after_close"], 9)
        self.assertEqual(client.stats["values_refused"], 0)
        self.assertEqual(sent.frames, [])

    def test_each_value_is_either_sent_or_counted(self):
        for _ in range(5):
            client, sent, _ = captured_client()
            counter, begun = client.counter("x_total"), threading.Barrier(3)

            def work():
                begun.wait()
                for _ in range(20_000):
                    counter.inc()

            threads = [threading.Thread(target=work) for _ in range(2)]
            for thread in threads:
                thread.start()
            begun.wait()
            client.close()
            for thread in threads:
                thread.join()
            recorded = sum(r["value"] for r in sent.take_records())
            self.assertEqual(recorded + client.stats["values_after_close"], 40_000)


class ProcessMetrics(unittest.TestCase):
    CPU = ("process_cpu_user_seconds_total", "process_cpu_system_seconds_total")
    GAUGES = ("process_resident_memory_bytes", "process_start_time_seconds")
    GAUGES += ("process_open_fds", "process_uptime_seconds")

    def labels(self, **options):
        client, sent, _ = captured_client(process_metrics=True, **options)
        client.flush()
        self.assertEqual(client.stats["send_errors"], 0, client.stats["last_error"])
        records = {r["name"]: r for r in sent.take_records()}
        for name in self.GAUGES[:2]:
            self.assertGreater(records[name]["value"], 0)
        self.assertEqual({records[name]["type"] for name in self.CPU}, {"counter"})
        self.assertEqual({records[name]["type"] for name in self.GAUGES}, {"gauge"})
        return [
            {tuple(map(tuple, records[name]["labels"])) for name in names}
            for names in (self.CPU, self.GAUGES)
        ]

    def test_add_up_cpu_time_and_have_gauges_by_instance(self):
        self.assertEqual(self.labels(instance="a"), [{()}, {(("instance", "a"),)}])

    def test_have_cpu_time_by_process_with_an_option(self):
        own = {(("instance", "a"),)}
        self.assertEqual(self.labels(instance="a", per_process_cpu=True), [own, own])

    def test_do_not_repeat_the_label_if_all_series_have_it(self):
        options = {"labels": {"instance": "a"}, "per_process_cpu": True}
        self.assertEqual(self.labels(**options), [{()}, {()}])

    def test_count_each_second_of_cpu_time_once_for_several_clients(self):
        private("_cpu_time").renew()
        first, sent_first, _ = captured_client(address="127.0.0.1:1", process_metrics=True)
        second, sent_second, _ = captured_client(address="127.0.0.1:1", process_metrics=True)
        elsewhere, sent_elsewhere, _ = captured_client(address="[::1]:1", process_metrics=True)
        for client in (first, second, first, second, elsewhere):
            # This takes some CPU time.
            sum(range(500_000))
            client.flush()
        spent = [sum(v) for v in map(self.cpu, (sent_first, sent_second, sent_elsewhere))]
        self.assertLessEqual(spent[0] + spent[1], spent[2] + 0.02)
        self.assertGreater(spent[0], 0)
        self.assertLess(spent[1], spent[0])

    def cpu(self, sent):
        values = {r["name"]: r["value"] for r in sent.take_records()}
        return [values[name] for name in self.CPU]


if __name__ == "__main__":
    unittest.main()
