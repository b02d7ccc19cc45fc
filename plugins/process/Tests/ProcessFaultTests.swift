import ChaosModel
import ChaosPluginAPI
import ChaosTargets
import EventLoop
import Glibc
import JSON
import LinuxSystem
import Testing

@testable import FaultProcess

@Suite(.timeLimit(.minutes(3))) struct ProcessFaultTests {
    @Test func `a killed process is gone, and its successor proves it`() async throws {
        try await ProcessRig.run { rig in
            let fault = try rig.fault("kill")
            let former = try #require(rig.pid)
            let undo = try await fault.prepare(rig.context())
            #expect(try await fault.confirm(rig.context(), undo).hits == 0)
            try await fault.inject(rig.context(), undo)
            try await rig.until("another one runs") {
                let effect = try await fault.confirm(rig.context(), undo)
                return effect.hits == 1 && effect.detail["successor"] != nil
            }
            let effect = try await fault.confirm(rig.context(), undo)
            #expect(effect.detail["pid"] == .integer(Int64(former)))
            #expect(effect.detail["successor"]?["pid"] == rig.pid.map { .integer(Int64($0)) })
            try await fault.revert(undo)
            try await fault.confirmReverted(undo)
        }
    }

    @Test func `a signal that is caught leaves the effect unconfirmed`() async throws {
        try await ProcessRig.run("sh -c 'trap : TERM; while :; do sleep 1; done'") { rig in
            try await rig.until("it catches TERM") {
                let status = try SystemFiles.read("/proc/\(try #require(rig.pid))/status")
                let lines = String(decoding: status, as: UTF8.self).split(separator: "\n")
                let caught = lines.first { $0.hasPrefix("SigCgt:") }?.split(separator: "\t").last
                return UInt64(caught ?? "", radix: 16).map { $0 >> 14 & 1 == 1 } ?? false
            }
            let fault = try rig.fault("kill")
            let context = rig.context(["signal": "TERM"])
            let undo = try await fault.prepare(context)
            try await fault.inject(context, undo)
            try await Loop.current?.sleep(for: .milliseconds(100))
            #expect(try await fault.confirm(context, undo).hits == 0)
        }
    }

    @Test func `a restart counts when another process has taken the place`() async throws {
        try await ProcessRig.run { rig in
            let fault = try rig.fault("restart")
            let former = try #require(rig.pid)
            let undo = try await fault.prepare(rig.context())
            try await fault.inject(rig.context(), undo)
            try await rig.until("another one runs") {
                try await fault.confirm(rig.context(), undo).hits == 1
            }
            #expect(rig.pid != former)
        }
    }

    @Test func `a crash loop kills as often as it may, and no more`() async throws {
        try await ProcessRig.run { rig in
            let fault = try rig.fault("crash-loop")
            let context = rig.context(["times": 4, "life": 20.0])
            let undo = try await fault.prepare(context)
            try await fault.inject(context, undo)
            try await rig.until("four are dead") {
                try await fault.confirm(context, undo).hits == 4
            }
            let effect = try await fault.confirm(context, undo)
            #expect(effect.firings.map(\.ordinal) == [1, 2, 3, 4])
            #expect(Set(effect.firings.map { $0.detail["pid"] }).count == 4)
            try await rig.until("a fifth lives") { rig.pid != nil }
            try await fault.revert(undo)
            try await fault.confirmReverted(undo)
        }
    }

    @Test func `a crash loop ends when it is reverted`() async throws {
        try await ProcessRig.run { rig in
            let fault = try rig.fault("crash-loop")
            let context = rig.context(["times": 100, "life": 10.0])
            let undo = try await fault.prepare(context)
            try await fault.inject(context, undo)
            try await rig.until("two are dead") {
                try await fault.confirm(context, undo).hits >= 2
            }
            try await fault.revert(undo)
            let effect = try await fault.confirm(context, undo)
            let count = effect.hits
            let killed = effect.firings.map { $0.detail["pid"] }
            try await rig.until("one lives") {
                rig.pid.map { !killed.contains(.integer(Int64($0))) } ?? false
            }
            let survivor = try #require(rig.pid)
            try await Loop.current?.sleep(for: .milliseconds(150))
            #expect(try await fault.confirm(context, undo).hits == count)
            #expect(rig.pid == survivor)
        }
    }

    @Test func `a paused process stands still, goes on, and undoing twice is harmless`()
        async throws
    {
        try await ProcessRig.run { rig in
            let fault = try rig.fault("pause")
            let pid = try #require(rig.pid)
            let undo = try await fault.prepare(rig.context())
            #expect(try await fault.confirm(rig.context(), undo).hits == 0)
            try await fault.inject(rig.context(), undo)
            try await rig.until("it stands still") { rig.state(pid) == "T" }
            #expect(try await fault.confirm(rig.context(), undo).hits == 1)
            await #expect(throws: ProcessError.self) { try await fault.confirmReverted(undo) }
            // Another instance, as the guardian and recover have.
            let other = try rig.fault("pause")
            for _ in 1...2 {
                try await other.revert(undo)
                try await rig.until("it goes on") { rig.state(pid) == "S" }
                try await other.confirmReverted(undo)
            }
        }
    }

    @Test func `a process that stood still before stands still afterwards`() async throws {
        try await ProcessRig.run { rig in
            let fault = try rig.fault("pause")
            let pid = try #require(rig.pid)
            kill(pid, SIGSTOP)
            try await rig.until("it stands still") { rig.state(pid) == "T" }
            let undo = try await fault.prepare(rig.context())
            try await fault.inject(rig.context(), undo)
            #expect(try await fault.confirm(rig.context(), undo).hits == 0)
            try await fault.revert(undo)
            try await fault.confirmReverted(undo)
            #expect(rig.state(pid) == "T")
        }
    }

    @Test func `with children everything below stands still, and nothing beside it`() async throws {
        try await ProcessRig.run("sh -c 'sleep 600 & sleep 600 & wait'") { rig in
            let fault = try rig.fault("pause")
            let pid = try #require(rig.pid)
            try await rig.until("it has children") { ProcessTable.descendants(of: pid).count == 2 }
            let context = rig.context(["children": true])
            let undo = try await fault.prepare(context)
            try await fault.inject(context, undo)
            try await rig.until("three stand still") {
                try await fault.confirm(context, undo).hits == 3
            }
            let parent = try #require(ProcessTable.entry(pid)).parent
            #expect(rig.state(parent) != "T")
            try await fault.revert(undo)
            try await fault.confirmReverted(undo)
            try await rig.until("all go on") {
                ([pid] + ProcessTable.descendants(of: pid).map(\.pid)).allSatisfy {
                    rig.state($0) == "S"
                }
            }
        }
    }

    @Test func `a process that is gone needs no undo`() async throws {
        try await ProcessRig.run { rig in
            let fault = try rig.fault("pause")
            let pid = try #require(rig.pid)
            let undo = try await fault.prepare(rig.context())
            try await fault.inject(rig.context(), undo)
            kill(pid, SIGKILL)
            try await rig.until("it is gone") { rig.pid != pid }
            try await fault.revert(undo)
            try await fault.confirmReverted(undo)
            await #expect(throws: ProcessError.self) {
                _ = try await fault.confirm(rig.context(), undo)
            }
        }
    }

    @Test func `the branch that we sit on is refused`() async throws {
        try await ProcessRig.run { rig in
            for target in ["1", "\(getpid())", "\(getppid())", "2"] {
                var context = rig.context()
                context.target = .process(target)
                let error = await #expect(throws: TargetError.self) {
                    _ = try await rig.fault("kill").prepare(context)
                }
                #expect(error?.description.contains("process") == true)
            }
        }
    }

    @Test func `what cannot be found says so`() async throws {
        try await ProcessRig.run { rig in
            let empty = "\(rig.directory)/empty"
            try SystemFiles.writeAtomically(empty, Array("none\n".utf8), mode: 0o600)
            let cases: [(TargetSelector?, String)] = [
                (nil, "there is no process to hit"), (.process("999999999"), "is not there"),
                (.process(empty), "no pid in its first line"),
                (.service("x"), "no process is known"),
            ]
            for (target, message) in cases {
                var context = rig.context()
                context.target = target
                let error = await #expect(throws: TargetError.self) {
                    _ = try await rig.fault("pause").prepare(context)
                }
                #expect(error?.description.contains(message) == true, "\(error as Any)")
            }
        }
    }

    @Test func `the plugin finds out by trying that it works here`() async throws {
        let loop = try Loop.start(label: "process-check")
        defer { loop.stop() }
        let checks = try await loop.spawn { try await ProcessPlugin().selfChecks() }.value
        #expect(
            checks.map(\.function) == ["kill", "restart", "crash-loop", "pause", "freeze"]
        )
        #expect(checks.prefix(4).allSatisfy { $0.verdict == .works })
    }
}
