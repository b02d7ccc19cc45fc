import ChaosPluginAPI
import EventLoop
import Glibc
import JSON
import LinuxSystem
import Testing

@testable import FaultNetem

/// Every setting measured against what was set, on real packets; written to
/// `docs/netem-measured.md`.
///
/// The lab's time is the number of instructions executed, so that the figures do not depend on how
/// busy the machine is.
@Suite(
    .serialized,
    .timeLimit(.minutes(30)),
    .enabled(if: NetemRig.isPossible, NetemRig.reason)
)
struct NetemMeasuredTests {
    @Test func `every setting is measured as it was set`() async throws {
        var rows: [MeasuredRow] = []
        for setting in MeasuredSetting.all {
            for row in try await measure(setting) {
                #expect(row.isWithin, "\(row.name): \(row.measured)")
                rows.append(row)
            }
        }
        #expect(rows.count >= 20)
        guard let directory = Environment.get("CHAOS_LAB_OUT") else { return }
        let text = MeasuredRow.document(rows)
        let path = directory + "/netem-measured.md"
        try SystemFiles.writeAtomically(path, Array(text.utf8), mode: 0o644)
    }

    @Test func `the smoke part: a delay and a loss are measured as they were set`() async throws {
        for setting in MeasuredSetting.smoke {
            for row in try await measure(setting) {
                #expect(row.isWithin, "\(row.name): \(row.measured)")
            }
        }
    }

    @Test func `only the port that was chosen is hit`() async throws {
        try await NetemRig.run { rig in
            let (fault, context) = (
                try rig.fault("delay"), rig.context(["delay": 40, "ports": [7001]])
            )
            let undo = try await fault.prepare(context)
            try await fault.inject(context, undo)
            let chosen = try Probe(rig: rig, port: 7001).measure(count: 100)
            let other = try Probe(rig: rig, port: 7002).measure(count: 100)
            #expect(chosen.delays.allSatisfy { abs($0 - 40) < 0.5 }, "\(chosen.delays)")
            #expect(other.delays.allSatisfy { $0 < 0.5 }, "\(other.delays)")
            #expect(try await fault.confirm(context, undo).hits == 100)
            try await fault.revert(undo)
        }
    }

    @Test func `only the peer that was chosen is hit`() async throws {
        try await NetemRig.run { rig in
            for (peer, delay) in [("10.98.0.2", 40.0), ("10.98.0.3", 0), ("10.98.0.0/29", 40)] {
                let fault = try rig.fault("delay")
                let context = rig.context(["delay": 40, "peers": [.string(peer)]])
                let undo = try await fault.prepare(context)
                try await fault.inject(context, undo)
                let measured = try Probe(rig: rig).measure(count: 50)
                #expect(measured.delays.allSatisfy { abs($0 - delay) < 0.5 }, "\(peer)")
                try await fault.revert(undo)
            }
        }
    }

    @Test func `spared ports pass untouched while everything else is lost`() async throws {
        try await NetemRig.run { rig in
            let arguments: JSONObject = ["loss": 1, "spare-ports": [7022]]
            let (fault, context) = (try rig.fault("loss"), rig.context(arguments))
            let undo = try await fault.prepare(context)
            try await fault.inject(context, undo)
            #expect(try Probe(rig: rig, port: 7001).measure(count: 50).lost == 50)
            #expect(try Probe(rig: rig, port: 7022).measure(count: 50).lost == 0)
            // Now and then the kernel itself sends something (multicast listeners).
            #expect(try await fault.confirm(context, undo).hits >= 50)
            try await fault.revert(undo)
        }
    }

    private func measure(_ setting: MeasuredSetting) async throws -> [MeasuredRow] {
        let box = Box()
        try await NetemRig.run { rig in
            let fault = try rig.fault(setting.function)
            let context = rig.context(setting.arguments)
            let undo = try await fault.prepare(context)
            try await fault.inject(context, undo)
            let measured = try Probe(rig: rig).measure(
                count: setting.packets,
                every: setting.interval,
                bytes: setting.bytes,
                quiet: setting.quiet
            )
            try await fault.revert(undo)
            try await fault.confirmReverted(undo)
            box.rows = setting.rows(measured)
        }
        #expect(!box.rows.isEmpty)
        return box.rows
    }

    // Unchecked: written on the rig's loop before the test reads it.
    private final class Box: @unchecked Sendable {
        var rows: [MeasuredRow] = []
    }
}
