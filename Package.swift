// swift-tools-version: 6.2

import PackageDescription

/// Tests call the kernel and C where a person would; they need not say where that is unsafe.
let relaxed: [SwiftSetting] = [
  .treatAllWarnings(as: .error),
  .enableExperimentalFeature("Lifetimes"),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("MemberImportVisibility"),
]

/// All other code marks what is unsafe.
let strict: [SwiftSetting] = relaxed + [.strictMemorySafety()]

/// A release of the server has Swift's runtime in itself, so that no machine that runs it needs Swift. Only the
/// linker is told, so that it is the same build with and without packages, and libraries may still be used
/// by other packages.
let runtimeLinkedIn = LinkerSetting.unsafeFlags(
  ["-static-stdlib"], .when(platforms: [.linux], configuration: .release))

func module(
  _ name: String, at path: String? = nil, imports: [Target.Dependency] = []
) -> Target {
  .target(name: name, dependencies: imports, path: path, swiftSettings: strict)
}

func benchmark(_ name: String, imports: [Target.Dependency]) -> Target {
  .executableTarget(
    name: name, dependencies: imports, path: "Benchmarks/\(name)", swiftSettings: strict)
}

/// A program that tests start.
func testProgram(_ name: String, imports: [Target.Dependency]) -> Target {
  .executableTarget(
    name: name, dependencies: imports, path: "Tests/\(name)", swiftSettings: relaxed)
}

func tests(
  of name: String, imports: [Target.Dependency] = [], exclude: [String] = []
) -> Target {
  .testTarget(
    name: "\(name)Tests", dependencies: [.init(stringLiteral: name)] + imports,
    exclude: exclude, swiftSettings: relaxed)
}

let viewParts: [Target.Dependency] = [
  "WeirAggregation", "WeirBytes", "WeirCluster", "WeirMetrics", "WeirPush",
]

let daemonParts: [Target.Dependency] = [
  "CLinux", "WeirAggregation", "WeirBytes", "WeirCapture", "WeirCloudWatch", "WeirCluster",
  "WeirClusterView", "WeirConfiguration", "WeirCurl", "WeirExposition", "WeirForwarding",
  "WeirGroups", "WeirHTTP", "WeirInsight", "WeirJSON", "WeirMapping", "WeirMetrics",
  "WeirPage", "WeirPush", "WeirSecurity", "WeirSockets", "WeirState", "WeirWire",
]

// The comment above a target says what it holds; scripts/architecture copies it to docs/architecture.md.
let package = Package(
  name: "weir",
  products: [
    .executable(name: "weir", targets: ["weir"]),
    .library(name: "WeirClient", targets: ["WeirClient"]),
  ],
  targets: [
    // C.

    // What Swift's Glibc module does not show: batches of datagrams, packets of all interfaces, when a file was made.
    .systemLibrary(name: "CLinux"),
    // Machine instructions that Swift has no name for: prefetch, 32 comparisons as bits, CRC-32C.
    .systemLibrary(name: "CIntrinsics"),
    // zlib, for gzip.
    .systemLibrary(name: "CZlib", providers: [.apt(["zlib1g-dev"])]),
    // libyaml, for configuration files.
    .systemLibrary(name: "CYAML", providers: [.apt(["libyaml-dev"])]),
    // OpenSSL 3, for TLS and keyed digests.
    .systemLibrary(name: "COpenSSL", providers: [.apt(["libssl-dev"])]),
    // libcurl, for requests over HTTP and HTTPS, opened when it is needed.
    .target(name: "CCurl"),
    // libnats, for connections to NATS servers, opened when it is needed.
    .target(name: "CNATS"),
    // RE2, for regular expressions, behind functions of C.
    .target(name: "CRE2", linkerSettings: [.linkedLibrary("re2")]),
    // libcrypt, for bcrypt.
    .systemLibrary(name: "CCrypt", providers: [.apt(["libcrypt-dev"])]),

    // Foundations: of each other they know only bytes and the lock.

    // Bytes: searching, decimals, hashing, writing; the one kind of lock.
    module("WeirBytes", imports: ["CIntrinsics"]),
    // Addresses, UDP and TCP sockets, datagram batches, queues as executors.
    module("WeirSockets", imports: ["CLinux", "WeirBytes"]),
    // TLS over a socket, bcrypt, keyed digests.
    module("WeirSecurity", imports: ["CCrypt", "COpenSSL", "WeirBytes"]),
    // Requests over HTTP and HTTPS, by libcurl.
    module("WeirCurl", imports: ["CCurl"]),

    // Middle: pure values, and protocols that know no metrics.

    // Kinds of metric, values and their merge, series and their labels.
    module("WeirMetrics", imports: ["WeirBytes"]),
    // StatsD and DogStatsD lines to samples, five tag styles to labels.
    module("WeirWire", imports: ["WeirBytes", "WeirMetrics"]),
    // The push protocol: frames and records, reader, writer, refusals, the window of sequence numbers.
    module("WeirPush", imports: ["WeirBytes", "WeirMetrics"]),
    // Mapping rules: which rule a name goes by (globs, regular expressions), and the name, labels and class it gives.
    module("WeirMapping", imports: ["CRE2", "WeirBytes", "WeirMetrics"]),
    // The command line: flags, options, help; YAML, the web configuration file, mapping files.
    module("WeirConfiguration", imports: ["CYAML", "WeirMapping", "WeirMetrics", "WeirWire"]),
    // The state file: blocks, check sums, commits, recovery, the directory that holds it.
    module("WeirState", imports: ["CLinux", "WeirBytes"]),
    // From samples to series: memo, router, shards in columns, catalogue, pieces to read; owners
    // and their totals; what the state file keeps of all this, its writer and its reader.
    module("WeirAggregation", imports: ["WeirBytes", "WeirMetrics", "WeirPush", "WeirState"]),
    // What this Weir has counted, as frames for another Weir: rows that changed, their frames, which were
    // confirmed; frames of others that are passed on.
    module(
      "WeirForwarding", imports: ["WeirAggregation", "WeirBytes", "WeirMetrics", "WeirPush"]),
    // What the nodes of a cluster share: a log in one order, its messages, a store of states; in memory for tests.
    module("WeirCluster", imports: ["WeirBytes"]),
    // What every node of a cluster makes of the messages of its log.
    module("WeirClusterView", imports: viewParts + ["WeirState"]),
    // Families to Prometheus' text formats, OpenMetrics and protobuf; names as readers want them.
    module("WeirExposition", imports: ["WeirBytes", "WeirMetrics"]),
    // Groups pushed as to the Pushgateway: what they show, runs added up, in the state file.
    module("WeirGroups", imports: ["WeirBytes", "WeirExposition", "WeirMetrics"]),
    // What is pushed to CloudWatch: metrics, gains, requests and answers, credentials, costs.
    module("WeirCloudWatch", imports: ["WeirBytes", "WeirMetrics"]),
    // Captures of datagrams: pcap files, and timestamps of lines that are sent later.
    module("WeirCapture", imports: ["WeirBytes"]),
    // JSON: a writer, and values that were read.
    module("WeirJSON", imports: ["WeirBytes"]),
    // What operators ask: history, findings, labels, the busiest senders; answers of the API.
    module("WeirInsight", imports: ["WeirBytes", "WeirJSON", "WeirMetrics"]),
    // What a person reads in a terminal: widths, foreign text, numbers, bars, keys, and the frame of `weir top`.
    module("WeirTerminal", imports: ["WeirBytes", "WeirInsight", "WeirJSON"]),
    // The page for operators: HTML, CSS and JavaScript as bytes.
    .target(
      name: "WeirPage",
      resources: [
        "index.html", "api.js", "charts.js", "dom.js", "format.js", "lists.js", "main.js",
        "names.js", "overview.js", "refused.js", "series.js", "state.js", "weir.css",
      ].map { .embedInCode("ui/\($0)") },
      swiftSettings: strict),
    // The log and the store of a cluster on NATS JetStream: connections, consumers, objects, settings.
    module("WeirNATS", imports: ["CNATS", "WeirBytes", "WeirCluster", "WeirJSON", "WeirSecurity"]),
    // Requests, responses, connections, the server, gzip.
    module("WeirHTTP", imports: ["CZlib", "WeirBytes", "WeirSecurity", "WeirSockets"]),

    // Top: one module wires everything; another reads the command line, which C's main hands it.

    // The daemon that wires all of it: receivers, scrapes, own metrics, log, life cycle.
    module("WeirDaemon", imports: daemonParts + ["WeirNATS", "WeirTerminal"]),
    // From the command line to the daemon, a check, a question or a text.
    module("WeirMain", imports: ["WeirConfiguration", "WeirDaemon"]),
    // C's `main`, which has the arguments from the kernel.
    .executableTarget(
      name: "weir", dependencies: ["WeirMain"], linkerSettings: [runtimeLinkedIn]),

    // What applications are linked with; no library of the system but the C library.

    // The library for Swift applications: series that are recorded into, the thread that flushes them.
    module(
      "WeirClient", imports: ["CLinux", "WeirBytes", "WeirMetrics", "WeirPush", "WeirSockets"]),

    // Benchmarks.

    // What benchmarks share: flags, clocks and figures; payloads and what must come of them;
    // sockets that send; receivers that count, or work as the server's do.
    module(
      "BenchmarkKit", at: "Benchmarks/Kit",
      imports: [
        "CLinux", "WeirAggregation", "WeirBytes", "WeirMetrics", "WeirSockets", "WeirWire",
      ]),
    // Benchmark: decode, route and apply in memory.
    benchmark("Bench", imports: ["BenchmarkKit", "WeirAggregation", "WeirBytes"]),
    // Benchmark: decode and apply of pushed totals, from memory and from a socket.
    benchmark(
      "PushBench",
      imports: [
        "BenchmarkKit", "WeirAggregation", "WeirBytes", "WeirMetrics", "WeirPush", "WeirSockets",
      ]),
    // Benchmark: what is copied and encoded for the state file, and for how long others wait.
    benchmark(
      "StateBench",
      imports: ["BenchmarkKit", "WeirAggregation", "WeirBytes", "WeirMetrics", "WeirState"]),
    // Benchmark: what a round of the forwarder costs.
    benchmark(
      "ForwardBench",
      imports: [
        "BenchmarkKit", "WeirAggregation", "WeirBytes", "WeirForwarding", "WeirMetrics", "WeirPush",
        "WeirWire",
      ]),
    // Benchmark: what mapping rules cost on lines that are known, and on names that are new.
    benchmark(
      "MappingBench",
      imports: [
        "BenchmarkKit", "WeirAggregation", "WeirBytes", "WeirConfiguration", "WeirMapping",
        "WeirMetrics",
      ]),
    // Benchmark: full sockets, emptied by two receivers in turn.
    benchmark("Drain", imports: ["BenchmarkKit", "WeirAggregation", "WeirBytes", "WeirSockets"]),
    // Benchmark: a process that only counts what it receives, the kernel's own limit.
    benchmark("BareReceiver", imports: ["BenchmarkKit", "WeirSockets"]),
    // Benchmark: what an application pays to record a value.
    benchmark("ClientCost", imports: ["BenchmarkKit", "WeirClient"]),
    // Benchmark: sends datagrams, and checks what the server counted.
    benchmark("Load", imports: ["BenchmarkKit"]),

    // Tests.

    // What unit tests share: seeded numbers, a plain spelling of series, a reader of protobuf pages.
    module("TestSupport", at: "Tests/TestSupport"),
    // A program of the tests, which forks; a test process of many threads should not.
    testProgram("ForkingClient", imports: ["WeirClient"]),
    // A program of the tests, which pushes some counts.
    testProgram("PushingClient", imports: ["WeirClient"]),
    // A program of the tests, which records at random and keeps a journal.
    testProgram("RecordingClient", imports: ["WeirClient"]),

    tests(of: "WeirBytes", imports: ["TestSupport"]),
    tests(of: "WeirMetrics", imports: ["TestSupport", "WeirBytes"]),
    tests(
      of: "WeirWire", imports: ["TestSupport", "WeirBytes", "WeirMetrics"], exclude: ["Corpus"]),
    tests(of: "WeirMapping", imports: ["TestSupport", "WeirMetrics"]),
    tests(
      of: "WeirPush", imports: ["TestSupport", "WeirAggregation", "WeirBytes", "WeirMetrics"]),
    tests(
      of: "WeirAggregation",
      imports: ["TestSupport", "WeirBytes", "WeirMetrics", "WeirPush", "WeirState", "WeirWire"]),
    tests(
      of: "WeirForwarding",
      imports: [
        "TestSupport", "WeirAggregation", "WeirBytes", "WeirMetrics", "WeirPush", "WeirWire",
      ]),
    tests(of: "WeirCluster", imports: ["TestSupport", "WeirBytes"]),
    tests(of: "WeirClusterView", imports: viewParts + ["TestSupport"]),
    tests(of: "WeirExposition", imports: ["TestSupport", "WeirBytes", "WeirMetrics"]),
    tests(
      of: "WeirGroups", imports: ["TestSupport", "WeirBytes", "WeirExposition", "WeirMetrics"]),
    tests(of: "WeirCloudWatch", imports: ["TestSupport", "WeirMetrics"]),
    tests(of: "WeirCapture", imports: ["TestSupport"]),
    tests(of: "WeirJSON"),
    tests(of: "WeirNATS", imports: ["TestSupport", "WeirCluster", "WeirJSON"]),
    tests(of: "WeirInsight", imports: ["TestSupport", "WeirBytes", "WeirJSON"]),
    tests(of: "WeirTerminal", imports: ["TestSupport", "WeirBytes", "WeirInsight", "WeirJSON"]),
    tests(of: "WeirSockets", imports: ["CLinux", "TestSupport"]),
    tests(of: "WeirState", imports: ["TestSupport", "WeirBytes"]),
    tests(of: "WeirSecurity", imports: ["COpenSSL"]),
    tests(of: "WeirHTTP", imports: ["TestSupport", "WeirSecurity", "WeirSockets"]),
    tests(
      of: "WeirConfiguration", imports: ["TestSupport", "WeirMapping", "WeirMetrics", "WeirWire"]),
    tests(of: "WeirDaemon", imports: daemonParts + ["TestSupport"]),
    tests(
      of: "WeirClient",
      imports: [
        "ForkingClient", "PushingClient", "WeirBytes", "WeirMetrics", "WeirPush", "WeirSockets",
      ]),
    .testTarget(name: "BenchmarkTests", dependencies: ["BenchmarkKit"], swiftSettings: relaxed),
    .testTarget(
      name: "SystemTests", dependencies: ["WeirCapture"], exclude: ["Clients", "Producers"],
      swiftSettings: relaxed),
  ],
  swiftLanguageModes: [.v6],
  cxxLanguageStandard: .cxx17
)

func fuzzTarget(
  _ name: String, at path: String, imports: [Target.Dependency], exclude: [String] = []
) -> Target {
  .executableTarget(
    name: name, dependencies: imports, path: path, exclude: exclude,
    swiftSettings: relaxed + [.unsafeFlags(["-parse-as-library"])])
}

// Only `scripts/fuzz` builds them, because libFuzzer brings its own `main`.
if Context.environment["WEIR_FUZZ"] != nil {
  package.targets += [
    // The fuzz target of the push protocol, built by `scripts/fuzz` alone.
    fuzzTarget(
      "PushFuzz", at: "Tests/Fuzz",
      imports: ["WeirAggregation", "WeirBytes", "WeirMetrics", "WeirPush"], exclude: ["Corpus"]),
    // The fuzz target of connections that lines come over, built by `scripts/fuzz` alone.
    fuzzTarget(
      "StreamFuzz", at: "Tests/StreamFuzz", imports: ["WeirMetrics", "WeirSockets", "WeirWire"]),
    // The fuzz target of captures, built by `scripts/fuzz` alone.
    fuzzTarget("CaptureFuzz", at: "Tests/CaptureFuzz", imports: ["WeirCapture"]),
  ]
}

// A sanitizer's build has only the named tests and what they need, which halves its time.
if let tests = Context.environment["WEIR_TESTS"] {
  var needed = Set(tests.split(separator: " ").map(String.init))
  // A target stands below those that it needs.
  for target in package.targets.reversed() where needed.contains(target.name) {
    for case .byNameItem(let name, _) in target.dependencies { needed.insert(name) }
  }
  package.products = []
  package.targets.removeAll { !needed.contains($0.name) }
}
