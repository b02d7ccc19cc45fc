import EventLoop
import Glibc
import Testing

@testable import LinuxSystem

@Suite(.timeLimit(.minutes(1)))
struct SystemFilesTests {
    @Test func `a file is replaced whole and leaves no draft`() throws {
        let folder = try SystemFiles.makeTemporaryDirectory(prefix: "chaos-test-")
        defer { try? SystemFiles.removeTree(folder) }
        try SystemFiles.writeAtomically(folder + "/a", [1, 2, 3], mode: 0o600)
        try SystemFiles.writeAtomically(folder + "/a", [4], mode: 0o600)
        #expect(try SystemFiles.read(folder + "/a") == [4])
        #expect(try SystemFiles.list(folder) == ["a"])
        #expect(throws: SystemError.self) {
            try SystemFiles.writeAtomically(folder + "/no/a", [1], mode: 0o600)
        }
    }

    @Test func `an append file grows at its end`() throws {
        let folder = try SystemFiles.makeTemporaryDirectory(prefix: "chaos-test-")
        defer { try? SystemFiles.removeTree(folder) }
        for byte: UInt8 in 1...3 {
            let file = try AppendFile(folder + "/log")
            try file.append([byte])
            try file.sync()
        }
        #expect(try SystemFiles.read(folder + "/log") == [1, 2, 3])
    }

    @Test func `a tree is removed without following links`() throws {
        let folder = try SystemFiles.makeTemporaryDirectory(prefix: "chaos-test-")
        defer { try? SystemFiles.removeTree(folder) }
        try SystemFiles.createDirectory(folder + "/x/y/z", mode: 0o755, parents: true)
        try SystemFiles.writeAtomically(folder + "/keep", [1], mode: 0o600)
        try SystemFiles.replaceLink(folder + "/x/link", to: folder + "/keep")
        try SystemFiles.replaceLink(folder + "/x/link", to: folder)
        try SystemFiles.removeTree(folder + "/x")
        #expect(try SystemFiles.list(folder) == ["keep"])
        try SystemFiles.removeTree(folder + "/x")
    }

    @Test func `a missing file names itself and the remedy`() {
        do {
            _ = try SystemFiles.read("/nowhere/x")
            Issue.record("it was read")
        } catch {
            #expect(
                error.description
                    == "reading /nowhere/x failed: No such file or directory (ENOENT). "
                    + "Check the path."
            )
        }
    }

    @Test func `readers see the old file or the new, never a mixture`() async throws {
        let folder = try SystemFiles.makeTemporaryDirectory(prefix: "chaos-test-")
        defer { try? SystemFiles.removeTree(folder) }
        let path = folder + "/state"
        try SystemFiles.writeAtomically(path, [UInt8](repeating: 0, count: 100_000), mode: 0o600)
        async let reads = Task {
            var torn = 0
            for _ in 0..<200 {
                let bytes = try SystemFiles.read(path)
                if bytes.count != 100_000 || bytes.contains(where: { $0 != bytes[0] }) { torn += 1 }
            }
            return torn
        }.value
        for round in 1...20 {
            let bytes = [UInt8](repeating: UInt8(round), count: 100_000)
            try SystemFiles.writeAtomically(path, bytes, mode: 0o600)
        }
        #expect(try await reads == 0)
        #expect(try SystemFiles.list(folder) == ["state"])
    }

    @Test func `a failed write leaves the old file and no draft`() throws {
        let folder = try SystemFiles.makeTemporaryDirectory(prefix: "chaos-test-")
        defer { try? SystemFiles.removeTree(folder) }
        // The destination is a directory: the last step, the rename, fails.
        try SystemFiles.createDirectory(folder + "/a", mode: 0o700, parents: false)
        let error = #expect(throws: SystemError.self) {
            try SystemFiles.writeAtomically(folder + "/a", [1], mode: 0o600)
        }
        #expect(error?.code == EISDIR)
        #expect(try SystemFiles.list(folder) == ["a"])
    }

    @Test func `a full disk is told while appending`() throws {
        let error = #expect(throws: SystemError.self) { try AppendFile("/dev/full").append([1]) }
        #expect(error?.code == ENOSPC)
        #expect(error?.description.hasSuffix("Free some space on the disk.") == true)
    }

    @Test func `a link is replaced in one step and read back`() throws {
        let folder = try SystemFiles.makeTemporaryDirectory(prefix: "chaos-test-")
        defer { try? SystemFiles.removeTree(folder) }
        for target in ["first", "second"] {
            try SystemFiles.replaceLink(folder + "/latest", to: target)
            #expect(try SystemFiles.linkDestination(folder + "/latest") == target)
        }
        #expect(!SystemFiles.exists(folder + "/latest"))
        #expect(try SystemFiles.list(folder) == ["latest"])
    }
}

struct StatePathsTests {
    @Test(arguments: [
        (["CHAOS_STATE_DIR": "/x", "HOME": "/home/a"], true, "/x"),
        (["HOME": "/root"], true, "/var/lib/chaos"),
        (["XDG_STATE_HOME": "/s", "HOME": "/home/a"], false, "/s/chaos"),
        (["XDG_STATE_HOME": "relative", "HOME": "/home/a"], false, "/home/a/.local/state/chaos"),
        (["HOME": "/home/a"], false, "/home/a/.local/state/chaos"),
    ])
    func `state lives where the environment says`(
        variables: [String: String],
        isRoot: Bool,
        expected: String
    ) {
        #expect(StatePaths.root(isRoot: isRoot) { variables[$0] } == expected)
    }
}

struct HostTests {
    @Test func `our own process is known`() throws {
        let start = try #require(ProcessIdentity.startTime(getpid()))
        #expect(ProcessIdentity.isAlive(getpid(), startTime: start))
        #expect(!ProcessIdentity.signal(getpid(), startTime: start + 1, SIGKILL))
        #expect(executablePath().hasPrefix("/"))
    }

    @Test func `accounts are found by name`() {
        #expect(UserAccount.named("root")?.uid == 0)
        #expect(UserAccount.named("no such account") == nil)
    }

    @Test func `the host is described`() {
        #expect(HostFacts.kernelRelease.contains("."))
        #expect(HostFacts.processorCount >= 1)
        #expect(HostFacts.memoryBytes > 1 << 20)
    }
}
