"""Troubles of docs/troubleshooting.md with values that are wrong, or look wrong."""

from operating.quick_prometheus import QuickPrometheus
from operating.trouble import CONFIGURATION, require, send, trouble, until_shown
from programs import Weir, eventually, push_client


@trouble("Counters begin again at 0")
def counters_reset(steps):
    def restart(*flags):
        with Weir(*flags) as weir:
            send("llm_requests_total:9|c")
            until_shown(weir, "llm_requests_total", 9)
            prometheus.scrapes(2)
        with Weir(*flags) as weir:
            send("llm_requests_total:1|c")
            eventually("the count", lambda: (weir.value("llm_requests_total") or 0) % 9 == 1)
            prometheus.scrapes(2)
            if not flags:
                steps.run()
            return weir.value("llm_requests_total")

    with QuickPrometheus(CONFIGURATION) as prometheus:
        require(restart() == 1, "the count has not begun at 0.")
    flags = steps.flags()
    with QuickPrometheus(CONFIGURATION) as prometheus:
        require(restart(*flags) == 10, "the count has not gone on.")
        resets = prometheus.query("resets(llm_requests_total[1h])")[0]["value"][1]
        require(resets == "0", f"there are {resets} resets with a state.")


@trouble("Values are twice too large")
def twice(steps):
    edge = [
        "--statsd.listen-udp=127.0.0.1:8126", "--web.listen-address=127.0.0.1:9103",
        "--forward.address=127.0.0.1:8125",
    ]  # fmt: skip
    both = CONFIGURATION + CONFIGURATION.replace("scrape_configs:\n", "").replace("9102", "9103").replace(
        "job_name: weir", "job_name: edge"
    )
    with Weir() as weir, QuickPrometheus(both) as prometheus:
        with Weir(*edge, "--forward.expose"):
            send("llm_requests_total:5|c", port=8126)
            until_shown(weir, "llm_requests_total", 5)
            steps.run()
            require(
                prometheus.query("sum(llm_requests_total)")[0]["value"][1] == "10", "the sum is not twice."
            )
        with Weir(*edge):
            eventually("one job", lambda: len(prometheus.query("llm_requests_total")) == 1)
    with Weir() as weir:
        clients = [push_client(flush_interval=0.1) for _ in range(2)]
        for client in clients:
            client.counter("llm_requests_total").inc(5)
        until_shown(weir, "llm_requests_total", 10)
        steps.run()
        for client in clients:
            client.close(0)
    with Weir(*steps.flags()) as weir:
        send("llm_requests_total:1|c")
        steps.expect("the log", weir.logged)


@trouble("The rate is 0, but the counter has moved")
def no_rate(steps):
    def increase(*flags):
        with Weir(*flags), QuickPrometheus(CONFIGURATION) as prometheus:
            prometheus.scrapes(2)
            send("llm_requests_total:5|c|#provider:quiet,status:error")
            eventually("the count", lambda: prometheus.query("llm_requests_total == 5"))
            prometheus.scrapes(2)
            if not flags:
                steps.run()
            return float(prometheus.query("increase(llm_requests_total[5m])")[0]["value"][1])

    require(increase() == 0, "the increase is not 0.")
    # Scrapes are 30 times as frequent here.
    flags = steps.flags(duration=("--series.zero-first=30s", "--series.zero-first=1s"))
    require(increase(*flags) > 4, "the remedy does not help.")


@trouble("Quantiles stop at the last bucket")
def quantiles(steps):
    def observe(weir, prometheus):
        send("llm_tokens:900|h")
        eventually("the series", lambda: prometheus.query("llm_tokens_count == 1"))
        send("llm_tokens:900|h", "llm_tokens:900|h")
        eventually("the series", lambda: prometheus.query("llm_tokens_count == 3"))

    with QuickPrometheus(CONFIGURATION) as prometheus, Weir() as weir:
        observe(weir, prometheus)
        steps.run()
    with QuickPrometheus(CONFIGURATION) as prometheus, Weir(*steps.flags()) as weir:
        observe(weir, prometheus)
        question = "histogram_quantile(0.95, sum by (le) (rate(llm_tokens_bucket[5m])))"
        answer = float(prometheus.query(question)[0]["value"][1])
        require(500 < answer <= 1000, f"the quantile is {answer} with bounds of its own.")
    steps.run()
