import Testing

@testable import WeirConfiguration

@Suite("The flags of forwarding")
struct ForwardOptionsTests {
  private static func sentence(_ arguments: [String]) -> String {
    do throws(UsageError) {
      _ = try Invocation.parse(arguments, cores: 2)
      return "accepted"
    } catch {
      return error.description
    }
  }

  static let wrong: [(arguments: [String], sentence: String)] = [
    (
      ["--forward.address=weir.test"],
      "--forward.address: \"weir.test\" is not HOST:PORT; write for example weir.example:8125"
    ),
    (
      ["--forward.address=a:1", "--forward.url=http://b/c"],
      "--forward.address and --forward.url are both given; Weir forwards to one of them, so leave "
        + "the other out"
    ),
    (
      ["--forward.url=ftp://user:secret@b/"],
      "--forward.url is not a URL of HTTP or HTTPS; write for example "
        + "https://weir.example/api/v1/push"
    ),
    (
      ["--forward.url=https://b?token=x"],
      "--forward.url has no path; add the one where the other Weir takes pushes, /api/v1/push"
    ),
    (
      ["--forward.address=a:1", "--forward.labels=a=b,le=1"],
      "--forward.labels: \"le\" is a label of buckets and quantiles; write another name"
    ),
    (
      ["--forward.address=a:1", "--forward.labels=quantile=1"],
      "--forward.labels: \"quantile\" is a label of buckets and quantiles; write another name"
    ),
    (
      ["--forward.expose"],
      "--forward.expose is given without --forward.address or --forward.url; add one of them, or "
        + "leave it out"
    ),
    (
      ["--forward.labels=a=b"],
      "--forward.labels is given without --forward.address or --forward.url; add one of them, or "
        + "leave it out"
    ),
    (
      ["--forward.address=a:1", "--forward.ca-file=ca.pem"],
      "--forward.ca-file is given without a --forward.url of https; leave it out"
    ),
    (
      ["--forward.address=a:1", "--forward.labels=a=b,__c=d"],
      "--forward.labels: \"__c=d\" is not NAME=VALUE with a valid label name; write for example "
        + "host=web-1,region=eu"
    ),
    (
      ["--forward.address=a:1", "--forward.labels=a=b,a=c"],
      "--forward.labels: \"a\" is given twice; leave one of them out"
    ),
    (
      ["--forward.address=a:1", "--series.ttl=counter=5m"],
      "--series.ttl for counter can't be used with --forward.*, because totals that are forwarded "
        + "must not begin again; set it at the Weir that is forwarded to"
    ),
    (
      ["--forward.address=a:1", "--series.ttl=job_*=5m"],
      "--series.ttl for names can't be used with --forward.*, because totals that are forwarded "
        + "must not begin again; set it at the Weir that is forwarded to"
    ),
  ]

  @Test("A mistake is one sentence with a remedy", arguments: wrong)
  func mistakes(arguments: [String], sentence: String) {
    #expect(Self.sentence(arguments) == sentence)
  }

  @Test("A set may expire at a forwarder, because its steps are sent again")
  func setsExpire() {
    #expect(Self.sentence(["--forward.address=a:1", "--series.ttl=set=5m"]) == "accepted")
  }

  @Test(
    "User, password and query of the URL are not shown, and the query is requested",
    arguments: [
      ("https://weir.test/api/v1/push", "https://weir.test/api/v1/push", nil, true),
      ("http://u:p@h:91/x?y=z", "http://h:91/x", "u:p", false),
      ("HTTPS://u:p%40%3A@h", "https://h", "u:p@:", true),
      ("https://[::1]:8/", "https://[::1]:8/", nil, true),
      ("https://[::1]/x", "https://[::1]/x", nil, true),
    ] as [(String, String, String?, Bool)])
  func urls(text: String, shown: String, credentials: String?, isSecure: Bool) throws {
    let url = try #require(ForwardURL(text))
    #expect(url.description == shown)
    #expect(url.requestText == shown + (text.contains("?") ? "?y=z" : ""))
    #expect(url.credentials == credentials)
    #expect(url.isSecure == isSecure)
  }

  @Test(
    "What is no URL is refused",
    arguments: [
      "", "weir.test", "https://", "https://:80/", "https://u%zz@h/", "https://h/#x", "https://h /",
      "https://h:99999/x", "https://h:0/x", "https://h:/x", "https://h:a/x", "https://[::1]:99999/",
    ])
  func noURLs(text: String) { #expect(ForwardURL(text) == nil) }
}
