// A process that records at random and keeps a journal of it: arguments are the server's address, a seed, and
// the journal's path. It goes on until SIGTERM, then sends its last frames; its status is 0 if they were
// confirmed.
//
// The journal holds the process' totals as doubles, and is always ahead of what the client knows: first three
// counters, then two histograms, each fifteen buckets and the sum. Every value is a multiple of 1/1024, so that
// sums are exact in whatever order they are made.

import Glibc
import WeirClient

struct Journal {
  static let counters = 3
  static let histograms = 2
  static let cellsPerHistogram = 16

  private let file: Int32
  private(set) var cells = [Double](
    repeating: 0, count: Journal.counters + Journal.histograms * Journal.cellsPerHistogram)

  init(_ path: String) {
    file = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
  }

  mutating func add(_ amount: Double, to cell: Int) {
    cells[cell] += amount
  }

  /// In one call, so that no reader sees a half of it.
  func write() {
    cells.withUnsafeBytes { _ = pwrite(file, $0.baseAddress, $0.count, 0) }
  }
}

/// SplitMix64, so that a seed says what a process does.
struct Seeded: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
    return mixed ^ mixed >> 31
  }
}

let bounds: [Double] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120]

func run() throws -> Int32 {
  let arguments = CommandLine.arguments
  guard arguments.count == 4, let seed = UInt64(arguments[2]) else { return 2 }
  // Waited for below, so that recording stops at a known place.
  var termination = sigset_t()
  sigemptyset(&termination)
  sigaddset(&termination, SIGTERM)
  pthread_sigmask(SIG_BLOCK, &termination, nil)
  var random = Seeded(state: seed)
  var journal = Journal(arguments[3])
  journal.write()
  var configuration = Configuration(server: arguments[1])
  configuration.flushInterval = .milliseconds(250)
  configuration.collectsProcessMetrics = false
  configuration.labels = ["group": "\(seed % 3)"]
  let client = try Client(configuration)
  let counters = try (0..<Journal.counters).map { try client.counter("recorded_\($0)_total") }
  let histograms = try (0..<Journal.histograms).map {
    try client.histogram("recorded_\($0)_seconds")
  }
  let alive = try client.gauge("recording_processes", merge: .sum)
  alive.set(1)
  while true {
    let counter = Int.random(in: 0..<Journal.counters, using: &random)
    let amount = Double(Int.random(in: 0...4_096, using: &random)) / 1_024
    let histogram = Int.random(in: 0..<Journal.histograms, using: &random)
    let value = Double(Int.random(in: 0...200_000, using: &random)) / 1_024
    let first = Journal.counters + histogram * Journal.cellsPerHistogram
    journal.add(amount, to: counter)
    journal.add(1, to: first + bounds.count { $0 < value })
    journal.add(value, to: first + bounds.count + 1)
    journal.write()
    counters[counter].increment(by: amount)
    histograms[histogram].observe(value)
    var pause = timespec(tv_sec: 0, tv_nsec: Int.random(in: 500_000...4_000_000, using: &random))
    if sigtimedwait(&termination, nil, &pause) == SIGTERM { break }
  }
  return client.close(timeout: .seconds(60)) ? 0 : 1
}

exit(try run())
