// swift-tools-version:6.2
// What measures Plugboard and is no part of it: the dispatch path, step by step.
import PackageDescription

let settings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableExperimentalFeature("Lifetimes"),
]

let package = Package(
    name: "benchmarks",
    dependencies: [
        .package(name: "plugboard", path: "..")
    ],
    targets: [
        .executableTarget(
            name: "Dispatch", dependencies: [.product(name: "PlugboardCores", package: "plugboard")], swiftSettings: settings)
    ]
)
