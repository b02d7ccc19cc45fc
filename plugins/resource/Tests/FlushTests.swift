import ChaosPluginAPI
import EventLoop
import Glibc
import JSON
import LinuxSystem
import ProcessTrace
import Testing

@testable import FaultResource

@Suite(
    .serialized,
    .timeLimit(.minutes(3)),
    .enabled(if: FlushTraceProcess.isPossible, "flushes are traced on x86-64 only")
)
struct FlushTests {
    /// Writes and flushes for ever, each time by a process that is born for it.
    private static let flusher = """
        while :; do
          if dd if=/dev/zero of=data bs=512 count=1 conv=fsync; then echo >> good
          else echo >> bad; fi
        done
        """

    @Test func `flushes fail, those of processes born later too, and work after the undo`()
        async throws
    {
        try await ResourceRig.run { rig in
            let child = try rig.shell(Self.flusher)
            try await rig.until("it flushes") { rig.lines("good") > 0 }
            let fault = try rig.fault("failing-fsync")
            let context = rig.context(["error": "EIO", "every": 1], child)
            try await rig.life(fault, context) { undo in
                try await rig.until("they fail") { rig.lines("bad") >= 3 }
                let effect = try await fault.confirm(context, undo)
                #expect(effect.hits >= 3 && effect.unit == "flushes failed", "\(effect)")
                #expect(ProcessTable.tracer(of: child.pid) != nil)
                let other = try rig.fault("slow-fsync")
                await #expect(throws: ResourceError.self, "it has a tracer already") {
                    try await other.prepare(context)
                }
            }
            #expect(ProcessTable.tracer(of: child.pid) == nil)
            let bad = rig.lines("bad")
            let good = rig.lines("good")
            try await rig.until("they work again") { rig.lines("good") >= good + 5 }
            // The last of them may have failed after it was counted.
            #expect(rig.lines("bad") <= bad + 1)
            try await rig.end(child)
        }
    }

    @Test func `flushes are slowed by the delay, every second one when asked for`() async throws {
        try await ResourceRig.run { rig in
            let child = try rig.shell(Self.flusher)
            try await rig.until("it flushes") { rig.lines("good") > 0 }
            let fault = try rig.fault("slow-fsync")
            let context = rig.context(["delay": 300, "every": 2], child)
            try await rig.life(fault, context) { undo in
                let begin = Loop.monotonicNanoseconds()
                try await rig.until("some are slowed") {
                    try await fault.confirm(context, undo).hits >= 4
                }
                // The fourth has begun when the three before it have had their time.
                #expect(Loop.monotonicNanoseconds() - begin >= 900_000_000)
                let effect = try await fault.confirm(context, undo)
                let flushes = Int(effect.detail["flushes"]?.integerValue ?? 0)
                #expect((0...1).contains(flushes - 2 * effect.hits))
                #expect(rig.lines("bad") == 0)
            }
            try await rig.end(child)
        }
    }

    @Test func `with the tracer killed the process goes on as if nothing had been`() async throws {
        try await ResourceRig.run { rig in
            let child = try rig.shell(Self.flusher)
            let fault = try rig.fault("slow-fsync")
            for _ in 1...5 {
                let context = rig.context(["delay": 30_000, "every": 1], child)
                let undo = try await fault.prepare(context)
                try await fault.inject(context, undo)
                try await rig.until("one is held") {
                    try await fault.confirm(context, undo).hits >= 1
                }
                let tag = try undo.text("tag")
                LeasedChild.killAll(command: FlushHold.command, tag: tag)
                let good = rig.lines("good")
                try await rig.until("it goes on") { rig.lines("good") > good + 3 }
                #expect(child.status == nil && rig.lines("bad") == 0)
                await #expect(throws: (any Error).self) { try await fault.confirm(context, undo) }
                try await fault.revert(undo)
                try await fault.confirmReverted(undo)
            }
            try await rig.end(child)
        }
    }

    @Test func `a tracer without a ledger is found by its tag`() async throws {
        try await ResourceRig.run { rig in
            let child = try rig.shell("sleep 3600")
            let fault = try rig.fault("slow-fsync")
            let context = rig.context(["delay": 100, "every": 1], child)
            try await rig.life(fault, context) { undo in
                let tag = try undo.text("tag")
                let found = try await ResourcePlugin().leftovers().first {
                    $0.undo.state["tag"]?.stringValue == tag
                }
                #expect(found?.runID == context.runID && found?.isOwnerAlive == true)
                let record = try #require(found?.undo)
                let finder = try rig.fault(record.function)
                try await finder.revert(record)
                try await rig.until("it is gone") {
                    (try? await finder.confirmReverted(record)) != nil
                }
            }
            #expect(child.status == nil)
            try await rig.end(child)
        }
    }
}
