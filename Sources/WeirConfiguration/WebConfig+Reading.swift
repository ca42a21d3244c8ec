extension WebConfig {
  /// Reads the file and the certificates that it names.
  ///
  /// - Throws: `FileMistake`: the first mistake.
  package static func load(_ file: String) throws(FileMistake) -> WebConfig {
    let contents: FileContents
    do throws(FileTrouble) {
      contents = try FileContents.read(file, bytesMax: YAMLParser.bytesMax)
    } catch {
      throw FileMistake(
        file, line: nil,
        "\(error); \(error.remedy ?? "name a file of YAML with --web.config.file")")
    }
    return try parse(contents.bytes, file: file)
  }

  /// Reads the text of a file, and the certificates that it names beside `file`.
  package static func parse(_ bytes: [UInt8], file: String) throws(FileMistake) -> WebConfig {
    var config = WebConfig(file: file)
    if let root = try YAMLParser.parse(bytes, file: file) { try config.read(root) }
    if config.tls == nil, config.users.isEmpty {
      config.warnings.append(
        FileMistake(
          file, line: nil,
          "it names neither a certificate nor users, so everybody has access, unencrypted; add "
            + "tls_server_config or basic_auth_users"
        ).description)
    }
    return config
  }

  private mutating func read(_ root: YAMLNode) throws(FileMistake) {
    let fields = try YAMLFields(
      root, file: file, name: nil,
      keys: ["tls_server_config", "http_server_config", "basic_auth_users", "rate_limit"])
    if let node = fields.node("tls_server_config") { try readTLS(node) }
    if let node = fields.node("http_server_config") { try readHTTP(node) }
    // A template that finds no users leaves the key without a value, which must not remove
    // protection.
    for entry in fields.all where entry.key == "basic_auth_users" && entry.value.isNull {
      throw mistake(entry.keyLine, "basic_auth_users has no value; name a user, or leave it out")
    }
    if let node = fields.node("basic_auth_users") {
      try readUsers(node)
      if users.isEmpty, tls != nil, let line = fields.line("basic_auth_users") {
        warn(line, "basic_auth_users names nobody, so no password is required; name a user")
      }
    }
    if let node = fields.node("rate_limit") { try readRateLimit(node) }
    if tls == nil, !users.isEmpty, let line = fields.line("basic_auth_users") {
      warn(line, "passwords are sent unencrypted without tls_server_config; add a certificate")
    }
  }

  mutating func warn(_ line: Int, _ sentence: String) {
    warnings.append(mistake(line, sentence).description)
  }

  private mutating func readHTTP(_ node: YAMLNode) throws(FileMistake) {
    let fields = try YAMLFields(
      node, file: file, name: "http_server_config", keys: ["http2", "headers"])
    // Either value is fine: HTTP/2 is negotiated, and a client that is not offered it uses
    // HTTP/1.1.
    _ = try fields.flag("http2")
    guard let headers = fields.node("headers") else { return }
    for entry in try YAMLFields(headers, file: file, name: "headers", keys: nil).all {
      guard let allowed = Self.headers.first(where: { $0.name == entry.key }) else {
        let names = Self.headers.map(\.name)
        let remedy =
          EditDistance.nearest(to: entry.key, among: names).map { "did you mean \($0)?" }
          ?? "it can be \(names.joined(separator: ", "))"
        throw mistake(
          entry.keyLine, "\(entry.key.quoted) is not a header that can be set; \(remedy)")
      }
      // As in the exporters' toolkit, a header without a value is not set.
      if entry.value.isNull && allowed.values.isEmpty { continue }
      let value = try fields.text(of: entry.value, entry.key)
      guard allowed.values.isEmpty || allowed.values.contains(value) else {
        throw mistake(
          entry.keyLine,
          "\(entry.key) is \(value.quoted); write \(allowed.values.joined(separator: " or "))")
      }
      guard value.utf8.allSatisfy({ (0x20...0x7e).contains($0) }) else {
        throw mistake(
          entry.keyLine,
          "\(entry.key) has a character that is not allowed in a header; write visible ASCII"
        )
      }
      self.headers.append(Header(name: entry.key, value: value))
    }
  }

  /// The headers that can be set in the exporters' toolkit, and their values if not every value is
  /// allowed.
  private static let headers: [(name: String, values: [String])] = [
    ("Strict-Transport-Security", []),
    ("X-Content-Type-Options", ["nosniff"]),
    ("X-Frame-Options", ["deny", "sameorigin"]),
    ("X-XSS-Protection", []),
    ("Content-Security-Policy", []),
  ]

  /// Reads `rate_limit`. As with the toolkit, an interval of 0 turns it off.
  private mutating func readRateLimit(_ node: YAMLNode) throws(FileMistake) {
    let fields = try YAMLFields(node, file: file, name: "rate_limit", keys: ["interval", "burst"])
    guard let interval = try fields.text("interval") else {
      throw mistake(
        node.line, "rate_limit has no interval; write one such as 1s, or leave rate_limit out")
    }
    let burst = try fields.text("burst")
    let count = burst.map { Decimal.parse($0.value[...]) } ?? 0
    guard let count, count <= FlagBounds.rateBurstMax else {
      throw mistake(
        burst?.line ?? node.line,
        "burst is not a number of requests; write one from 1 to \(FlagBounds.rateBurstMax)")
    }
    guard let nanoseconds = GoDuration.nanoseconds(interval.value),
      nanoseconds <= FlagBounds.rateIntervalNanosecondsMax
    else {
      throw mistake(
        interval.line,
        "interval: \(interval.value.quoted) is not a duration up to 24h; write one with its unit, "
          + "such as 100ms or 1s")
    }
    if nanoseconds == 0 { return }
    // In the toolkit such a bucket has no room, so every request is refused.
    guard count > 0 else {
      throw mistake(
        burst?.line ?? node.line,
        "rate_limit with a burst of 0 would refuse every request; write burst: 1 or more")
    }
    rateLimit = RateLimit(intervalNanoseconds: nanoseconds, burst: count)
  }

  private mutating func readUsers(_ node: YAMLNode) throws(FileMistake) {
    let fields = try YAMLFields(node, file: file, name: "basic_auth_users", keys: nil)
    for entry in fields.all {
      guard !entry.key.isEmpty, !entry.key.contains(":") else {
        throw mistake(
          entry.keyLine,
          "\(entry.key.quoted) is not a user name; write one that is not empty and has no colon")
      }
      let hash = try fields.text(of: entry.value, entry.key.escaped)
      switch BcryptForm(hash) {
      case .valid: break
      case .invalid:
        throw mistake(
          entry.keyLine,
          "the password of \(entry.key.quoted) is not a bcrypt hash; make one with htpasswd -nBC 10"
        )
      case .weak(let cost):
        throw mistake(
          entry.keyLine,
          "the hash of \(entry.key.quoted) has cost \(cost), which is quickly guessed; make one of "
            + "cost \(BcryptForm.costMin) or more with htpasswd -nBC 10")
      case .expensive(let cost):
        warn(
          entry.keyLine,
          "the hash of \(entry.key.quoted) has cost \(cost), so a check takes about "
            + "\(BcryptForm.duration(cost: cost)) while other checks wait; make one of cost "
            + "\(BcryptForm.costAdvisedMax) or less with htpasswd -nBC 10")
      }
      users.append(User(name: entry.key, hash: hash))
    }
  }
}

/// Whether a text is a bcrypt hash, and one of a good cost.
enum BcryptForm: Equatable {
  case valid, invalid
  /// Quickly guessed.
  case weak(cost: Int)
  /// Slow to check.
  case expensive(cost: Int)

  /// 2^10 rounds take about 50 ms per guess; fewer are weak.
  static let costMin = 10
  /// 2^14 rounds take most of a second; with more, a few wrong passwords delay the right ones.
  static let costAdvisedMax = 14

  /// How long a check takes, rounded to a unit: 50 ms at cost 10, and twice as long for each step.
  static func duration(cost: Int) -> String {
    let seconds = ((50 << max(0, cost - 10)) + 500) / 1_000
    return seconds < 120
      ? "\(seconds)s" : seconds < 7_200 ? "\(seconds / 60)m" : "\(seconds / 3_600)h"
  }

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
      self = .invalid
      return
    }
    self =
      cost < Self.costMin
      ? .weak(cost: cost) : cost > Self.costAdvisedMax ? .expensive(cost: cost) : .valid
  }
}
