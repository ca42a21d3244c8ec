/// The types that a `# TYPE` line can name.
package enum ExposedType: Sendable {
  case counter
  case gauge
  case histogram

  var word: StaticString {
    switch self {
    case .counter: "counter"
    case .gauge: "gauge"
    case .histogram: "histogram"
    }
  }
}
