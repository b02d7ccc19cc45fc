import EventLoop
import LinuxSystem
import Testing

@Suite(.timeLimit(.minutes(1)))
struct NetworkNamespaceTests {
    private static let isRoot = UserAccount.isRoot

    /// A name that nobody else has, removed at the end.
    private func withNamespace(
        _ suffix: String,
        _ body: (NetworkNamespace) async throws -> Void
    ) async throws {
        let name = "chaostest-\(ProcessIdentity.current)-\(suffix)"
        let namespace = try #require(NetworkNamespace(named: name))
        try namespace.create()
        do {
            try await body(namespace)
        } catch {
            try namespace.remove()
            throw error
        }
        try namespace.remove()
    }

    @Test(arguments: ["", "..", ".x", "a/b", "a b", String(repeating: "n", count: 65)])
    func `what would not do as a name is refused`(name: String) {
        #expect(NetworkNamespace(named: name) == nil)
    }

    @Test(.enabled(if: isRoot, "needs root, who may make network namespaces"))
    func `a namespace is made, entered for one call, and removed`() async throws {
        try await withNamespace("life") { namespace in
            #expect(namespace.exists)
            #expect(NetworkNamespace.allNamed().contains(namespace))
            let here = try SystemFiles.linkDestination("/proc/thread-self/ns/net")
            let there = try namespace.perform {
                try SystemFiles.linkDestination("/proc/thread-self/ns/net")
            }
            #expect(there != here)
            #expect(try SystemFiles.linkDestination("/proc/thread-self/ns/net") == here)
            #expect(try namespace.interfaces() == ["lo"])
            #expect(throws: SystemError.self) { try namespace.create() }
        }
        let name = "chaostest-\(ProcessIdentity.current)-life"
        let gone = try #require(NetworkNamespace(named: name))
        #expect(!gone.exists)
        // Once more is harmless.
        try gone.remove()
    }

    @Test(.enabled(if: isRoot, "needs root, who may make network namespaces"))
    func `a child runs in the namespace that was asked for`() async throws {
        try await withNamespace("child") { namespace in
            let there = try namespace.perform {
                try SystemFiles.linkDestination("/proc/thread-self/ns/net")
            }
            let seen = try await onLoop { _ in
                try await output(of: "readlink /proc/self/ns/net") { $0.network = namespace }
            }
            #expect(seen == there)
        }
    }

    @Test(.enabled(if: isRoot, "needs root, who may make network namespaces"))
    func `a child in a namespace that is not there is not started`() async throws {
        let nowhere = try #require(NetworkNamespace(named: "chaostest-nowhere"))
        let message = try await onLoop { _ -> String in
            var request = shell("true")
            request.network = nowhere
            do {
                _ = try ChildProcess.spawn(request)
                return ""
            } catch { return "\(error)" }
        }
        #expect(message.contains("chaostest-nowhere"))
        #expect(message.contains("ENOENT"))
    }
}
