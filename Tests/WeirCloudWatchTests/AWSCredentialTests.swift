import Testing

@testable import WeirCloudWatch

@Suite struct AWSCredentialTests {
  private typealias Request = AWSCredentialChain.Request

  private func find(
    _ environment: [String: String], files: [String: String] = [:],
    _ answer: @escaping AWSCredentialChain.Ask = { _ in .init(status: 404, text: "") }
  ) throws(AWSFailure) -> AWSCredentials {
    try AWSCredentialChain(
      region: "eu-central-1", environment: { environment[$0] },
      readFile: { path throws(AWSFailure) in
        guard let file = files[path] else { throw AWSFailure("\(path) can't be read") }
        return file
      }, ask: answer
    ).find()
  }

  private let object = """
    {"Code" : "Success", "Deep": {"AccessKeyId": ["no", "}"]}, "N": -1.5e3,
     "AccessKeyId": "AK", "SecretAccessKey": "s\\/\\u0041", "Token": "t==",
     "Expiration": "2026-11-26T18:00:00Z"}
    """

  @Test func `the environment comes first`() throws {
    let found = try find([
      "AWS_ACCESS_KEY_ID": "AK", "AWS_SECRET_ACCESS_KEY": "s", "AWS_SESSION_TOKEN": "t",
      "AWS_WEB_IDENTITY_TOKEN_FILE": "/f",
    ])
    #expect(found.accessKey == "AK" && found.secretKey == "s" && found.sessionToken == "t")
    #expect(found.areFresh(at: 4e9))
    #expect(throws: AWSFailure.self) { try find(["AWS_ACCESS_KEY_ID": "AK"]) }
    #expect(throws: AWSFailure.self) {
      try find(["AWS_ACCESS_KEY_ID": "A\nK", "AWS_SECRET_ACCESS_KEY": "s"])
    }
  }

  @Test func `a container's endpoint gets the token of its file`() throws {
    var asked: [Request] = []
    let found = try find(
      [
        "AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://169.254.170.23/v1/credentials",
        "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": "/token",
        "AWS_CONTAINER_AUTHORIZATION_TOKEN": "x",
      ], files: ["/token": "secret\n"]
    ) { request in
      asked.append(request)
      return .init(status: 200, text: object)
    }
    #expect(asked.map(\.url) == ["http://169.254.170.23/v1/credentials"])
    #expect(asked.map(\.headers) == [["Authorization: secret"]])
    #expect(asked.map(\.isLocal) == [true])
    #expect(found.secretKey == "s/A" && found.sessionToken == "t==")
    #expect(found.expiresAt == 1_795_716_000)
    #expect(found.areFresh(at: 1_795_716_000 - 301))
    #expect(!found.areFresh(at: 1_795_716_000 - 299))
  }

  @Test func `a container's endpoint comes before a web identity, and may be a path`() throws {
    var asked: [Request] = []
    let found = try find(
      [
        "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "/v2/credentials/x",
        "AWS_WEB_IDENTITY_TOKEN_FILE": "/jwt", "AWS_ROLE_ARN": "arn:aws:iam::1:role/weir",
      ], files: ["/jwt": "a.b.c"]
    ) { request in
      asked.append(request)
      return .init(status: 200, text: object)
    }
    #expect(asked.map(\.url) == ["http://169.254.170.2/v2/credentials/x"])
    #expect(asked.map(\.headers) == [[]])
    #expect(found.source == "the container's endpoint")
  }

  @Test func `an endpoint that answers with an error gives no credentials, and its code is said`() {
    let failure = #expect(throws: AWSFailure.self) {
      try find(["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "/x"]) { _ in
        .init(status: 403, text: object)
      }
    }
    #expect(failure?.description == "the container's endpoint answered 403")
    let refused = #expect(throws: AWSFailure.self) {
      try find(
        ["AWS_WEB_IDENTITY_TOKEN_FILE": "/jwt", "AWS_ROLE_ARN": "r"], files: ["/jwt": "a"]
      ) { _ in .init(status: 400, text: "<E><Code>ExpiredTokenException</Code></E>") }
    }
    #expect(refused?.description == "the web identity answered 400 (ExpiredTokenException)")
  }

  @Test(arguments: [
    ("us-east-1", "amazonaws.com"), ("us-gov-west-1", "amazonaws.com"),
    ("cn-north-1", "amazonaws.com.cn"),
  ])
  func `each region has its hosts`(region: String, domain: String) {
    #expect(AWSRegion.cloudWatchURL(region) == "https://monitoring.\(region).\(domain)/")
  }

  @Test(arguments: [
    ("https://anywhere.example/x", true), ("http://127.0.0.1:80/x", true),
    ("http://127.1.2.3/x", true), ("http://[::1]/x", true), ("http://localhost/x", true),
    ("http://[fd00:ec2::23]/v1", true), ("http://169.254.170.2/x", true),
    ("http://evil.example/x", false), ("http://127.0.0.1@evil.example/", false),
    ("http://127.0.0.1.evil.example/", false), ("http://169.254.170.2.evil.example/", false),
    ("ftp://127.0.0.1/", false), ("http://127.0.0.1\\@evil.example/", false),
  ])
  func `only TLS, or the container's own hosts, get its token`(url: String, may: Bool) {
    #expect(AWSCredentialChain.mayBeAsked(url) == may)
  }

  @Test func `a web identity is exchanged at the region's STS`() throws {
    var asked: [Request] = []
    let found = try find(
      [
        "AWS_WEB_IDENTITY_TOKEN_FILE": "/jwt", "AWS_ROLE_ARN": "arn:aws:iam::1:role/weir",
      ], files: ["/jwt": "a.b.c\n"]
    ) { request in
      asked.append(request)
      return .init(
        status: 200,
        text: "<C><AccessKeyId>AK</AccessKeyId><SecretAccessKey>a&amp;b</SecretAccessKey>"
          + "<SessionToken>t</SessionToken><Expiration>2026-11-26T18:00:00Z</Expiration></C>")
    }
    #expect(found.secretKey == "a&b")
    #expect(asked.map(\.url) == ["https://sts.eu-central-1.amazonaws.com/"])
    #expect(
      asked.first?.body.map { String(decoding: $0, as: UTF8.self) }
        == "Action=AssumeRoleWithWebIdentity&Version=2011-06-15"
        + "&RoleArn=arn%3Aaws%3Aiam%3A%3A1%3Arole%2Fweir&RoleSessionName=weir&WebIdentityToken=a.b.c"
    )
    #expect(asked.first?.isLocal == false)
    _ = try find(
      [
        "AWS_WEB_IDENTITY_TOKEN_FILE": "/jwt", "AWS_ROLE_ARN": "r", "AWS_ROLE_SESSION_NAME": "me",
      ], files: ["/jwt": "a"]
    ) { request in
      asked.append(request)
      return .init(
        status: 200, text: "<AccessKeyId>AK</AccessKeyId><SecretAccessKey>s</SecretAccessKey>")
    }
    let form = asked.last?.body.map { String(decoding: $0, as: UTF8.self) }
    #expect(form?.contains("&RoleSessionName=me&") == true)
  }

  @Test func `the machine's service is asked with a session token of its own`() throws {
    var asked: [Request] = []
    _ = try find(["AWS_EC2_METADATA_SERVICE_ENDPOINT": "http://127.0.0.1:1/"]) { request in
      asked.append(request)
      switch request.url {
      case "http://127.0.0.1:1/latest/api/token": return .init(status: 200, text: "imds")
      case "http://127.0.0.1:1/latest/meta-data/iam/security-credentials/":
        return .init(status: 200, text: "role\n")
      default: return .init(status: 200, text: object)
      }
    }
    #expect(asked.map(\.method) == ["PUT", nil, nil])
    #expect(
      asked.last?.url == "http://127.0.0.1:1/latest/meta-data/iam/security-credentials/role")
    #expect(asked.last?.headers == ["X-aws-ec2-metadata-token: imds"])
    asked = []
    for word in ["true", "TRUE"] {
      #expect(throws: AWSFailure.self) {
        try find(["AWS_EC2_METADATA_DISABLED": word]) { request in
          asked.append(request)
          return .init(status: 200, text: object)
        }
      }
    }
    #expect(asked.isEmpty)
  }

  @Test func `no secret is in any text`() throws {
    let credentials = AWSCredentials(
      accessKey: "AKEY", secretKey: "SECRET", sessionToken: "TOKEN", source: "a test")
    var dumped = ""
    dump(credentials, to: &dumped)
    for text in ["\(credentials)", String(reflecting: credentials), dumped] {
      #expect(!text.contains("SECRET") && !text.contains("TOKEN") && !text.contains("AKEY"))
    }
    let body =
      "<E><Code>SignatureDoesNotMatch</Code><Message>It is wrong for AKEY.\nThe Canonical String: "
      + "x-amz-security-token:TOKEN</Message></E>"
    #expect(
      CloudWatchAnswer(status: 403, body: body, credentials: credentials)
        == .forbidden("CloudWatch answered 403: SignatureDoesNotMatch: It is wrong for ….")
    )
    let repeating = "<Code>Bad\nTOKEN</Code><Message>AKEY SECRET TOKEN</Message>"
    #expect(
      CloudWatchAnswer(status: 403, body: repeating, credentials: credentials)
        == .forbidden("CloudWatch answered 403: … … …"))
    // A secret at the place where the message is cut.
    let long = AWSCredentials(
      accessKey: "AKEY", secretKey: "SECRET", sessionToken: String(repeating: "TOKEN", count: 100),
      source: "a test")
    let header = "<Code>InvalidHeader</Code><Message>\(long.sessionToken ?? "") is wrong</Message>"
    #expect(
      CloudWatchAnswer(status: 400, body: header, credentials: long)
        == .refused("CloudWatch answered 400: InvalidHeader: … is wrong"))
    #expect(
      CloudWatchAnswer(
        status: 500, body: "<Message>\(String(repeating: "x", count: 300))</Message>",
        credentials: long)
        == .later("CloudWatch answered 500: \(String(repeating: "x", count: 200))"))
    do {
      _ = try find([
        "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "/x",
        "AWS_CONTAINER_AUTHORIZATION_TOKEN": "a\r\nb",
      ])
      Issue.record("a token that breaks a header is sent")
    } catch { #expect(!error.description.contains("a\r")) }
  }

  @Test(arguments: [
    (200, "", CloudWatchAnswer.accepted),
    (400, "<Code>Throttling</Code>", .later("CloudWatch answered 400: Throttling")),
    (
      400, "<Code>InvalidParameterValue</Code>",
      .refused("CloudWatch answered 400: InvalidParameterValue")
    ),
    (400, "<Code>ExpiredToken</Code>", .forbidden("CloudWatch answered 400: ExpiredToken")),
    (403, "", .forbidden("CloudWatch answered 403")),
    (400, "<html>Bad Request</html>", .later("CloudWatch answered 400")),
    (413, "", .later("CloudWatch answered 413")),
    (
      413, "<Code>RequestEntityTooLarge</Code>",
      .refused("CloudWatch answered 413: RequestEntityTooLarge")
    ),
    (429, "", .later("CloudWatch answered 429")), (503, "", .later("CloudWatch answered 503")),
    (302, "", .later("CloudWatch answered 302")),
    (401, "", .forbidden("CloudWatch answered 401")),
    (404, "<Code>X</Code>", .later("CloudWatch answered 404: X")),
  ])
  func `an answer says what becomes of a request`(
    status: Int, body: String, answer: CloudWatchAnswer
  ) {
    let credentials = AWSCredentials(
      accessKey: "A-", secretKey: "S-", sessionToken: nil, source: "a test")
    #expect(CloudWatchAnswer(status: status, body: body, credentials: credentials) == answer)
  }

  @Test func `what is no JSON object is refused`() {
    for text in ["", "[]", "{\"a\":\"b\"", "{\"a\" \"b\"}", "{\"a\":1", "<html>"] {
      #expect(AWSAnswer.fields(ofJSON: text) == nil)
    }
    #expect(AWSAnswer.fields(ofJSON: "{}") == [:])
    #expect(AWSAnswer.seconds("2024-02-29T00:00:00Z") == 1_709_164_800)
    #expect(AWSAnswer.seconds("2024-02-29T23:59:60.9Z") == 1_709_251_200)
    for text in [
      "tomorrow", "2024-02-29T24:00:00Z", "2024-02-29T00:60:00Z", "2024-02-29T00:00:61Z",
      "2024-02-29T-1:00:00Z", "2024-02-29T9223372036854775807:00:00Z",
      "2024-02-29T00:9223372036854775807:00Z", "2024-13-01T00:00:00Z", "2024-02-29T00:00:00",
    ] { #expect(AWSAnswer.seconds(text) == nil, "\(text)") }
    // An entity is read once.
    #expect(AWSAnswer.element("a", in: "<a>&amp;lt;&lt;</a>") == "&lt;<")
  }
}
