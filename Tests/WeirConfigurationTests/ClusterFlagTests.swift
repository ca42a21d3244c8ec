import Testing

@testable import WeirConfiguration

@Suite("The flags of a cluster")
struct ClusterFlagTests {
  private let nats = "--cluster.nats=nats://a.example:4222"

  private func options(_ flags: [String]) throws -> Options {
    guard case .run(let options) = try Invocation.parse(flags, cores: 1) else {
      throw UsageError("not a run")
    }
    return options
  }

  @Test("are off by default")
  func defaults() throws {
    let cluster = try options([]).cluster
    #expect(cluster == Options.Cluster() && !cluster.isEnabled)
    #expect(cluster.name == "weir" && cluster.replicas == 3 && cluster.logBytesMax == 4 << 30)
    #expect(cluster.barrierMilliseconds == 2_000 && cluster.read == .log)
  }

  @Test("set what they name")
  func set() throws {
    let cluster = try options([
      "--cluster.nats=nats://a.example:4222,tls://b.example", nats, "--cluster.name=blue-1",
      "--cluster.node=n_1", "--cluster.credentials=/a.creds", "--cluster.tls-ca-file=/ca.pem",
      "--cluster.tls-cert-file=/c.pem", "--cluster.tls-key-file=/k.pem", "--cluster.replicas=1",
      "--cluster.log-size=64MiB", "--cluster.barrier-timeout=500ms", "--cluster.read=local",
    ]).cluster
    var expected = Options.Cluster()
    expected.servers = ["nats://a.example:4222,tls://b.example", "nats://a.example:4222"]
    (expected.name, expected.node) = ("blue-1", "n_1")
    expected.credentialsFile = "/a.creds"
    expected.caFile = "/ca.pem"
    (expected.certificateFile, expected.keyFile) = ("/c.pem", "/k.pem")
    (expected.replicas, expected.logBytesMax) = (1, 64 << 20)
    (expected.barrierMilliseconds, expected.read) = (500, .local)
    #expect(cluster == expected)
  }

  @Test(
    "refuse what they can't use, and show no password",
    arguments: [
      ["--cluster.nats=http://a:4222"], ["--cluster.nats=nats://me:secret@a:4222,,"],
      ["--cluster.nats=nats://me:secret@a b"], ["--cluster.nats="],
      ["--cluster.nats=nats://a", "--cluster.name=a.b"],
      ["--cluster.nats=nats://a", "--cluster.name=\(String(repeating: "a", count: 33))"],
      ["--cluster.nats=nats://a", "--cluster.replicas=6"],
      ["--cluster.nats=nats://a", "--cluster.replicas=0"],
      ["--cluster.nats=nats://a", "--cluster.replicas=2"],
      ["--cluster.nats=nats://a", "--cluster.log-size=1MiB"],
      ["--cluster.nats=nats://a", "--cluster.read=never"],
      ["--cluster.nats=nats://a", "--cluster.tls-key-file=/k.pem"],
      ["--cluster.nats=nats://a", "--forward.address=b.example:8125"],
      ["--cluster.nats=nats://a", "--cloudwatch.namespace=app"],
      ["--cluster.name=a"],
    ])
  func mistakes(_ flags: [String]) throws {
    let error = #expect(throws: UsageError.self) { try options(flags) }
    let sentence = try #require(error).description
    #expect(sentence.contains("--c") && !sentence.contains("secret"))
  }
}
