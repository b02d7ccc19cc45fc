import Glibc

// A Swift program whose clock the tests move. About every 20 ms it writes a line with its wall
// clock, its monotonic clock and how long its last sleep took, all in nanoseconds. Its argument is
// a number of threads that do nothing but read the wall clock.
@main
enum ClockProbe {
    static func main() async {
        for _ in 0..<(CommandLine.arguments.dropFirst().first.flatMap { Int($0) } ?? 0) {
            var thread = pthread_t()
            unsafe pthread_create(&thread, nil, unsafe hammer, nil)
        }
        while true {
            let before = now(CLOCK_MONOTONIC)
            try? await Task.sleep(for: .milliseconds(20))
            let slept = now(CLOCK_MONOTONIC) - before
            let line = "\(now(CLOCK_REALTIME)) \(now(CLOCK_MONOTONIC)) \(slept)\n"
            let bytes = Array(line.utf8)
            guard unsafe write(1, bytes, bytes.count) == bytes.count else { exit(1) }
        }
    }

    fileprivate static func now(_ clock: clockid_t) -> Int64 {
        var time = timespec()
        unsafe clock_gettime(clock, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }
}

private func hammer(_: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    while ClockProbe.now(CLOCK_REALTIME) != 0 {}
    return nil
}
