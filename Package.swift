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

func tests(
  of name: String, imports: [Target.Dependency] = [], exclude: [String] = []
) -> Target {
  .testTarget(
    name: "\(name)Tests", dependencies: [.init(stringLiteral: name), "TestSupport"] + imports,
    exclude: exclude, swiftSettings: relaxed)
}

let package = Package(
  name: "weir",
  products: [.executable(name: "weir", targets: ["weir"])],
  targets: [
    // What C has and Swift's Glibc module lacks.
    .systemLibrary(name: "CLinux"),
    .systemLibrary(name: "CIntrinsics"),

    // Foundations: they know nothing of each other, but that all may share by one kind of lock.
    module("WeirConcurrency"),
    module("WeirBytes", imports: ["CIntrinsics"]),
    module("WeirSockets", imports: ["CLinux", "WeirConcurrency"]),
    module("WeirConfiguration"),

    // Middle: pure values, and protocols that know no metrics.
    module("WeirMetrics", imports: ["WeirBytes"]),
    module("WeirWire", imports: ["WeirBytes", "WeirMetrics"]),
    module("WeirAggregation", imports: ["WeirBytes", "WeirConcurrency", "WeirMetrics"]),
    module("WeirExposition", imports: ["WeirBytes", "WeirMetrics"]),
    module("WeirHTTP", imports: ["WeirConcurrency", "WeirSockets"]),

    // Top: one module wires everything; the executable only calls it.
    module(
      "WeirDaemon",
      imports: [
        "WeirAggregation", "WeirBytes", "WeirConcurrency", "WeirConfiguration", "WeirExposition",
        "WeirHTTP",
        "WeirMetrics", "WeirSockets", "WeirWire",
      ]),
    .executableTarget(
      name: "weir", dependencies: ["WeirConfiguration", "WeirDaemon"], swiftSettings: strict),

    .target(name: "BenchmarkPayload", path: "Benchmarks/Payload", swiftSettings: strict),
    .executableTarget(
      name: "Load", dependencies: ["BenchmarkPayload", "CLinux"], path: "Benchmarks/Load",
      swiftSettings: strict),
    .executableTarget(
      name: "Bench",
      dependencies: [
        "BenchmarkPayload", "WeirAggregation", "WeirBytes", "WeirMetrics", "WeirWire",
      ],
      path: "Benchmarks/Bench", swiftSettings: strict),

    .target(name: "TestSupport", path: "Tests/TestSupport", swiftSettings: strict),
    tests(of: "WeirBytes"),
    tests(of: "WeirMetrics", imports: ["WeirBytes"]),
    tests(of: "WeirWire", imports: ["WeirBytes", "WeirMetrics"], exclude: ["Corpus"]),
    tests(
      of: "WeirAggregation",
      imports: ["WeirBytes", "WeirConcurrency", "WeirWire", "WeirMetrics"]),
    tests(of: "WeirExposition", imports: ["WeirBytes", "WeirMetrics"]),
    tests(of: "WeirSockets", imports: ["CLinux"]),
    tests(of: "WeirHTTP", imports: ["WeirSockets"]),
    tests(of: "WeirConfiguration"),
    tests(
      of: "WeirDaemon",
      imports: [
        "WeirAggregation", "WeirConfiguration", "WeirMetrics", "WeirSockets", "WeirWire",
      ]),
    .testTarget(name: "SystemTests", exclude: ["Clients"], swiftSettings: relaxed),
  ],
  swiftLanguageModes: [.v6]
)
