// swift-tools-version: 6.2
import PackageDescription

let package = Package(
    name: "penstock-benchmarks",
    platforms: [.macOS(.v15)],
    dependencies: [
        .package(name: "penstock", path: ".."),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-async-algorithms", from: "1.1.4"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.0"),
        // Without its traits: they pull in interposers that count allocations. `CAllocationCount` does that here.
        .package(url: "https://github.com/ordo-one/benchmark", from: "1.38.1", traits: []),
    ],
    targets: [
        .target(name: "CAllocationCount"),
        .target(
            name: "HandOffWork",
            dependencies: [
                "CAllocationCount",
                .product(name: "DequeModule", package: "swift-collections"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "Penstock", package: "penstock"),
                .product(name: "PenstockNIO", package: "penstock"),
            ]
        ),
        // Without NIO, whose C modules would hide the system's socket types.
        .target(name: "LoopbackLoad"),
        .executableTarget(
            name: "PenstockRatios",
            dependencies: [
                "CAllocationCount",
                "HandOffWork",
                "LoopbackLoad",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "AsyncAlgorithms", package: "swift-async-algorithms"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "Penstock", package: "penstock"),
                .product(name: "PenstockNIO", package: "penstock"),
            ]
        ),
        .executableTarget(
            name: "HandOff",
            dependencies: [
                "HandOffWork",
                .product(name: "Benchmark", package: "benchmark"),
            ],
            path: "Benchmarks/HandOff",
            plugins: [.plugin(name: "BenchmarkPlugin", package: "benchmark")]
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
