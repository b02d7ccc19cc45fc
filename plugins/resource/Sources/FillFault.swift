import ChaosModel
import ChaosPluginAPI
import JSON
import LinuxSystem

/// Fills a small file system with a file without a name, held by a child of ours: with the child
/// the file goes, whoever or whatever ends it.
struct FillFault: Fault {
    /// How much longer than its fault a child may live.
    private static let leaseReserve = Duration.seconds(5)
    private static let leaseDefault = Duration.seconds(600)
    /// Where this host itself lives: file systems that are never filled.
    private static let hostPaths = [
        "/", "/boot", "/dev", "/dev/shm", "/etc", "/home", "/opt", "/root", "/run", "/srv", "/tmp",
        "/usr", "/var", "/var/lib", "/var/log", "/var/tmp",
    ]

    func prepare(_ context: StepContext) async throws -> UndoRecord {
        let directory = try directory(context)
        guard directory.hasPrefix("/"), SystemFiles.isDirectory(directory) else {
            throw ResourceError(
                "there is no such directory — \(directory). Name one by its absolute path."
            )
        }
        let space = try FileSystemSpace.of(directory)
        for path in Self.hostPaths + [StatePaths.root] {
            guard let host = try? FileSystemSpace.of(path), host.device == space.device else {
                continue
            }
            throw ResourceError(
                "\(directory) lies on the file system of \(path), which this host lives on —"
                    + " resource disk-full. Give the service a small one of its own (mount -t tmpfs"
                    + " -o size=64M …)."
            )
        }
        let most = Int64(context.arguments["most"]?.doubleValue ?? 0)
        guard space.free <= most else {
            throw ResourceError(
                "\(space.free >> 20) MiB are free, more than may be taken — \(directory). Use a"
                    + " smaller file system, or raise \"most\" (\(most >> 20) MiB)."
            )
        }
        return UndoRecord(
            plugin: "resource",
            function: "disk-full",
            target: directory,
            state: [
                "name": .string(Tag.name(context)), "directory": .string(directory),
                "free": .integer(space.free),
            ]
        )
    }

    /// The directory that is named, or the one in which the database's server keeps its data: a
    /// PostgreSQL server works in it.
    private func directory(_ context: StepContext) throws -> String {
        let named = context.arguments["directory"]?.stringValue
        guard let service = context.arguments["database"]?.stringValue else { return named ?? "" }
        guard named == nil else {
            throw ResourceError(
                "both a directory and a database are named — resource disk-full. Name one of them."
            )
        }
        let database = context.system?.databases.first { $0.service == service }
        guard let pid = database?.pid else {
            throw ResourceError(
                "the process of its database is not known — service \(service). Start the system"
                    + " first (chaos shop up), or name the directory."
            )
        }
        return try SystemFiles.linkDestination("/proc/\(pid)/cwd")
    }

    func inject(_ context: StepContext, _ undo: UndoRecord) async throws {
        let kind = BurdenProcess.Kind.file(
            directory: try undo.text("directory"),
            leave: Int64(context.arguments["leave"]?.doubleValue ?? 0),
            most: Int64(context.arguments["most"]?.doubleValue ?? 0)
        )
        let lease = (context.lease ?? Self.leaseDefault) + Self.leaseReserve
        _ = try BurdenProcess.start(kind, name: try undo.text("name"), lease: lease)
    }

    func confirm(_ context: StepContext, _ undo: UndoRecord) async throws -> Effect {
        let children = BurdenProcess.running(name: try undo.text("name"))
        guard let child = children.first else {
            throw ResourceError(
                "the child that held the file is gone — \(undo.target). Somebody ended it; run"
                    + " again undisturbed."
            )
        }
        let taken = BurdenProcess.fileBytes(of: child.pid)
        let space = try FileSystemSpace.of(try undo.text("directory"))
        return Effect(
            hits: Int(taken >> 20),
            unit: "mebibytes taken",
            detail: ["child": .integer(Int64(child.pid)), "free": .integer(space.free)]
        )
    }

    func revert(_ undo: UndoRecord) async throws {
        BurdenProcess.killAll(name: try undo.text("name"))
    }

    func confirmReverted(_ undo: UndoRecord) async throws {
        guard let child = BurdenProcess.running(name: try undo.text("name")).first else { return }
        throw ResourceError(
            "the file still fills its disk — \(undo.target), held by process \(child.pid). Kill"
                + " it: kill -9 \(child.pid)"
        )
    }
}
