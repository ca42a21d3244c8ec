import WeirConfiguration

extension Subcommand {
  /// `weir cluster`
  static let cluster = Subcommand(
    name: "cluster", arguments: "seed|options|save|reset [<flags>]",
    summary: "Begins a cluster with a state, changes its options, saves it or begins it again.",
    details: """
      All take the flags of a node: --cluster.nats and what else it needs to reach NATS.

        weir cluster seed --state.dir=DIR --cluster.nats=...
            Begins a new cluster with the state of a single Weir, which has ended. Nodes start after it.

        weir cluster options [--dry-run] --cluster.nats=... [<flags>]
            Makes the limits and rules of this command line those of all nodes, which change at the same
            message of the log. Nodes are restarted with the same flags afterwards, one by one. With
            --dry-run it only says what would no longer fit.

        weir cluster save --state.dir=DIR --cluster.nats=...
            Writes all that the cluster has counted into a directory, for a single Weir or as a backup.

        weir cluster reset --from=NODE --cluster.nats=...
            After the log was lost, begins it again with what a node has: the name is that of
            --cluster.node, as /debug/cluster shows it. All messages that are still in the log are
            removed. Refused while nodes write.

      The exit status is 0 if it was done, 1 if not, and 2 after a mistake on the command line.

      """,
    read: { arguments, cores throws(UsageError) in
      if arguments.contains(where: { ["--help", "-h"].contains($0) }) { return .help }
      guard let word = arguments.first, let action = ClusterAction(rawValue: word) else {
        let given = arguments.first.map { "\($0.quoted) is unknown; " } ?? ""
        throw UsageError("cluster: \(given)write seed, options, save or reset")
      }
      return try ClusterCommand(action, Array(arguments.dropFirst()), cores: cores).request
    })
}

enum ClusterAction: String, CaseIterable, Sendable { case seed, options, save, reset }

/// The arguments of `weir cluster`.
struct ClusterCommand {
  let request: Subcommand.Request

  init(_ action: ClusterAction, _ arguments: [String], cores: Int) throws(UsageError) {
    var flags: [String] = []
    var isDry = false
    var node: String?
    for argument in arguments {
      switch action {
      case .options where argument == "--dry-run": isDry = true
      case .reset where argument.hasPrefix("--from="): node = String(argument.dropFirst(7))
      default: flags.append(argument)
      }
    }
    guard case .run(let options) = try Invocation.parse(flags, cores: cores) else {
      request = .version
      return
    }
    let name = "cluster \(action.rawValue)"
    guard options.cluster.isEnabled else {
      throw UsageError("\(name): --cluster.nats says where NATS is; write it")
    }
    let changed = ChangedFlag.all(in: flags, cores: cores)
    let access = ClusterLogOpening.access(options.cluster)
    switch action {
    case .seed, .save:
      guard let directory = options.state.directory else {
        throw UsageError("\(name): --state.dir says where the state is; write it")
      }
      let own = ClusterOptions(changed)
      request = .run {
        print(
          action == .seed
            ? try ClusterSeed.run(access, from: directory, own)
            : try ClusterSave.run(access, to: directory))
      }
    case .options:
      let (own, isDry) = (ClusterOptions(changed), isDry)
      request = .run { print(try ClusterChange.run(access, to: own, isDry: isDry)) }
    case .reset:
      guard let node, !node.isEmpty else {
        throw UsageError("\(name): --from=NODE says with whose state the log begins; write it")
      }
      request = .run { print(try await ClusterReset.run(access, from: node)) }
    }
  }
}
