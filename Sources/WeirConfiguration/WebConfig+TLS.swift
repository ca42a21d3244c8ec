extension WebConfig {
  private static let tlsKeys = [
    "cert_file", "key_file", "client_ca_file", "client_auth_type", "client_allowed_sans",
    "min_version", "max_version", "cipher_suites", "prefer_server_cipher_suites",
    "curve_preferences", "cert", "key", "client_ca",
  ]

  /// Reads `tls_server_config`. As with the exporters, one that names neither a certificate nor
  /// client options turns nothing on.
  mutating func readTLS(_ node: YAMLNode) throws(FileMistake) {
    let fields = try YAMLFields(
      node, file: file, name: "tls_server_config", keys: Self.tlsKeys)
    // A key that a template left without a value must not count as left out.
    for entry in fields.all where entry.value.isNull {
      throw mistake(
        entry.keyLine, "\(entry.key) has no value; write one, or leave the key out")
    }
    let certificate = try pem("cert", fields)
    let key = try pem("key", fields)
    let clientCA = try pem("client_ca", fields)
    let auth = try fields.text("client_auth_type")
    if certificate == nil, key == nil, clientCA == nil, auth == nil { return }
    guard let certificate else {
      throw mistake(node.line, "tls_server_config has no cert_file; name the server's certificate")
    }
    guard let key else {
      throw mistake(node.line, "tls_server_config has no key_file; name the certificate's key")
    }
    var tls = TLS(certificate: certificate, key: key, clientCA: clientCA)
    try readClients(auth, fields, into: &tls)
    try readVersions(fields, into: &tls)
    try readCipherSuites(fields, into: &tls)
    if let prefers = try fields.flag("prefer_server_cipher_suites") {
      tls.prefersServerCipherSuites = prefers.value
    }
    for curve in try fields.texts("curve_preferences") {
      guard let group = Self.groups.first(where: { $0.name == curve.value }) else {
        let names = Self.groups.map(\.name).joined(separator: ", ")
        throw mistake(
          curve.line, "\(curve.value.quoted) is not a supported curve; the curves are \(names)")
      }
      tls.groups.append(group.openSSL)
      tls.groupsLine = fields.line("curve_preferences")
    }
    self.tls = tls
  }

  /// The names of curves in Go and in OpenSSL.
  private static let groups: [(name: String, openSSL: String)] = [
    ("X25519", "X25519"), ("CurveP256", "P-256"), ("CurveP384", "P-384"), ("CurveP521", "P-521"),
    ("X25519MLKEM768", "X25519MLKEM768"),
  ]

  /// The value of `name`, or the contents of the file that `name_file` names.
  private mutating func pem(
    _ name: String, _ fields: YAMLFields
  ) throws(FileMistake) -> PEM? {
    let inline = try fields.text(name)
    guard let path = try fields.text("\(name)_file") else {
      return inline.map {
        PEM(bytes: Array($0.value.utf8), key: name, line: $0.line, path: nil)
      }
    }
    if let inline {
      throw mistake(
        inline.line, "\(name) and \(name)_file are both given; leave one of them out")
    }
    guard !path.value.isEmpty, !path.value.utf8.contains(0) else {
      throw mistake(
        path.line, "\(name)_file is not the name of a file; write one, or leave the key out")
    }
    let place = resolved(path.value)
    do throws(FileTrouble) {
      let contents = try FileContents.read(place, bytesMax: Self.pemBytesMax)
      if name == "key", contents.isReadableByOthers {
        warn(
          path.line,
          "users other than its owner may read \(place.escaped); run chmod 600 on it")
      }
      return PEM(
        bytes: contents.bytes, key: "\(name)_file", line: path.line, path: place)
    } catch {
      throw mistake(
        path.line,
        "\(name)_file: \(place.quoted) cannot be read, \(error); "
          + (error.remedy ?? "name one that can be read"))
    }
  }

  /// A path relative to the folder of the configuration file.
  private func resolved(_ path: String) -> String {
    guard !path.hasPrefix("/"), let slash = file.lastIndex(of: "/") else { return path }
    return String(file[...slash]) + path
  }

  private mutating func readClients(
    _ auth: YAMLFields.Field<String>?, _ fields: YAMLFields, into tls: inout TLS
  ) throws(FileMistake) {
    if let auth {
      // The toolkit accepts this older name as well.
      let name = auth.value == "RequireClientCert" ? "RequireAnyClientCert" : auth.value
      guard let known = ClientAuth(rawValue: name) else {
        let names = ClientAuth.allCases.map(\.rawValue)
        let remedy =
          EditDistance.nearest(to: name, among: names).map { "did you mean \($0)?" }
          ?? "write one of \(names.joined(separator: ", "))"
        throw mistake(auth.line, "client_auth_type: \(name.quoted) is not a choice; \(remedy)")
      }
      tls.clientAuth = known
    }
    if let ca = tls.clientCA, tls.clientAuth == .none {
      throw mistake(
        ca.line,
        "\(ca.key) is given, but no client certificate is requested; "
          + "add client_auth_type: RequireAndVerifyClientCert")
    }
    let allowed = fields.line("client_allowed_sans")
    if let auth, tls.clientAuth.verifies, tls.clientCA == nil {
      // In the toolkit, a certificate of any public authority would be accepted.
      guard tls.clientAuth == .verifyIfGiven, allowed == nil else {
        throw mistake(
          auth.line,
          "\(tls.clientAuth.rawValue) needs certificates to verify with; add client_ca_file")
      }
      warn(
        auth.line,
        "VerifyClientCertIfGiven has no client_ca_file to verify with, so a client is accepted without "
          + "a certificate and refused with one; add client_ca_file, or leave client_auth_type out")
    }
    tls.clientAllowedSANs = try fields.texts("client_allowed_sans").map(\.value)
    if let allowed, tls.clientAllowedSANs.isEmpty {
      throw mistake(
        allowed,
        "client_allowed_sans is empty, so every client would be refused; name one, or leave the key out"
      )
    }
    if !tls.clientAllowedSANs.isEmpty, !tls.clientAuth.verifies,
      let line = allowed
    {
      throw mistake(
        line,
        "client_allowed_sans has no effect if certificates are not verified; "
          + "add client_auth_type: RequireAndVerifyClientCert")
    }
  }

  private func readVersions(
    _ fields: YAMLFields, into tls: inout TLS
  ) throws(FileMistake) {
    let least = try version("min_version", fields)
    let most = try version("max_version", fields)
    tls.minVersion = least ?? .tls12
    tls.maxVersion = most ?? .tls13
    if tls.maxVersion < tls.minVersion, let line = fields.line("max_version") {
      throw mistake(line, "max_version is below min_version; swap them")
    }
  }

  private func version(_ key: String, _ fields: YAMLFields) throws(FileMistake) -> Version? {
    guard let text = try fields.text(key) else { return nil }
    if let version = Version(rawValue: text.value) { return version }
    guard !["TLS10", "TLS11"].contains(text.value) else {
      throw mistake(
        text.line, "\(key): \(text.value) is weak and not supported; write TLS12 or TLS13")
    }
    throw mistake(text.line, "\(key): \(text.value.quoted) is not a version; write TLS12 or TLS13")
  }

  private func readCipherSuites(
    _ fields: YAMLFields, into tls: inout TLS
  ) throws(FileMistake) {
    let names = try fields.texts("cipher_suites")
    for name in names {
      switch CipherSuite(name.value) {
      case .tls12(let openSSL): tls.cipherSuites12.append(openSSL)
      case .tls13(let openSSL): tls.cipherSuites13.append(openSSL)
      case .weak:
        throw mistake(
          name.line, "cipher_suites: \(name.value.escaped) is weak and not supported; leave it out")
      case .unknown:
        let remedy =
          EditDistance.nearest(to: name.value, among: CipherSuite.names)
          .map { "did you mean \($0)?" } ?? "write names such as \(CipherSuite.names[0])"
        throw mistake(name.line, "cipher_suites: \(name.value.quoted) is unknown; \(remedy)")
      }
    }
    guard let line = fields.line("cipher_suites"), !names.isEmpty else { return }
    if tls.cipherSuites12.isEmpty {
      guard tls.maxVersion == .tls13 else {
        throw mistake(
          line, "cipher_suites has none for TLS 1.2, which max_version requires; add one")
      }
      tls.minVersion = .tls13
    }
  }
}
