import WeirMetrics

extension GaugeMerge {
  /// The merged value of several owners; nil if there are none.
  ///
  /// - Complexity: O(members).
  func merged(_ members: [GaugeGroups.Member]) -> Double? {
    let here = members.filter(\.isHere)
    switch self {
    case .last:
      return here.max {
        ($0.setMilliseconds, $0.instance) < ($1.setMilliseconds, $1.instance)
      }?.value
    case .min: return here.map(\.value).min()
    case .max: return here.map(\.value).max()
    case .sum: return here.isEmpty ? nil : sum(here, dividedBy: 1)
    case .avg: return here.isEmpty ? nil : sum(here, dividedBy: Double(here.count))
    }
  }

  /// In ascending order, so that the sum does not depend on the order of arrival.
  private func sum(_ members: [GaugeGroups.Member], dividedBy divisor: Double) -> Double {
    let values = members.map(\.value).sorted()
    let greatest = Swift.max(abs(values[0]), abs(values[values.count - 1]))
    // Scaled so that no partial sum is infinite. The scale is a power of two, so that no digit is
    // lost.
    let scale = greatest > GaugeMerge.scaledFrom ? GaugeMerge.scale : 1
    var sum = CompensatedSum()
    for value in values { sum.add(value * scale) }
    // The remainder is divided too, so that the mean of equal values is that value.
    let quotient = sum.sum / divisor
    let rest = sum.sum.addingProduct(-quotient, divisor) + sum.error
    return CompensatedSum.clamped((quotient + rest / divisor) / scale)
  }

  /// Values of this magnitude are scaled down before they are added: 2⁻⁶⁴ times the greatest
  /// double.
  private static var scaledFrom: Double { 0x1p960 }
  private static var scale: Double { 0x1p-64 }
}
