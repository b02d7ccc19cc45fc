// swift-tools-version: 6.2
import PackageDescription

// The rooms of docs/design.md, each with exactly the doors (dependencies) that the design draws.
// `swift build --explicit-target-dependency-import-check error` guards the arrows.

let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .strictMemorySafety(),
    .treatAllWarnings(as: .error),
]

/// A room: `Sources/<name>`.
func room(_ name: String, _ doors: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: doors, swiftSettings: strict)
}

/// The tests of a room: `Tests/<name>Tests`.
func tests(
    _ name: String,
    _ doors: [Target.Dependency] = [],
    exclude: [String] = [],
    resources: [Resource] = []
) -> Target {
    .testTarget(
        name: name + "Tests",
        dependencies: [.byName(name: name)] + doors,
        exclude: exclude,
        resources: resources,
        swiftSettings: strict
    )
}

/// A plugin: `plugins/<folder>/{plugin.json,schema.json,README.md,Sources,Tests}`, embedded
/// manifest included.
func plugin(
    _ folder: String,
    _ module: String,
    _ doors: [Target.Dependency] = [],
    testing: [Target.Dependency] = []
) -> [Target] {
    [
        .target(
            name: module,
            dependencies: ["JSON", "ChaosModel", "ChaosPluginAPI"] + doors,
            path: "plugins/\(folder)",
            exclude: ["README.md", "Tests"],
            sources: ["Sources"],
            resources: [.embedInCode("plugin.json"), .embedInCode("schema.json")],
            swiftSettings: strict
        ),
        .testTarget(
            name: module + "Tests",
            dependencies: [.byName(name: module), "JSON", "ChaosModel", "ChaosPluginAPI"] + doors
                + testing,
            path: "plugins/\(folder)/Tests",
            swiftSettings: strict
        ),
    ]
}

let plugins: [Target] = [
    plugin("process", "FaultProcess", ["ChaosTargets", "LinuxSystem", "EventLoop"]),
    plugin(
        "resource",
        "FaultResource",
        ["ChaosTargets", "LinuxSystem", "EventLoop", "Postgres", "ProcessTrace"],
        testing: ["PostgresServer", "CLinux"]
    ),
    plugin(
        "clock",
        "FaultClock",
        ["ChaosTargets", "ProcessClock", "LinuxSystem", "EventLoop"],
        testing: ["Postgres", "PostgresServer", "clock-probe"]
    ),
    plugin("http", "FaultHTTP", ["HTTP", "EventLoop"]),
    plugin("sql", "FaultSQL", ["Postgres", "EventLoop"], testing: ["PostgresServer"]),
    plugin("metric", "FaultMetric", ["ChaosStatistics"]),
    plugin("invariant", "FaultInvariant", ["Postgres", "EventLoop"], testing: ["PostgresServer"]),
    plugin(
        "toxic",
        "FaultToxic",
        ["HTTP", "EventLoop"],
        testing: ["ChaosProxy", "Postgres", "PostgresServer"]
    ),
    plugin(
        "partition",
        "FaultPartition",
        ["ChaosTargets", "NFTables", "LinuxSystem", "EventLoop"],
        testing: ["NetworkFixtures"]
    ),
    plugin(
        "netem",
        "FaultNetem",
        ["ChaosTargets", "Netlink", "NFTables", "PacketQueue", "LinuxSystem", "EventLoop"]
    ),
    plugin("shop", "FaultShop", ["HTTP", "EventLoop"], testing: ["ShopCore", "ShopProcessor"]),
].flatMap { $0 }

let package = Package(
    name: "chaos",
    products: [
        .executable(name: "chaos", targets: ["chaos"]),
        .executable(name: "shop", targets: ["shop"]),
    ],
    targets: [
        // C libraries: one module map each.
        .target(name: "CLinux"),
        .systemLibrary(
            name: "CPostgres",
            pkgConfig: "libpq",
            providers: [.apt(["libpq-dev"])]
        ),
        .systemLibrary(
            name: "CNetlink",
            pkgConfig: "libnl-3.0",
            providers: [.apt(["libnl-3-dev"])]
        ),

        .systemLibrary(
            name: "CNFTables",
            pkgConfig: "libnftables",
            providers: [.apt(["libnftables-dev"])]
        ),
        .systemLibrary(
            name: "COpenSSL",
            pkgConfig: "openssl",
            providers: [.apt(["libssl-dev"])]
        ),
        .systemLibrary(
            name: "CRabbitMQ",
            pkgConfig: "librabbitmq",
            providers: [.apt(["librabbitmq-dev"])]
        ),

        // Foundation rooms.
        room("JSON"),
        room("CommandLine"),
        room("EventLoop", ["CLinux"]),
        room("LinuxSystem", ["CLinux", "EventLoop"]),
        room("NFTables", ["CNFTables", "JSON", "EventLoop", "LinuxSystem"]),
        .target(name: "CClock"),
        .plugin(
            name: "ClockShimBuilder",
            capability: .buildTool(),
            path: "Sources/ClockShimBuilder"
        ),
        .target(
            name: "ProcessClock",
            dependencies: ["CClock", "EventLoop", "LinuxSystem"],
            exclude: ["Shim"],
            swiftSettings: strict,
            plugins: ["ClockShimBuilder"]
        ),
        room("Netlink", ["CNetlink", "EventLoop", "LinuxSystem"]),
        room(
            "PacketQueue",
            ["CLinux", "JSON", "EventLoop", "LinuxSystem", "NFTables", "Netlink"]
        ),
        .target(name: "CTrace"),
        room("ProcessTrace", ["CTrace", "JSON", "EventLoop", "LinuxSystem"]),
        room("TLS", ["COpenSSL"]),
        room("HTTP", ["EventLoop"]),
        room("Postgres", ["CPostgres", "EventLoop"]),
        room("PostgresServer", ["Postgres", "EventLoop", "LinuxSystem"]),
        room("RabbitMQ", ["CRabbitMQ", "EventLoop"]),
        room("RabbitMQServer", ["RabbitMQ", "EventLoop", "LinuxSystem", "PostgresServer"]),
        room("Telemetry", ["JSON"]),

        // The toolkit.
        room("ChaosModel", ["JSON"]),
        room("ChaosPluginAPI", ["JSON", "ChaosModel"]),
        room("ChaosTargets", ["JSON", "ChaosModel", "ChaosPluginAPI", "LinuxSystem"]),
        room("ChaosPlan", ["JSON", "ChaosModel", "ChaosPluginAPI"]),
        room("ChaosJournal", ["JSON", "ChaosModel"]),
        room("ChaosStatistics", []),
        room("ChaosVerdict", ["JSON", "ChaosModel", "ChaosJournal", "ChaosStatistics"]),
        room(
            "ChaosReport",
            ["JSON", "ChaosModel", "ChaosJournal", "ChaosStatistics", "ChaosVerdict"]
        ),
        room("ChaosGate", ["JSON", "ChaosModel", "ChaosVerdict", "ChaosReport"]),
        .target(
            name: "ChaosGameDay",
            dependencies: ["JSON", "ChaosModel", "ChaosJournal", "ChaosVerdict", "ChaosReport"],
            resources: [
                .embedInCode("Dashboard/dashboard.html"), .embedInCode("Dashboard/dashboard.css"),
                .embedInCode("Dashboard/dashboard.js"),
            ],
            swiftSettings: strict
        ),
        room(
            "ChaosProxy",
            [
                "CLinux", "JSON", "ChaosModel", "ChaosStatistics", "EventLoop", "LinuxSystem",
                "HTTP",
                "TLS",
            ]
        ),
        room(
            "ChaosLoad",
            [
                "JSON", "ChaosModel", "ChaosPluginAPI", "ChaosJournal", "ChaosStatistics",
                "EventLoop", "HTTP",
            ]
        ),
        room(
            "ChaosRunner",
            [
                "JSON", "ChaosModel", "ChaosPluginAPI", "ChaosPlan", "ChaosJournal",
                "ChaosStatistics", "ChaosLoad", "EventLoop", "LinuxSystem",
            ]
        ),

        // The reference system.
        room("ShopCore", ["JSON", "EventLoop", "HTTP", "Postgres", "Telemetry"]),
        room("ShopGateway", ["JSON", "ShopCore", "EventLoop", "HTTP", "Postgres", "Telemetry"]),
        room("ShopOrders", ["JSON", "ShopCore", "EventLoop", "HTTP", "Postgres", "Telemetry"]),
        room("ShopInventory", ["JSON", "ShopCore", "EventLoop", "HTTP", "Postgres", "Telemetry"]),
        room("ShopPayments", ["JSON", "ShopCore", "EventLoop", "HTTP", "Postgres", "Telemetry"]),
        room("ShopBroker", ["ShopCore", "EventLoop", "Postgres", "RabbitMQ"]),
        room(
            "ShopEvents",
            ["JSON", "ShopCore", "ShopBroker", "EventLoop", "HTTP", "Postgres", "Telemetry"]
        ),
        room(
            "ShopNotifications",
            ["ShopCore", "ShopBroker", "ShopEvents", "EventLoop", "Postgres"]
        ),
        room(
            "ShopProjector",
            ["JSON", "ShopCore", "ShopBroker", "ShopEvents", "EventLoop", "HTTP", "Postgres"]
        ),
        room(
            "ShopReconciler",
            ["JSON", "ShopCore", "EventLoop", "HTTP", "Postgres", "Telemetry"]
        ),
        room("ShopProcessor", ["JSON", "ShopCore", "EventLoop", "HTTP", "Postgres", "Telemetry"]),
        room(
            "ShopSupervisor",
            [
                "JSON", "ChaosModel", "ShopCore", "ShopBroker", "EventLoop", "LinuxSystem",
                "Netlink", "HTTP", "Postgres", "PostgresServer", "RabbitMQ", "RabbitMQServer",
                "Telemetry",
            ]
        ),

        // The plugins compiled in: plugins/Registry.swift.
        .target(
            name: "BundledPlugins",
            dependencies: [
                "ChaosPluginAPI", "FaultProcess", "FaultHTTP", "FaultSQL", "FaultMetric",
                "FaultInvariant", "FaultToxic", "FaultPartition", "FaultResource",
                "FaultClock", "FaultNetem", "FaultShop",
            ],
            path: "plugins",
            exclude: [
                "process", "http", "sql", "metric", "invariant", "toxic", "partition", "resource",
                "clock", "netem", "shop",
            ],
            sources: ["Registry.swift"],
            swiftSettings: strict
        ),

        // Executables.
        .executableTarget(
            name: "chaos",
            dependencies: [
                "JSON", "CommandLine", "EventLoop", "LinuxSystem", "HTTP", "Postgres",
                "PostgresServer", "PacketQueue", "ProcessTrace", "RabbitMQServer", "Telemetry",
                "ChaosModel", "ChaosPluginAPI", "ChaosPlan", "ChaosJournal", "ChaosStatistics",
                "ChaosVerdict", "ChaosReport", "ChaosGate", "ChaosGameDay", "ChaosProxy",
                "ChaosLoad",
                "ChaosRunner",
                "ShopCore", "ShopSupervisor", "BundledPlugins", "ProcessClock",
            ],
            swiftSettings: strict
        ),
        .executableTarget(
            name: "shop",
            dependencies: [
                "JSON", "CommandLine", "EventLoop", "LinuxSystem", "HTTP", "Postgres", "Telemetry",
                "ShopCore", "ShopGateway", "ShopOrders", "ShopInventory", "ShopPayments",
                "ShopProcessor", "ShopEvents", "ShopNotifications", "ShopProjector",
                "ShopReconciler", "ShopSupervisor",
            ],
            swiftSettings: strict
        ),

        // What `make bench-proxy` puts around a proxy.
        .executableTarget(
            name: "proxy-load",
            dependencies: ["EventLoop"],
            path: "Benchmarks/proxy/Load",
            swiftSettings: strict
        ),

        // What `make bench-events` puts around the event pipeline.
        .executableTarget(
            name: "events-load",
            dependencies: [
                "JSON", "EventLoop", "LinuxSystem", "Postgres", "PostgresServer", "ShopCore",
                "ShopBroker", "ShopEvents",
            ],
            path: "Benchmarks/events/Load",
            swiftSettings: strict
        ),

        // Tests.
        tests("JSON"),
        tests("CommandLine"),
        tests("EventLoop", ["CLinux"]),
        tests("LinuxSystem", ["EventLoop", "CLinux"]),
        .target(
            name: "BrowserFixtures",
            dependencies: ["JSON", "EventLoop", "LinuxSystem"],
            path: "Tests/BrowserFixtures",
            exclude: ["examination.js"],
            swiftSettings: strict
        ),
        .target(
            name: "NetworkFixtures",
            dependencies: ["CLinux", "EventLoop", "LinuxSystem"],
            path: "Tests/NetworkFixtures",
            swiftSettings: strict
        ),
        tests("NFTables", ["EventLoop", "LinuxSystem", "NetworkFixtures"]),
        tests("ProcessClock", ["EventLoop", "LinuxSystem"]),
        tests("Netlink", ["EventLoop", "LinuxSystem"]),
        tests(
            "PacketQueue",
            ["JSON", "EventLoop", "LinuxSystem", "NFTables", "Netlink", "NetworkFixtures"]
        ),
        tests("TLS"),
        tests("HTTP", ["EventLoop"]),
        tests("Postgres", ["EventLoop", "LinuxSystem", "PostgresServer"]),
        tests("PostgresServer", ["Postgres", "EventLoop", "LinuxSystem"]),
        tests("Telemetry", ["JSON"]),
        tests("ChaosModel", ["JSON"], exclude: ["Broken", "Tables"]),
        tests("ChaosTargets", ["ChaosModel", "EventLoop", "LinuxSystem"]),
        tests("ChaosPlan", ["JSON", "ChaosModel", "ChaosPluginAPI"]),
        tests("ChaosJournal", ["JSON", "ChaosModel"]),
        tests("ChaosStatistics"),
        tests("ChaosVerdict", ["JSON", "ChaosModel", "ChaosJournal"]),
        tests(
            "ChaosReport",
            [
                "JSON", "ChaosModel", "ChaosJournal", "ChaosVerdict", "EventLoop", "LinuxSystem",
                "BrowserFixtures",
            ],
            exclude: ["Samples", "junit.xsd"]
        ),
        tests("ChaosGate", ["JSON", "ChaosModel", "ChaosVerdict", "ChaosReport"]),
        tests(
            "ChaosGameDay",
            ["JSON", "ChaosModel", "ChaosJournal", "EventLoop", "LinuxSystem"],
            exclude: ["Plans"]
        ),
        tests(
            "ChaosProxy",
            [
                "ChaosStatistics", "JSON", "ChaosModel", "EventLoop", "HTTP", "LinuxSystem",
                "Postgres", "PostgresServer", "TLS",
            ]
        ),
        tests(
            "ChaosLoad",
            [
                "JSON", "ChaosModel", "ChaosPluginAPI", "ChaosJournal", "ChaosStatistics",
                "EventLoop", "HTTP",
            ]
        ),
        .target(
            name: "RunnerFixtures",
            dependencies: [
                "JSON", "ChaosModel", "ChaosPluginAPI", "ChaosPlan", "EventLoop", "LinuxSystem",
            ],
            path: "Tests/RunnerFixtures",
            swiftSettings: strict
        ),
        .executableTarget(
            name: "runner-host",
            dependencies: [
                "JSON", "ChaosJournal", "ChaosModel", "ChaosPlan", "ChaosRunner", "EventLoop",
                "LinuxSystem", "RunnerFixtures", "BundledPlugins",
            ],
            path: "Tests/RunnerHost",
            swiftSettings: strict
        ),
        tests(
            "ChaosRunner",
            [
                "JSON", "ChaosModel", "ChaosPluginAPI", "ChaosPlan", "ChaosJournal", "EventLoop",
                "LinuxSystem", "RunnerFixtures", "runner-host", "BundledPlugins", "ChaosProxy",
                "ChaosVerdict",
                "HTTP", "NFTables", "Netlink", "Postgres", "PostgresServer", "ProcessClock",
                "ProcessTrace", "ShopCore", "ShopProcessor",
            ]
        ),
        tests(
            "ShopSupervisor",
            [
                "JSON", "ChaosModel", "ShopCore", "ShopBroker", "EventLoop", "LinuxSystem", "HTTP",
                "Postgres", "PostgresServer", "RabbitMQ", "RabbitMQServer", "NetworkFixtures",
            ]
        ),
        tests("RabbitMQ", ["EventLoop", "RabbitMQServer"]),
        tests("RabbitMQServer", ["RabbitMQ", "EventLoop", "LinuxSystem", "PostgresServer"]),
        tests(
            "ShopBroker",
            [
                "ShopCore", "EventLoop", "Postgres", "PostgresServer", "RabbitMQ",
                "RabbitMQServer",
            ]
        ),
        tests(
            "ShopEvents",
            [
                "JSON", "ShopCore", "ShopBroker", "ShopNotifications", "ShopProjector",
                "EventLoop", "HTTP", "Postgres", "PostgresServer", "RabbitMQServer", "Telemetry",
            ]
        ),
        tests("ShopCore", ["JSON", "EventLoop", "HTTP", "Postgres", "Telemetry"]),
        .testTarget(
            name: "ShopTests",
            dependencies: [
                "JSON", "EventLoop", "LinuxSystem", "HTTP", "Postgres", "PostgresServer",
                "ChaosProxy", "ShopCore", "ShopGateway", "ShopOrders", "ShopInventory",
                "ShopPayments", "ShopProcessor", "ShopEvents", "ShopNotifications",
                "ShopProjector", "ShopReconciler", "Telemetry", "shop",
            ],
            swiftSettings: strict
        ),
        tests(
            "chaos",
            [
                "JSON", "EventLoop", "LinuxSystem", "HTTP", "ChaosModel", "ChaosJournal",
                "ChaosRunner", "ChaosVerdict", "ChaosProxy", "ChaosStatistics", "ShopCore",
            ]
        ),
        .executableTarget(
            name: "clock-probe",
            path: "Tests/ClockProbe",
            swiftSettings: strict
        ),
        .testTarget(
            name: "LabTests",
            dependencies: ["EventLoop", "LinuxSystem"],
            swiftSettings: strict
        ),
        .testTarget(
            name: "TidyTests",
            dependencies: ["JSON", "EventLoop", "LinuxSystem"],
            swiftSettings: strict
        ),
        .testTarget(
            name: "FuzzTests",
            dependencies: ["JSON", "HTTP", "ChaosModel", "ChaosProxy", "EventLoop", "LinuxSystem"],
            exclude: ["Recordings"],
            swiftSettings: strict
        ),
        .testTarget(
            name: "EndToEndTests",
            dependencies: [
                "JSON", "EventLoop", "LinuxSystem", "HTTP", "ChaosModel", "ChaosJournal",
                "NFTables", "NetworkFixtures", "BrowserFixtures", "Postgres", "PostgresServer",
                "RabbitMQServer",
            ],
            exclude: ["Clients/Python", "Experiments", "Help"],
            swiftSettings: strict
        ),
    ] + plugins
)
