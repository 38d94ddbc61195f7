// swift-tools-version:6.2
import PackageDescription

let settings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableExperimentalFeature("Lifetimes"),
]

let package = Package(
    name: "plugboard",
    // `InlineArray` and the executor checks of Swift 6.2 are part of this macOS. Linux needs no line.
    platforms: [.macOS(.v26)],
    products: [
        .library(name: "ButtplugClient", targets: ["ButtplugClient"]),
        .library(name: "ButtplugServer", targets: ["ButtplugServer", "UVHost"]),
        // A simulated world for the tests of applications.
        .library(name: "ButtplugTestSupport", targets: ["SimHost"]),
        // What `benchmarks/` measures; not meant for applications.
        .library(name: "PlugboardCores", targets: ["Host", "WebSocket", "Buttplug", "Router", "Devices", "Hardware"]),
        .executable(name: "plugboard", targets: ["plugboard"]),
        .executable(name: "simulate", targets: ["simulate"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        .package(url: "https://github.com/HdrHistogram/hdrhistogram-swift", from: "0.2.0"),
    ],
    targets: [
        .systemLibrary(name: "CUV", pkgConfig: "libuv", providers: [.apt(["libuv1-dev"]), .brew(["libuv"])]),
        .systemLibrary(
            name: "COpenSSL", pkgConfig: "libssl", providers: [.apt(["libssl-dev"]), .brew(["openssl@3"])]),
        .systemLibrary(name: "CLinux"),

        // toml++ called through one C function. Its headers are the system's (libtomlplusplus-dev).
        .target(name: "CTOML"),

        .target(name: "Host", swiftSettings: settings),
        .target(name: "WebSocket", dependencies: ["COpenSSL"], swiftSettings: settings),
        // TLS without sockets, over libssl.
        .target(name: "TLS", dependencies: ["COpenSSL"], swiftSettings: settings),
        .target(name: "JSON", swiftSettings: settings),
        .target(name: "DBus", dependencies: ["Host"], swiftSettings: settings),
        // NATS without sockets, the links between the members of a cell, and a member's side of the router. No program uses them yet.
        .target(name: "NATS", swiftSettings: settings),
        .target(name: "Cluster", dependencies: ["Host"], swiftSettings: settings),
        .target(name: "HTTP", dependencies: ["JSON", "WebSocket"], swiftSettings: settings),
        .target(name: "Entrance", dependencies: ["WebSocket", "Host"], swiftSettings: settings),
        .target(name: "Guard", dependencies: ["COpenSSL", "JSON", "Host"], swiftSettings: settings),
        .target(name: "Admin", dependencies: ["Entrance", "Guard", "HTTP", "JSON", "Router", "Buttplug", "Host"], swiftSettings: settings),
        // The C library under one name on every system.
        .target(name: "LibC", dependencies: ["CLinux"], swiftSettings: settings),
        .target(name: "UV", dependencies: ["CUV", "LibC"], swiftSettings: settings),
        // TLS between a stream and its reader.
        .target(name: "SecureStreams", dependencies: ["TLS", "UV"], swiftSettings: settings),
        .target(name: "Platform", dependencies: ["UV", "LibC"], swiftSettings: settings),
        .target(name: "Buttplug", dependencies: ["Host"], swiftSettings: settings),
        .target(
            name: "Router",
            dependencies: [
                "Buttplug", "Host", .product(name: "DequeModule", package: "swift-collections"),
                .product(name: "HeapModule", package: "swift-collections"),
            ], swiftSettings: settings),
        .target(name: "Members", dependencies: ["Cluster", "NATS", "Router", "Buttplug", "Host"], swiftSettings: settings),
        .target(
            name: "Devices",
            dependencies: ["Buttplug", "Host", .product(name: "HeapModule", package: "swift-collections")],
            swiftSettings: settings),
        // Real devices: transports and protocols without I/O.
        .target(name: "Hardware", dependencies: ["Buttplug", "DBus", "JSON", "Host"], swiftSettings: settings),
        .target(
            name: "UVHost", dependencies: ["Entrance", "Host", "HTTP", "WebSocket", "SecureStreams", "TLS", "UV"],
            swiftSettings: settings),
        .target(
            name: "SimHost",
            dependencies: ["DBus", "Host", .product(name: "HeapModule", package: "swift-collections")],
            swiftSettings: settings),
        .target(
            name: "ButtplugServer",
            dependencies: ["Buttplug", "Router", "Devices", "Hardware", "Host", .product(name: "Logging", package: "swift-log")],
            swiftSettings: settings),
        .target(
            name: "ButtplugClient",
            dependencies: ["Buttplug", "Host", "UVHost", .product(name: "Logging", package: "swift-log")],
            swiftSettings: settings),
        .target(
            name: "Bench",
            dependencies: [
                "Host", "JSON", "WebSocket", "SecureStreams", "TLS", "UV", "Platform",
                .product(name: "HeapModule", package: "swift-collections"),
                .product(name: "Histogram", package: "hdrhistogram-swift"),
            ], swiftSettings: settings),
        .executableTarget(
            name: "plugboard",
            dependencies: [
                "ButtplugServer", "Hardware", "UVHost", "UV", "Platform", "TLS", "WebSocket", "Bench", "Admin", "Guard", "HTTP", "JSON",
                "DBus",
                "CTOML",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
            ],
            // The dashboard's files are part of the program.
            resources: [.embedInCode("Page")],
            swiftSettings: settings,
            // Half the memory and half the start of a program that loads the Swift libraries. The three are what FoundationEssentials,
            // which swift-argument-parser brings along, wants of the toolchain and does not say.
            linkerSettings: [
                .unsafeFlags(
                    [
                        "-static-stdlib", "-l_FoundationCShims", "-l_FoundationCollections", "-lswiftSynchronization",
                        "-use-ld=lld", "-Xlinker", "--no-export-dynamic",
                    ],
                    .when(platforms: [.linux], configuration: .release))
            ]),
        .executableTarget(
            name: "simulate",
            dependencies: [
                "ButtplugServer", "ButtplugClient", "Hardware", "SimHost", "Admin", "Entrance", "Guard", "HTTP", "WebSocket", "JSON",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ], swiftSettings: settings),
        .executableTarget(name: "Echo", dependencies: ["UVHost", "Platform"], path: "Tests/Echo", swiftSettings: settings),

        .testTarget(name: "HostTests", dependencies: ["Host"], swiftSettings: settings),
        .testTarget(name: "UVTests", dependencies: ["UV", "Platform"], swiftSettings: settings),
        .testTarget(name: "PlatformTests", dependencies: ["Platform"], swiftSettings: settings),
        .testTarget(name: "WebSocketTests", dependencies: ["WebSocket"], swiftSettings: settings),
        .testTarget(name: "TLSTests", dependencies: ["COpenSSL", "TLS"], swiftSettings: settings),
        .testTarget(name: "DBusTests", dependencies: ["DBus"], swiftSettings: settings),
        .testTarget(name: "NATSTests", dependencies: ["COpenSSL", "NATS", "Members", "UVHost"], swiftSettings: settings),
        .testTarget(name: "ClusterTests", dependencies: ["Cluster"], swiftSettings: settings),
        .testTarget(name: "MembersTests", dependencies: ["Members", "Cluster", "SimHost"], swiftSettings: settings),
        .testTarget(name: "HTTPTests", dependencies: ["HTTP", "JSON"], swiftSettings: settings),
        .testTarget(name: "EntranceTests", dependencies: ["Entrance"], swiftSettings: settings),
        .testTarget(name: "GuardTests", dependencies: ["Guard"], swiftSettings: settings),
        .testTarget(name: "AdminTests", dependencies: ["Admin", "ButtplugServer", "SimHost"], swiftSettings: settings),
        .testTarget(name: "ButtplugTests", dependencies: ["Buttplug"], swiftSettings: settings),
        .testTarget(
            name: "RouterTests", dependencies: ["Router"], resources: [.copy("Fixtures")], swiftSettings: settings),
        .testTarget(name: "DevicesTests", dependencies: ["Devices"], swiftSettings: settings),
        .testTarget(name: "HardwareTests", dependencies: ["DBus", "Hardware", "JSON", "SimHost"], swiftSettings: settings),
        .testTarget(name: "UVHostTests", dependencies: ["UVHost", "TLS"], swiftSettings: settings),
        .testTarget(name: "ButtplugServerTests", dependencies: ["ButtplugServer", "Hardware", "SimHost"], swiftSettings: settings),
        .testTarget(
            name: "ButtplugClientTests", dependencies: ["ButtplugClient", "ButtplugServer", "UVHost", "SimHost"], swiftSettings: settings),
        .testTarget(name: "SimulationTests", dependencies: ["simulate", "SimHost", "Admin"], swiftSettings: settings),
        .testTarget(name: "CommandTests", dependencies: ["plugboard", "JSON"], swiftSettings: settings),
        .testTarget(name: "BenchTests", dependencies: ["Bench", "JSON"], swiftSettings: settings),
        .testTarget(name: "TidyTests", swiftSettings: settings),
    ],
    cxxLanguageStandard: .cxx17
)

// The quick run of the sanitizers names its test targets (`make sanitize-quick`) and builds only those and what they need.
if let tests = Context.environment["PLUGBOARD_TESTS"] {
    var needed: Set<String> = []
    var left = tests.split(separator: " ").map(String.init)
    while let name = left.popLast() {
        guard needed.insert(name).inserted, let target = package.targets.first(where: { $0.name == name }) else { continue }
        for case .byNameItem(let dependency, _) in target.dependencies { left.append(dependency) }
    }
    package.targets.removeAll { !needed.contains($0.name) }
    package.products = []
}
