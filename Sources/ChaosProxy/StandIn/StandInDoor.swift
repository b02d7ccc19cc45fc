import CLinux
import EventLoop
import Glibc
package import JSON
import LinuxSystem

/// The processes that stand in for dead servers.
package enum StandIns {
    /// What each of a directory serves: `{"pid", "since_us", "proxies": […]}`; on a loop.
    ///
    /// `shallEnd`: ends them as well. Doors of the dead are removed.
    package static func ask(directory: String, shallEnd: Bool) async -> [JSONValue] {
        var answers: [JSONValue] = []
        for door in StandInDoor.all(in: directory) {
            do {
                answers.append(try await door.ask(["list": .bool(true)]).value)
                if shallEnd { _ = try await door.ask(["end": .bool(true)]) }
            } catch let error as SystemError where error.code == ECONNREFUSED {
                unsafe unlink(door.path)
            } catch {
                // It ended between the list and the question.
            }
        }
        return answers
    }
}

/// The door of a stand-in that passes bytes, from outside: `DIRECTORY/PID.socket`.
struct StandInDoor {
    /// How long a stand-in may take to answer.
    private static let patience = Duration.seconds(2)

    let path: String

    /// The doors in a directory; of stand-ins that live, and of some that died.
    static func all(in directory: String) -> [StandInDoor] {
        guard let names = try? SystemFiles.list(directory) else { return [] }
        return names.filter { $0.hasSuffix(".socket") }.sorted().map {
            StandInDoor(path: "\(directory)/\($0)")
        }
    }

    /// Asks each stand-in of a directory for the listener of an address; `nil`: none has it.
    static func take(_ address: String, from directory: String) async -> Int32? {
        for door in all(in: directory) {
            let answer = try? await door.ask(["take": .string(address)])
            if let descriptor = answer?.descriptor { return descriptor }
        }
        return nil
    }

    /// Sends one question and waits for its answer; on a loop.
    ///
    /// Throws `SystemError` (ECONNREFUSED: its stand-in is dead), `DeadlineExceeded`.
    func ask(_ question: JSONObject) async throws -> (value: JSONValue, descriptor: Int32?) {
        guard let loop = Loop.current else { preconditionFailure("ask is called on a loop") }
        let socket = try Sockets.connectForMessages(to: path)
        defer { socket.close() }
        try socket.send(.object(question))
        try loop.attach(socket.descriptor)
        defer { loop.detach(socket.descriptor) }
        return try await withDeadline(StandInDoor.patience) {
            while true {
                switch socket.receive() {
                case .message(let value, let descriptor): return (value, descriptor)
                case .ended:
                    throw SystemError(call: "asking", object: path, code: ECONNRESET)
                case .nothing: try await loop.readable(socket.descriptor)
                }
            }
        }
    }
}
