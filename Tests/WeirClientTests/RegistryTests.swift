import Testing
import WeirMetrics
import WeirWire

@testable import WeirClient

@Suite("The series of a client")
struct RegistryTests {
  @Test("take 4,096 bytes of name and labels, and not one more", arguments: [0, 1, 7])
  func bytes(extra: Int) {
    var registry = Registry(seriesMax: 10)
    func series(_ bytes: Int) -> PushFrameWriter.Series {
      let label = PushFrameWriter.Label("key", String(repeating: "v", count: bytes - 10))
      return PushFrameWriter.Series("x_total", labels: [label])
    }
    #expect(series(4_096).textBytes == 4_096)
    #expect(registry.counter(series(4_096 - extra)) != nil)
    #expect(registry.counter(series(4_097 + extra)) == nil)
    #expect(registry.gauge(series(4_097 + extra), .last) == nil)
    #expect(registry.histogram(series(4_097 + extra), .standard) == nil)
    #expect(registry.entries.count == 1)
  }
}
