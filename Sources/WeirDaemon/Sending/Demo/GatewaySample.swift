import WeirPush

/// One value that a simulated instance records.
struct GatewaySample: Equatable {
  enum Value: Equatable {
    /// A counter grows.
    case count(Double)
    /// A gauge is set.
    case set(Double)
    /// A histogram observes, in seconds.
    case observe(Double)
  }

  /// A name with its labels.
  struct Series: Hashable {
    struct Label: Hashable {
      let name: String
      let value: String
    }

    let name: String
    let labels: [Label]

    init(_ name: String, _ labels: KeyValuePairs<String, String>) {
      self.name = name
      self.labels = labels.map { Label(name: $0.key, value: $0.value) }
    }

    /// As a frame names it.
    var pushed: PushFrameWriter.Series {
      PushFrameWriter.Series(
        name, labels: labels.map { PushFrameWriter.Label($0.name, $0.value) })
    }
  }

  let series: Series
  let value: Value

  init(_ name: String, _ labels: KeyValuePairs<String, String>, _ value: Value) {
    series = Series(name, labels)
    self.value = value
  }

  /// `name:value|type|#label:value,…`
  var line: [UInt8] {
    let (number, type) =
      switch value {
      case .count(let amount): (amount, "c")
      case .set(let value): (value, "g")
      case .observe(let seconds): (seconds, "h")
      }
    let tags = series.labels.map { "\($0.name):\($0.value)" }.joined(separator: ",")
    return Array("\(series.name):\(ArrivalCheck.text(number))|\(type)|#\(tags)".utf8)
  }
}
