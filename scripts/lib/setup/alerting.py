"""Alerts the whole way: clients, Weir, Prometheus, Alertmanager, a webhook. See scripts/check-alerting.

The gateway is well, then bad for some time, then well again. Each of its four alerts must be told as firing
and as resolved. No alert of Weir may come, because Weir is well all the time. Then Weir ends, and its
most urgent alert must come to both receivers. All times are divided by a factor: scrape interval, rules'
intervals, waits and windows, the Alertmanager's waits, and Weir's flags. Rates stay as they are.
"""

import contextlib
import sys
import time

import yaml

from programs import ROOT, Prometheus, Weir, eventually
from setup.alertmanager import Alertmanager, Webhook
from setup.checks import Faults, documents, rule_files
from setup.scale import scaled_routes, scaled_rules
from setup.traffic import Fleet

GATEWAY_ALERTS = ["HighLLMErrorRate", "SlowLLMRequests", "HighMemoryUsage", "RateLimitSpike"]
# About the machine, and not about Weir: what its kernel grants, how fast its disk is.
OF_THE_MACHINE = {"WeirReceiveBufferSmall", "WeirStateCommitsFail", "WeirStateCommitsSlow"}
WELL_MINUTES = 2
# SlowLLMRequests waits longest: the window of 5 minutes fills, then come 10.
BAD_MINUTES = 16
# The windows empty, then the Alertmanager waits for its group_interval.
RESOLVING_MINUTES = 16
# `up` for two minutes, and the Alertmanager's group_wait.
DOWN_MINUTES = 4
SCRAPE_SECONDS = 15
# A small machine needs some time for a scrape, whatever the factor is.
SCRAPE_SECONDS_MIN = 0.5
# Of the machine, not of the rules: programs start, one of two cores is busy.
GRACE_SECONDS = 20


def scrape_milliseconds(factor):
    return round(1000 * max(SCRAPE_SECONDS / factor, SCRAPE_SECONDS_MIN))


def scaled_configuration(weir, alertmanager, factor):
    interval = f"{scrape_milliseconds(factor)}ms"
    return yaml.safe_dump(
        {
            "global": dict.fromkeys(("scrape_interval", "scrape_timeout", "evaluation_interval"), interval),
            "rule_files": ["rules/*.yml"],
            "alerting": {"alertmanagers": [{"static_configs": [{"targets": [alertmanager]}]}]},
            "scrape_configs": [
                {"job_name": "weir", "honor_labels": True, "static_configs": [{"targets": [weir]}]}
            ],
        }
    )


def scaled_alertmanager(webhook, factor):
    """The Compose's configuration, with a webhook for each receiver."""
    content = documents(ROOT / "docs/deploy/compose/alertmanager.yml")[0]
    content["route"] = scaled_routes(content["route"], factor)
    content["receivers"] = [
        {"name": name, "webhook_configs": [{"url": f"{webhook}/{name}", "send_resolved": True}]}
        for name in [receiver["name"] for receiver in content["receivers"]]
    ]
    return yaml.safe_dump(content)


class Run:
    """One run, with times divided by `factor`."""

    def __init__(self, factor, say=lambda _: None):
        self.factor, self.say = factor, say

    def seconds(self, minutes):
        return minutes * 60 / self.factor

    def tick_until(self, fleet, condition, within, what):
        """Sends the gateway's traffic until a condition is true."""
        begin = last = time.monotonic()
        while not condition():
            if time.monotonic() - begin > within:
                raise TimeoutError(f"{what} did not happen within {within:.0f} s")
            # As often as instances report at full length, but not more often than a small machine can.
            time.sleep(max(0.05, 10 / self.factor))
            now = time.monotonic()
            fleet.run(now - last)
            last = now

    def __call__(self, faults):
        flags = [
            f"--series.zero-first={2 * scrape_milliseconds(self.factor)}ms",
            # Weir's lifetimes are whole seconds.
            f"--series.ttl=process_*={max(1, round(300 / self.factor))}s",
            "--state.dir=state",
        ]
        with contextlib.ExitStack() as stack:
            webhook = stack.enter_context(Webhook())
            weir = stack.enter_context(Weir.on_free_ports(*flags))
            alertmanager = stack.enter_context(
                Alertmanager(scaled_alertmanager(webhook.url, self.factor))
            )
            rules = {f"rules/{file.name}": scaled_rules(file, self.factor) for file in rule_files()}
            configuration = scaled_configuration(weir.target, alertmanager.target, self.factor)
            prometheus = stack.enter_context(Prometheus(configuration, rules))
            fleet = stack.enter_context(Fleet(weir.udp))
            self.phases(fleet, webhook)
            for name in ("weir_datagrams_dropped_total", "weir_lines_refused_total"):
                faults.require(not prometheus.query(f"{name} > 0"), f"{name} is not 0.")
            for _, receiver, alert in webhook.messages:
                name = alert["labels"]["alertname"]
                if name not in GATEWAY_ALERTS and name not in OF_THE_MACHINE:
                    faults.add(f"{name} came to {receiver}: {alert['annotations']['summary']}")
                faults.require(receiver == "chat", f"{name} came to {receiver}.")
            self.end(weir, webhook)

    def end(self, weir, webhook):
        """Ends Weir: its alert is critical, and comes to the pager as well."""
        weir.process.terminate()

        def told():
            return {receiver for _, receiver, _ in webhook.told("WeirDown", "firing")} == {"chat", "pager"}

        eventually("WeirDown at both receivers", told, self.seconds(DOWN_MINUTES) + GRACE_SECONDS)
        self.say("WeirDown came to the chat and to the pager")

    def phases(self, fleet, webhook):
        begin = time.monotonic()

        def told(status):
            for name in GATEWAY_ALERTS:
                messages = webhook.told(name, status)
                if messages and (name, status) not in seen:
                    seen.add((name, status))
                    minutes = (messages[0][0] - begin) * self.factor / 60
                    summary = messages[0][2]["annotations"]["summary"]
                    self.say(f"{name} {status} after {minutes:.1f} minutes: {summary}")
            return all((name, status) in seen for name in GATEWAY_ALERTS)

        seen = set()
        end = begin + self.seconds(WELL_MINUTES)
        within = self.seconds(WELL_MINUTES) + GRACE_SECONDS
        self.tick_until(fleet, lambda: time.monotonic() > end, within, "the end")
        if webhook.messages:
            raise ValueError(f"while all was well, this came: {webhook.messages}")
        fleet.begin_bad_phase()
        self.say("bad phase")
        within = self.seconds(BAD_MINUTES) + GRACE_SECONDS
        self.tick_until(fleet, lambda: told("firing"), within, "the firing of all four")
        fleet.end_bad_phase()
        self.say("well again")
        within = self.seconds(RESOLVING_MINUTES) + GRACE_SECONDS
        self.tick_until(fleet, lambda: told("resolved"), within, "the resolution of all four")


def check(factor, say=lambda _: None):
    """The faults of one run, as sentences."""
    faults = Faults("check-alerting")
    try:
        Run(factor, say)(faults)
    except (TimeoutError, ValueError, RuntimeError) as error:
        faults.add(str(error))
    return faults


def main():
    factor = int(sys.argv[1]) if len(sys.argv) > 1 else 60
    begin = time.monotonic()
    faults = check(factor, say=print if factor == 1 else lambda _: None)
    faults.finish(
        "alerting: the gateway's four alerts were told to a webhook as firing and as resolved,"
        f" and WeirDown at the end, within {time.monotonic() - begin:.0f} s"
    )


if __name__ == "__main__":
    main()
