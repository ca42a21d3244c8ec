import WeirMetrics

/// The globs of a file: finds the rule whose glob matches a name.
///
/// The globs with one number of components are the paths of a tree. A node has a branch for each literal
/// that follows there, and one for the star:
///
///     a.*.c  rule 0        a ─┬─ * ─┬─ c   0
///     a.b.*  rule 1           │     └─ d   2
///     a.*.d  rule 2           └─ b ─── *   1
///
/// A node knows the first rule below it for each kind. With order, that bounds the search: a branch
/// without an earlier rule than the best so far is left out. Each node is visited at most once for a
/// name, because only one path leads to it. So the worst case is the number of nodes, and not two to the
/// power of the components.
struct GlobList: Sendable {
  /// Whether the first rule of the file wins. Otherwise, at each component, the literal wins over the star.
  let isOrdered: Bool
  /// Nodes without a rule for any kind do not exist, except the roots.
  private var nodes: [Node] = []
  /// The root for each number of components.
  private var roots: [Int: Int] = [:]
  private var componentsMax = 0
  private var words = WordTable()
  private var children: [Edge: Int32] = [:]

  private struct Node: Sendable {
    var star: Int32 = -1
    /// The first rule at or below this node, for each kind.
    var first = InlineArray<4, Int32>(repeating: .max)
  }

  private struct Edge: Sendable, Hashable {
    let node: Int32
    let word: Int32
  }

  /// Where the search goes on.
  private struct Branch {
    let node: Int32
    let depth: Int32
  }

  init(isOrdered: Bool) {
    self.isOrdered = isOrdered
  }

  /// Adds a rule, for one kind or for all. Of two rules with one glob and one kind, the first wins.
  ///
  /// - Precondition: rules are added in the file's order.
  mutating func add(_ glob: Glob, kind: MetricKind?, rule: Int) {
    let count = glob.components.count
    componentsMax = max(componentsMax, count)
    if roots[count] == nil { roots[count] = newNode() }
    var node = roots[count] ?? 0
    note(rule, kind, at: node)
    for component in glob.components {
      node = child(of: node, component)
      note(rule, kind, at: node)
    }
  }

  private mutating func newNode() -> Int {
    nodes.append(Node())
    return nodes.count - 1
  }

  private mutating func child(of node: Int, _ component: Glob.Component) -> Int {
    guard case .literal(let word) = component else {
      if nodes[node].star < 0 { nodes[node].star = Int32(newNode()) }
      return Int(nodes[node].star)
    }
    let edge = Edge(node: Int32(node), word: words.insert(word))
    if let known = children[edge] { return Int(known) }
    let new = newNode()
    children[edge] = Int32(new)
    return new
  }

  private mutating func note(_ rule: Int, _ kind: MetricKind?, at node: Int) {
    for each in MetricKind.allCases where kind == nil || kind == each {
      nodes[node].first[each.index] = min(nodes[node].first[each.index], Int32(rule))
    }
  }

  /// The rule that a name of a kind goes by; nil if no glob matches.
  ///
  /// - Complexity: O(bytes + nodes) at worst; usually one look-up for each component.
  func rule(for name: Span<UInt8>, kind: MetricKind) -> Int? {
    guard !nodes.isEmpty, let count = componentCount(of: name), let root = roots[count],
      nodes[root].first[kind.index] < .max
    else { return nil }
    let path = words(of: name, count: count)
    var best = Int32.max
    var branches = [Branch(node: Int32(root), depth: 0)]
    while let branch = branches.popLast() {
      let first = nodes[Int(branch.node)].first[kind.index]
      guard first < best else { continue }
      if Int(branch.depth) == count {
        best = first
        if isOrdered { continue } else { break }
      }
      follow(branch, path, kind, &branches)
    }
    return best < .max ? Int(best) : nil
  }

  /// Appends the branches that go on from one, the one to be taken first at the end.
  private func follow(
    _ branch: Branch, _ path: [Int32], _ kind: MetricKind, _ branches: inout [Branch]
  ) {
    let star = nodes[Int(branch.node)].star
    let word = path[Int(branch.depth)]
    let literal = word < 0 ? nil : children[Edge(node: branch.node, word: word)]
    let starFirst = star < 0 ? .max : nodes[Int(star)].first[kind.index]
    let literalFirst = literal.map { nodes[Int($0)].first[kind.index] } ?? .max
    let starLast = !isOrdered || literalFirst < starFirst
    if starLast, starFirst < .max { branches.append(Branch(node: star, depth: branch.depth + 1)) }
    if let literal, literalFirst < .max {
      branches.append(Branch(node: literal, depth: branch.depth + 1))
    }
    if !starLast, starFirst < .max { branches.append(Branch(node: star, depth: branch.depth + 1)) }
  }

  /// The number of a name's components; nil if it has more than any glob.
  private func componentCount(of name: Span<UInt8>) -> Int? {
    var count = 1
    for index in name.indices where name[index] == UInt8(ascii: ".") {
      count += 1
      if count > componentsMax { return nil }
    }
    return count
  }

  /// The number of the word that each component of a name is; -1 if it occurs in no glob.
  private func words(of name: Span<UInt8>, count: Int) -> [Int32] {
    var numbers: [Int32] = []
    numbers.reserveCapacity(count)
    var start = 0
    for index in name.indices where name[index] == UInt8(ascii: ".") {
      numbers.append(words.find(name, start..<index))
      start = index + 1
    }
    numbers.append(words.find(name, start..<name.count))
    return numbers
  }
}
