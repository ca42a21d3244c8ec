// swift-tools-version: 6.2

import PackageDescription

let package = Package(
  name: "weir-swift-metrics",
  products: [.library(name: "MetricsToWeir", targets: ["MetricsToWeir"])],
  dependencies: [
    .package(url: "https://github.com/apple/swift-metrics", from: "2.5.0"),
    // In a package of your own, the address of the repository.
    .package(name: "weir", path: "../../.."),
  ],
  targets: [
    // What to copy.
    .target(
      name: "MetricsToWeir",
      dependencies: [
        .product(name: "CoreMetrics", package: "swift-metrics"),
        .product(name: "WeirClient", package: "weir"),
      ]),
    .executableTarget(
      name: "Example",
      dependencies: [
        "MetricsToWeir", .product(name: "Metrics", package: "swift-metrics"),
        .product(name: "WeirClient", package: "weir"),
      ]),
  ]
)
