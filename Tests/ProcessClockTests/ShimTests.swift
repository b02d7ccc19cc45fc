import EventLoop
import Glibc
import LinuxSystem
import Testing

@testable import ProcessClock

/// What the shim does to a program, seen from its output.
@Suite(.timeLimit(.minutes(3))) struct ShimTests {
    private func onLoop<Value: Sendable>(
        _ body: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        let loop = try Loop.start(label: "shim-test")
        defer { loop.stop() }
        return try await loop.spawn { try await withDeadline(.seconds(90)) { try await body() } }
            .value
    }

    /// What a shell script prints under a clock of its own.
    private func output(of script: String, _ setting: ClockSetting) async throws -> String {
        try await onLoop {
            let directory = try SystemFiles.makeTemporaryDirectory(prefix: "chaos-shim-")
            defer { try? SystemFiles.removeTree(directory) }
            let control = "\(directory)/control"
            try ControlFile.create(control, setting)
            var request = SpawnRequest(
                executable: "/bin/sh",
                arguments: ["-c", "cd \(directory) && \(script)"]
            )
            request.stdout = .file("\(directory)/out", append: false)
            request.environment = ClockShim.environment(
                shim: try ClockShim.install(in: directory),
                control: control,
                base: Environment.all()
            )
            let child = try ChildProcess.spawn(request)
            #expect(try await child.wait() == .exited(0))
            return String(decoding: try SystemFiles.read("\(directory)/out"), as: UTF8.self)
        }
    }

    @Test func `what a program starts has the same clock`() async throws {
        let offset: Int64 = -3_600_000_000_000
        let text = try await output(of: "sh -c 'date +%s'", ClockSetting(offset: offset))
        let now = Loop.wallMicroseconds() / 1_000_000
        let read = try #require(Int64(text.filter(\.isNumber)))
        #expect((now - 3660...now - 3600 + 1).contains(read))
    }

    @Test func `deadlines on a moved clock come when they would on a true one`() async throws {
        // A wait of 0.1 s by each call that takes an absolute time of the wall clock.
        let source = """
            #define _GNU_SOURCE
            #include <pthread.h>
            #include <semaphore.h>
            #include <stdint.h>
            #include <stdio.h>
            #include <sys/timerfd.h>
            #include <time.h>
            #include <unistd.h>
            static struct timespec soon(void) {
                struct timespec t;
                clock_gettime(CLOCK_REALTIME, &t);
                t.tv_nsec += 100000000;
                if (t.tv_nsec >= 1000000000) { t.tv_nsec -= 1000000000; t.tv_sec++; }
                return t;
            }
            static long ms(void) {
                struct timespec t;
                clock_gettime(CLOCK_MONOTONIC, &t);
                return t.tv_sec * 1000 + t.tv_nsec / 1000000;
            }
            #define TRY(call) do { struct timespec t = soon(); long b = ms(); call; \
            printf("%ld\\n", ms() - b); } while (0)
            int main(void) {
                pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER, held = PTHREAD_MUTEX_INITIALIZER;
                pthread_cond_t c = PTHREAD_COND_INITIALIZER;
                sem_t s;
                sem_init(&s, 0, 0);
                pthread_mutex_lock(&m);
                pthread_mutex_lock(&held);
                TRY(clock_nanosleep(CLOCK_REALTIME, TIMER_ABSTIME, &t, 0));
                TRY(pthread_cond_timedwait(&c, &m, &t));
                TRY(pthread_cond_clockwait(&c, &m, CLOCK_REALTIME, &t));
                TRY(sem_timedwait(&s, &t));
                TRY(sem_clockwait(&s, CLOCK_REALTIME, &t));
                TRY(pthread_mutex_timedlock(&held, &t));
                int fd = timerfd_create(CLOCK_REALTIME, 0);
                uint64_t n;
                struct itimerspec when = {{0, 0}, {0, 0}};
                TRY(when.it_value = t; timerfd_settime(fd, TFD_TIMER_ABSTIME, &when, 0); \
            if (read(fd, &n, 8) < 0) return 1);
                return 0;
            }
            """
        for setting in [
            ClockSetting(offset: -3_600_000_000_000), ClockSetting(offset: 3_600_000_000_000),
        ] {
            let script = "cat > w.c <<'END' && cc -pthread -o w w.c && ./w\n\(source)\nEND"
            let waits = try await output(of: script, setting).split(separator: "\n")
            #expect(waits.count == 7)
            for wait in waits { #expect((99...20_000).contains(Int(wait) ?? -1), "\(wait) ms") }
        }
    }

    @Test func `the arithmetic moves and drifts, also before the base`() {
        let second: Int64 = 1_000_000_000
        let twice = ClockSetting(offset: -second, base: 100 * second, drift: second)
        #expect(twice.reading(at: 110 * second) == 119 * second)
        #expect(twice.reading(at: 90 * second) == 79 * second)
        #expect(ClockSetting.none.reading(at: 42) == 42)
        let slow = ClockSetting(base: 0, drift: -second / 2)
        #expect(slow.reading(at: 1_800_000_000 * second) == 900_000_000 * second)
    }

    @Test func `a file that is no control file is refused`() throws {
        let directory = try SystemFiles.makeTemporaryDirectory(prefix: "chaos-shim-")
        defer { try? SystemFiles.removeTree(directory) }
        let path = "\(directory)/file"
        try SystemFiles.writeAtomically(path, [UInt8](repeating: 1, count: 4096), mode: 0o600)
        #expect(throws: SystemError.self) { try ControlFile.read(path) }
        #expect(throws: SystemError.self) { try ControlFile.set(path, .none) }
        #expect(throws: SystemError.self) { try ControlFile.read("\(directory)/missing") }
    }
}
