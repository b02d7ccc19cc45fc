import EventLoop
import Glibc
import LinuxSystem

/// Feeds one target with damaged inputs, bounds time and memory, and tells how to repeat a finding.
///
/// Input `n` depends on the seed and `n` alone. Its number is written to a file before it is fed,
/// so that a trap, a hang or a kill can be repeated too: `make fuzz` prints the line.
struct Fuzzer {
    /// How much the process may grow beyond what it was at the start of a target, KiB.
    static let growthMax = 256 << 10
    /// How long one batch of inputs may take before it counts as a hang, seconds.
    static let hangAfter: UInt32 = 120
    private static let batch = 256

    /// When a target has had enough.
    enum Bound: Sendable {
        case inputs(Int)
        case time(Duration)
        /// This input alone.
        case repeating(UInt64)
    }

    /// What a run found and cost.
    struct Report: Sendable {
        var inputs = 0
        var seconds = 0.0
        /// The most memory that the process had, KiB.
        var peak = 0
        /// What is wrong with the first input that found something.
        var finding: String?

        var rate: Double { seconds > 0 ? Double(inputs) / seconds : 0 }
    }

    let seed: UInt64
    let bound: Bound

    /// How to run one input again.
    func reproduction(_ target: FuzzTarget, _ input: UInt64) -> String {
        "make fuzz FUZZ_TARGET=\(target.name) FUZZ_SEED=\(seed) FUZZ_INPUT=\(input)"
    }

    func run(_ target: FuzzTarget) throws -> Report {
        let mark = try FuzzMark(FuzzMark.path)
        defer { mark.remove() }
        var report = Report()
        let start = Loop.monotonicNanoseconds()
        let before = FuzzMemory.beginPeak()
        var input = first
        alarm(Fuzzer.hangAfter)
        defer { alarm(0) }
        while report.finding == nil, goesOn(report) {
            mark.write(reproduction(target, input))
            var mutator = InputMutator(seed: seed ^ input &* 0xD6E8_FEB8_6659_FD93)
            if let finding = target.run(&mutator) {
                report.finding = "\(finding)\nRepeat it: \(reproduction(target, input))"
            }
            report.inputs += 1
            input += 1
            guard report.inputs.isMultiple(of: Fuzzer.batch) || report.finding != nil else {
                continue
            }
            alarm(Fuzzer.hangAfter)
            report.seconds = Double(Loop.monotonicNanoseconds() - start) / 1e9
            report.peak = max(report.peak, FuzzMemory.read().peak)
            if report.peak - before > Fuzzer.growthMax {
                report.finding =
                    "the process grew by \(report.peak - before) KiB within \(Fuzzer.batch) inputs "
                    + "up to this one.\nRepeat it: \(reproduction(target, input - 1))"
            }
        }
        return report
    }

    private var first: UInt64 {
        if case .repeating(let input) = bound { input } else { 0 }
    }

    private func goesOn(_ report: Report) -> Bool {
        switch bound {
        case .inputs(let count): report.inputs < count
        case .time(let limit): report.seconds < limit.seconds
        case .repeating: report.inputs < 1
        }
    }
}

/// The file that holds the input under way.
struct FuzzMark: ~Copyable {
    static let path = Environment.get("FUZZ_MARK") ?? "/tmp/chaos-fuzz-\(getpid())"

    private let path: String
    private let descriptor: Int32

    init(_ path: String) throws {
        self.path = path
        descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw SystemError(call: "opening", object: path, code: errno)
        }
    }

    deinit { close(descriptor) }

    func write(_ text: String) {
        // As long as the longest line, so that nothing of an earlier one is left behind.
        let line = text + String(repeating: " ", count: max(0, 120 - text.utf8.count)) + "\n"
        let bytes = Array(line.utf8)
        _ = unsafe bytes.withUnsafeBytes { unsafe pwrite(descriptor, $0.baseAddress, $0.count, 0) }
    }

    func remove() { unsafe unlink(path) }
}

/// What the kernel says of this process's memory, KiB.
struct FuzzMemory {
    var peak = 0

    /// Forgets the highest mark of earlier; returns from where on growth counts, KiB.
    static func beginPeak() -> Int {
        // proc(5): 5 resets the peak to what is resident now. Where the kernel refuses, the old
        // peak is where we begin, which sees less and accuses nobody falsely.
        let descriptor = unsafe open("/proc/self/clear_refs", O_WRONLY | O_CLOEXEC)
        if descriptor >= 0 {
            _ = unsafe Glibc.write(descriptor, "5", 1)
            close(descriptor)
        }
        return read().peak
    }

    static func read() -> FuzzMemory {
        var memory = FuzzMemory()
        guard let bytes = try? SystemFiles.read("/proc/self/status") else { return memory }
        for line in String(decoding: bytes, as: UTF8.self).split(separator: "\n") {
            let words = line.split(whereSeparator: \.isWhitespace)
            if words.count >= 2, words[0] == "VmHWM:" { memory.peak = Int(words[1]) ?? 0 }
        }
        return memory
    }
}

extension Duration {
    fileprivate var seconds: Double {
        Double(components.seconds) + Double(components.attoseconds) / 1e18
    }
}
