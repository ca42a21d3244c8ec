import WeirState

extension StateBlockType {
  /// Its word in sentences.
  var word: StaticString {
    switch self {
    case .commit: "commit"
    case .times: "times"
    case .key: "key"
    case .seriesClass: "class"
    case .series: "series"
    case .values: "values"
    case .removed: "removed"
    case .owner: "owner"
    case .ownersRemoved: "owners removed"
    case .meta: "meta"
    case .forwarder: "forwarder"
    case .natives: "natives"
    case .summaries: "summaries"
    case .sets: "sets"
    case .gauges: "gauges"
    case .settings: "settings"
    case .group: "group"
    case .cloudWatch: "cloudwatch"
    case .cluster: "cluster"
    }
  }
}
