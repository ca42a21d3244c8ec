import WeirCluster
import WeirClusterView
import WeirState

/// `weir cluster save`: writes what a cluster has counted as the state of a single Weir.
enum ClusterSave {
  /// - Returns: What to print.
  static func run(_ access: ClusterAccess, to path: String) throws -> String {
    let directory = try StateDirectory.open(path)
    guard try directory.read() == nil else {
      throw StartError(
        description: "\(path): there is a state already; move it away, or give another directory")
    }
    let existing = try access.existing()
    defer { existing.opened.log.close() }
    var view = try existing.view()
    let sequence = view.sequence
    try directory.replace(with: view.state(), number: sequence)
    return "\(path): has the state of \(existing.opened.stream) as of message \(sequence)"
  }
}
