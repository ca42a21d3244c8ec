import Glibc
import Testing
import WeirAggregation
import WeirConfiguration
import WeirMetrics
import WeirSockets
import WeirWire

@testable import WeirDaemon

/// A pipeline with a real socket, and a sender.
struct PipelineHarness: ~Copyable {
  /// `UDP_SEGMENT` of linux/udp.h.
  private static let segmentOption: Int32 = 103

  static let time = timespec(tv_sec: 1_767_323_045, tv_nsec: 678_000_000)

  let aggregator: Aggregator
  let meter = IngestMeter()
  let refused = RefusedLines()
  private let socket: UDPSocket
  private let sender: UDPSocket
  private var batch: DatagramBatch
  private var pipeline: IngestPipeline

  init(
    aggregator: Aggregator = Aggregator(), options: StatsDOptions = StatsDOptions(),
    admission: ListenerFilter = ListenerFilter(), limits: OwnerLimits = OwnerLimits(),
    splitsSegments: Bool = false, log: Log = Log(level: .error, format: .logfmt)
  ) throws {
    let socket = try UDPSocket.bind(to: .loopback(port: 0), flag: "--flag")
    let sender = try UDPSocket.bind(to: .loopback(port: 0), flag: "--flag")
    if splitsSegments { try socket.receiveSegments() }
    // Nothing may throw from here on, because some of what is stored can't be copied.
    self.aggregator = aggregator
    self.socket = socket
    self.sender = sender
    batch = DatagramBatch(splitsSegments: splitsSegments)
    pipeline = IngestPipeline(
      aggregator: aggregator, options: options, admission: admission,
      pushed: Pushed(aggregator: aggregator, limits: limits), meter: meter, refused: refused,
      accepted: log.writes(.debug) ? AcceptedLines(log: log) : nil, log: log,
      now: { PipelineHarness.time })
  }

  var senderAddress: String { sender.address.description }

  /// Sends one piece and ingests it.
  ///
  /// - Parameter segment: The length of the datagrams that the kernel cuts it into; 0 for one.
  mutating func ingest(_ bytes: [UInt8], segment: Int32 = 0) throws {
    var segment = segment
    try #require(
      setsockopt(
        sender.descriptor.raw, Int32(IPPROTO_UDP), PipelineHarness.segmentOption, &segment, 4) == 0)
    var target = socket.address.storage
    let sent = withUnsafePointer(to: &target) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        sendto(sender.descriptor.raw, bytes, bytes.count, 0, $0, socket.address.kernelLength)
      }
    }
    try #require(sent == bytes.count)
    // Loopback has delivered by the time that sendto returns.
    try #require(try batch.receive(from: socket) == 1)
    pipeline.ingest(batch)
  }

  mutating func ingest(_ text: String) throws { try ingest(Array(text.utf8)) }
}
