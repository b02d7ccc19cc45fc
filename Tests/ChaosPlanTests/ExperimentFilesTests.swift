import ChaosModel
import ChaosPlan
import ChaosPluginAPI
import Glibc
import JSON
import Testing

/// Every file in experiments/ must decode and plan against the plugins as they are in the tree.
@Suite struct ExperimentFilesTests {
    /// The links, services and databases of the bundled shop, with three nodes of RabbitMQ.
    static let shop: SystemDescription = {
        let links: [(String, SystemDescription.Link.WireProtocol)] = [
            ("client->gateway", .http), ("gateway->orders", .http), ("orders->inventory", .http),
            ("orders->payments", .http), ("payments->processor", .http),
            ("orders->orders-db", .postgres), ("inventory->inventory-db", .postgres),
            ("payments->payments-db", .postgres), ("processor->processor-db", .postgres),
            ("gateway->gateway-db", .postgres),
        ]
        return SystemDescription(
            name: "shop",
            services: [
                "gateway", "orders", "inventory", "payments", "processor", "orders-relay",
                "inventory-relay", "payments-relay", "notifications", "projector", "reconciler",
                "rabbit-1", "rabbit-2", "rabbit-3",
            ].map { .init(name: $0) },
            links: links.map { .init(name: $0.0, wireProtocol: $0.1) },
            databases: ["gateway", "orders", "inventory", "payments", "processor", "broker"]
                .map { .init(service: $0) }
        )
    }()

    static let manifests: [PluginManifest] = {
        pluginNames.compactMap { name in
            guard let plugin = try? PackageFiles.bytes("plugins/\(name)/plugin.json"),
                let schema = try? PackageFiles.bytes("plugins/\(name)/schema.json")
            else { return nil }
            return try? PluginManifest(plugin: plugin, schema: schema)
        }
    }()

    static let pluginNames = PackageFiles.names(in: "plugins").filter { !$0.contains(".") }

    static let files = PackageFiles.names(in: "experiments").filter { $0.hasSuffix(".json") }

    @Test func `the experiments that the project promises are there`() {
        let promised = ["lost-commit-ack.json", "payment-latency.json", "processor-outage.json"]
        #expect(Set(promised).isSubset(of: Self.files))
    }

    @Test func `every plugin's two files can be read`() throws {
        for name in Self.pluginNames {
            let manifest = try PluginManifest(
                plugin: try PackageFiles.bytes("plugins/\(name)/plugin.json"),
                schema: try PackageFiles.bytes("plugins/\(name)/schema.json")
            )
            #expect(manifest.name == name)
            let again = try PluginManifest(
                plugin: Array(manifest.pluginJSON.serialized().utf8),
                schema: Array(manifest.schemaJSON.serialized().utf8)
            )
            #expect(again.pluginJSON == manifest.pluginJSON)
            #expect(again.schemaJSON == manifest.schemaJSON)
        }
    }

    @Test(arguments: files)
    func `an experiment of the project decodes, plans and says what it will do`(_ name: String)
        throws
    {
        let file = "experiments/\(name)"
        let bytes = try PackageFiles.bytes(file)
        let (decoded, mistakes) = ExperimentDecoder.decode(file: file, bytes: bytes)
        #expect(mistakes.map(\.text) == [])
        let experiment = try #require(decoded)
        let (planned, problems) = Planner.plan(
            experiment,
            file: file,
            bytes: bytes,
            system: Self.shop,
            plugins: Self.manifests,
            seed: Planner.seed(explicit: nil, experiment: experiment, derived: 1)
        )
        #expect(problems.map(\.text) == [])
        let plan = try #require(planned)
        #expect(plan.lines.last == "This is a plan: nothing has been touched.")
        #expect(try Plan(json: plan.json).lines == plan.lines)
        let opening = experiment.description.prefix { $0 != "." }
        #expect(opening.count < experiment.description.count, "it opens with one whole sentence")
        #expect(opening.split(separator: " ").count >= 8, "a sentence that can turn out false")
    }
}

/// Files of the package, by their path from its root.
enum PackageFiles {
    static let root: String = {
        let path = #filePath
        let parts = path.split(separator: "/", omittingEmptySubsequences: false).dropLast(3)
        return parts.joined(separator: "/")
    }()

    static func bytes(_ path: String) throws -> [UInt8] {
        let descriptor = unsafe open(root + "/" + path, O_RDONLY)
        try #require(descriptor >= 0, "cannot open \(path)")
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = unsafe read(descriptor, &buffer, buffer.count)
            guard count > 0 else { return bytes }
            bytes += buffer[..<count]
        }
    }

    /// The names in a folder, sorted.
    static func names(in path: String) -> [String] {
        guard let directory = unsafe opendir(root + "/" + path) else { return [] }
        defer { unsafe closedir(directory) }
        var names: [String] = []
        while let entry = unsafe readdir(directory) {
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                unsafe pointer.withMemoryRebound(to: CChar.self, capacity: 256) {
                    unsafe String(cString: $0)
                }
            }
            if !name.hasPrefix(".") { names.append(name) }
        }
        return names.sorted()
    }
}
