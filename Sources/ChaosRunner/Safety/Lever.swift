import ChaosJournal
package import ChaosModel
import EventLoop
import JSON
import LinuxSystem

/// The safety lever of this host: while it is engaged, runs stop and none begins.
///
/// It is a file, so that it also holds for runs of others, after a restart, and with `touch` alone.
/// A lever that root engages in `/var/lib/chaos` holds for every user.
package struct Lever: Sendable {
    /// Who engaged it, when, and why.
    package struct Engagement: Sendable, Hashable {
        /// The file that says so.
        package var path: String
        /// `nil` when the file was made by hand.
        package var since: Timestamp?
        package var reason: String?

        /// `engaged since 2026-11-25T10:00:00Z: deploy` with the file.
        package var text: String {
            let time = since.map { " since \($0.rfc3339)" } ?? ""
            return "engaged\(time)\(reason.map { ": \($0)" } ?? "") (\(path))"
        }
    }

    /// How often a run looks at it.
    static let period = Duration.milliseconds(200)
    /// The lever of the whole host.
    private static let host = "/var/lib/chaos/lever"

    /// The file that `engage` makes.
    package let path: String
    /// Files that count as well.
    private let others: [String]

    /// The lever in our own state directory.
    ///
    /// The host's counts too, unless `CHAOS_STATE_DIR` sets us apart.
    package init() {
        path = StatePaths.root + "/lever"
        others = Environment.get("CHAOS_STATE_DIR") == nil && path != Self.host ? [Self.host] : []
    }

    /// The lever in another directory, for tests.
    package init(directory: String) {
        path = directory + "/lever"
        others = []
    }

    /// Engages it; a lever that is engaged already keeps its time and reason.
    ///
    /// Throws `SystemError` when the file cannot be written.
    package func engage(reason: String?) throws {
        guard !SystemFiles.exists(path) else { return }
        var object: JSONObject = [
            "since": .string(Timestamp(microseconds: Loop.wallMicroseconds()).rfc3339)
        ]
        object["reason"] = reason.map { .string($0) }
        try SystemFiles.createDirectory(SystemFiles.parent(of: path), mode: 0o755, parents: true)
        let text = JSONValue.object(object).serialized() + "\n"
        try SystemFiles.writeAtomically(path, Array(text.utf8), mode: 0o644)
    }

    /// Releases it; harmless when it is not engaged.
    ///
    /// Throws `SystemError` when the file cannot be removed.
    package func release() throws {
        guard SystemFiles.exists(path) else { return }
        try SystemFiles.removeTree(path)
    }

    /// Who engaged it; `nil`: it is released.
    ///
    /// A file that cannot be read counts as engaged.
    package var engagement: Engagement? {
        guard let path = ([path] + others).first(where: SystemFiles.exists) else { return nil }
        let value = (try? SystemFiles.read(path)).flatMap { try? JSONValue.parse($0) }
        return Engagement(
            path: path,
            since: value?["since"]?.stringValue.flatMap { Timestamp(rfc3339: $0) },
            reason: value?["reason"]?.stringValue
        )
    }
}

extension RunSession {
    /// Ends the run as aborted when somebody engages the lever.
    func heedLever() async throws {
        while true {
            if let engagement = options.lever.engagement {
                stopRun(.aborted, "the safety lever is \(engagement.text)")
                return
            }
            try await loop.sleep(for: Lever.period)
        }
    }
}
