import EventLoop
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

    /// How long the process may take to start and to answer.
    private static let answerTimeout = Duration.seconds(5)

    /// The table that leads packets to it; deleting it ends the fault.
    package let table: TableName
    package let pid: Int32
    private let child: ChildProcess
    private let input: Stream
    private let output: Stream

    /// Starts to hold packets, and returns when it does; on a loop.
    ///
    /// The tag names the table; the executable is the program that knows the command
    /// `packet-queue`. Throws `SystemError` or `PacketQueueError`; no packet is held then.
    package static func start(
        _ selection: HoldSelection,
        _ impairment: Impairment,
        tag: OwnershipTag,
        executable: String
    ) async throws -> PacketHold {
        let table = table(tag)
        let options: JSONValue = [
            "selection": .object(selection.json), "impairment": .object(impairment.json),
            "table": .string(table.name),
        ]
        var request = SpawnRequest(
            executable: executable,
            arguments: ["packet-queue", "--options", options.serialized()]
        )
        request.stdin = .pipe
        request.stdout = .pipe
        request.stderr = .inherit
        request.newSession = true
        let child = try ChildProcess.spawn(request)
        guard let input = child.stdinStream, let output = child.stdoutStream else {
            preconditionFailure("pipes were asked for")
        }
        let hold = PacketHold(child, input, output, table)
        let first = try await hold.line()
        guard first?["ready"] != nil else {
            let status = try await child.wait()
            throw PacketQueueError(
                "packets cannot be held — \(selection.interface) in \(selection.namespace): chaos"
                    + " packet-queue ended with \(status). See its message above."
            )
        }
        return hold
    }

    private init(_ child: ChildProcess, _ input: Stream, _ output: Stream, _ table: TableName) {
        self.child = child
        self.input = input
        self.output = output
        self.table = table
        pid = child.pid
    }

    /// Asks for the counts.
    ///
    /// - Throws: `SystemError` or `PacketQueueError` when the process is gone.
    package func counts() async throws -> Counts {
        try await input.write([UInt8(ascii: "?")])
        guard let answer = try await line() else {
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
    package func end() async throws {
        input.close()
        _ = try await withDeadline(Self.answerTimeout) { try await self.child.wait() }
        output.close()
    }

    private func line() async throws -> JSONValue? {
        let output = output
        return try await withDeadline(Self.answerTimeout) {
            var buffer = ByteBuffer()
            while !buffer.bytes.contains(UInt8(ascii: "\n")) {
                guard try await output.read(into: &buffer) > 0 else { return nil }
            }
            return try? JSONValue.parse(buffer.bytes)
        }
    }
}
