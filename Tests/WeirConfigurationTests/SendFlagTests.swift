import Testing

@testable import WeirConfiguration

@Suite struct SendFlagTests {
  private func send(_ flags: [String]) throws -> Options.Send { try options(flags).send }

  private func options(_ flags: [String]) throws -> Options {
    guard
      case .run(let options) = try Invocation.parse(
        flags, operandsMax: 9, cores: 1, flags: .send
      ).invocation
    else { throw UsageError("not a run") }
    return options
  }

  private func sentence(_ flags: String...) -> String? {
    #expect(throws: UsageError.self) { try send(flags) }?.description
  }

  @Test func `the defaults ask Weir, send lines, and simulate nothing`() throws {
    let send = try send(["--log.level=warn"])
    #expect(send == Options.Send())
    #expect(send.checks && !send.pushes && send.demo == nil && send.seconds == 3_600)
  }

  @Test func `flags set their values, among lines and the daemon's flags`() throws {
    let options = try options([
      "a:1", "--demo", "--instances=7", "--rate=250/s", "--for", "10m", "b:1|c", "--push",
      "--no-check", "--url=https://weir.example:9102/", "--user=me", "--password-file=p",
      "--ca-file=ca.pem", "--statsd.names=utf-8",
    ])
    let (send, connection) = (options.send, options.connection)
    #expect(send.demo == .gateway && send.instances == 7 && send.perSecond == 250)
    #expect(send.seconds == 600 && send.pushes && !send.checks)
    #expect(connection.url?.text == "https://weir.example:9102" && connection.url?.hasPath == false)
    #expect(
      connection.user == "me" && connection.passwordFile == "p" && connection.caFile == "ca.pem")
    #expect(try self.send(["--demo=gateway", "--rate=7"]).perSecond == 7)
  }

  @Test func `mistakes are sentences with a remedy`() {
    #expect(sentence("--demo=shop") == #"--demo: "shop" is not a choice; write gateway"#)
    #expect(
      sentence("--rate=0/s", "--demo")
        == #"--rate: "0/s" is not a number of lines or requests; write one from 1/s to 1000000/s"#)
    #expect(
      sentence("--instances=101", "--demo")
        == #"--instances: "101" is not a number of instances; write one from 1 to 100"#)
    #expect(
      sentence("--for=0")
        == #"--for: "0" is not how long to send; write a duration from 1s to 30d, such as 10m"#)
    #expect(
      sentence("--instances=2")
        == "--instances is for a demo; add --demo=gateway, or leave it out")
    #expect(
      sentence("--user=a")
        == "--user is given without --password-file; write both, or none")
    #expect(
      sentence("--password-file=a")
        == "--password-file is given without --user; write both, or none")
    #expect(
      sentence("--user=a:b", "--password-file=a")
        == #"--user: "a:b" is not a user; write the name alone, without a colon"#)
    #expect(
      sentence("--ca-file=a", "--url=http://a")
        == "--ca-file is given, and --url is not one of https; leave one of them out")
    let noURL = "--url is not a URL of HTTP or HTTPS; write for example http://127.0.0.1:9102"
    for url in ["weir:9102", "ftp://weir", "http://", "http://a/?name", "http://a:b:c:d/?"] {
      #expect(sentence("--url=\(url)") == noURL, "\(url)")
    }
    // The password is not repeated.
    #expect(
      sentence("--url=http://me:secret@a")
        == "--url has a user, which other users of this machine can see; write it with --user, and the "
        + "password into the file of --password-file")
  }

  @Test func `only weir send has them, and they are proposed there`() {
    for flag in (Flag.send + Flag.connection).map(\.name) {
      let error = #expect(throws: UsageError.self) {
        try Invocation.parse(["--\(flag)=1"], cores: 1)
      }
      #expect(error?.description.hasPrefix("--\(flag) is not a flag of weir;") == true)
    }
    #expect(sentence("--dema") == "--dema is not a flag of weir send; did you mean --demo?")
    #expect(
      sentence("--xyz.abcdefgh")
        == "--xyz.abcdefgh is not a flag of weir send; see weir send --help for the flags")
  }

  @Test func `help shows each with its default, in 100 columns`() throws {
    let text = Help.ownFlags(of: .send)
    for flag in FlagTable.send.own { #expect(text.contains("  \(flag.usage)\n")) }
    #expect(text.split(separator: "\n").allSatisfy { $0.count <= 100 })
    let words = text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    #expect(words.contains("Instances of the demo. (default: 3)"))
    #expect(words.contains("(default: 50/s, 10000/s for lines)"))
    #expect(words.contains("(default: 1h)"))
    #expect(words.contains("Ask Weir whether what was sent has arrived."))
  }
}
