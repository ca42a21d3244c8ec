extension Flag {
  /// The flags of a node of a cluster.
  static let cluster: [Flag] = [
    .texts(
      "cluster.nats", "URL", \.cluster.servers,
      help: """
        Make this Weir a node of a cluster: the servers of NATS whose JetStream has its log, such as \
        nats://a:4222, separated by commas. Each node then shows what all of them received.
        """,
      check: { value throws(UsageError) in
        // The value is not shown, because it may have a password.
        for server in value.split(separator: ",", omittingEmptySubsequences: false) {
          guard server.hasPrefix("nats://") || server.hasPrefix("tls://"),
            server.utf8.count > 7, !server.utf8.contains(where: { $0 <= 32 || $0 == 127 })
          else {
            throw UsageError(
              "--cluster.nats: one of the servers is not a URL of NATS; write for example "
                + "nats://a.example:4222,nats://b.example:4222")
          }
        }
      }),
    .name(
      "cluster.name", \.cluster.name,
      help: "Name of the cluster, which all of its nodes have. Its stream is weir_NAME."),
    .name(
      "cluster.node", \.cluster.node,
      help: "Name of this node in logs and pages; by default that of the machine."),
    .path(
      "cluster.credentials", "FILE", \.cluster.credentialsFile,
      help: "File of credentials (.creds) for NATS."),
    .path(
      "cluster.tls-ca-file", "FILE", \.cluster.caFile,
      help: """
        File of certificates (PEM) that servers of NATS are checked against. Without it the system's \
        certificates are used.
        """),
    .path(
      "cluster.tls-cert-file", "FILE", \.cluster.certificateFile,
      help: "File with the certificate (PEM) that this node shows to NATS."),
    .path(
      "cluster.tls-key-file", "FILE", \.cluster.keyFile,
      help: "File with the key (PEM) of that certificate."),
    replicas(
      "cluster.replicas", \.cluster.replicas,
      help: "Servers of NATS that keep the log, where this node makes it: 1, 3 or 5."),
    .bytes(
      "cluster.log-size", \.cluster.logBytesMax, from: 16 << 20, upTo: 1 << 40,
      help: """
        The most bytes of the log, where this node makes it. When it is full, nothing more is taken in \
        until a state has been saved.
        """),
    .milliseconds(
      "cluster.barrier-timeout", \.cluster.barrierMilliseconds, upTo: 60_000,
      help: """
        How long a scrape waits until this node has applied all that was in the log before it. Then it \
        is answered with 503.
        """),
    .choice(
      "cluster.read", \.cluster.read,
      help: """
        What a scrape shows: all that any earlier scrape has shown (log), or what this node has applied \
        so far (local), with which rate() can go wrong when scrapes change nodes.
        """),
  ]

  /// A flag whose value is an odd number. Two servers survive no more failures than one, and four no more than three.
  private static func replicas(_ name: String, _ path: OptionPath<Int>, help: String) -> Flag {
    number(
      name, "COUNT", path, help: help, shown: { "\($0)" },
      parse: { value throws(UsageError) in
        guard let count = Decimal.parse(value[...]), [1, 3, 5].contains(count) else {
          throw UsageError(
            "--\(name): \(value.quoted) is not a number of replicas; write 1, 3 or 5")
        }
        return count
      })
  }

  /// A flag whose value is a word of letters, digits, - and _.
  private static func name(_ name: String, _ path: OptionPath<String>, help: String) -> Flag {
    Flag(
      name: name, kind: .value(metavariable: "NAME", repeatable: false), help: help,
      shown: { $0[keyPath: path] },
      set: { value, _, options throws(UsageError) in
        let isWord = value.utf8.allSatisfy {
          switch $0 {
          case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
            true
          default: false
          }
        }
        guard isWord, 1...FlagBounds.clusterNameBytesMax ~= value.utf8.count else {
          throw UsageError(
            "--\(name): \(value.quoted) is not a name; write 1 to \(FlagBounds.clusterNameBytesMax) letters, "
              + "digits, - or _")
        }
        options[keyPath: path] = value
      })
  }
}

extension FlagBounds {
  static let clusterNameBytesMax = 32
}

extension Options.Cluster.Read: FlagChoice {}

extension Options {
  /// Checks what no single flag can check.
  func checkCluster() throws(UsageError) {
    guard cluster.isEnabled else {
      guard cluster == Cluster() else {
        throw UsageError(
          "a --cluster.* flag is given without --cluster.nats; add it, or leave the flag out")
      }
      return
    }
    if (cluster.certificateFile == nil) != (cluster.keyFile == nil) {
      throw UsageError(
        "--cluster.tls-cert-file and --cluster.tls-key-file belong together; write both, or leave both out"
      )
    }
    if forward.target != nil {
      throw UsageError(
        "--forward.* can't be used with --cluster.nats, because the log takes what is counted here; leave one "
          + "of them out")
    }
    if cloudWatch.namespace != nil {
      throw UsageError(
        "--cloudwatch.* can't be used with --cluster.nats, because each node would push the same; run another "
          + "Weir for it")
    }
  }
}
