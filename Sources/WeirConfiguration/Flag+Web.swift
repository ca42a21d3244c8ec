extension Flag {
  /// The flags of the HTTP server: where it is, who may come in, and what it grants each.
  static let web: [Flag] = [
    .texts(
      "web.listen-address", "ADDRESS", \.web.listenAddresses,
      help:
        "TCP address to serve scrapes on, as HOST:PORT or [IPV6]:PORT; a name means all its addresses.",
      check: { value throws(UsageError) in
        if value.isEmpty {
          throw UsageError(
            "--web.listen-address: \"\" is no address; write one such as 127.0.0.1:9102")
        }
      }),
    .texts(
      "web.telemetry-path", "PATH", \.web.telemetryPaths,
      help: "Path under which Prometheus finds the metrics.",
      check: checkTelemetryPath),
    .path(
      "web.config.file", "FILE", \.web.configFile,
      help: """
        File with TLS, users and headers, in the form of the Prometheus exporters' web \
        configuration. Without one everybody is let in, unencrypted.
        """),
    .toggle(
      "web.auth-health", \.web.authenticatesHealth,
      help: """
        Ask for the password, where there are users, at /-/healthy and /-/ready as well. Without, \
        these two answer everybody, and count towards no rate limit.
        """),
    .toggle(
      "web.enable-lifecycle", \.web.enablesLifecycle,
      help: "Let PUT or POST to /-/reload read the files anew, and to /-/quit stop Weir."),
    .toggle(
      "web.openmetrics-created", \.web.writesCreated,
      help: """
        Show in OpenMetrics by a _created series when each counter, histogram and summary was first \
        seen. Protobuf shows it anyway.
        """),
    .count(
      "web.max-connections", \.web.connectionsMax, of: "connections",
      upTo: Limits.connectionsMax,
      help: "Connections open at once; of more, those that wait longest are closed."),
    .bytes(
      "web.max-header-bytes", \.web.headerBytesMax, from: Limits.headerBytesMin,
      upTo: Limits.headerBytesMax,
      help: "Bytes of a request's first line and headers together."),
    .count(
      "web.max-headers", \.web.headersMax, of: "headers", upTo: Limits.headersMax,
      help: "Headers of a request."),
    .duration(
      "web.idle-timeout", \.web.idleMilliseconds, upTo: Limits.webTimeoutMilliseconds,
      help: "How long a connection may wait between requests."),
    .duration(
      "web.read-header-timeout", \.web.readHeaderMilliseconds,
      upTo: Limits.webTimeoutMilliseconds,
      help: "How long a request may take to come, and so may a TLS handshake."),
  ]
}

// What single flags accept.

private func checkTelemetryPath(_ path: String) throws(UsageError) {
  let flag = "--web.telemetry-path: \(path.quoted)"
  guard path.hasPrefix("/") else {
    throw UsageError("\(flag) does not begin with a slash; write a path such as /metrics")
  }
  guard !Options.Web.serverPages.contains(path) else {
    throw UsageError("\(flag) is a page of the server's own; write another, such as /metrics")
  }
  let isVisible = path.utf8.allSatisfy { (0x21...0x7e).contains($0) }
  guard isVisible, !path.contains("?"), !path.contains("#") else {
    throw UsageError(
      "\(flag) has a character that no path can have; "
        + "write visible ASCII characters without ? and #")
  }
  guard path.utf8.count <= Limits.telemetryPathBytesMax else {
    throw UsageError(
      "--web.telemetry-path: the path has \(path.utf8.count) bytes; "
        + "write one of at most \(Limits.telemetryPathBytesMax)")
  }
}
