"""A Prometheus at the address that the documentation names."""

from programs import Prometheus, eventually

SCRAPE_SECONDS = 0.5


class QuickPrometheus(Prometheus):
    """Its configuration is a page's, with intervals that are short enough for a check."""

    def __init__(self, configuration, files=None):
        interval = f"{round(1000 * SCRAPE_SECONDS)}ms"
        head = f"global: {{scrape_interval: {interval}, scrape_timeout: {interval}}}\n"
        super().__init__(head + configuration, files, address="127.0.0.1:9090")

    def scrapes(self, count, job="weir"):
        """Waits for this many scrapes from now on."""
        expression = f'sum(count_over_time(up{{job="{job}"}}[1h]))'

        def done():
            result = self.query(expression)
            return int(result[0]["value"][1]) if result else 0

        before = done()
        eventually(f"{count} scrapes", lambda: done() >= before + count)
