// swift-tools-version:6.2
// Fuzzes every reader of foreign bytes. The product's modules are built here once more, from the same source, with instrumentation: the
// product's own package knows nothing of this one.
import PackageDescription

let settings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableExperimentalFeature("Lifetimes"),
    // The readers are internal; optimised code hides them otherwise.
    .unsafeFlags(["-enable-testing"]),
]

/// A module of the product, from its folder.
func module(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: dependencies, path: "Product/\(name)", swiftSettings: settings)
}
let deque = Target.Dependency.product(name: "DequeModule", package: "swift-collections")
let heap = Target.Dependency.product(name: "HeapModule", package: "swift-collections")
let arguments = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")

let package = Package(
    name: "Fuzz",
    platforms: [.macOS(.v26)],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
    ],
    targets: [
        .systemLibrary(name: "CUV", path: "Product/CUV", pkgConfig: "libuv"),
        .systemLibrary(name: "COpenSSL", path: "Product/COpenSSL", pkgConfig: "libssl"),
        .systemLibrary(name: "CLinux", path: "Product/CLinux"),
        .target(name: "CTOML", path: "Product/CTOML"),
        module("Host"),
        module("WebSocket", ["COpenSSL"]),
        module("JSON"),
        module("DBus", ["Host"]),
        module("NATS"),
        module("Cluster", ["Host"]),
        module("HTTP", ["JSON", "WebSocket"]),
        module("Entrance", ["WebSocket", "Host"]),
        module("Guard", ["COpenSSL", "JSON", "Host"]),
        module("Admin", ["Entrance", "Guard", "HTTP", "JSON", "Router", "Buttplug", "Host"]),
        module("LibC", ["CLinux"]),
        module("UV", ["CUV", "LibC"]),
        module("Platform", ["UV", "LibC"]),
        module("Buttplug", ["Host"]),
        module("Router", ["Buttplug", "Host", deque, heap]),
        module("Devices", ["Buttplug", "Host", heap]),
        module("Hardware", ["Buttplug", "DBus", "JSON", "Host"]),
        module("TLS", ["COpenSSL"]),
        module("SecureStreams", ["TLS", "UV"]),
        module("UVHost", ["Entrance", "Host", "HTTP", "WebSocket", "SecureStreams", "TLS", "UV"]),
        module("SimHost", ["DBus", "Host", heap]),
        module("ButtplugServer", ["Buttplug", "Router", "Devices", "Host", logging]),
        // Of the program, what reads: the configuration, and the announcer's messages.
        .target(
            name: "plugboard",
            dependencies: [
                "ButtplugServer", "UVHost", "UV", "Platform", "TLS", "WebSocket", "Guard", "JSON", "DBus", "CTOML", logging, arguments,
            ],
            path: "Product/plugboard",
            exclude: [
                "Admin", "Certificates", "CommandWords.swift", "Commands", "Doctor", "Operation", "Page", "Plugboard.swift", "Service",
                "Tokens",
                "Version.swift",
            ],
            sources: ["Configuration", "Announce", "ExitStatus.swift", "Text.swift"],
            swiftSettings: settings),
        // simdjson and wslay, other people's readers of the same bytes.
        .target(name: "COracles", linkerSettings: [.linkedLibrary("simdjson"), .linkedLibrary("wslay")]),
        .executableTarget(
            name: "Fuzz",
            dependencies: [
                "COracles", "LibC", "Host", "WebSocket", "JSON", "DBus", "NATS", "Cluster", "HTTP", "Guard", "Admin", "Buttplug", "Router",
                "Devices",
                "Hardware", "SimHost",
                "ButtplugServer", "plugboard",
            ],
            swiftSettings: settings, linkerSettings: [.unsafeFlags(["-use-ld=lld"])]),
    ],
    cxxLanguageStandard: .cxx17
)
