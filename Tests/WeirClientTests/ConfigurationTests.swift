import Testing

@testable import WeirClient

@Suite("A client's configuration")
struct ConfigurationTests {
  /// A wrong setting, and the sentence that it is refused with.
  struct Mistake: Sendable, CustomTestStringConvertible {
    let sentence: String
    let change: @Sendable (inout Configuration) -> Void

    init(_ sentence: String, _ change: @escaping @Sendable (inout Configuration) -> Void) {
      self.sentence = sentence
      self.change = change
    }

    var testDescription: String { sentence }

    static let all =
      [
        Mistake(
          #"server is "weir"; write host:port, such as 127.0.0.1:8125 or [::1]:8125"#
        ) { $0.server = "weir" },
        Mistake(
          #"server is "::1"; write host:port, such as 127.0.0.1:8125 or [::1]:8125"#
        ) { $0.server = "::1" },
        Mistake(
          #"server is ":8125"; write host:port, such as 127.0.0.1:8125 or [::1]:8125"#
        ) { $0.server = ":8125" },
        Mistake(
          #"server is "[weir:8125"; write host:port, such as 127.0.0.1:8125 or [::1]:8125"#
        ) { $0.server = "[weir:8125" },
        Mistake(
          #"server is "we ir:8125"; write host:port, such as 127.0.0.1:8125 or [::1]:8125"#
        ) { $0.server = "we ir:8125" },
      ]
      + ["0", "99999", "65536", "+8125", "-1", "", "8125x"].map { port in
        Mistake(
          "server is \"weir:\(port)\", whose port is not a number from 1 to 65535; "
            + "write host:port, such as 127.0.0.1:8125 or [::1]:8125"
        ) { $0.server = "weir:\(port)" }
      } + [
        Mistake(
          #"server is "[weir]:8125", which has no valid IPv6 address in brackets; "#
            + "write host:port, such as 127.0.0.1:8125 or [::1]:8125"
        ) { $0.server = "[weir]:8125" },
        Mistake(
          #"server is "[::zz]:8125", which has no valid IPv6 address in brackets; "#
            + "write host:port, such as 127.0.0.1:8125 or [::1]:8125"
        ) { $0.server = "[::zz]:8125" },
        Mistake(
          #""a-b" is not a valid label name, in labels; "#
            + "use letters, digits and _, and no digit first"
        ) { $0.labels = ["a-b": "x"] },
        Mistake("flushInterval is 0.0 seconds; choose 10 ms to 5 s") { $0.flushInterval = .zero },
        Mistake("frameBytesMax is 100; choose 512 to 65507") { $0.frameBytesMax = 100 },
        Mistake("seriesMax is 0; choose 1 to 1000000") { $0.seriesMax = 0 },
        Mistake("labels have 401 bytes, which are in every frame; use at most 384") {
          $0.labels = ["a": String(repeating: "x", count: 400)]
        },
      ]
  }

  @Test(arguments: Mistake.all)
  func `a mistake in the configuration is a sentence`(mistake: Mistake) {
    var configuration = Configuration()
    mistake.change(&configuration)
    let wrong = configuration
    #expect(throws: ConfigurationError(description: mistake.sentence)) { try Settings(wrong) }
  }
}
