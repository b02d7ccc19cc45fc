import ChaosModel
import EventLoop
import JSON
import LinuxSystem
import PostgresServer
import Testing

@testable import ChaosProxy

/// A way from PostgreSQL's own programs to a database.
enum Passage: String, Sendable, CaseIterable {
    case direct
    /// Through a proxy that watches.
    case watched
    /// The same with every toxic of the protocol armed, none of which ever hits.
    case armed
    /// Encrypted on both sides of a watching proxy.
    case secured

    static let proxied: [Passage] = [.watched, .armed, .secured]

    /// The connection string of this way to a database; makes the proxies that it needs.
    func conninfo(
        _ database: SharedCluster.Database,
        _ rig: ProxyRig
    ) async throws -> String {
        let server = "127.0.0.1:\(database.port)"
        let port: UInt16
        switch self {
        case .direct: return database.conninfo
        case .watched: port = try await proxy(rig, "p", to: server)
        case .armed:
            port = try await proxy(rig, "p", to: server)
            for type in ToxicRegistry.types where type.protocols.contains(.postgres) {
                try await rig.toxic(
                    #"{"type":"\#(type.name)","match":{"sql":"no such text","nth":1}}"#
                )
            }
        case .secured:
            let inner = try await proxy(rig, "inner", to: server, tls: #"{"client":{}}"#)
            port = try await proxy(
                rig,
                "p",
                to: "127.0.0.1:\(inner)",
                tls: #"{"client":{},"server":{"verify":false}}"#
            )
        }
        return database.conninfo.replacing("port=\(database.port)", with: "port=\(port)")
            + (self == .secured ? " sslmode=require" : "")
    }

    private func proxy(
        _ rig: ProxyRig,
        _ name: String,
        to upstream: String,
        tls: String = "null"
    ) async throws -> UInt16 {
        let answer = try await rig.ask(
            "POST",
            "/proxies",
            """
            {"name":"\(name)","listen":"127.0.0.1:0","upstream":"\(upstream)",
             "protocol":"postgres","tls":\(tls)}
            """
        )
        let listen = try #require(answer["listen"]?.stringValue)
        return try #require(try SocketAddress(parsing: listen).port)
    }
}

/// Runs PostgreSQL's own programs, in a folder that goes with it, and keeps what they say.
struct ClientPrograms: Sendable {
    let folder: String

    /// What a program left.
    struct Outcome: Sendable, Equatable {
        var status: Int32
        var output: String
        var conversation: String

        var lines: [String] {
            output.split(separator: "\n").map(String.init)
        }
    }

    static func with(_ body: (ClientPrograms) async throws -> Void) async throws {
        let folder = try SystemFiles.makeTemporaryDirectory(prefix: "identical-")
        defer { try? SystemFiles.removeTree(folder) }
        try await body(ClientPrograms(folder: folder))
    }

    /// Writes a script; returns its path.
    func script(_ name: String, _ text: String) throws -> String {
        let path = "\(folder)/\(name)"
        try SystemFiles.writeAtomically(path, Array(text.utf8), mode: 0o644)
        return path
    }

    /// Runs a program to its end; `meanwhile` gets it while it runs.
    func run(
        _ program: String,
        _ arguments: [String],
        meanwhile: (ChildProcess) async throws -> Void = { _ in }
    ) async throws -> Outcome {
        let output = "\(folder)/\(program)-\(UInt32.random(in: 0 ... .max))"
        var request = SpawnRequest(
            executable: "\(try PostgresBinaries.find().directory)/\(program)",
            arguments: arguments
        )
        request.stdout = .file(output, append: false)
        request.stderr = .file(output + ".err", append: false)
        request.dieWithParent = true
        let child = try ChildProcess.spawn(request)
        try await meanwhile(child)
        return Outcome(
            status: try await child.wait().shellStatus,
            output: try text(output),
            conversation: try text(output + ".err")
        )
    }

    private func text(_ path: String) throws -> String {
        String(decoding: try SystemFiles.read(path), as: UTF8.self)
    }
}
