// swift-tools-version:6.2
// The guide's examples: one executable per page, and the README's lines, built against the library in the folder above.
import PackageDescription

let names = [
    "Errors", "Connectors", "Connecting", "Enumeration", "Control", "Sensing", "Disconnecting", "Logs", "Together", "OwnDevice",
    "TenMinutes", "Brief",
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
