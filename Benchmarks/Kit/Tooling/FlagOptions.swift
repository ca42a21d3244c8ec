/// The options of a benchmark, which flags set.
package protocol FlagOptions {
  init()

  /// Throws `UsageError` for an unknown flag, a missing value, or a number out of its range.
  mutating func set(_ flag: Flag) throws(UsageError)

  /// Throws `UsageError` for flags that do not go together.
  func check() throws(UsageError)
}

extension FlagOptions {
  package func check() throws(UsageError) {}

  package static func parse(_ arguments: some Sequence<String>) throws(UsageError) -> Self {
    var options = Self()
    for argument in arguments { try options.set(Flag(argument)) }
    try options.check()
    return options
  }
}
