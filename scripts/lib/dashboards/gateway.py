"""The dashboard of an LLM gateway whose instances send through Weir."""

from dashboards.board import Dashboard, columns, line_at, stacked

CHOSEN = 'provider=~"$provider",model=~"$model"'
REQUESTS = f"rate(llm_requests_total{{{CHOSEN}}}[5m])"
ERRORS = f'rate(llm_requests_total{{{CHOSEN},status="error"}}[5m])'
BUCKETS = f"rate(llm_request_duration_seconds_bucket{{{CHOSEN}}}[5m])"
TOKENS = f"rate(llm_tokens_total{{{CHOSEN}}}[5m])"
COST = f"provider_model:llm_cost_dollars:rate5m{{{CHOSEN}}}"
ALERTS = "HighLLMErrorRate|SlowLLMRequests|HighMemoryUsage|RateLimitSpike"


def quantile(share, *labels):
    return f"histogram_quantile({share}, sum by ({', '.join(('le', *labels))}) ({BUCKETS}))"


def error_share(*labels):
    """Of what has no error at all it is 0, and not missing."""
    by = f"sum by ({', '.join(labels)})"
    return f"({by} ({ERRORS}) or {by} ({REQUESTS}) * 0) / {by} ({REQUESTS})"


def make():
    board = Dashboard(
        "LLM gateway",
        "weir-llm-gateway",
        ["llm", "weir"],
        "What the instances of an LLM gateway send through Weir. Cost needs the rules of docs/prometheus.",
    )
    board.variable("provider", "Provider", "label_values(llm_requests_total, provider)")
    board.variable(
        "model", "Model", 'label_values(llm_requests_total{provider=~"$provider"}, model)'
    )
    now(board)
    requests(board)
    tokens(board)
    instances(board)
    return board


def now(board):
    board.row("Now")
    board.stat("Requests", f"sum({REQUESTS})", "reqps", "Requests a second, of the last 5 minutes.")
    board.stat(
        "Errors", f"(sum({ERRORS}) or vector(0)) / sum({REQUESTS})", "percentunit",
        "Share of requests that fail. HighLLMErrorRate: more than 5 % for 5 minutes.",
        (0.01, "orange"), (0.05, "red"),
    )
    board.stat(
        "p95", quantile(0.95), "s", "95 % of the requests are faster.", (2.5, "orange"), (5, "red")
    )
    board.stat("Cost of an hour", f"sum({COST}) * 3600", "currencyUSD", "At the pace of the last 5 minutes.")
    board.stat(
        "Instances", "count(count by (instance) (process_uptime_seconds))", "short",
        "Instances that report their uptime.",
    )
    board.stat(
        "Alerts", f'count(ALERTS{{alertstate="firing",alertname=~"{ALERTS}"}}) or vector(0)', "short",
        "Alerts of the gateway that are firing.", (1, "red"),
    )


def requests(board):
    board.row("Requests")
    board.panel(
        "timeseries", "Request rate", (f"sum by (provider) ({REQUESTS})", "{{provider}}"), unit="reqps",
        about="Requests a second, by provider.", width=12, defaults=stacked(),
    )
    board.panel(
        "timeseries", "Error rate", (error_share("provider"), "{{provider}}"), unit="percentunit",
        about="Share of each provider's requests that fail. The alert looks at all providers together.",
        width=12, defaults=line_at(0.05),
    )
    for share, name in ((0.5, "p50"), (0.95, "p95"), (0.99, "p99")):
        board.panel(
            "timeseries", f"{name} latency", (quantile(share, "provider"), "{{provider}}"), unit="s",
            about="Interpolated between the bounds of buckets."
            + (" SlowLLMRequests: above 5 s for 10 minutes." if name == "p95" else ""),
            defaults=line_at(5) if name == "p95" else None,
        )
    board.panel(
        "heatmap", "Requests by latency",
        (
            f"sum by (le) (increase(llm_request_duration_seconds_bucket{{{CHOSEN}}}[$__rate_interval]))",
            "{{le}}",
        ),
        unit="s", about="Requests in each bucket. A second band is a second kind of request.", width=12,
    )
    board.panel(
        "table", "Models",
        f"sum by (provider, model) ({REQUESTS})",
        error_share("provider", "model"),
        quantile(0.95, "provider", "model"),
        about="The last 5 minutes.", width=12,
        overrides=columns(A=("Requests", "reqps"), B=("Errors", "percentunit"), C=("p95", "s")),
    )


def tokens(board):
    board.row("Tokens and cost")
    board.panel(
        "timeseries", "Tokens of one hour",
        (
            f"sum by (provider, model) (increase(llm_tokens_total{{{CHOSEN}}}[1h]))",
            "{{provider}} {{model}}",
        ),
        about="Of the hour before each moment.", defaults=stacked(),
    )
    board.panel(
        "timeseries", "Tokens by type", (f"sum by (type) ({TOKENS})", "{{type}}"),
        about="Tokens a second, of prompts and of completions.",
    )
    board.panel(
        "timeseries", "Cost of an hour", (f"{COST} * 3600", "{{provider}} {{model}}"), unit="currencyUSD",
        about="At the pace of 5 minutes, by the price list.", defaults=stacked(),
    )
    board.panel(
        "stat", "Cost within the time span",
        f"sum(sum by (provider, model, type) (increase(llm_tokens_total{{{CHOSEN}}}[$__range]))"
        " * on (provider, model, type) llm_token_price_dollars)",
        unit="currencyUSD", about="All tokens of the time that the dashboard shows, at today's prices.",
        width=6, height=6,
    )
    board.panel(
        "stat", "Cost per 1,000 requests", f"1000 * sum({COST}) / sum({REQUESTS})", unit="currencyUSD",
        about="The last 5 minutes.", width=6, height=6,
    )
    board.panel(
        "table", "Tokens without a price", "provider_model_type:llm_unpriced_tokens:rate5m",
        about="Tokens a second for which llm-prices.yml has no price, so that the panels above show too little.",
        width=12, height=6, overrides=columns(A=("Tokens a second", "short")),
    )


def instances(board):
    board.row("Instances")
    board.panel(
        "timeseries", "Memory",
        ("process_resident_memory_bytes unless ignoring (version) weir_build_info", "{{instance}} resident"),
        ("process_heap_bytes", "{{instance}} heap"),
        unit="bytes", about="HighMemoryUsage: more than 1 GiB resident for 5 minutes.",
        defaults=line_at(1073741824),
    )
    board.panel(
        "timeseries", "CPU",
        ("rate(process_cpu_user_seconds_total[5m])", "{{instance}} user"),
        ("rate(process_cpu_system_seconds_total[5m])", "{{instance}} system"),
        unit="percentunit",
        about="Of one core. Without a label for the process it is the sum of all instances.",
    )
    board.panel(
        "timeseries", "Event loop lag", ("nodejs_eventloop_lag_seconds", "{{instance}}"), unit="s",
        about="How late a timer of Node.js fires: above some ten milliseconds an instance is overloaded.",
    )
    board.panel(
        "timeseries", "Rate limit hits",
        ("sum by (endpoint) (rate(rate_limit_hits_total[5m]))", "{{endpoint}}"), unit="reqps",
        about="Requests refused. RateLimitSpike: more than 10 a second for 5 minutes.", defaults=line_at(10),
    )
    board.panel(
        "timeseries", "Uptime", ("process_uptime_seconds", "{{instance}}"), unit="s",
        about="A line that falls is a restart; one that ends is an instance that has ended.",
    )
    board.panel(
        "table", "Versions of Node.js", "count by (version) (nodejs_version_info)",
        about="Instances of each version.", overrides=columns(A=("Instances", "short")),
    )
