import Foundation
import Testing

@testable import WeirConfiguration

@Suite("The help text")
struct HelpTests {
  private let text = Help.text(cores: 4)

  @Test("lists every flag and its help", arguments: Flag.all.map(\.name))
  func listsEveryFlag(_ name: String) throws {
    let flag = try #require(Flag.all.first { $0.name == name })
    #expect(text.contains("\n  \(flag.usage)\n"))
    for sentence in Help.wrapped(flag.help).dropLast() {
      #expect(text.contains(sentence))
    }
  }

  @Test("fits in 100 columns and ends with one newline")
  func fits() {
    #expect(text.split(separator: "\n").allSatisfy { $0.count <= 100 })
    #expect(text.hasSuffix(".\n") || text.hasSuffix(")\n"))
  }

  @Test(
    "heads flags as they are written",
    arguments: [
      "-h, --help", "--version", "--statsd.listen-udp=ADDRESS ...", "--statsd.read-buffer=BYTES",
      "--[no-]statsd.parse-influxdb-tags", "--log.level=debug|info|warn|error",
      "--log.format=logfmt|json", "--statsd.gauge-sign=[ADDRESS=]relative|absolute ...",
      "--statsd.valueless-tags=drop|true", "--statsd.container-id-label=NAME",
      "--histogram.native[=[NAME-GLOB=]off|both|only] ...",
      "--observe=[NAME-GLOB=]histogram|summary ...", "--histogram.bounds=[NAME-GLOB=]LIST ...",
      "--series.ttl=[KIND=|NAME-GLOB=]DURATION ...",
    ])
  func heads(_ usage: String) {
    #expect(text.contains("\n  \(usage)\n"))
  }

  @Test("shows the defaults of this machine")
  func showsDefaults() {
    let words = text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    #expect(words.contains("from 1 to 8. (default: 2)"))
    #expect(words.contains("kernel's default. (default: 16MiB)"))
    #expect(words.contains("(default: 127.0.0.1:8125)"))
    #expect(words.contains("(default: /metrics /api/metrics/prometheus)"))
    #expect(words.contains("name;key=value:1|c. (default: on)"))
    #expect(Help.text(cores: 16).contains("(default: 8)"))
  }

  @Test("lists commands before the flags, each with its usage and a sentence")
  func commands() {
    let text = Help.text(cores: 4, commands: [("send [<line> ...]", "Sends lines.")])
    #expect(text.hasPrefix("usage: weir [<flags>]\n       weir send [<line> ...]\n\n"))
    #expect(text.contains("\n  send [<line> ...]\n      Sends lines.\n\nFlags ("))
  }

  @Test("every default that it shows is read back as that default")
  func defaultsAreReadBack() throws {
    for flag in Flag.all {
      switch flag.kind {
      case .value, .optionalValue: break
      case .toggle, .request: continue
      }
      guard let shown = flag.shown?(Options(cores: 4)) else { continue }
      let arguments = shown.split(separator: " ").map { "--\(flag.name)=\($0)" }
      #expect(try Invocation.parse(arguments, cores: 4) == .run(Options(cores: 4)), "\(flag.name)")
    }
  }

  @Test("and docs/wire-format.md name the same limits and defaults")
  func documentedLimits() throws {
    let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../..")
    let page = try String(contentsOf: root.appending(path: "docs/wire-format.md"), encoding: .utf8)
    let rows = page.matches(of: /\| `--(limit\.[a-z-]+)` \| ([0-9A-Za-z]+) \|/)
    let documented = rows.map { "\($0.1)=\($0.2)" }
    // What overflow means is told in words.
    let flags = Flag.limit.filter { $0.name != "limit.overflow" }
    #expect(documented == flags.map { "\($0.name)=\($0.shown?(Options(cores: 4)) ?? "")" })
  }

  @Test("breaks lines between words and leaves a long word whole")
  func wraps() {
    let word = String(repeating: "a", count: 120)
    #expect(Help.wrapped("one two") == ["      one two"])
    #expect(Help.wrapped("one \(word) two") == ["      one", "      \(word)", "      two"])
    #expect(Help.wrapped("\(word.prefix(90)) bbb") == ["      \(word.prefix(90)) bbb"])
    #expect(Help.wrapped("\(word.prefix(90)) bbbb") == ["      \(word.prefix(90))", "      bbbb"])
  }
}
