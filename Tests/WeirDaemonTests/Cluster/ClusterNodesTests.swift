import Testing
import WeirCluster

@testable import WeirDaemon

struct ClusterNodesTests {
  private func hello(_ name: String, _ course: ClusterHello.Course = .current) -> ClusterHello {
    ClusterHello(name: name, address: "", version: "", sequence: 0, course: course)
  }

  @Test func `nodes differ from the first pair of digests that does to the next comparison`() {
    let nodes = ClusterNodes()
    nodes.note(hello("a"), from: 1, at: 0)
    nodes.note(hello("b"), from: 2, at: 0)
    #expect(nodes.note(digest: 7, asOf: 5, from: 1) == nil)
    #expect(nodes.note(digest: 7, asOf: 5, from: 255) == nil)
    #expect(!nodes.isDiverged)
    let pair = nodes.note(digest: 8, asOf: 5, from: 2)
    #expect(pair?.0 == "a" || pair?.0 == "ff")
    #expect(pair?.1 == "b")
    // It is told once.
    #expect(nodes.note(digest: 9, asOf: 5, from: 4) == nil)
    #expect(nodes.isDiverged)
    #expect(nodes.note(digest: 1, asOf: 9, from: 1) == nil)
    #expect(!nodes.isDiverged)
    // One that comes late changes nothing.
    _ = nodes.note(digest: 3, asOf: 5, from: 6)
    #expect(!nodes.isDiverged)
  }

  @Test func `nodes are known until they stop, or are silent for five minutes`() {
    let nodes = ClusterNodes()
    nodes.note(hello("b"), from: 1, at: 1_000)
    nodes.note(hello("a"), from: 2, at: 2_000)
    #expect(nodes.all.map(\.hello.name) == ["a", "b"])
    nodes.note(hello("c"), from: 3, at: 300_999)
    #expect(nodes.all.map(\.hello.name) == ["a", "b", "c"])
    nodes.note(hello("c"), from: 3, at: 301_000)
    #expect(nodes.all.map(\.hello.name) == ["a", "c"])
    nodes.note(hello("a", .stopping), from: 2, at: 301_000)
    #expect(nodes.all.map(\.number) == [3])
    #expect(nodes.all.map(\.firstMilliseconds) == [300_999])
    nodes.note(hello("c"), from: 3, at: 300_000)
    #expect(nodes.all.map(\.firstMilliseconds) == [300_000])
    nodes.note(hello("c"), from: 3, at: 700_000)
    #expect(nodes.all.map(\.firstMilliseconds) == [700_000])
  }

  @Test func `views are compared once a minute`() {
    let nodes = ClusterNodes()
    nodes.noteAsked(at: 1_000)
    #expect(!nodes.isCompareDue(at: 61_000))
    #expect(nodes.isCompareDue(at: 61_001))
    nodes.put(own: 4, asOf: 9)
    #expect(nodes.takeOwn() == .made(sequence: 9, digest: 4))
    #expect(nodes.takeOwn() == nil)
  }
}
