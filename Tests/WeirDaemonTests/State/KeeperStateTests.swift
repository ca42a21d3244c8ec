import Testing

@testable import WeirDaemon

@Suite("The course of commits")
struct KeeperStateTests {
  private let lateness = "failed(\"the disk took longer than 1 s\")"
  private let gone = "unprotected"
  private func left(_ cause: String) -> String {
    "\(cause); free or repair the disk of --state.dir"
  }

  @Test("those that wait share a commit, and those that come during it share the next one")
  func shared() {
    var script = KeeperScript()
    script.join(1)
    #expect(script.taken() == ["commit"])
    script.join(2)
    script.join(3)
    #expect(script.taken() == [])
    script.pass(.milliseconds(10))
    script.done()
    #expect(script.taken() == ["[1] committed", "commit"])
    script.done()
    #expect(script.taken() == ["[2, 3] committed"])
  }

  @Test("without anyone who waits there is one each interval")
  func interval() {
    var script = KeeperScript()
    script.pass(.milliseconds(4_999))
    #expect(script.taken() == [])
    script.pass(.milliseconds(1))
    #expect(script.taken() == ["commit"])
    script.pass(.milliseconds(100))
    script.done()
    script.pass(.milliseconds(4_899))
    #expect(script.taken() == [])
    script.pass(.milliseconds(1))
    #expect(script.taken() == ["commit"])
  }

  @Test("answers to frames are paced, and a scrape takes them with it")
  func pace() {
    var script = KeeperScript()
    script.join(1, isPatient: true)
    #expect(script.taken() == ["commit"])
    script.pass(.milliseconds(50))
    script.done()
    script.join(2, isPatient: true)
    script.pass(.milliseconds(199))
    #expect(script.taken() == ["[1] committed"])
    script.pass(.milliseconds(1))
    #expect(script.taken() == ["commit"])
    script.pass(.milliseconds(50))
    script.done()
    script.join(3, isPatient: true)
    script.join(4)
    #expect(script.taken() == ["[2] committed", "commit"])
    script.done()
    #expect(script.taken() == ["[3, 4] committed"])
  }

  @Test("too many answers are dropped, and counted")
  func answers() {
    var limits = StateLimits()
    limits.answersMax = 2
    var script = KeeperScript(limits: limits)
    for name in 1...4 { script.join(name, isPatient: true) }
    #expect(
      script.taken() == [
        "commit", "[3] refused(\"too many answers wait for the disk\")",
        "[4] refused(\"too many answers wait for the disk\")",
      ])
    #expect(script.keeper.totals.answersDropped == 2)
    script.done()
    script.done()
    #expect(script.keeper.patientCount == 0)
  }

  @Test("after a failure the file goes, scrapes are served, and a new file protects them again")
  func failure() {
    var script = KeeperScript()
    script.join(1)
    script.failed("no space left")
    script.join(2)
    #expect(script.taken() == ["commit", "failed(\"no space left\")", "remove"])
    script.removed()
    script.join(3)
    #expect(script.taken() == ["unprotected", "[1, 2] unprotected", "[3] unprotected"])
    script.pass(.milliseconds(1_999))
    #expect(script.taken() == [])
    script.pass(.milliseconds(1))
    script.failed("no space left")
    script.pass(.milliseconds(3_999))
    #expect(script.taken() == ["rebuild"])
    script.pass(.milliseconds(1))
    script.join(4)
    script.done()
    script.join(5)
    #expect(script.taken() == ["rebuild", "[4] unprotected", "republish"])
    script.done()
    #expect(script.taken() == ["protectedAgain", "commit"])
    script.done()
    #expect(script.taken() == ["[5] committed"])
    #expect(script.keeper.totals.commitsFailed == 1)
    #expect(script.keeper.totals.basesAbandoned == 1)
  }

  @Test("tries become rarer, up to one a minute")
  func backoff() {
    var script = KeeperScript()
    script.pass(.seconds(5))
    script.failed("x")
    script.removed()
    _ = script.taken()
    for seconds in [2, 4, 8, 16, 32, 60, 60] {
      script.pass(.seconds(seconds) - .milliseconds(1))
      #expect(script.taken() == [])
      script.pass(.milliseconds(1))
      #expect(script.taken() == ["rebuild"])
      script.failed("x")
    }
  }

  @Test("a late commit has failed, and what its worker reports does not count")
  func late() throws {
    var script = KeeperScript()
    script.join(1)
    script.pass(.milliseconds(999))
    #expect(script.taken() == ["commit"])
    script.pass(.milliseconds(1))
    #expect(script.taken() == [lateness, "remove"])
    script.removed()
    script.pass(.seconds(600))
    // No job for a worker that hangs.
    #expect(script.taken() == [gone, "[1] unprotected"])
    try script.returns()
    // It may have written after the removal.
    #expect(script.taken() == ["remove"])
    script.removed()
    #expect(script.taken() == ["rebuild"])
    #expect(script.keeper.totals.commitsLate == 1)
  }

  @Test("a worker that returns during the removal makes a second one necessary")
  func returnsEarly() throws {
    var script = KeeperScript()
    script.join(1)
    script.pass(.seconds(1))
    try script.returns()
    #expect(script.taken() == ["commit", lateness, "remove"])
    script.removed()
    #expect(script.taken() == ["remove"])
    script.removed()
    #expect(script.taken() == [gone, "[1] unprotected"])
  }

  @Test("scrapes are refused while the old file is there", arguments: [false, true])
  func refused(serves: Bool) {
    var script = KeeperScript(serves: serves)
    let cause = left("the state file can't be removed: read-only")
    let verdict = serves ? StateVerdict.stale(cause) : .refused(cause)
    let report = KeeperReport.refused(cause, serves: serves)
    script.join(1)
    script.failed("read-only")
    script.removed("read-only")
    script.join(2)
    #expect(
      script.taken() == [
        "commit", "failed(\"read-only\")", "remove",
        "\(report)", "[1] \(verdict)", "[2] \(verdict)",
      ])
    script.pass(.seconds(2))
    script.removed("read-only")
    #expect(script.taken() == ["remove", "rebuild"])
    script.failed("read-only")
    script.pass(.seconds(4))
    script.removed()
    script.join(3)
    #expect(script.taken() == ["remove", "unprotected", "rebuild", "[3] unprotected"])
    script.done()
    script.done()
    #expect(script.taken() == ["republish", "protectedAgain"])
  }

  @Test("a removal that hangs refuses scrapes until it returns, and nothing is written meanwhile")
  func removalHangs() throws {
    var script = KeeperScript()
    script.join(1)
    script.pass(.seconds(1))
    _ = script.taken()
    script.pass(.seconds(1))
    let cause = left("the disk did not remove the state file in time")
    #expect(
      script.taken() == ["refused(\"\(cause)\", serves: false)", "[1] refused(\"\(cause)\")"])
    try script.returns()
    script.pass(.seconds(600))
    #expect(script.taken() == [])
    script.removed()
    // The worker wrote after it began.
    #expect(script.taken() == ["remove"])
    script.removed()
    #expect(script.taken() == [gone, "rebuild"])
  }

  @Test("whoever leaves is told so, and the commit goes on")
  func leaves() {
    var script = KeeperScript()
    let id = script.join(1)
    let other = script.join(2)
    script.leave(id)
    script.leave(other)
    let sentence = "the state was not on disk before the time of the request was over; try again"
    #expect(
      script.taken() == ["commit", "[1] refused(\"\(sentence)\")", "[2] refused(\"\(sentence)\")"])
    script.done()
    script.leave(id)
    script.pass(.seconds(4))
    #expect(script.taken() == [])
    #expect(script.keeper.phase == .protected)
  }

  @Test("a failure while nothing is saved is not reported again, and no file is left")
  func failsAgain() {
    var script = KeeperScript(baseBytes: 500)
    script.join(1)
    script.failed("no space left")
    script.removed()
    #expect(script.keeper.totals.fileBytes == 0)
    script.pass(.seconds(2))
    script.done()
    _ = script.taken()
    script.failed("no space left")
    #expect(script.taken() == ["remove"])
    script.removed()
    #expect(script.keeper.phase == .unprotected)
  }
}
