import JSON
import LinuxSystem
package import NFTables

/// Packets being held by a process of ours: started, asked and ended here; on one loop.
///
/// It ends with this value, with our own process, or when its table is deleted, whatever comes
/// first; packets pass then.
package final class PacketHold: Sendable {
    /// What has happened to packets so far.
    package struct Counts: Sendable, Hashable {
        package var seen: Int
        package var lost: Int
        package var doubled: Int
        package var damaged: Int
        package var overtook: Int
        /// Packets that the kernel could not hand over; they pass.
        package var overruns: Int
    }

    static let command = "packet-queue"

    /// The table that leads packets to it; deleting it ends the fault.
    package let table: TableName
    package var pid: Int32 { child.pid }
    private let child: LeasedChild

    /// Starts to hold packets, and returns when it does; on a loop.
    ///
    /// The tag names the table; the executable is the program that knows the command
    /// `packet-queue`. Throws `SystemError` or `PacketQueueError`; no packet is held then.
    package static func start(
        _ selection: HoldSelection,
        _ impairment: Impairment,
        tag: OwnershipTag,
        executable: String = LeasedChild.program
    ) async throws -> PacketHold {
        let table = table(tag)
        let options: JSONValue = [
            "selection": .object(selection.json), "impairment": .object(impairment.json),
            "table": .string(table.name),
        ]
        let child = try LeasedChild.start(
            executable: executable,
            command: command,
            options: options.serialized()
        )
        let first = try await child.line().flatMap { try? JSONValue.parse($0) }
        guard first?["ready"] != nil else {
            let status = try await child.status()
            throw PacketQueueError(
                "packets cannot be held — \(selection.interface) in \(selection.namespace): chaos"
                    + " packet-queue ended with \(status). See its message above."
            )
        }
        return PacketHold(child, table)
    }

    private init(_ child: LeasedChild, _ table: TableName) {
        self.child = child
        self.table = table
    }

    /// Asks for the counts.
    ///
    /// - Throws: `SystemError` or `PacketQueueError` when the process is gone.
    package func counts() async throws -> Counts {
        guard let answer = try await child.ask().flatMap({ try? JSONValue.parse($0) }) else {
            throw PacketQueueError(
                "the process that holds packets is gone — chaos packet-queue, process \(pid)."
                    + " Packets pass; run again undisturbed."
            )
        }
        func number(_ name: String) -> Int { Int(answer[name]?.integerValue ?? 0) }
        return Counts(
            seen: number("seen"),
            lost: number("lost"),
            doubled: number("doubled"),
            damaged: number("damaged"),
            overtook: number("overtook"),
            overruns: number("overruns")
        )
    }

    /// Lets packets pass again, those that are held at once, and waits until the process is gone.
    package func end() async throws { try await child.end() }
}
