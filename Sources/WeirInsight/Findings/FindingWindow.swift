/// What findings are made from: what was counted until now, and about a minute ago.
package struct FindingWindow: Sendable {
  package var now: Pulse
  package var before: Pulse
  /// For each limit: after how many seconds it is reached; nil if it does not fill.
  package var limitsFullIn: [Double?]

  package init(now: Pulse, before: Pulse, limitsFullIn: [Double?] = []) {
    self.now = now
    self.before = before
    self.limitsFullIn = limitsFullIn
  }

  var seconds: Double { max(1, now.uptimeSeconds - before.uptimeSeconds) }

  /// How much a counter gained.
  func gain(_ count: KeyPath<Pulse, Double>) -> Double {
    now[keyPath: count] - before[keyPath: count]
  }

  /// How much a counter of an element gained; elements are found again by their name.
  func gain<Element>(
    _ element: Element, in list: KeyPath<Pulse, [Element]>, by name: KeyPath<Element, String>,
    _ count: KeyPath<Element, Double>
  ) -> Double {
    let earlier = before[keyPath: list].first { $0[keyPath: name] == element[keyPath: name] }
    return element[keyPath: count] - (earlier?[keyPath: count] ?? 0)
  }
}
