import Testing

@testable import WeirDaemon

@Suite("A new base")
struct KeeperBaseTests {
  /// A file that has outgrown its base.
  private func outgrown() -> KeeperScript {
    var script = KeeperScript(baseBytes: 40 << 20)
    script.pass(.seconds(5))
    script.done(JobFigures(fileBytes: 80 << 20))
    script.pass(.seconds(5))
    _ = script.taken()
    script.done(JobFigures(fileBytes: (80 << 20) + 1))
    return script
  }

  @Test(
    "is begun when the increments outgrow the old one, and 16 MiB",
    arguments: [
      (0, 16 << 20, false), (0, (16 << 20) + 1, true), (40 << 20, 80 << 20, false),
      (40 << 20, (80 << 20) + 1, true),
    ])
  func begins(base: Int, file: Int, isBegun: Bool) {
    var script = KeeperScript(baseBytes: base)
    script.join(1)
    _ = script.taken()
    script.done(JobFigures(fileBytes: file))
    #expect(
      script.taken() == ["[1] committed"] + (isBegun ? ["slice(isFirst: true)"] : []))
  }

  @Test("is written in slices, one between two commits, and published after a commit more")
  func slices() {
    var script = outgrown()
    #expect(script.taken() == ["slice(isFirst: true)"])
    script.join(1)
    script.done()
    #expect(script.taken() == ["commit"])
    script.join(2)
    script.done(JobFigures(fileBytes: 80 << 20))
    #expect(script.taken() == ["[1] committed", "slice(isFirst: false)"])
    script.done()
    #expect(script.taken() == ["commit"])
    script.done(JobFigures(fileBytes: 80 << 20))
    #expect(script.taken() == ["[2] committed", "slice(isFirst: false)"])
    script.done()
    // Nobody waits: slice after slice.
    #expect(script.taken() == ["slice(isFirst: false)"])
    script.done(JobFigures(isLastSlice: true))
    #expect(script.taken() == [])
    script.join(3)
    script.done(JobFigures(fileBytes: 81 << 20))
    #expect(script.taken() == ["commit", "[3] committed", "publish"])
    script.done(JobFigures(fileBytes: 41 << 20))
    #expect(script.taken() == [])
    #expect(script.keeper.totals.bases == 1)
    #expect(script.keeper.totals.fileBytes == 41 << 20)
  }

  @Test("is abandoned when its disk fails, and the file goes on", arguments: 0..<3)
  func abandoned(after slices: Int) {
    var script = outgrown()
    for _ in 0..<slices { script.done() }
    _ = script.taken()
    script.failed("no space left")
    #expect(script.taken() == ["baseAbandoned(\"no space left\")"])
    #expect(script.keeper.phase == .protected)
    script.join(1)
    script.done(JobFigures(fileBytes: 90 << 20))
    #expect(script.taken() == ["commit", "[1] committed"])
    for _ in 0..<59 {
      script.pass(.seconds(1))
      if script.keeper.isCommitting { script.done(JobFigures(fileBytes: 90 << 20)) }
    }
    #expect(Set(script.taken()) == ["commit"])
    #expect(script.keeper.totals.basesAbandoned == 1)
    script.pass(.seconds(1))
    #expect(script.taken() == ["slice(isFirst: true)"])
  }

  @Test("that a commit could not write to is abandoned, and the commit counts")
  func abandonedByCommit() {
    var script = outgrown()
    script.done()
    script.join(1)
    script.done()
    _ = script.taken()
    script.done(JobFigures(fileBytes: 80 << 20, abandoned: "no space left"))
    #expect(script.taken() == ["baseAbandoned(\"no space left\")", "[1] committed"])
  }

  @Test("that hangs makes a commit late, which is a failure of the file")
  func hangs() {
    var script = outgrown()
    script.join(1)
    script.pass(.seconds(1))
    #expect(
      script.taken() == [
        "slice(isFirst: true)", "failed(\"the disk took longer than 1 s\")", "remove",
      ])
  }

  @Test("is compared with the last one that was published")
  func next() {
    var script = outgrown()
    script.done(JobFigures(isLastSlice: true))
    script.join(1)
    script.done(JobFigures(fileBytes: 81 << 20))
    script.done(JobFigures(fileBytes: 41 << 20))
    _ = script.taken()
    for (name, file) in [(2, 82 << 20), (3, (82 << 20) + 1)] {
      script.join(name)
      script.done(JobFigures(fileBytes: file))
    }
    #expect(
      script.taken() == [
        "commit", "[2] committed", "commit", "[3] committed", "slice(isFirst: true)",
      ])
  }

  @Test("may be begun at once in a file that is new after a failure")
  func afterFailure() {
    var script = outgrown()
    script.failed("no space left")
    script.join(1)
    script.failed("no space left")
    script.removed()
    script.pass(.seconds(2))
    script.done()
    script.done(JobFigures(fileBytes: 40 << 20))
    script.join(2)
    _ = script.taken()
    script.done(JobFigures(fileBytes: 90 << 20))
    #expect(script.taken() == ["[2] committed", "slice(isFirst: true)"])
  }

  @Test("that hangs is late for the first of those that wait, and for nobody who has left")
  func late() {
    var script = outgrown()
    script.join(1)
    script.pass(.milliseconds(900))
    script.join(2)
    _ = script.taken()
    script.pass(.milliseconds(99))
    #expect(script.taken() == [])
    script.pass(.milliseconds(1))
    #expect(script.taken() == [lateness, "remove"])

    script = outgrown()
    let id = script.join(1)
    script.leave(id)
    script.pass(.seconds(3))
    script.done()
    _ = script.taken()
    script.done()
    script.join(2)
    script.pass(.milliseconds(500))
    // Who has left does not make the next one late.
    #expect(script.keeper.phase == .protected)
  }

  private let lateness = "failed(\"the disk took longer than 1 s\")"

  @Test(
    "that hangs is late for an answer when its commit should have ended", arguments: [false, true])
  func lateForAnswers(joinsDuringCommit: Bool) {
    var script = KeeperScript(baseBytes: 40 << 20)
    script.join(1)
    script.pass(.milliseconds(500))
    if joinsDuringCommit { script.join(2, isPatient: true) }
    script.done(JobFigures(fileBytes: 90 << 20))
    if !joinsDuringCommit { script.join(2, isPatient: true) }
    #expect(script.taken() == ["commit", "[1] committed", "slice(isFirst: true)"])
    // Its commit begins after two seconds, because the last one took half a second.
    script.pass(.milliseconds(2_999))
    #expect(script.taken() == [])
    script.pass(.milliseconds(1))
    #expect(script.taken() == [lateness, "remove"])
  }
}

@Suite("The last commit")
struct KeeperStopTests {
  @Test("is made at once, and may take four seconds")
  func stop() {
    var script = KeeperScript()
    script.stop(1)
    script.pass(.milliseconds(3_999))
    #expect(script.taken() == ["commit"])
    script.done()
    #expect(script.taken() == ["[1] committed"])
  }

  @Test("is the last: nothing is written or removed after it, and who comes then is refused")
  func over() {
    var script = KeeperScript()
    script.join(1)
    script.stop(2)
    script.join(3)
    script.done()
    script.done()
    script.join(4)
    script.pass(.seconds(3_600))
    #expect(
      script.taken() == [
        "commit", "[1] committed", "commit", "[2, 3] committed",
        "[4] refused(\"Weir has stopped\")",
      ])
  }

  @Test("leaves nobody waiting who came after it")
  func others() {
    var script = KeeperScript()
    script.stop(1)
    script.join(2)
    script.done()
    script.pass(.seconds(3_600))
    #expect(
      script.taken() == ["commit", "[1] committed", "[2] refused(\"Weir has stopped\")"])
  }

  @Test("that is late is removed")
  func late() {
    var script = KeeperScript()
    script.stop(1)
    script.pass(.seconds(4))
    script.removed()
    #expect(
      script.taken() == [
        "commit", "failed(\"the disk took longer than 4 s\")", "remove", "unprotected",
        "[1] unprotected",
      ])
  }

  @Test("follows one that is in progress")
  func busy() {
    var script = KeeperScript()
    script.join(1)
    script.stop(2)
    script.done()
    script.done()
    #expect(script.taken() == ["commit", "[1] committed", "commit", "[2] committed"])
  }

  @Test("is tried once more while nothing is saved", arguments: [true, false])
  func unprotected(succeeds: Bool) {
    var script = KeeperScript()
    script.join(1)
    script.failed("x")
    script.removed()
    _ = script.taken()
    script.stop(2)
    #expect(script.taken() == ["rebuild"])
    if succeeds {
      script.done()
      script.done()
      script.done()
      #expect(script.taken() == ["republish", "protectedAgain", "commit", "[2] committed"])
    } else {
      script.failed("x")
      #expect(script.taken() == ["[2] unprotected"])
    }
  }

  @Test("does not wait for a worker that was given up")
  func lost() throws {
    var script = KeeperScript()
    script.join(1)
    script.pass(.seconds(1))
    script.removed()
    _ = script.taken()
    script.stop(2)
    #expect(script.taken() == ["[2] unprotected"])
  }

  @Test("of a Weir that saves nothing takes with it who comes before it has ended")
  func joined() {
    var script = KeeperScript()
    script.join(1)
    script.failed("x")
    script.removed()
    script.stop(2)
    _ = script.taken()
    script.join(3)
    #expect(script.taken() == [])
    script.done()
    script.done()
    script.done()
    #expect(script.taken() == ["republish", "protectedAgain", "commit", "[2, 3] committed"])
  }
}
