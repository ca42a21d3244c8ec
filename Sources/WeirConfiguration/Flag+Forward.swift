import WeirMetrics

extension Flag {
  /// The flags of forwarding.
  static let forward: [Flag] = [
    Flag(
      name: "forward.address", kind: .value(metavariable: "HOST:PORT", repeatable: false),
      help: """
        Push what is counted here to another Weir each second, by UDP. It listens there with \
        --statsd.listen-udp. /metrics then shows only Weir's own metrics.
        """,
      shown: nil,
      set: { value, _, options throws(UsageError) in
        guard let colon = value.lastIndex(of: ":"), colon > value.startIndex,
          let port = UInt16(value[value.index(after: colon)...]), port > 0
        else {
          throw UsageError(
            "--forward.address: \(value.quoted) is not HOST:PORT; write for example "
              + "weir.example:8125")
        }
        options.forward.address = value
      }),
    Flag(
      name: "forward.url", kind: .value(metavariable: "URL", repeatable: false),
      help: """
        Push to another Weir over HTTP or HTTPS instead, for example to \
        https://user:password@weir.example/api/v1/push.
        """,
      shown: nil,
      set: { value, _, options throws(UsageError) in
        // The value is not shown, because it may have a password.
        guard let url = ForwardURL(value) else {
          throw UsageError(
            "--forward.url is not a URL of HTTP or HTTPS; write for example "
              + "https://weir.example/api/v1/push")
        }
        guard url.hasPath else {
          throw UsageError(
            "--forward.url has no path; add the one where the other Weir takes pushes, "
              + "/api/v1/push")
        }
        options.forward.url = url
      }),
    .path(
      "forward.ca-file", "FILE", \.forward.caFile,
      help: """
        File of certificates (PEM) that the server of --forward.url is checked against. Without it \
        the system's certificates are used.
        """),
    .path(
      "forward.key-file", "FILE", \.forward.keyFile,
      help: """
        File with the key that forwarded frames are signed with, in the form of --push.keys-file. \
        Of several keys the first one signs.
        """),
    labels,
    .toggle(
      "forward.expose", \.forward.exposes,
      help: """
        Show the forwarded series at /metrics, too. If Prometheus scrapes both Weirs, it then has \
        every series twice.
        """),
  ]

  /// `--forward.labels`
  private static let labels = Flag(
    name: "forward.labels",
    kind: .value(metavariable: "NAME=VALUE,...", repeatable: false),
    help: """
      Labels of all forwarded series, such as host=web-1,region=eu. A series' own label of the \
      same name wins.
      """,
    shown: nil,
    set: { value, _, options throws(UsageError) in
      for part in value.split(separator: ",", omittingEmptySubsequences: false) {
        let pair = NamedValue(String(part))
        guard let name = pair.key, isLabelName(name), !pair.value.isEmpty else {
          throw UsageError(
            "--forward.labels: \(String(part).quoted) is not NAME=VALUE with a valid label name; "
              + "write for example host=web-1,region=eu")
        }
        guard name != "le" && name != "quantile" else {
          throw UsageError(
            "--forward.labels: \(name.quoted) is a label of buckets and quantiles; write another "
              + "name")
        }
        guard !options.forward.labels.contains(where: { $0.name == name }) else {
          throw UsageError(
            "--forward.labels: \(name.quoted) is given twice; leave one of them out")
        }
        guard pair.value.utf8.count <= FlagBounds.forwardLabelBytesMax,
          options.forward.labels.count < FlagBounds.forwardLabelsMax
        else {
          throw UsageError(
            "--forward.labels: write at most \(FlagBounds.forwardLabelsMax) labels, each with a "
              + "value of at most \(FlagBounds.forwardLabelBytesMax) bytes")
        }
        options.forward.labels.append(ForwardLabelOption(name: name, value: pair.value))
      }
    })
}

extension FlagBounds {
  /// They are in every frame, of which a series needs some room, too.
  static let forwardLabelsMax = 8
  static let forwardLabelBytesMax = 64
}

extension Options {
  /// Checks what no single flag can check.
  func checkForward() throws(UsageError) {
    guard forward.target != nil else { return try checkNotForwarding() }
    if forward.address != nil && forward.url != nil {
      throw UsageError(
        "--forward.address and --forward.url are both given; Weir forwards to one of them, so leave "
          + "the other out")
    }
    if forward.caFile != nil && forward.url?.isSecure != true {
      throw UsageError(
        "--forward.ca-file is given without a --forward.url of https; leave it out")
    }
    // The totals of an instance must not fall. A gauge that comes back would be set a second time.
    let kinds = MetricKind.allCases.filter { $0 != .set && series.lifetimes[$0] != nil }
    if let kind = kinds.first {
      throw UsageError(
        "--series.ttl for \(kind.label) can't be used with --forward.*, because totals that are "
          + "forwarded must not begin again; set it at the Weir that is forwarded to")
    }
    if !series.lifetimesByName.isEmpty {
      throw UsageError(
        "--series.ttl for names can't be used with --forward.*, because totals that are forwarded "
          + "must not begin again; set it at the Weir that is forwarded to")
    }
  }

  private func checkNotForwarding() throws(UsageError) {
    let flag =
      forward.keyFile != nil
      ? "key-file"
      : forward.caFile != nil
        ? "ca-file" : !forward.labels.isEmpty ? "labels" : forward.exposes ? "expose" : nil
    guard let flag else { return }
    throw UsageError(
      "--forward.\(flag) is given without --forward.address or --forward.url; add one of them, or "
        + "leave it out")
  }
}
