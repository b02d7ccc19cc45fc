import ChaosModel
import ChaosPluginAPI
import EventLoop
import Glibc
import JSON
import LinuxSystem
import ProcessClock
import Testing

@testable import FaultClock

/// A program that writes down what its clocks say, so that a test can tell how wrong they are.
// Unchecked: everything happens on the rig's loop.
final class ProbeRig: @unchecked Sendable {
    /// What the program is made of.
    enum Program: String, CaseIterable, CustomTestStringConvertible {
        case swift, swiftThreads, c, cThreads, cStatic, cStaticThreads, cFiltered
        case python, pythonThreads, java
        var testDescription: String { rawValue }

        /// Whether threads of it do nothing but read the clock.
        var isHammering: Bool { rawValue.hasSuffix("Threads") }

        /// Those that hammer, as the page of figures names them.
        var words: String {
            switch self {
            case .swiftThreads: "Swift, 4 threads that read all the time"
            case .cStaticThreads: "static C, 8 threads that read all the time"
            case .pythonThreads: "Python, 4 threads that read all the time"
            case .java: "a JVM, a thread that reads all the time"
            default: "C, 8 threads that read all the time"
            }
        }
    }

    /// Whether a JVM and its compiler are there.
    static let hasJava = ["/usr/bin/java", "/usr/bin/javac"].allSatisfy(SystemFiles.exists)

    let directory: String
    let child: ChildProcess
    private var said: String { "\(directory)/said" }

    private init(_ program: Program, isUnderShim: Bool) async throws {
        directory = try SystemFiles.makeTemporaryDirectory(prefix: "chaos-clock-")
        let words = try await Self.words(program, directory)
        var request = SpawnRequest(executable: words[0], arguments: Array(words.dropFirst()))
        request.newSession = true
        request.dieWithParent = true
        request.stdout = .file("\(directory)/said", append: true)
        request.stderr = .file("\(directory)/errors", append: true)
        if isUnderShim {
            let control = "\(directory)/control"
            try ControlFile.create(control)
            request.environment = ClockShim.environment(
                shim: try ClockShim.install(in: directory),
                control: control,
                base: Environment.all()
            )
        }
        child = try ChildProcess.spawn(request)
    }

    /// Runs a test with a time limit and cleans up.
    static func run(
        _ program: Program,
        isUnderShim: Bool,
        _ body: @escaping @Sendable (ProbeRig) async throws -> Void
    ) async throws {
        let loop = try Loop.start(label: "clock-test")
        defer { loop.stop() }
        try await loop.spawn {
            let rig = try await ProbeRig(program, isUnderShim: isUnderShim)
            do {
                try await withDeadline(.seconds(120)) { try await body(rig) }
            } catch {
                try await rig.stop()
                throw error
            }
            try await rig.stop()
        }.value
    }

    private func stop() async throws {
        child.signalGroup(SIGKILL)
        _ = try await child.wait()
        try SystemFiles.removeTree(directory)
    }

    func context(_ arguments: JSONObject) -> StepContext {
        var context = StepContext(runID: "t\(child.pid)", arguments: arguments, seed: 7)
        context.target = .process("\(child.pid)")
        return context
    }

    func fault(_ function: String) throws -> any Fault {
        try #require(try ClockPlugin().fault(function))
    }

    /// How far its wall clock is off the host's, and how long its sleeps of 20 ms take;
    /// nanoseconds.
    ///
    /// The best of ten readings made from now on: a busy machine delays, and never hastens.
    func readings() async throws -> (offset: Int64, sleep: Int64) {
        let count = lines.count
        try await until("it reads its clock") { self.lines.count > count + 11 }
        let host = Loop.wallMicroseconds() * 1_000 - Loop.monotonicNanoseconds()
        let fresh = lines.dropFirst(count + 1).prefix(10)
        let offsets = fresh.map { $0[0] - $0[1] - host }
        return (
            offset: offsets.min { abs($0) < abs($1) } ?? 0, sleep: fresh.map { $0[2] }.min() ?? 0
        )
    }

    private var lines: [[Int64]] {
        let text = String(decoding: (try? SystemFiles.read(said)) ?? [], as: UTF8.self)
        return text.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
            .map { $0.split(separator: " ").compactMap { Int64($0) } }.filter { $0.count == 3 }
    }

    /// Looks until a fact is true; the time limit of the test is the bound.
    func until(_ what: String, _ fact: () async throws -> Bool) async throws {
        for _ in 0..<3_000 {
            if try await fact() { return }
            try await Loop.current?.sleep(for: .milliseconds(10))
        }
        let errors = (try? SystemFiles.read("\(directory)/errors")) ?? []
        Issue.record("never: \(what) \(String(decoding: errors, as: UTF8.self))")
    }
}

extension ProbeRig {
    private static func words(_ program: Program, _ directory: String) async throws -> [String] {
        switch program {
        case .swift, .swiftThreads:
            return [SystemFiles.parent(of: executablePath()) + "/clock-probe"]
                + (program.isHammering ? ["4"] : [])
        case .python, .pythonThreads:
            return ["/usr/bin/env", "python3", "-u", "-c", pythonSource]
                + (program.isHammering ? ["4"] : [])
        case .c, .cThreads, .cStatic, .cStaticThreads, .cFiltered:
            let source = "\(directory)/probe.c"
            try SystemFiles.writeAtomically(source, Array(cSource.utf8), mode: 0o644)
            var words = ["cc", "-O1", "-pthread", "-o", "\(directory)/probe", source]
            if program == .cStatic || program == .cStaticThreads { words.append("-static") }
            if program == .cFiltered { words.append("-DFILTER") }
            if program.isHammering { words.append("-DTHREADS=8") }
            try await compile(words)
            return ["\(directory)/probe"]
        case .java:
            let source = "\(directory)/Probe.java"
            try SystemFiles.writeAtomically(source, Array(javaSource.utf8), mode: 0o644)
            try await compile(["javac", "-d", directory, source])
            return ["/usr/bin/env", "java", "-Xshare:auto", "-cp", directory, "Probe"]
        }
    }

    private static func compile(_ words: [String]) async throws {
        var request = SpawnRequest(executable: "/usr/bin/env", arguments: words)
        request.stdout = .null
        let compiler = try ChildProcess.spawn(request)
        try #require(
            try await compiler.wait() == .exited(0),
            "\(words[0]) cannot compile the probe"
        )
    }

    /// Reads its clocks interpreted and, after a while, compiled: a thread hammers them.
    private static let javaSource = """
        import java.time.Instant;
        public class Probe {
            static volatile long sum;
            public static void main(String[] words) throws Exception {
                Thread hammer = new Thread(() -> {
                    for (;;) { sum += System.currentTimeMillis() + Instant.now().getNano(); }
                });
                hammer.setDaemon(true);
                hammer.start();
                for (;;) {
                    long before = System.nanoTime();
                    Thread.sleep(20);
                    long slept = System.nanoTime() - before;
                    Instant now = Instant.now();
                    long wall = now.getEpochSecond() * 1000000000L + now.getNano();
                    System.out.println(wall + " " + System.nanoTime() + " " + slept);
                }
            }
        }
        """

    private static let pythonSource = """
        import sys, threading, time
        def hammer():
            while True:
                time.time_ns()
        for _ in range(int(sys.argv[1]) if len(sys.argv) > 1 else 0):
            threading.Thread(target=hammer, daemon=True).start()
        while True:
            before = time.monotonic_ns()
            time.sleep(0.02)
            slept = time.monotonic_ns() - before
            print(time.time_ns(), time.monotonic_ns(), slept)
        """

    private static let cSource = """
        #include <linux/filter.h>
        #include <linux/seccomp.h>
        #include <pthread.h>
        #include <stdio.h>
        #include <sys/prctl.h>
        #include <sys/time.h>
        #include <time.h>
        #ifndef THREADS
        #define THREADS 0
        #endif
        static long long now(clockid_t c) {
            struct timespec t;
            clock_gettime(c, &t);
            return t.tv_sec * 1000000000LL + t.tv_nsec;
        }
        static void *hammer(void *unused) {
            volatile long long sum = 0;
            struct timeval v;
            for (;;) { gettimeofday(&v, 0); sum += now(CLOCK_REALTIME) + time(0) + v.tv_usec; }
            return unused;
        }
        int main(void) {
        #ifdef FILTER
            struct sock_filter allow = BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
            struct sock_fprog filter = {1, &allow};
            if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)) return 1;
            if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter)) return 1;
        #endif
            pthread_t thread;
            for (int i = 0; i < THREADS; i++) pthread_create(&thread, 0, hammer, 0);
            for (;;) {
                long long before = now(CLOCK_MONOTONIC);
                struct timespec pause = {0, 20000000};
                clock_nanosleep(CLOCK_MONOTONIC, 0, &pause, 0);
                long long slept = now(CLOCK_MONOTONIC) - before;
                long long wall = now(CLOCK_REALTIME);
                printf("%lld %lld %lld\\n", wall, now(CLOCK_MONOTONIC), slept);
                fflush(stdout);
            }
        }
        """
}
