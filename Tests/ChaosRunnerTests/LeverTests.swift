import ChaosJournal
import EventLoop
import LinuxSystem
import Testing

@testable import ChaosRunner

@Suite struct LeverTests {
    @Test func `a lever is released until somebody engages it, and keeps the first reason`() throws
    {
        let sandbox = try Sandbox()
        defer { sandbox.remove() }
        let lever = Lever(directory: sandbox.directory)
        #expect(lever.engagement == nil)
        try lever.engage(reason: "deploy")
        try lever.engage(reason: "another")
        #expect(lever.engagement?.reason == "deploy")
        #expect(lever.engagement?.since != nil)
        for _ in 1...2 {
            try lever.release()
            #expect(lever.engagement == nil)
        }
    }

    @Test func `a file made by hand engages it too`() throws {
        let sandbox = try Sandbox()
        defer { sandbox.remove() }
        let lever = Lever(directory: sandbox.directory)
        try sandbox.write("", to: lever.path)
        #expect(lever.engagement == Lever.Engagement(path: lever.path))
    }

    @Test func `the lever ends a run that goes on, and the fault with it`() async throws {
        let sandbox = try Sandbox()
        defer { sandbox.remove() }
        let lever = Lever(directory: sandbox.directory)
        try await onLoop { loop in
            let host = try HostProcess(sandbox, hold: .seconds(60))
            let isInEffect = try await eventually(within: .seconds(10), loop) {
                sandbox.text() == "marked\n"
            }
            #expect(isInEffect)
            try lever.engage(reason: "enough")
            #expect(try await host.child.wait() == .exited(0))
        }
        #expect(sandbox.text() == nil)
        guard case .runEnded(let ended)? = try sandbox.events().last?.payload else {
            Issue.record("the journal does not end")
            return
        }
        #expect(ended.reason == .aborted)
        #expect(ended.detail?.contains("enough") == true)
    }

    @Test func `an engaged lever lets no run begin`() async throws {
        let sandbox = try Sandbox()
        defer { sandbox.remove() }
        try Lever(directory: sandbox.directory).engage(reason: "no runs today")
        try await onLoop { loop in
            let host = try HostProcess(sandbox, hold: .milliseconds(10))
            #expect(try await host.child.wait() == .exited(70))
        }
        #expect(sandbox.text("\(sandbox.directory)/stderr")?.contains("no runs today") == true)
        #expect(!SystemFiles.exists(sandbox.output))
    }
}
