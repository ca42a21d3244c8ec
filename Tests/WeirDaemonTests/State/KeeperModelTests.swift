import TestSupport
import Testing

@testable import WeirDaemon

/// A disk with two names, on which anything takes any time or fails, and a keeper that has to live with it.
///
/// The number that is counted grows by one each millisecond. Whoever waits has shown the number of the time at
/// which it joined. The file holds the number of its last cut. Whenever this model is stopped, the file, if there
/// is one, must hold no less than any page has shown.
private struct KeeperModel {
  typealias Keeper = KeeperState<Int>

  struct File { var number: Int }

  enum Event {
    case join, tick
    /// A step of the running job, which happens at a time of its own.
    case effect(Keeper.Job, UInt64, cut: Int, fails: Bool)
    case check(Keeper.Job, UInt64, cut: Int)
    case rename(Int)
    case jobEnd(Keeper.Job, UInt64, Keeper.JobEnd)
    case unlink(fails: Bool)
    case removalEnd(String?)
  }

  static let zero = ContinuousClock.now
  var random: SeededGenerator
  var keeper: Keeper
  var now = 0
  var queue: [(at: Int, order: Int, event: Event)] = []
  var orders = 0
  // What is on the disk.
  var files: [File] = []
  var published: Int?
  var temporary: Int?
  // What the worker holds.
  var current: Int?
  var next: Int?
  var jobsRunning = 0
  var removalsRunning = 0
  var shown = 0
  var waiting: [UInt64: Int] = [:]
  var answered = 0
  var lastID: UInt64 = 0
  var counts: [String: Int] = [:]

  init(seed: UInt64) {
    random = SeededGenerator(seed: seed)
    keeper = Keeper(limits: StateLimits(), serves: false, baseBytes: 0, at: KeeperModel.zero)
    files = [File(number: 0)]
    published = 0
    current = 0
  }

  var instant: ContinuousClock.Instant { KeeperModel.zero + .milliseconds(now) }

  mutating func at(_ time: Int, _ event: Event) {
    orders += 1
    queue.append((time, orders, event))
  }

  mutating func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &random) < percent }

  mutating func duration() -> Int {
    chance(8) ? Int.random(in: 500...9_000, using: &random) : Int.random(in: 1...60, using: &random)
  }

  mutating func run(milliseconds: Int) {
    at(0, .join)
    at(1, .tick)
    while let index = queue.indices.min(by: {
      (queue[$0].at, queue[$0].order) < (queue[$1].at, queue[$1].order)
    }) {
      let entry = queue.remove(at: index)
      if entry.at > milliseconds { break }
      now = entry.at
      take(entry.event)
      if let published {
        #expect(files[published].number >= shown, "at \(now) in \(keeper.phase)")
      }
      queue.removeAll { if case .tick = $0.event { true } else { false } }
      if let wake = keeper.wakeAt {
        at(max(now + 1, Int((wake - KeeperModel.zero) / .milliseconds(1))), .tick)
      }
    }
  }

  mutating func take(_ event: Event) {
    switch event {
    case .join:
      lastID += 1
      waiting[lastID] = now
      perform(
        keeper.join(
          .init(id: lastID, isPatient: chance(30), payload: Int(lastID)), at: instant))
      at(now + Int.random(in: 1...2_500, using: &random), .join)
    case .tick: perform(keeper.tick(at: instant))
    case .effect(let job, _, let cut, let fails):
      apply(job, cut: cut, fails: fails)
    case .check(let job, let generation, let cut):
      // The worker looks at its generation, and then renames, which may take any time.
      let isOver = keeper.generation != generation
      let time = duration()
      if isOver { close() } else if let next { at(now + time - 1, .rename(next)) }
      let figures = JobFigures(fileBytes: cut)
      at(now + time, .jobEnd(job, generation, isOver ? .failed("over") : .done(figures)))
    case .rename(let file):
      if temporary == file {
        published = file
        temporary = nil
      }
    case .jobEnd(let job, let generation, var end):
      jobsRunning -= 1
      if job == .publish || job == .republish, case .done = end {
        if published == next {
          (current, next) = (next, nil)
        } else {
          end = .failed("no such file")
        }
      }
      if case .failed = end { giveUp(job) }
      if keeper.generation != generation { close() }
      perform(keeper.jobEnded(job, generation: generation, end, at: instant))
    case .unlink(let fails):
      if !fails { (temporary, published) = (nil, nil) }
    case .removalEnd(let failure):
      removalsRunning -= 1
      perform(keeper.removalEnded(failure, at: instant))
    }
  }

  mutating func close() {
    (current, next, temporary) = (nil, nil, next == temporary ? nil : temporary)
  }

  mutating func giveUp(_ job: Keeper.Job) {
    switch job {
    case .slice, .publish:
      if next == temporary { temporary = nil }
      next = nil
    case .commit, .rebuild, .republish: close()
    }
  }

  mutating func apply(_ job: Keeper.Job, cut: Int, fails: Bool) {
    switch job {
    case .commit:
      guard let current, !fails else { return }
      files[current].number = cut
      if let next { files[next].number = cut }
    case .slice(isFirst: true), .rebuild:
      files.append(File(number: cut))
      next = files.count - 1
      temporary = next
    case .slice, .publish: break
    case .republish: if let next { files[next].number = cut }
    }
  }

  mutating func perform(_ actions: [Keeper.Action]) {
    for action in actions {
      switch action {
      case .begin(let job, let generation):
        #expect(jobsRunning == 0 && removalsRunning == 0, "one thing at a time")
        counts["\(job)", default: 0] += 1
        jobsRunning += 1
        let time = duration()
        let fails = chance(12)
        let middle = now + max(0, time - Int.random(in: 0...30, using: &random))
        at(middle, .effect(job, generation, cut: now, fails: fails))
        if !fails && (job == .publish || job == .republish) {
          at(now + time, .check(job, generation, cut: now))
        } else {
          let figures = JobFigures(
            fileBytes: chance(20) ? 1 << 30 : 0, isLastSlice: chance(40),
            abandoned: nil)
          at(now + time, .jobEnd(job, generation, fails ? .failed("EIO") : .done(figures)))
        }
      case .remove:
        removalsRunning += 1
        #expect(removalsRunning == 1)
        let time = duration()
        let fails = chance(25)
        at(now + Int.random(in: 0...time, using: &random), .unlink(fails: fails))
        at(now + time, .removalEnd(fails ? "EROFS" : nil))
      case .answer(let waiters, let verdict):
        for waiter in waiters {
          answered += 1
          guard let value = waiting.removeValue(forKey: waiter.id) else {
            Issue.record("answered twice")
            continue
          }
          counts["\(verdict)".prefix(7).description, default: 0] += 1
          if case .refused = verdict { continue }
          shown = max(shown, value)
        }
      case .report: break
      }
    }
  }
}

@Suite("A keeper on a disk that fails and hangs")
struct KeeperModelTests {
  @Test(
    "never shows what a restart would not restore, and answers all",
    arguments: 1...40 as ClosedRange<UInt64>)
  func rule(seed: UInt64) {
    var model = KeeperModel(seed: seed)
    model.run(milliseconds: 300_000)
    // Those of the last seconds may still wait.
    #expect(model.waiting.values.allSatisfy { $0 > 300_000 - 15_000 })
    #expect(model.answered > 100)
    for what in ["commit", "rebuild", "republish", "committ", "unprote", "refused"] {
      #expect(model.counts[what, default: 0] > 0, "\(what) never happened")
    }
  }
}
