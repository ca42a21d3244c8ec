/// Where credentials are looked for, in this order: the environment, the endpoint of a container's platform, a web
/// identity, the metadata service of the machine (version 2). The first that is configured is used; a mistake in it is
/// no reason to go on to the next one.
package struct AWSCredentialChain {
  /// A request to an endpoint that gives credentials.
  package struct Request: Sendable, Equatable {
    package var url: String
    package var method: String?
    package var headers: [String] = []
    package var body: [UInt8]?
    /// Whether it goes to the machine itself or its network, so that no proxy may see it.
    package var isLocal = true
    package var milliseconds = 2_000
  }

  package struct Answer: Sendable, Equatable {
    package let status: Int
    package let text: String

    package init(status: Int, text: String) {
      self.status = status
      self.text = text
    }
  }

  package typealias Ask = (Request) throws(AWSFailure) -> Answer

  private static let containerHost = "http://169.254.170.2"
  private static let metadataHost = "http://169.254.169.254"
  private static let metadataPath = "/latest/meta-data/iam/security-credentials/"
  /// Hosts that a container's endpoint may have without TLS, besides loopback.
  private static let containerHosts = ["169.254.170.2", "169.254.170.23", "[fd00:ec2::23]"]

  private let region: String
  private let environment: (String) -> String?
  private let readFile: (String) throws(AWSFailure) -> String
  private let ask: Ask

  /// - Parameters:
  ///   - environment: The value of a variable; nil if there is none, or it is empty.
  ///   - readFile: Reads a file that has a token.
  ///   - ask: Sends a request, and returns its answer.
  package init(
    region: String, environment: @escaping (String) -> String?,
    readFile: @escaping (String) throws(AWSFailure) -> String,
    ask: @escaping Ask
  ) {
    self.region = region
    self.environment = environment
    self.readFile = readFile
    self.ask = ask
  }

  package func find() throws(AWSFailure) -> AWSCredentials {
    if let found = try ofEnvironment() { return found }
    if let found = try ofContainer() { return found }
    if let found = try ofWebIdentity() { return found }
    return try ofMachine()
  }

  private func ofEnvironment() throws(AWSFailure) -> AWSCredentials? {
    let key = environment("AWS_ACCESS_KEY_ID")
    let secret = environment("AWS_SECRET_ACCESS_KEY")
    if key == nil && secret == nil { return nil }
    guard let key, let secret else {
      throw AWSFailure(
        "only one of AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY is set; set both, or neither")
    }
    return try AWSCredentials(
      accessKey: key, secretKey: secret, sessionToken: environment("AWS_SESSION_TOKEN"),
      source: "the environment"
    ).checked()
  }

  private func ofContainer() throws(AWSFailure) -> AWSCredentials? {
    let url: String
    if let path = environment("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI") {
      guard path.hasPrefix("/") else {
        throw AWSFailure("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI does not begin with /")
      }
      url = AWSCredentialChain.containerHost + path
    } else if let full = environment("AWS_CONTAINER_CREDENTIALS_FULL_URI") {
      guard AWSCredentialChain.mayBeAsked(full) else {
        throw AWSFailure(
          "AWS_CONTAINER_CREDENTIALS_FULL_URI is neither https nor a host of the container's own")
      }
      url = full
    } else {
      return nil
    }
    var request = Request(url: url)
    if let token = try containerToken() { request.headers = ["Authorization: \(token)"] }
    let source = "the container's endpoint"
    return try credentials(try answer(request, of: source), source)
  }

  private func containerToken() throws(AWSFailure) -> String? {
    let file = environment("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE")
    let token: String? =
      if let file { try readFile(file).trimmed } else {
        environment("AWS_CONTAINER_AUTHORIZATION_TOKEN")
      }
    guard let token else { return nil }
    guard token.utf8.allSatisfy({ 0x20..<0x7F ~= $0 }) else {
      throw AWSFailure("the token for the container's endpoint has characters that it can't have")
    }
    return token
  }

  static func mayBeAsked(_ url: String) -> Bool {
    if url.hasPrefix("https://") { return true }
    guard url.hasPrefix("http://") else { return false }
    let rest = url.dropFirst("http://".count)
    let authority = rest.prefix { !"/?#".contains($0) }
    // A user before the host would hide it.
    guard !authority.contains("@"), !authority.contains("\\") else { return false }
    let host =
      authority.hasPrefix("[")
      ? authority.prefix { $0 != "]" } + "]" : authority.prefix { $0 != ":" }
    if containerHosts.contains(String(host)) || host == "localhost" || host == "[::1]" {
      return true
    }
    let numbers = host.split(separator: ".", omittingEmptySubsequences: false)
    return numbers.count == 4 && numbers[0] == "127" && numbers.allSatisfy { UInt8($0) != nil }
  }

  private func ofWebIdentity() throws(AWSFailure) -> AWSCredentials? {
    guard let file = environment("AWS_WEB_IDENTITY_TOKEN_FILE") else { return nil }
    guard let role = environment("AWS_ROLE_ARN") else {
      throw AWSFailure("AWS_WEB_IDENTITY_TOKEN_FILE is set without AWS_ROLE_ARN; set both")
    }
    var form = FormWriter()
    form.add("Action", "AssumeRoleWithWebIdentity")
    form.add("Version", "2011-06-15")
    form.add("RoleArn", role)
    form.add("RoleSessionName", environment("AWS_ROLE_SESSION_NAME") ?? "weir")
    form.add("WebIdentityToken", try readFile(file).trimmed)
    let url =
      environment("AWS_ENDPOINT_URL_STS")
      ?? "https://sts.\(AWSRegion.host(region))/"
    var request = Request(url: url.hasSuffix("/") ? url : url + "/")
    request.headers = ["Content-Type: application/x-www-form-urlencoded"]
    request.body = form.bytes
    request.isLocal = false
    request.milliseconds = 10_000
    let source = "the web identity"
    let text = try answer(request, of: source)
    return try AWSCredentials(
      accessKey: AWSAnswer.element("AccessKeyId", in: text) ?? "",
      secretKey: AWSAnswer.element("SecretAccessKey", in: text) ?? "",
      sessionToken: AWSAnswer.element("SessionToken", in: text),
      expiresAt: AWSAnswer.element("Expiration", in: text).flatMap(AWSAnswer.seconds),
      source: source
    ).checked()
  }

  private func ofMachine() throws(AWSFailure) -> AWSCredentials {
    let nothing =
      "there are none: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or give the machine or the "
      + "container a role"
    guard environment("AWS_EC2_METADATA_DISABLED")?.lowercased() != "true" else {
      throw AWSFailure(nothing)
    }
    var host = environment("AWS_EC2_METADATA_SERVICE_ENDPOINT") ?? AWSCredentialChain.metadataHost
    while host.hasSuffix("/") { host.removeLast() }
    let source = "the machine's metadata service"
    var request = Request(url: host + "/latest/api/token", method: "PUT")
    request.headers = ["X-aws-ec2-metadata-token-ttl-seconds: 21600"]
    request.body = []
    let token: String
    do throws(AWSFailure) {
      token = try answer(request, of: source).trimmed
    } catch {
      throw AWSFailure("\(nothing) (\(error))")
    }
    guard token.utf8.allSatisfy({ 0x21..<0x7F ~= $0 }) else {
      throw AWSFailure("\(source) gives a token that can't be used")
    }
    func get(_ path: String) throws(AWSFailure) -> String {
      var request = Request(url: host + path)
      request.headers = ["X-aws-ec2-metadata-token: \(token)"]
      return try answer(request, of: source)
    }
    let roles = try get(AWSCredentialChain.metadataPath)
    guard let role = roles.split(separator: "\n").first, !role.isEmpty,
      role.utf8.allSatisfy({ 0x21..<0x7F ~= $0 })
    else { throw AWSFailure("the machine has no role; give it one that may push metrics") }
    return try credentials(try get(AWSCredentialChain.metadataPath + role), source)
  }

  /// What an endpoint answers; its text is never in an error, because it may have secrets.
  private func answer(_ request: Request, of source: String) throws(AWSFailure) -> String {
    let answer = try ask(request)
    guard answer.status == 200 else {
      let code = AWSAnswer.errorCode(in: answer.text).map { " (\($0))" } ?? ""
      throw AWSFailure("\(source) answered \(answer.status)\(code)")
    }
    return answer.text
  }

  /// The credentials of a JSON object.
  private func credentials(_ text: String, _ source: String) throws(AWSFailure) -> AWSCredentials {
    guard let fields = AWSAnswer.fields(ofJSON: text) else {
      throw AWSFailure("\(source) answered something else than a JSON object")
    }
    return try AWSCredentials(
      accessKey: fields["AccessKeyId"] ?? "", secretKey: fields["SecretAccessKey"] ?? "",
      sessionToken: fields["Token"], expiresAt: fields["Expiration"].flatMap(AWSAnswer.seconds),
      source: source
    ).checked()
  }
}

/// Where the services of a region are.
package enum AWSRegion {
  /// `us-east-1.amazonaws.com`
  static func host(_ region: String) -> String {
    "\(region).amazonaws.com\(region.hasPrefix("cn-") ? ".cn" : "")"
  }

  /// The URL that metrics are pushed to.
  package static func cloudWatchURL(_ region: String) -> String {
    "https://monitoring.\(host(region))/"
  }
}

extension String {
  /// Without white space at both ends.
  fileprivate var trimmed: String {
    var text = self[...]
    while text.last?.isWhitespace ?? false { text.removeLast() }
    while text.first?.isWhitespace ?? false { text.removeFirst() }
    return String(text)
  }
}
