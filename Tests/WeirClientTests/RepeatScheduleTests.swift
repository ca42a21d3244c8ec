import Testing

@testable import WeirClient

@Suite("The repetition of a total")
struct RepeatScheduleTests {
  @Test func `it is sent with the change, then 1, 2, 4, 8, 16 and 32 flushes later`() {
    let due = (0...32).filter { RepeatSchedule.isDue(after: $0, phase: 5) }
    #expect(due == [0, 1, 2, 4, 8, 16, 32])
  }

  @Test(arguments: [0, 1, 27, 28, 59, 60, 9_999])
  func `after that it is sent once in 60 flushes`(phase: Int) {
    let due = (33...1_000).filter { RepeatSchedule.isDue(after: $0, phase: phase) }
    #expect(zip([32] + due, due).allSatisfy { $1 - $0 <= 60 })
    #expect(zip(due, due.dropFirst()).allSatisfy { $1 - $0 == 60 })
  }

  @Test func `late repetitions of series that changed together are in different flushes`() {
    let flushes = (0..<60).map { phase in
      (33...92).first { RepeatSchedule.isDue(after: $0, phase: phase) }
    }
    #expect(Set(flushes).count == 60)
  }
}
