import Testing

@testable import WeirDaemon

struct ClusterMarkersTests {
  @Test func `a marker that comes back stands for those before it, and not for those after it`()
    async
  {
    let markers = ClusterMarkers()
    let (first, second, third) = (markers.begin(), markers.begin(), markers.begin())
    async let early: Void = markers.wait(for: first)
    markers.arrived(second)
    await early
    #expect(markers.hasArrived(first) && markers.hasArrived(second))
    #expect(!markers.hasArrived(third))
    // Late, or of nobody.
    markers.arrived(first)
    markers.arrived(99)
    #expect(!markers.hasArrived(third))
    async let late: Void = markers.wait(for: third)
    markers.end()
    await late
    #expect(!markers.hasArrived(third))
    await markers.wait(for: markers.begin())
  }
}
