extension Flag {
  /// The flags of all commands that ask a running Weir over HTTP, besides those of the daemon.
  static let connection: [Flag] = [
    Flag(
      name: "url", kind: .value(metavariable: "URL", repeatable: false),
      help: """
        Where Weir is asked: http://HOST:PORT or https://HOST:PORT, with the path under which a proxy has \
        it, or that of its metrics. Without this flag it is the URL in the environment's WEIR_URL, or else \
        the first address of --web.listen-address.
        """,
      shown: nil,
      set: { value, _, options throws(UsageError) in
        options.connection.url = try ServerURL(value, source: "--url")
      }),
    Flag(
      name: "user", kind: .value(metavariable: "NAME", repeatable: false),
      help: "User to ask as, if Weir has users.", shown: nil,
      set: { value, _, options throws(UsageError) in
        guard !value.isEmpty, !value.utf8.contains(0), !value.contains(":") else {
          throw UsageError(
            "--user: \(value.quoted) is not a user; write the name alone, without a colon")
        }
        options.connection.user = value
      }),
    .path(
      "password-file", "FILE", \.connection.passwordFile, help: "File with the password of --user."),
    .path(
      "ca-file", "FILE", \.connection.caFile,
      help: """
        File of certificates (PEM) that the server is checked against. Without it the system's \
        certificates are used.
        """),
  ]
}
