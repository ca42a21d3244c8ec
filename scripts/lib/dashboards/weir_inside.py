"""The rows of Weir's dashboard about its parts: mapping, state, forwarding, scrapes, the process."""

from dashboards.board import columns, line_at
from dashboards.selectors import CHOSEN, graph, own, process, rate, recent


def mapping(board):
    board.row("Mapping")
    graph(
        board, "Samples by action",
        (f"sum by (instance, action) ({rate('weir_mapping_samples_total')})", "{{instance}} {{action}}"),
        unit="cps", about="Samples whose name a rule gave, and those that a rule dropped.", height=6,
    )
    graph(
        board, "Rules", (own("weir_mapping_rules"), "{{instance}}"), height=6,
        about="Rules in force. /debug/mapping shows which of them are used.",
    )
    board.panel(
        "table", "Files",
        f'min by (instance, file) (label_replace({{__name__=~"weir_.+_last_reload_successful",{CHOSEN}}},'
        ' "file", "$1", "__name__", "weir_(.+)_last_reload_successful"))',
        about="1: the last reload has succeeded. 0: the file is wrong, and its previous content is in force.",
        height=6, overrides=columns(A=("Last reload", "short")),
    )


def state(board):
    commits = rate("weir_state_commit_duration_seconds_bucket")
    board.row("State")
    board.panel(
        "stat", "Protected", f"min({own('weir_state_protected')})", unit="short",
        about="1: a restart restores all that scrapes have shown. 0: the state can't be saved.",
        width=4, height=7,
        defaults={
            "thresholds": {
                "mode": "absolute",
                "steps": [{"color": "red", "value": None}, {"color": "green", "value": 1}],
            }
        },
    )
    graph(
        board, "Time of a commit",
        (f"histogram_quantile(0.99, sum by (le) ({commits}))", "p99"),
        (f"max({own('weir_state_last_commit_duration_seconds')})", "last"),
        unit="s", about="Each scrape waits for one. WeirStateCommitsSlow: more than 0.3 s.", width=10,
        height=7, defaults=line_at(0.3),
    )
    graph(
        board, "Commits", (f"sum by (result) ({rate('weir_state_commits_total')})", "{{result}}"), unit="cps",
        about="Late: the disk took more than a second.", width=10, height=7,
    )
    graph(
        board, "File", (own("weir_state_file_bytes"), "{{instance}}"), unit="bytes",
        about="It grows until it is rewritten.", height=7,
    )
    graph(
        board, "Written", (f"sum by (instance) ({rate('weir_state_written_bytes_total')})", "{{instance}}"),
        unit="Bps", about="Bytes a second to state files.", height=7,
    )
    board.panel(
        "table", "Not restored by the last start",
        f"sum by (instance, reason) ({own('weir_state_not_restored')})",
        about="Series and instances of the file that were left out.", height=7,
        overrides=columns(A=("Left out", "short")),
    )


def forwarding(board):
    board.row("Forwarding")
    graph(
        board, "Frames",
        (f"sum by (instance) ({rate('weir_forward_frames_total')})", "{{instance}} sent"),
        (f"sum by (instance) ({rate('weir_forward_frames_confirmed_total')})", "{{instance}} confirmed"),
        (f"sum by (instance) ({rate('weir_forward_frames_failed_total')})", "{{instance}} failed"),
        unit="cps", about="What is not confirmed is sent again.", height=7,
    )
    graph(
        board, "Series that wait", (own("weir_forward_unconfirmed_series"), "{{instance}}"),
        about="Sent and not confirmed, as of the last round.", height=7,
    )
    graph(
        board, "Since the last confirmation",
        (f"time() - ({own('weir_forward_last_confirmed_timestamp_seconds')} > 0)", "{{instance}}"), unit="s",
        about="WeirForwardUnconfirmed: more than 120 s while series wait.", height=7, defaults=line_at(120),
    )
    graph(
        board, "Frames passed on",
        (f"sum by (instance) ({rate('weir_forward_relayed_frames_total')})", "{{instance}} passed on"),
        (f"sum by (instance) ({rate('weir_forward_relayed_frames_resent_total')})", "{{instance}} again"),
        (f"sum by (instance) ({rate('weir_forward_relayed_frames_dropped_total')})", "{{instance}} dropped"),
        unit="cps", about="Frames of applications.", height=7,
    )
    graph(
        board, "Time of a round", (own("weir_forward_round_duration_seconds"), "{{instance}}"), unit="s",
        about="From reading the counts until they were sent. There is a round each second.", height=7,
    )
    graph(
        board, "Nothing forwarded",
        (f"sum by (instance) ({rate('weir_forward_rounds_held_total')})", "{{instance}} held by the state"),
        (f"sum by (instance) ({rate('weir_forward_series_too_long_total')})", "{{instance}} series too long"),
        (f"sum by (instance) ({rate('weir_forward_loops_total')})", "{{instance}} loops"),
        unit="cps", about="All of them should be 0.", height=7,
    )


def scrapes(board):
    durations = rate("weir_scrape_duration_seconds_bucket")
    board.row("Scrapes")
    graph(
        board, "Duration of scrapes",
        (f"histogram_quantile(0.99, sum by (le) ({durations}))", "p99, rendering"),
        ('max by (instance) (scrape_duration_seconds{job=~"$job"})', "{{instance}}, as Prometheus sees it"),
        unit="s", about="The second includes commits of the state, the network and Prometheus itself.",
    )
    graph(
        board, "Samples of a scrape", ('scrape_samples_scraped{job=~"$job"}', "{{instance}}"),
        about="What one scrape brings to Prometheus.",
    )
    graph(
        board, "HTTP answers",
        (f"sum by (code) ({rate('weir_http_requests_total')})", "{{code}}"),
        (f"sum by (reason) ({rate('weir_tls_handshake_failures_total')}) > 0", "TLS: {{reason}}"),
        (f"sum by (reason) ({rate('weir_http_connections_closed_early_total')}) > 0", "closed: {{reason}}"),
        unit="reqps", about="By status; failed handshakes; connections that were closed early.",
    )


def own_process(board):
    cpu = recent("process_cpu_seconds_total")
    board.row("The process")
    graph(
        board, "Memory", (process(own("process_resident_memory_bytes")), "{{instance}}"), unit="bytes",
        about="Resident memory.", width=6,
    )
    graph(
        board, "CPU", (process(cpu), "{{instance}}"), unit="percentunit", about="Of one core.", width=6,
    )
    graph(
        board, "CPU per million lines",
        (f"1e6 * ({process(cpu)}) / {recent('weir_lines_total')}", "{{instance}}"), unit="s",
        about="Includes scrapes. It is high where few lines come.", width=6,
    )
    board.panel(
        "table", "Versions and certificates",
        f"count by (version, instance) ({own('weir_build_info')})",
        f"min by (instance) ({own('weir_tls_certificate_not_after_timestamp_seconds')} - time())",
        about="Which version runs where, and how long its certificate is valid.", width=6,
        overrides=columns(A=("Running", "short"), B=("Certificate", "s")),
    )


INSIDE = (mapping, state, forwarding, scrapes, own_process)
