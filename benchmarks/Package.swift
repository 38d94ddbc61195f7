// swift-tools-version:6.2
// Measures the dispatch path of Plugboard, step by step. It is not part of Plugboard.
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
        // Valgrind 3.19 cannot read the debug information that the compiler writes by default.
        .target(name: "CCallgrind", cSettings: [.unsafeFlags(["-gdwarf-4"])]),
        .executableTarget(
            name: "Dispatch",
            dependencies: [
                "CCallgrind", .product(name: "PlugboardCores", package: "plugboard"),
                .product(name: "ButtplugTestSupport", package: "plugboard"),
            ],
            // What the protocols of strokers compute with.
            swiftSettings: settings, linkerSettings: [.linkedLibrary("m")]),
    ]
)
