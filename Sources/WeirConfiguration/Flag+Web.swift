import WeirMetrics

extension Flag {
  /// The flags of the HTTP server: addresses, access, and limits on clients.
  static let web: [Flag] = [
    .texts(
      "web.listen-address", "ADDRESS", \.web.listenAddresses,
      help:
        "TCP address to serve scrapes on, as HOST:PORT or [IPV6]:PORT; a name means all its addresses.",
      check: { value throws(UsageError) in
        if value.isEmpty {
          throw UsageError(
            "--web.listen-address: \"\" is not an address; write one such as 127.0.0.1:9102")
        }
      }),
    .texts(
      "web.telemetry-path", "PATH", \.web.telemetryPaths,
      help: "Path of the metrics for Prometheus. If it is /, the page for operators is at /ui/.",
      check: checkTelemetryPath),
    .path(
      "web.config.file", "FILE", \.web.configFile,
      help: """
        File with TLS, users and headers, in the form of the Prometheus exporters' web \
        configuration. Without one, no password is required and nothing is encrypted.
        """),
    .toggle(
      "web.auth-health", \.web.authenticatesHealth,
      help: """
        Require the password, if there are users, for /-/healthy and /-/ready as well. Without, \
        these two answer everybody, and no rate limit applies to them.
        """),
    .toggle(
      "web.enable-lifecycle", \.web.enablesLifecycle,
      help: """
        Allow PUT or POST to /-/reload, which reloads the files, and to /-/quit, which stops Weir, \
        and POST to /api/v1/forget, which removes series.
        """),
    .toggle(
      "web.ui", \.web.servesPage,
      help: "Serve the page for operators at /, and its API at /api/v1/."),
    .toggle(
      "web.show-lines", \.web.showsLines,
      help: """
        Show lines as senders sent them on the page, in its API and on /debug/refused. They may hold \
        personal data.
        """),
    .texts(
      "web.host", "NAME", \.web.hosts,
      help: """
        Name by which the page may be asked for, besides localhost. It matters only where Weir listens on \
        loopback alone and has no users, behind a proxy on the same machine for example.
        """,
      check: { value throws(UsageError) in
        let isName = value.utf8.allSatisfy {
          $0 > 0x20 && $0 < 0x7f && !"/:@[]?#\"".utf8.contains($0)
        }
        guard isName, !value.isEmpty else {
          throw UsageError(
            "--web.host: \(value.quoted) is not the name of a host; write one such as "
              + "weir.example.com, without a port")
        }
      }),
    .toggle(
      "web.openmetrics-created", \.web.writesCreated,
      help: """
        In OpenMetrics, show with a _created series when each counter, histogram and summary was \
        first seen. Protobuf always shows it.
        """),
    .toggle(
      "web.openmetrics", \.web.offersOpenMetrics,
      help: "Answer in OpenMetrics where a scraper asks for it."),
    .toggle(
      "web.statsd-exporter-metrics", \.web.showsExporterMetrics,
      help: """
        Show Weir's own metrics a second time under the names that they have in statsd_exporter, for dashboards \
        and alerts that use these.
        """),
    .choice(
      "web.bounds", \.web.boundStyle,
      help: """
        How le and quantile are written in the text format: le="1.0", as Prometheus 3 stores it \
        (canonical), or le="1" (short).
        """),
    .count(
      "web.max-connections", \.web.connectionsMax, of: "connections",
      upTo: FlagBounds.connectionsMax,
      help: "Connections open at once; at more, the one that is idle for longest is closed."),
    .bytes(
      "web.max-header-bytes", \.web.headerBytesMax, from: FlagBounds.headerBytesMin,
      upTo: FlagBounds.headerBytesMax,
      help: "Bytes of a request line and its headers together."),
    .count(
      "web.max-headers", \.web.headersMax, of: "headers", upTo: FlagBounds.headersMax,
      help: "Headers of a request."),
    .milliseconds(
      "web.idle-timeout", \.web.idleMilliseconds, upTo: FlagBounds.webTimeoutMilliseconds,
      help: "How long a connection may wait between requests."),
    .milliseconds(
      "web.read-header-timeout", \.web.readHeaderMilliseconds,
      upTo: FlagBounds.webTimeoutMilliseconds,
      help: "How long a request may take to arrive; the same for a TLS handshake."),
  ]
}

private func checkTelemetryPath(_ path: String) throws(UsageError) {
  let flag = "--web.telemetry-path: \(path.quoted)"
  guard path.hasPrefix("/") else {
    throw UsageError("\(flag) does not begin with a slash; write a path such as /metrics")
  }
  let isTaken =
    Options.Web.serverPages.contains(path)
    || Options.Web.serverPrefixes.contains { path.hasPrefix($0) }
  guard !isTaken else {
    throw UsageError("\(flag) is a page of the server itself; write another path, such as /metrics")
  }
  guard !path.hasPrefix("/metrics/job/"), !path.hasPrefix("/metrics/job@base64/") else {
    throw UsageError("\(flag) is a path of pushed groups; write another path, such as /metrics")
  }
  let isVisible = path.utf8.allSatisfy { (0x21...0x7e).contains($0) }
  guard isVisible, !path.contains("?"), !path.contains("#") else {
    throw UsageError(
      "\(flag) has a character that is not allowed in a path; "
        + "write visible ASCII characters without ? and #")
  }
  guard path.utf8.count <= FlagBounds.telemetryPathBytesMax else {
    throw UsageError(
      "--web.telemetry-path: the path has \(path.utf8.count) bytes; "
        + "write one of at most \(FlagBounds.telemetryPathBytesMax)")
  }
}
