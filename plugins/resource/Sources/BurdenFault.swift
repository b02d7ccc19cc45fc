import ChaosModel
import ChaosPluginAPI
import JSON
import LinuxSystem

/// Uses up processors or memory of this host with children of ours.
struct BurdenFault: Fault {
    /// How much longer than its fault a child may live; nobody needs to be there to end it.
    private static let leaseReserve = Duration.seconds(5)
    private static let leaseDefault = Duration.seconds(600)

    let function: String
    let unit: String

    func prepare(_ context: StepContext) async throws -> UndoRecord {
        if function == "memory" { try Memory.check(bytes(context)) }
        return UndoRecord(
            plugin: "resource",
            function: function,
            target: "this host",
            state: ["name": .string(Tag.name(context))]
        )
    }

    func inject(_ context: StepContext, _ undo: UndoRecord) async throws {
        let name = try undo.text("name")
        let lease = (context.lease ?? Self.leaseDefault) + Self.leaseReserve
        if function == "memory" {
            _ = try BurdenProcess.start(.memory(bytes: bytes(context)), name: name, lease: lease)
            return
        }
        let percent = ((context.arguments["share"]?.doubleValue ?? 1) * 100).rounded()
        for _ in 0..<(context.arguments["workers"]?.integerValue ?? 1) {
            let kind = BurdenProcess.Kind.processor(percent: Int(percent))
            _ = try BurdenProcess.start(kind, name: name, lease: lease)
        }
    }

    func confirm(_ context: StepContext, _ undo: UndoRecord) async throws -> Effect {
        let children = BurdenProcess.running(name: try undo.text("name"))
        let ticks = children.reduce(0) { $0 + $1.ticks }
        let pages = children.reduce(0) { $0 + $1.residentPages }
        let hits =
            function == "memory"
            ? (Int(pages) * ProcessTable.pageSize) >> 20
            : Int(ticks) * 1000 / ProcessTable.ticksPerSecond
        let pids = children.map { JSONValue.integer(Int64($0.pid)) }
        return Effect(hits: hits, unit: unit, detail: ["children": .array(pids)])
    }

    func revert(_ undo: UndoRecord) async throws {
        BurdenProcess.killAll(name: try undo.text("name"))
    }

    func confirmReverted(_ undo: UndoRecord) async throws {
        let left = BurdenProcess.running(name: try undo.text("name"))
        guard let process = left.first else { return }
        throw ResourceError(
            "a child of ours still runs — process \(process.pid), \(process.name)."
                + " Kill it: kill -9 \(process.pid)"
        )
    }

    private func bytes(_ context: StepContext) -> Int64 {
        Int64(context.arguments["size"]?.doubleValue ?? 0)
    }
}

/// How much memory may be taken.
enum Memory {
    /// - Throws: `ResourceError` when it is more than half of what is available.
    static func check(_ bytes: Int64) throws {
        let text = String(decoding: try SystemFiles.read("/proc/meminfo"), as: UTF8.self)
        let line = text.split(separator: "\n").first { $0.hasPrefix("MemAvailable:") }
        let kilobytes = line.flatMap { Int64($0.filter(\.isNumber)) } ?? 0
        guard bytes <= kilobytes * 512 else {
            throw ResourceError(
                "\(bytes >> 20) MiB are more than half of what is available — \(kilobytes >> 10)"
                    + " MiB on this host. Use a smaller size."
            )
        }
    }
}
