extension Options {
  /// What `weir top` alone is asked: `Flag.top`.
  package struct Top: Sendable, Equatable {
    package var isOnce = false
    package var isJSON = false
    package var intervalMilliseconds = 1_000
    package var view = View.names

    package init() {}

    /// What the table shows.
    package enum View: String, CaseIterable, Sendable, FlagChoice {
      case names, senders, limits
    }
  }

  /// What `weir tap` alone is asked: `Flag.tap`.
  package struct Tap: Sendable, Equatable {
    package var showsAccepted = false
    package var showsRefused = false
    package var isJSON = false
    /// Parameters of the API with their values, as given.
    package var filters: [Filter] = []
    /// Lines in all; nil where no flag says so.
    package var limit: Int?
    /// Lines a second; nil where no flag says so.
    package var perSecond: Int?
    package var seconds = 30
    /// `name`, `sender` or a label; nil to count nothing.
    package var countBy: String?

    package init() {}

    package struct Filter: Sendable, Equatable {
      package let parameter: String
      package let value: String
    }
  }

  /// Checks what no single flag can check.
  func checkTap() throws(UsageError) {
    if tap.showsAccepted, tap.showsRefused {
      throw UsageError("--accepted and --refused exclude each other; leave one of them out")
    }
    if !tap.showsRefused, tap.filters.contains(where: { $0.parameter == "reason" }) {
      throw UsageError("--reason is for refused lines; add --refused, or leave it out")
    }
  }
}
