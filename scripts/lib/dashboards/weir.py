"""The dashboard of Weir itself: what arrives, what is lost, limits. Other rows are in the files weir_*.py."""

from dashboards.board import Dashboard, stacked, steps
from dashboards.selectors import graph, own, rate, recent
from dashboards.weir_inputs import connections
from dashboards.weir_inside import INSIDE
from dashboards.weir_outputs import cloudwatch, relay


def make():
    board = Dashboard(
        "Weir",
        "weir",
        ["weir"],
        "What arrives at Weir, what gets lost and why, how full its limits are, how long scrapes take. The rows"
        " Mapping, State, Forwarding, Relay and CloudWatch are empty where these are not used.",
    )
    board.variable("job", "Job", "label_values(weir_build_info, job)")
    board.variable("instance", "Weir", 'label_values(weir_build_info{job=~"$job"}, instance)')
    for part in (now, arrives, lost, connections, series, *INSIDE, relay, cloudwatch):
        part(board)
    return board


def now(board):
    received, dropped = recent("weir_datagrams_received_total"), recent("weir_datagrams_dropped_total")
    board.row("Now")
    board.stat("Lines", f"sum({recent('weir_lines_total')})", "cps", "Lines of text a second.")
    board.stat(
        "Dropped by the kernel", f"sum({dropped}) / (sum({received}) + sum({dropped}))", "percentunit",
        "Share of datagrams. WeirDatagramsDropped: more than 0.1 %.", (1e-9, "orange"), (0.001, "red"),
    )
    board.stat(
        "Lines refused",
        f"sum({recent('weir_lines_refused_total')}) / sum({recent('weir_lines_total')})", "percentunit",
        "WeirLinesRefused: more than 1 % for 10 minutes.", (0.001, "orange"), (0.01, "red"),
    )
    board.stat(
        "Fullest limit", f"max({own('weir_limit_used')} / {own('weir_limit')})", "percentunit",
        "WeirLimitNear: more than 90 %.", (0.7, "orange"), (0.9, "red"),
    )
    board.stat(
        "Slowest scrape", 'max(scrape_duration_seconds{job=~"$job"})', "s",
        "As Prometheus sees it. WeirScrapeSlow: more than 5 s.", (2, "orange"), (5, "red"),
    )
    board.stat(
        "Alerts", 'count(ALERTS{alertstate="firing",alertname=~"Weir.+"}) or vector(0)', "short",
        "Alerts of Weir that are firing.", (1, "red"),
    )


def arrives(board):
    board.row("What arrives")
    graph(
        board, "Datagrams",
        (
            f"sum by (instance, listener) ({rate('weir_datagrams_received_total')})",
            "{{instance}} {{listener}}",
        ),
        unit="cps", about="Datagrams a second, of text and of frames.",
    )
    graph(
        board, "Samples of text", (f"sum by (type) ({rate('weir_samples_total')})", "{{type}}"), unit="cps",
        about="Samples of text that were applied, a second.", defaults=stacked(),
    )
    graph(
        board, "Bytes", (f"sum by (instance) ({rate('weir_received_bytes_total')})", "{{instance}}"),
        unit="Bps", about="Bytes of the datagrams and of connections.",
    )
    graph(
        board, "Pushed frames",
        (f"sum({rate('weir_push_frames_total')})", "accepted"),
        (f"sum({rate('weir_push_frames_lost_total')})", "lost"),
        (f"sum({rate('weir_push_frames_late_total')})", "late"),
        (f"sum({rate('weir_push_frames_duplicate_total')})", "duplicate"),
        unit="cps", about="A lost frame costs time and no counts, because the next one has the totals.",
    )
    graph(
        board, "Pushed records", (f"sum by (instance) ({rate('weir_push_records_total')})", "{{instance}}"),
        unit="cps", about="Records of frames that were applied.",
    )
    graph(
        board, "Instances that push", (f"sum by (state) ({own('weir_push_instances')})", "{{state}}"),
        about="Those that live, and those of the last day whose counts were absorbed.", defaults=stacked(),
    )


def lost(board):
    board.row("What is lost, and where")
    graph(
        board, "Dropped by the kernel",
        (
            f"sum by (instance, listener) ({rate('weir_datagrams_dropped_total')})",
            "{{instance}} {{listener}}",
        ),
        unit="cps",
        about="Datagrams for which the receive buffer had no room. WeirDatagramsDropped says what helps.",
    )
    graph(
        board, "Lines refused", (f"sum by (reason) ({rate('weir_lines_refused_total')}) > 0", "{{reason}}"),
        unit="cps", about="By reason. Who sent them: /debug/refused.", defaults=stacked(),
    )
    graph(
        board, "Over a limit",
        (f"sum by (limit, name) ({rate('weir_limit_refusals_total')}) > 0", "{{limit}} {{name}}"),
        (f"sum by (limit, name) ({rate('weir_limit_overflows_total')}) > 0", "{{limit}} {{name}}, merged"),
        unit="cps", about="Merged: counted in the overflow series of the name.",
    )
    graph(
        board, "Datagrams dropped unread",
        (f"sum by (listener, reason) ({rate('weir_datagrams_refused_total')})", "{{listener}} {{reason}}"),
        unit="cps",
        about="From networks that --statsd.allow does not name (source), text where there is none (text_off),"
        " longer than 64 KiB (too_long).",
    )
    graph(
        board, "Refused frames",
        (f"sum by (reason) ({rate('weir_push_frames_refused_total')}) > 0", "{{reason}}"),
        unit="cps", about="By reason. Who sent them: /debug/refused.", defaults=stacked(),
    )
    graph(
        board, "Refused records",
        (f"sum by (reason) ({rate('weir_push_records_refused_total')}) > 0", "{{reason}}"),
        unit="cps", about="By reason. Who sent them: /debug/refused.", defaults=stacked(),
    )


def series(board):
    board.row("Series and limits")
    graph(
        board, "Series", (f"sum by (type) ({own('weir_series')})", "{{type}}"),
        about="In memory. A histogram is one.", defaults=stacked(),
    )
    board.panel(
        "bargauge", "Limits",
        (f"max by (limit) ({own('weir_limit_used')} / {own('weir_limit')})", "{{limit}}"),
        unit="percentunit", about="How much of each limit is used, at the fullest Weir.", height=16,
        defaults={**steps((0.7, "orange"), (0.9, "red")), "min": 0, "max": 1},
    )
    graph(
        board, "Series removed",
        (f"sum by (type) ({rate('weir_series_expired_total')})", "{{type}} expired"),
        (f"sum by (type) ({rate('weir_series_forgotten_total')})", "{{type}} forgotten"),
        unit="cps", about="By --series.ttl, or by weir forget.",
    )
    graph(
        board, "Totals of instances", (f"sum by (instance) ({own('weir_push_totals')})", "{{instance}}"),
        about="What --limit.push-totals bounds.",
    )
    graph(
        board, "Changes of instances",
        (f"sum({rate('weir_push_instances_absorbed_total')})", "absorbed"),
        (f"sum({rate('weir_push_instances_returned_total')})", "returned"),
        (f"sum by (reason) ({rate('weir_push_instances_forgotten_total')})", "forgotten: {{reason}}"),
        unit="cps", about="Forgotten for room may count twice if they return.",
    )
    graph(
        board, "Classes of series", (own("weir_series_classes"), "{{instance}}"),
        about="Different combinations of kind, bounds, observer and TTL.",
    )
