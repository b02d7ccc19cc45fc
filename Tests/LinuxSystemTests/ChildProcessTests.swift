import CLinux
import EventLoop
import Glibc
import LinuxSystem
import Testing

/// Testing has an `ExitStatus` of its own.
typealias ChildEnd = LinuxSystem.ExitStatus

@Suite(.timeLimit(.minutes(1)))
struct ChildProcessTests {
    @Test(arguments: [
        ("exit 0", ChildEnd.exited(0)), ("exit 7", .exited(7)),
        ("kill -9 $$", .signalled(9)),
    ])
    func `the end of a process is told`(script: String, expected: ChildEnd)
        async throws
    {
        let status = try await onLoop { loop in try await ChildProcess.spawn(shell(script)).wait() }
        #expect(status == expected)
    }

    @Test func `output is read through a pipe and input is written`() async throws {
        let text = try await onLoop { loop in
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
        let message = try await onLoop { _ -> String in
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
        _ = try await onLoop { loop in
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
        let text = try await onLoop { loop in
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
        let alive = try await onLoop { _ -> [Bool] in
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
        let status = try await onLoop { _ -> ChildEnd in
            let child = try ChildProcess.spawn(shell("sleep 60"))
            do {
                _ = try await withDeadline(.milliseconds(5)) { try await child.wait() }
            } catch is DeadlineExceeded {}
            child.signal(SIGTERM)
            return try await child.wait()
        }
        #expect(status == .signalled(SIGTERM))
    }

    @Test func `several tasks wait for one process`() async throws {
        let ends = try await onLoop { loop in
            let child = try ChildProcess.spawn(shell("exit 3"))
            child.signal(0)
            return try await withThrowingTaskGroup(of: ChildEnd.self) { group in
                for _ in 0..<5 { group.addTask { try await child.wait() } }
                let impatient = Task(executorPreference: loop) { try await child.wait() }
                try await turn(loop)
                impatient.cancel()
                let result = await impatient.result
                if (try? result.get()) == nil {
                    #expect(throws: CancellationError.self) { try result.get() }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
        }
        #expect(ends == Array(repeating: .exited(3), count: 5))
    }

    @Test func `a process that nobody waits for leaves no zombie`() async throws {
        let code = try await onLoop { loop in
            let pid = try ChildProcess.spawn(shell("exit 0")).pid
            // The reaper may be faster than this look: then there is nothing to wait for.
            let watcher = clinux_pidfd_open(pid)
            if watcher >= 0 {
                try loop.attach(watcher)
                try await loop.readable(watcher)
                loop.detach(watcher)
                close(watcher)
            }
            try await turn(loop)
            return kill(pid, 0) == 0 ? 0 : errno
        }
        #expect(code == ESRCH)
    }

    @Test func `a child dies with the thread that spawned it`() async throws {
        var ends: [Int32] = [-1, -1]
        let status = unsafe clinux_pipe_nonblocking(&ends)
        #expect(status == 0)
        let (ours, theirs) = (ends[0], ends[1])
        let parent = try Loop.start(label: "parent")
        let pid = try await parent.spawn {
            var request = shell("echo up; exec sleep 3600")
            request.stdout = .descriptor(theirs)
            request.dieWithParent = true
            return try ChildProcess.spawn(request).pid
        }.value
        close(theirs)
        let start = try #require(ProcessIdentity.startTime(pid))
        #expect(ProcessIdentity.isAlive(pid, startTime: start))
        let text = try await onLoop { loop in
            let stream = try EventLoop.Stream(adopting: ours, loop: loop)
            defer { stream.close() }
            var buffer = ByteBuffer()
            _ = try await stream.read(into: &buffer)
            parent.stop()
            while try await stream.read(into: &buffer) > 0 {}
            return String(decoding: buffer.bytes, as: UTF8.self)
        }
        #expect(text == "up\n")
        var value: Int32 = 0
        #expect(unsafe waitpid(pid, &value, 0) == pid)
        #expect(value & 0x7F == SIGKILL)
    }

    @Test func `a new session is its own`() async throws {
        let fields = try await onLoop { _ in
            try await output(of: "cut -d ' ' -f 1,6 /proc/$$/stat") { $0.newSession = true }
        }.split(separator: " ")
        #expect(fields.count == 2 && fields[0] == fields[1])
    }

    @Test func `signals are neither blocked nor ignored in a child`() async throws {
        let masks = try await onLoop { _ in
            SignalSource.block([SIGTERM, SIGINT])
            return try await output(of: "grep -E '^Sig(Blk|Ign)' /proc/self/status")
        }
        let values = masks.split(separator: "\n").compactMap {
            UInt64($0.split(separator: "\t").last ?? "", radix: 16)
        }
        #expect(values.count == 2)
        #expect(values.first == 0)
        #expect(values.last.map { $0 & (1 << UInt64(SIGPIPE - 1)) } == 0)
    }

    @Test func `the limit of open files is as asked`() async throws {
        let limit = try await onLoop { _ in
            try await output(of: "ulimit -n") { $0.openFileLimit = 64 }
        }
        #expect(limit == "64")
    }

    @Test(.enabled(if: geteuid() == 0, "only root may become somebody else"))
    func `a child runs as another user, without our groups`() async throws {
        let nobody = try #require(UserAccount.named("nobody"))
        let text = try await onLoop { _ in
            try await output(of: "id -u; id -G") { $0.user = (nobody.uid, nobody.gid) }
        }
        #expect(text == "\(nobody.uid)\n\(nobody.gid)")
    }

    @Test func `becoming who we are needs no privilege`() async throws {
        let text = try await onLoop { _ in
            try await output(of: "id -u") { $0.user = (geteuid(), getegid()) }
        }
        #expect(text == "\(geteuid())")
    }

    @Test func `a missing directory is named with its step`() async throws {
        let error = try await onLoop { _ in
            var request = shell("exit 0")
            request.directory = "/nowhere/at/all"
            return #expect(throws: SystemError.self) { try ChildProcess.spawn(request) }
        }
        #expect(error?.call == "starting (chdir)")
        #expect(error?.object == "/nowhere/at/all")
        #expect(error?.code == ENOENT)
    }

    @Test func `a group signal reaches grandchildren`() async throws {
        let text = try await onLoop { _ in
            var request = shell("sleep 3600 & echo up; wait")
            request.stdout = .pipe
            request.newSession = true
            let child = try ChildProcess.spawn(request)
            var buffer = ByteBuffer()
            _ = try await child.stdoutStream?.read(into: &buffer)
            child.signalGroup(SIGKILL)
            // The end of the stream comes only when the grandchild, which inherited it, is gone
            // too.
            while let count = try await child.stdoutStream?.read(into: &buffer), count > 0 {}
            #expect(try await child.wait() == .signalled(SIGKILL))
            return String(decoding: buffer.bytes, as: UTF8.self)
        }
        #expect(text == "up\n")
    }

    @Test func `two hundred children are reaped`() async throws {
        let sum = try await onLoop { _ in
            try await withThrowingTaskGroup(of: Int.self) { group in
                for number in 0..<200 {
                    group.addTask {
                        let end = try await ChildProcess.spawn(shell("exit \(number % 100)")).wait()
                        return Int(end.shellStatus)
                    }
                }
                return try await group.reduce(0, +)
            }
        }
        #expect(sum == 2 * (0..<100).reduce(0, +))
    }
}
