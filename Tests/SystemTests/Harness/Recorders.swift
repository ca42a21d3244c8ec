import Foundation

/// What a process that records has written down of it: `Tests/RecordingClient` says in which order.
struct Journal {
  static let counters = 3
  static let histograms = 2
  static let cellsPerHistogram = 16

  var cells: [Double]

  static let empty = Journal(
    cells: [Double](repeating: 0, count: counters + histograms * cellsPerHistogram))

  /// What has been written so far; nothing where the process has not come to it.
  static func read(_ file: URL) -> Journal {
    guard let data = try? Data(contentsOf: file), data.count == empty.cells.count * 8 else {
      return empty
    }
    return Journal(
      cells: data.withUnsafeBytes { bytes in
        (0..<empty.cells.count).map { bytes.loadUnaligned(fromByteOffset: $0 * 8, as: Double.self) }
      })
  }

  static func + (left: Journal, right: Journal) -> Journal {
    Journal(cells: zip(left.cells, right.cells).map(+))
  }

  /// The same cells as a page shows them, over all series with these labels.
  init(_ page: Page, _ labels: [String: String]) {
    cells = Journal.empty.cells
    for counter in 0..<Journal.counters {
      cells[counter] = page.sum("recorded_\(counter)_total", labels)
    }
    for histogram in 0..<Journal.histograms {
      let first = Journal.counters + histogram * Journal.cellsPerHistogram
      let name = "recorded_\(histogram)_seconds"
      let bounds = Journal.bounds.map {
        page.sum("\(name)_bucket", labels.merging(["le": $0]) { $1 })
      }
      for (bucket, below) in bounds.enumerated() {
        cells[first + bucket] = below - (bucket == 0 ? 0 : bounds[bucket - 1])
      }
      cells[first + bounds.count] = page.sum("\(name)_sum", labels)
    }
  }

  init(cells: [Double]) { self.cells = cells }

  private static let bounds = [
    "0.005", "0.01", "0.025", "0.05", "0.1", "0.25", "0.5", "1.0", "2.5", "5.0", "10.0", "30.0",
    "60.0",
    "120.0", "+Inf",
  ]

  /// Whether no cell is above the other's.
  func isCovered(by other: Journal) -> Bool { zip(cells, other.cells).allSatisfy(<=) }
}

/// Processes that record, each run of which has a journal.
final class Recorders {
  private let folder: URL
  private let address: String
  private var journals: [(group: Int, file: URL)] = []

  init(sendingTo address: String) throws {
    self.address = address
    folder = FileManager.default.temporaryDirectory
      .appending(path: "weir-recorders-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(at: folder) }

  /// Groups that the seeds fall into, which are a label of their series.
  static let groups = 3

  func start(seed: Int) throws -> ChildProcess {
    let file = folder.appending(path: "\(journals.count)")
    journals.append((seed % Recorders.groups, file))
    return try ChildProcess(try Programs.recordingClient(), [address, "\(seed)", file.path])
  }

  /// Waits until every process is ready to be told to end.
  func waitUntilBegun() throws {
    for journal in journals {
      _ = try eventually("A process that records") {
        (try? Data(contentsOf: journal.file))?.isEmpty == false ? true : nil
      }
    }
  }

  /// What all processes of a group have written down so far.
  func recorded(group: Int) -> Journal {
    journals.filter { $0.group == group }.reduce(Journal.empty) { $0 + Journal.read($1.file) }
  }

  /// The last journal.
  var last: Journal { journals.last.map { Journal.read($0.file) } ?? .empty }
}
