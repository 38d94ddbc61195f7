// swift-tools-version:6.2
// The guide's examples: one executable per page, built against the library as it is next door.
import PackageDescription

let names = [
    "Errors", "Connectors", "Connecting", "Enumeration", "Control", "Sensing", "Disconnecting", "Logs", "Together", "OwnDevice",
]

let package = Package(
    name: "Examples",
    dependencies: [
        .package(name: "plugboard", path: ".."),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    ],
    targets: names.map { name in
        .executableTarget(
            name: name,
            dependencies: [
                .product(name: "ButtplugClient", package: "plugboard"),
                .product(name: "ButtplugServer", package: "plugboard"),
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: [.swiftLanguageMode(.v6)])
    }
)
