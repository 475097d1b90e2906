// swift-tools-version: 6.2
import PackageDescription

let package = Package(
    name: "penstock-examples",
    platforms: [.macOS(.v15)],
    dependencies: [
        .package(name: "penstock", path: ".."),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.0"),
    ],
    targets: ["Streaming", "Structured", "RelayExample", "NumberedLines"].map { name in
        .executableTarget(
            name: name,
            dependencies: [
                .product(name: "Penstock", package: "penstock"),
                .product(name: "PenstockNIO", package: "penstock"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ]
        )
    },
    swiftLanguageModes: [.v6]
)

for target in package.targets {
    // What a package of anybody's has: shows that the scopes of connections need nothing more.
    guard target.name != "Structured" else {
        target.swiftSettings = [.treatAllWarnings(as: .error)]
        continue
    }
    target.swiftSettings =
        (target.swiftSettings ?? []) + [
            .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
            .enableUpcomingFeature("ExistentialAny"),
            .enableUpcomingFeature("InternalImportsByDefault"),
            .enableUpcomingFeature("MemberImportVisibility"),
            .treatAllWarnings(as: .error),
        ]
}
