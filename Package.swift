// swift-tools-version: 6.2

import PackageDescription

/// Every target is held to the same rules: Swift 6, no warning, and unsafe code that says so.
let strict: [SwiftSetting] = [
  .treatAllWarnings(as: .error),
  .strictMemorySafety(),
  .enableExperimentalFeature("Lifetimes"),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("MemberImportVisibility"),
]

/// Tests call the kernel and C where a person would; they are held to all but the marking of it.
let relaxed: [SwiftSetting] = [
  .treatAllWarnings(as: .error),
  .enableExperimentalFeature("Lifetimes"),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("MemberImportVisibility"),
]

func module(_ name: String, imports: [Target.Dependency] = []) -> Target {
  .target(name: name, dependencies: imports, swiftSettings: strict)
}

func benchmark(
  _ name: String, at folder: String, imports: [Target.Dependency] = []
) -> Target {
  .target(
    name: name, dependencies: imports, path: "Benchmarks/\(folder)", swiftSettings: strict)
}

/// A benchmark that is run.
func program(_ name: String, imports: [Target.Dependency]) -> Target {
  .executableTarget(
    name: name, dependencies: imports, path: "Benchmarks/\(name)", swiftSettings: strict)
}

func tests(
  of name: String, imports: [Target.Dependency] = [], exclude: [String] = []
) -> Target {
  .testTarget(
    name: "\(name)Tests", dependencies: [.init(stringLiteral: name), "TestSupport"] + imports,
    exclude: exclude, swiftSettings: relaxed)
}

let package = Package(
  name: "weir",
  products: [
    .executable(name: "weir", targets: ["weir"]),
    .library(name: "WeirClient", targets: ["WeirClient"]),
  ],
  targets: [
    // What C has and Swift's Glibc module lacks.
    .systemLibrary(name: "CLinux"),
    .systemLibrary(name: "CIntrinsics"),
    // Debian: zlib1g-dev.
    .systemLibrary(name: "CZlib", providers: [.apt(["zlib1g-dev"])]),
    // Debian: libyaml-dev, libssl-dev, libcrypt-dev.
    .systemLibrary(name: "CYAML", providers: [.apt(["libyaml-dev"])]),
    .systemLibrary(name: "COpenSSL", providers: [.apt(["libssl-dev"])]),
    .systemLibrary(name: "CCrypt", providers: [.apt(["libcrypt-dev"])]),

    // Foundations: they know nothing of each other but of bytes and the one kind of lock.
    module("WeirBytes", imports: ["CIntrinsics"]),
    module("WeirSockets", imports: ["CLinux", "WeirBytes"]),
    module("WeirConfiguration", imports: ["CYAML"]),
    module("WeirSecurity", imports: ["CCrypt", "COpenSSL", "WeirBytes"]),

    // Middle: pure values, and protocols that know no metrics.
    module("WeirMetrics", imports: ["WeirBytes"]),
    module("WeirWire", imports: ["WeirBytes", "WeirMetrics"]),
    module("WeirPush", imports: ["WeirBytes", "WeirMetrics"]),
    module("WeirAggregation", imports: ["WeirBytes", "WeirMetrics", "WeirPush"]),
    module("WeirExposition", imports: ["WeirBytes", "WeirMetrics"]),
    module(
      "WeirHTTP", imports: ["CZlib", "WeirBytes", "WeirSecurity", "WeirSockets"]),

    // Top: one module wires everything; another reads the command line, which C's main hands it.
    module(
      "WeirDaemon",
      imports: [
        "CLinux", "WeirAggregation", "WeirBytes", "WeirConfiguration", "WeirExposition", "WeirHTTP",
        "WeirMetrics", "WeirPush", "WeirSecurity", "WeirSockets", "WeirWire",
      ]),
    module("WeirMain", imports: ["WeirConfiguration", "WeirDaemon"]),
    .executableTarget(name: "weir", dependencies: ["WeirMain"]),

    // What applications are linked with; no library of the system but the C library.
    module(
      "WeirClient",
      imports: ["CLinux", "WeirBytes", "WeirMetrics", "WeirPush", "WeirSockets"]),

    // Benchmarks: what they share, then the programs.
    benchmark("BenchmarkTooling", at: "Tooling"),
    benchmark("BenchmarkPayload", at: "Payload", imports: ["BenchmarkTooling"]),
    benchmark(
      "BenchmarkTraffic", at: "Traffic",
      imports: ["BenchmarkPayload", "BenchmarkTooling", "CLinux"]),
    benchmark(
      "BenchmarkReceivers", at: "Receivers",
      imports: [
        "BenchmarkPayload", "WeirAggregation", "WeirBytes", "WeirMetrics", "WeirSockets",
        "WeirWire",
      ]),
    program(
      "Bench",
      imports: [
        "BenchmarkPayload", "BenchmarkReceivers", "BenchmarkTooling", "WeirAggregation",
        "WeirBytes",
      ]),
    program(
      "PushBench",
      imports: [
        "BenchmarkPayload", "BenchmarkTooling", "WeirAggregation", "WeirBytes", "WeirMetrics",
        "WeirPush", "WeirSockets",
      ]),
    program(
      "Drain",
      imports: [
        "BenchmarkPayload", "BenchmarkReceivers", "BenchmarkTooling", "BenchmarkTraffic",
        "WeirAggregation", "WeirBytes", "WeirSockets",
      ]),
    program(
      "BareReceiver", imports: ["BenchmarkReceivers", "BenchmarkTooling", "WeirSockets"]),
    program("ClientCost", imports: ["BenchmarkTooling", "WeirClient"]),
    program("Load", imports: ["BenchmarkPayload", "BenchmarkTooling", "BenchmarkTraffic"]),

    .target(name: "TestSupport", path: "Tests/TestSupport", swiftSettings: strict),
    tests(of: "WeirBytes"),
    tests(of: "WeirMetrics", imports: ["WeirBytes"]),
    tests(of: "WeirWire", imports: ["WeirBytes", "WeirMetrics"], exclude: ["Corpus"]),
    tests(of: "WeirPush", imports: ["WeirBytes", "WeirMetrics"]),
    tests(
      of: "WeirAggregation",
      imports: ["WeirBytes", "WeirMetrics", "WeirPush", "WeirWire"]),
    tests(of: "WeirExposition", imports: ["WeirBytes", "WeirMetrics"]),
    tests(of: "WeirSockets", imports: ["CLinux"]),
    tests(of: "WeirSecurity", imports: ["COpenSSL"]),
    tests(of: "WeirHTTP", imports: ["WeirSecurity", "WeirSockets"]),
    tests(of: "WeirConfiguration"),
    tests(
      of: "WeirDaemon",
      imports: [
        "WeirAggregation", "WeirBytes", "WeirConfiguration", "WeirExposition", "WeirHTTP",
        "WeirMetrics", "WeirPush", "WeirSecurity", "WeirSockets", "WeirWire",
      ]),
    // A program that forks, which a test process of many threads had better not.
    .executableTarget(
      name: "ForkingClient", dependencies: ["WeirClient"], path: "Tests/ForkingClient",
      swiftSettings: relaxed),
    .executableTarget(
      name: "PushingClient", dependencies: ["WeirClient"], path: "Tests/PushingClient",
      swiftSettings: relaxed),
    // A process of which the system tests run many.
    .executableTarget(
      name: "RecordingClient", dependencies: ["WeirClient"], path: "Tests/RecordingClient",
      swiftSettings: relaxed),
    tests(
      of: "WeirClient",
      imports: [
        "ForkingClient", "PushingClient", "WeirBytes", "WeirMetrics", "WeirPush", "WeirSecurity",
        "WeirSockets",
      ]),
    .testTarget(
      name: "BenchmarkTests", dependencies: ["BenchmarkPayload", "BenchmarkTooling"],
      swiftSettings: relaxed),
    .testTarget(name: "SystemTests", exclude: ["Clients"], swiftSettings: relaxed),
  ],
  swiftLanguageModes: [.v6]
)

// Built by `scripts/fuzz` alone, for libFuzzer brings the `main` that it has not.
if Context.environment["WEIR_FUZZ"] != nil {
  package.targets.append(
    .executableTarget(
      name: "PushFuzz",
      dependencies: ["WeirAggregation", "WeirBytes", "WeirMetrics", "WeirPush"],
      path: "Tests/Fuzz", exclude: ["Corpus"],
      swiftSettings: relaxed + [.unsafeFlags(["-parse-as-library"])]))
}
