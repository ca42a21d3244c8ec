import WeirBytes
import WeirConfiguration

/// The flags that change what a view makes of a message, which all nodes of a cluster must agree about.
///
/// As text it has one flag in each line, in the order of `--help`, without those that have their defaults.
struct ClusterOptions: Sendable, Equatable, CustomStringConvertible {
  let text: String

  init(text: String) { self.text = text }

  /// - Parameter flags: Those that differ from their defaults.
  init(_ flags: [ChangedFlag]) {
    let lines = flags.filter(\.changesView).flatMap { flag in
      flag.values.map { "\(flag.flag)=\($0)" }
    }
    text = lines.joined(separator: "\n")
  }

  private var lines: [String] { text.split(separator: "\n").map(String.init) }

  /// As a person writes them.
  var description: String {
    text.isEmpty ? "no such flags" : lines.map { ShownText.of($0) }.joined(separator: " ")
  }

  /// The options of a Weir with these flags and no others.
  func options() throws(UsageError) -> Options {
    guard case .run(let options) = try Invocation.parse(lines, cores: 1) else {
      throw UsageError("--help is no option of a cluster")
    }
    return options
  }
}
