import WeirBytes
import WeirMetrics

extension PushFrameWriter {
  /// A string of a frame's table: UTF-8, hashed once.
  ///
  /// Two are equal when their bytes are. Swift's strings are also equal to their other Unicode
  /// normal forms.
  package struct Text: Hashable, Sendable {
    package let bytes: [UInt8]
    private let digest: UInt64

    package init(_ text: String) {
      bytes = Array(text.utf8)
      digest = MemberHash.hash(text)
    }

    package static func == (left: Text, right: Text) -> Bool {
      left.digest == right.digest && left.bytes == right.bytes
    }

    package func hash(into hasher: inout Hasher) { hasher.combine(digest) }
  }

  /// A label's name and value.
  package struct Label: Hashable, Sendable {
    package let name: Text
    package let value: Text

    package init(_ name: String, _ value: String) {
      self.name = Text(name)
      self.value = Text(value)
    }
  }

  /// A metric's name with its labels, in the order in which they are sent.
  package struct Series: Hashable, Sendable {
    package let name: Text
    package let labels: [Label]

    package init(_ name: String, labels: [Label] = []) {
      self.name = Text(name)
      self.labels = labels
    }

    /// The bytes of name and labels.
    package var textBytes: Int {
      labels.reduce(name.bytes.count) { $0 + $1.name.bytes.count + $1.value.bytes.count }
    }
  }

  /// One observation, with labels that lead to it, such as the id of a trace.
  package struct Exemplar: Equatable, Sendable {
    package var labels: [Label]
    package var value: Double
    /// From the observation until the frame is sent.
    package var ageMilliseconds: UInt64

    package init(labels: [Label], value: Double, ageMilliseconds: UInt64) {
      self.labels = labels
      self.value = value
      self.ageMilliseconds = ageMilliseconds
    }
  }

  /// One bucket of an exponential histogram, with at least one observation.
  package struct ExponentialBucket: Equatable, Sendable {
    package var index: Int64
    package var observations: Double

    package init(index: Int64, observations: Double) {
      self.index = index
      self.observations = observations
    }
  }

  /// One register of a sketch that is not empty.
  package struct Register: Equatable, Sendable {
    package var index: Int
    package var rank: UInt8

    package init(index: Int, rank: UInt8) {
      self.index = index
      self.rank = rank
    }
  }

  /// The records of a frame, named as in docs/protocol.md.
  package enum Record: Equatable, Sendable {
    /// `beganMilliseconds`: from the instance's start until the series began; nil leaves it out.
    case counter(Series, total: Double, [Exemplar] = [], beganMilliseconds: UInt64? = nil)
    case increment(Series, amount: Double, [Exemplar] = [])
    /// NaN removes the gauge.
    /// `heldMilliseconds`: from when the value was set until the frame is sent; nil leaves it out.
    case gauge(Series, GaugeMerge, value: Double, heldMilliseconds: UInt64? = nil)
    case gaugeAdd(Series, GaugeMerge, change: Double)
    case observations(Series, weight: Double, [Double], [Exemplar] = [])
    /// `bounds` is nil for Weir's own. `buckets` includes empty ones, and has one more than there
    /// are bounds.
    case histogram(
      Series, bounds: [Double]?, sum: Double, buckets: [Double], [Exemplar] = [],
      beganMilliseconds: UInt64? = nil)
    /// The buckets ascend.
    case exponential(
      Series, schema: Int64, sum: Double, zero: Double, positive: [ExponentialBucket],
      negative: [ExponentialBucket], [Exemplar] = [], beganMilliseconds: UInt64? = nil)
    /// `endsMilliseconds`: from when the frame is sent until the end of the step in which the
    /// members were counted; nil where they are counted since the instance's start.
    case members(Series, hashes: [UInt64], endsMilliseconds: Int64? = nil)
    /// The registers ascend.
    case sketch(Series, [Register], endsMilliseconds: Int64? = nil)
    case meta(name: Text, unit: Text?, help: Text?)
    /// The sender's wall clock when the frame is sent, in milliseconds since 1970. Only as the
    /// first record.
    case clock(sentMilliseconds: UInt64)
    /// How often text has set the gauge, to which value last, and the sum of the relative changes since
    /// then. `beganMilliseconds` as of a counter.
    case textGauge(
      Series, settings: UInt64, value: Double, changes: Double, beganMilliseconds: UInt64? = nil)
    /// The instance forwards what others have counted. Only as the first record, or after the clock.
    case forwarder

    /// The number of its kind.
    package var type: PushFormat.RecordType {
      switch self {
      case .counter: .counter
      case .increment: .increment
      case .gauge: .gauge
      case .gaugeAdd: .gaugeAdd
      case .observations: .observations
      case .histogram: .histogram
      case .exponential: .exponential
      case .members: .members
      case .sketch: .sketch
      case .meta: .meta
      case .clock: .clock
      case .textGauge: .textGauge
      case .forwarder: .forwarder
      }
    }
  }
}
