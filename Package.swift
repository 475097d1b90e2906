// swift-tools-version: 6.2
import PackageDescription

let package = Package(
    name: "penstock",
    platforms: [.macOS(.v15)],
    products: [
        .library(name: "Penstock", targets: ["Penstock"]),
        .library(name: "PenstockNIO", targets: ["PenstockNIO"]),
        .library(name: "PenstockTesting", targets: ["PenstockTesting"]),
        .executable(name: "penstock", targets: ["PenstockTool"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    ],
    targets: [
        .target(
            name: "Penstock",
            dependencies: [.product(name: "DequeModule", package: "swift-collections")]
        ),
        .target(
            name: "PenstockNIO",
            dependencies: [
                "Penstock",
                .product(name: "DequeModule", package: "swift-collections"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "Logging", package: "swift-log"),
            ]
        ),
        .target(name: "PenstockTesting", dependencies: ["Penstock"]),
        .executableTarget(
            name: "PenstockTool",
            dependencies: [
                "Penstock",
                "PenstockNIO",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ]
        ),
        .testTarget(name: "PenstockTests", dependencies: ["Penstock", "PenstockTesting"]),
        .testTarget(
            name: "PenstockNIOTests",
            dependencies: [
                "Penstock",
                "PenstockNIO",
                "PenstockTesting",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOEmbedded", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ]
        ),
        .testTarget(name: "PenstockTestingTests", dependencies: ["Penstock", "PenstockTesting"]),
        .testTarget(
            name: "PenstockToolTests",
            dependencies: [
                "Penstock",
                "PenstockNIO",
                "PenstockTool",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ]
        ),
    ],
    swiftLanguageModes: [.v6]
)

for target in package.targets {
    target.swiftSettings =
        (target.swiftSettings ?? []) + [
            .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
            .enableUpcomingFeature("ExistentialAny"),
            .enableUpcomingFeature("InternalImportsByDefault"),
            .enableUpcomingFeature("MemberImportVisibility"),
            .treatAllWarnings(as: .error),
        ]
}

// The documentation is built by a plugin that only whoever builds it has to fetch.
if Context.environment["PENSTOCK_DOCS"] != nil {
    package.dependencies.append(.package(url: "https://github.com/swiftlang/swift-docc-plugin", from: "1.5.0"))
}
