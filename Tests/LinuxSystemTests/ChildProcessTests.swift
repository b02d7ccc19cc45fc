import EventLoop
import Glibc
import LinuxSystem
import Testing

private func onLoop<Value: Sendable>(
    _ body: @escaping @Sendable () async throws -> Value
) async throws -> Value {
    let loop = try Loop.start(label: "test")
    defer { loop.stop() }
    return try await loop.spawn(body).value
}

private func shell(_ script: String) -> SpawnRequest {
    SpawnRequest(executable: "/bin/sh", arguments: ["-c", script])
}

struct ChildProcessTests {
    @Test(arguments: [
        ("exit 0", LinuxSystem.ExitStatus.exited(0)), ("exit 7", .exited(7)),
        ("kill -9 $$", .signalled(9)),
    ])
    func `the end of a process is told`(script: String, expected: LinuxSystem.ExitStatus)
        async throws
    {
        let status = try await onLoop { try await ChildProcess.spawn(shell(script)).wait() }
        #expect(status == expected)
    }

    @Test func `output is read through a pipe and input is written`() async throws {
        let text = try await onLoop {
            var request = shell("cat; echo done; echo oops >&2")
            request.stdin = .pipe
            request.stdout = .pipe
            request.stderr = .null
            let child = try ChildProcess.spawn(request)
            try await child.stdinStream?.write(Array("hello ".utf8))
            child.stdinStream?.close()
            var buffer = ByteBuffer()
            while let count = try await child.stdoutStream?.read(into: &buffer), count > 0 {}
            _ = try await child.wait()
            return String(decoding: buffer.bytes, as: UTF8.self)
        }
        #expect(text == "hello done\n")
    }

    @Test func `a program that is not there is named with the failed step`() async throws {
        let message = try await onLoop { () -> String in
            do {
                _ = try ChildProcess.spawn(SpawnRequest(executable: "/nowhere/program"))
                return ""
            } catch { return "\(error)" }
        }
        #expect(
            message == "starting (execve) /nowhere/program failed: No such file or directory "
                + "(ENOENT). Check the path."
        )
    }

    @Test func `directory, environment and files are as asked`() async throws {
        let folder = try SystemFiles.makeTemporaryDirectory(prefix: "chaos-test-")
        defer { try? SystemFiles.removeTree(folder) }
        _ = try await onLoop {
            var request = shell("pwd; echo $WORD")
            request.directory = folder
            request.environment = ["WORD=value"]
            request.stdout = .file(folder + "/out", append: false)
            return try await ChildProcess.spawn(request).wait()
        }
        let text = String(decoding: try SystemFiles.read(folder + "/out"), as: UTF8.self)
        #expect(text == "\(folder)\nvalue\n")
    }

    @Test func `nothing of ours leaks into a child`() async throws {
        let text = try await onLoop {
            let listener = try Listener.bind(.ipv4("127.0.0.1", 0))
            defer { listener.close() }
            var request = shell("ls /proc/$$/fd")
            request.stdout = .pipe
            let child = try ChildProcess.spawn(request)
            var buffer = ByteBuffer()
            while let count = try await child.stdoutStream?.read(into: &buffer), count > 0 {}
            _ = try await child.wait()
            return String(decoding: buffer.bytes, as: UTF8.self)
        }
        let numbers = text.split(separator: "\n").compactMap { Int($0) }.filter { $0 < 10 }
        #expect(numbers == [0, 1, 2])
    }

    @Test func `an ended process has another identity than a living one`() async throws {
        let alive = try await onLoop { () -> [Bool] in
            var request = shell("read line")
            request.stdin = .pipe
            let child = try ChildProcess.spawn(request)
            let start = ProcessIdentity.startTime(child.pid) ?? 0
            let before = ProcessIdentity.isAlive(child.pid, startTime: start)
            let other = ProcessIdentity.isAlive(child.pid, startTime: start + 1)
            child.signal(SIGKILL)
            _ = try await child.wait()
            return [before, other, ProcessIdentity.isAlive(child.pid, startTime: start)]
        }
        #expect(alive == [true, false, false])
    }

    @Test func `a wait can be cancelled and repeated`() async throws {
        let status = try await onLoop { () -> LinuxSystem.ExitStatus in
            let child = try ChildProcess.spawn(shell("sleep 60"))
            do {
                _ = try await withDeadline(.milliseconds(5)) { try await child.wait() }
            } catch is DeadlineExceeded {}
            child.signal(SIGTERM)
            return try await child.wait()
        }
        #expect(status == .signalled(SIGTERM))
    }
}

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
                    == "reading /nowhere/x failed: No such file or directory (ENOENT). Check the path."
            )
        }
    }
}
