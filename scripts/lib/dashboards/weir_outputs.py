"""The rows of Weir's dashboard about the relay of lines, and about what is pushed to CloudWatch."""

from dashboards.board import columns, line_at, stacked
from dashboards.selectors import graph, own, rate

# What a target of the relay may have waiting.
RELAY_QUEUE_BYTES = 8 * 1024 * 1024
# WeirCloudWatchNotPushed fires then, if requests were refused meanwhile.
CLOUDWATCH_SECONDS = 15 * 60


def relay(board):
    board.row("Relay")
    graph(
        board, "Lines relayed",
        (f"sum by (instance, target) ({rate('weir_relay_lines_relayed_total')})", "{{instance}} to {{target}}"),
        unit="cps", about="Lines that the kernel accepted. UDP may lose them after that.", width=6,
    )
    graph(
        board, "Lines not relayed",
        (
            f"sum by (target, reason) ({rate('weir_relay_dropped_lines_total')}) > 0",
            "to {{target}}: {{reason}}",
        ),
        (f"sum({rate('weir_relay_long_lines_total')})", "longer than a packet"),
        unit="cps", about="Weir itself has counted them.", width=6,
    )
    graph(
        board, "Nobody receives",
        (f"sum by (instance, target) ({rate('weir_relay_refusals_total')})", "{{instance}} to {{target}}"),
        unit="cps", about="The target's machine says that nobody listens there: packets are lost.", width=6,
    )
    graph(
        board, "Waiting for the target", (own("weir_relay_queue_bytes"), "{{instance}} to {{target}}"),
        unit="bytes", about="More than 8 MiB is dropped.", width=6, defaults=line_at(RELAY_QUEUE_BYTES),
    )


def cloudwatch(board):
    board.row("CloudWatch")
    graph(
        board, "Requests to CloudWatch",
        (f"sum by (instance) ({rate('weir_cloudwatch_pushes_total')})", "{{instance}} taken"),
        (f"sum by (instance, reason) ({rate('weir_cloudwatch_errors_total')}) > 0", "{{instance}} {{reason}}"),
        unit="reqps", about="Requests that CloudWatch has taken, and those without success by their reason.",
    )
    graph(
        board, "Metrics for CloudWatch",
        (f"sum by (instance) ({own('weir_cloudwatch_metrics')})", "{{instance}}"),
        (f"sum by (instance) ({own('weir_cloudwatch_metrics_over_limit')})", "{{instance}} over the limit"),
        about="Of the last round. AWS bills each that is pushed; those over --cloudwatch.max-metrics are not.",
        defaults=stacked(),
    )
    graph(
        board, "Since CloudWatch took a request",
        (f"time() - ({own('weir_cloudwatch_last_success_timestamp_seconds')} > 0)", "{{instance}}"),
        unit="s", about="It also grows while there is nothing to push; the next panel tells failures.",
        width=4, defaults=line_at(CLOUDWATCH_SECONDS),
    )
    board.panel(
        "table", "Pushes that fail", own("weir_cloudwatch_failing"),
        f"sum by (instance) (increase({own('weir_cloudwatch_metrics_dropped_total')}[$__range]))",
        about="1: CloudWatch has taken nothing since a round failed. Dropped: metrics that it can't take, in the"
        " time shown.",
        width=4, overrides=columns(A=("Failing", "short"), B=("Dropped", "short")),
    )
