// swift-tools-version:6.2
// A peer for ratios, in a package of its own: nothing of Plugboard is in it.
import PackageDescription

let package = Package(
    name: "BareNIO",
    dependencies: [.package(url: "https://github.com/apple/swift-nio", exact: "2.101.2")],
    targets: [
        .executableTarget(
            name: "BareNIO",
            dependencies: [
                .product(name: "NIOCore", package: "swift-nio"), .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"), .product(name: "NIOWebSocket", package: "swift-nio"),
            ], swiftSettings: [.swiftLanguageMode(.v6)])
    ]
)
