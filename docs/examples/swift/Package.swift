// swift-tools-version: 6.2

import PackageDescription

let package = Package(
  name: "weir-example",
  // In a package of your own, the address of the repository.
  dependencies: [.package(name: "weir", path: "../../..")],
  targets: [
    .executableTarget(
      name: "Example", dependencies: [.product(name: "WeirClient", package: "weir")])
  ]
)
