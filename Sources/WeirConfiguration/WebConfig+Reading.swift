extension WebConfig {
  /// Reads the file and the certificates that it names.
  ///
  /// - Throws: `FileMistake`, for the first mistake.
  package static func load(_ file: String) throws(FileMistake) -> WebConfig {
    let contents: FileContents
    do throws(FileTrouble) {
      contents = try FileContents.read(file, bytesMax: YAMLParser.bytesMax)
    } catch {
      throw FileMistake(
        file, line: nil, "\(error); name a file of YAML with --web.config.file")
    }
    return try parse(contents.bytes, file: file)
  }

  /// Reads the text of a file, and the certificates that it names beside `file`.
  package static func parse(_ bytes: [UInt8], file: String) throws(FileMistake) -> WebConfig {
    var config = WebConfig(file: file)
    guard let root = try YAMLParser.parse(bytes, file: file) else { return config }
    let fields = try YAMLFields(
      root, file: file, name: nil,
      keys: ["tls_server_config", "http_server_config", "basic_auth_users"])
    if let node = fields.node("tls_server_config") { try config.readTLS(node) }
    if let node = fields.node("http_server_config") { try config.readHTTP(node) }
    if let node = fields.node("basic_auth_users") { try config.readUsers(node) }
    if config.tls == nil, !config.users.isEmpty, let line = fields.line("basic_auth_users") {
      config.warnings.append(
        config.mistake(
          line, "passwords come in the clear without tls_server_config; add a certificate"
        ).description)
    }
    return config
  }

  private mutating func readHTTP(_ node: YAMLNode) throws(FileMistake) {
    let fields = try YAMLFields(
      node, file: file, name: "http_server_config", keys: ["http2", "headers"])
    // Either value is fine: HTTP/2 is offered in the handshake, and a client that is not offered it
    // speaks HTTP/1.1.
    _ = try fields.flag("http2")
    guard let headers = fields.node("headers") else { return }
    for entry in try YAMLFields(headers, file: file, name: "headers", keys: nil).all {
      guard let allowed = Self.headers.first(where: { $0.name == entry.key }) else {
        let names = Self.headers.map(\.name)
        let remedy =
          EditDistance.nearest(to: entry.key, among: names).map { "did you mean \($0)?" }
          ?? "it can be \(names.joined(separator: ", "))"
        throw mistake(entry.keyLine, "\(entry.key.quoted) is no header that can be set; \(remedy)")
      }
      let value = try fields.text(of: entry.value, entry.key)
      guard allowed.values.isEmpty || allowed.values.contains(value) else {
        throw mistake(
          entry.keyLine,
          "\(entry.key) is \(value.quoted); write \(allowed.values.joined(separator: " or "))")
      }
      guard value.utf8.allSatisfy({ (0x20...0x7e).contains($0) }) else {
        throw mistake(
          entry.keyLine, "\(entry.key) has a character that no header can have; write visible ASCII"
        )
      }
      self.headers.append(Header(name: entry.key, value: value))
    }
  }

  /// The headers that the exporters' toolkit lets an operator set, and their values where not all
  /// will do.
  private static let headers: [(name: String, values: [String])] = [
    ("Strict-Transport-Security", []),
    ("X-Content-Type-Options", ["nosniff"]),
    ("X-Frame-Options", ["deny", "sameorigin"]),
    ("X-XSS-Protection", []),
    ("Content-Security-Policy", []),
  ]

  private mutating func readUsers(_ node: YAMLNode) throws(FileMistake) {
    let fields = try YAMLFields(node, file: file, name: "basic_auth_users", keys: nil)
    for entry in fields.all {
      guard !entry.key.isEmpty, !entry.key.contains(":") else {
        throw mistake(
          entry.keyLine,
          "\(entry.key.quoted) is no user's name, which is not empty and has no colon")
      }
      let hash = try fields.text(of: entry.value, entry.key.escaped)
      switch BcryptForm(hash) {
      case .fine: break
      case .foreign:
        throw mistake(
          entry.keyLine,
          "the password of \(entry.key.quoted) is no bcrypt hash; make one with htpasswd -nBC 10")
      case .cheap(let cost):
        throw mistake(
          entry.keyLine,
          "the hash of \(entry.key.quoted) has cost \(cost), which is soon guessed; make one of "
            + "cost \(BcryptForm.costMin) or more with htpasswd -nBC 10")
      case .dear(let cost):
        throw mistake(
          entry.keyLine,
          "the hash of \(entry.key.quoted) has cost \(cost), which takes seconds to check; make "
            + "one of cost \(BcryptForm.costMax) or less with htpasswd -nBC 10")
      }
      users.append(User(name: entry.key, hash: hash))
    }
  }
}

/// What a text is as a bcrypt hash.
enum BcryptForm: Equatable {
  case fine, foreign
  case cheap(cost: Int)
  case dear(cost: Int)

  /// 2^10 rounds are some 50 ms a guess; fewer are a weak setting.
  static let costMin = 10
  /// 2^14 rounds are most of a second; more would let a few wrong passwords keep the right ones waiting.
  static let costMax = 14

  /// `$2b$10$` with 53 characters of bcrypt's base 64, in the variants a, b and y.
  init(_ hash: String) {
    let bytes = Array(hash.utf8)
    let isForm =
      bytes.count == 60 && hash.hasPrefix("$2") && [0x61, 0x62, 0x79].contains(bytes[2])
      && bytes[3] == 0x24 && bytes[6] == 0x24
      && bytes[7...].allSatisfy { byte in
        (0x2e...0x39).contains(byte) || (0x41...0x5a).contains(byte) || (0x61...0x7a).contains(byte)
      }
    guard isForm, let cost = Decimal.parse(String(decoding: bytes[4...5], as: UTF8.self)[...]),
      (4...31).contains(cost)
    else {
      self = .foreign
      return
    }
    self =
      cost < Self.costMin
      ? .cheap(cost: cost) : cost > Self.costMax ? .dear(cost: cost) : .fine
  }
}
