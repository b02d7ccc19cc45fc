import EventLoop
import Glibc
import HTTP
import JSON
import Testing

@testable import ChaosProxy

@Suite(.serialized)
struct SynBlackholeTests {
    @Test(arguments: ["127.0.0.1:0", "[::1]:0", ":0"])
    func `connects hang while it lasts and go through afterwards; open connections live on`(
        _ listen: String
    ) async throws {
        try await ProxyRig.run { rig in
            let echo = try rig.echo()
            let body = #"{"name":"p","upstream":"\#(echo)","listen":"\#(listen)"}"#
            let text = try await rig.ask("POST", "/proxies", body)["listen"]?.stringValue ?? ""
            let address = try SocketAddress(parsing: text.replacing("[::]", with: "127.0.0.1"))
            let before = try await rig.connect(address)
            #expect(try await before.exchange("a") == "a")
            try await rig.toxic(#"{"type":"syn_blackhole","name":"hole"}"#)
            let error = await #expect(throws: SystemError.self) {
                try await EventLoop.Stream.connect(to: address, timeout: .milliseconds(300))
            }
            #expect(error?.code == ETIMEDOUT)
            #expect(try await before.exchange("b") == "b")
            #expect(
                try await eventually {
                    let toxic = try await rig.ask("GET", "/proxies/p/toxics/hole")
                    return toxic["hits"]?.integerValue ?? 0 >= 1
                }
            )
            try await rig.ask("DELETE", "/proxies/p/toxics/hole")
            let after = try await rig.connect(address)
            #expect(try await after.exchange("c") == "c")
            // The connection that filled the queue never reached the server.
            let list = try await rig.ask("GET", "/proxies/p/connections")
            #expect(list.arrayValue?.count == 2)
            before.close()
            after.close()
        }
    }

    @Test
    func `who sent SYN into the hole gets through when it ends`() async throws {
        try await ProxyRig.run { rig in
            let address = try await rig.proxy(to: try rig.echo())
            try await rig.toxic(#"{"type":"syn_blackhole","name":"hole","ttl":300}"#)
            // The kernel sends SYN again after one second.
            let client = try await rig.connect(address)
            #expect(try await client.exchange("late") == "late")
            #expect(try await rig.call("GET", "/proxies/p/toxics/hole").status == 404)
            client.close()
        }
    }

    @Test
    func `a proxy can be stopped, started and deleted with the hole in it`() async throws {
        try await ProxyRig.run { rig in
            let address = try await rig.proxy(to: try rig.echo())
            try await rig.toxic(#"{"type":"syn_blackhole","name":"hole"}"#)
            try await rig.ask("POST", "/proxies/p", #"{"enabled":false}"#)
            let refused = await #expect(throws: SystemError.self) { try await rig.connect(address) }
            #expect(refused?.code == ECONNREFUSED)
            try await rig.ask("POST", "/proxies/p", #"{"enabled":true}"#)
            let hung = await #expect(throws: SystemError.self) {
                try await EventLoop.Stream.connect(to: address, timeout: .milliseconds(200))
            }
            #expect(hung?.code == ETIMEDOUT)
            try await rig.ask("POST", "/proxies/p/toxics/hole", #"{"toxicity":0}"#)
            let client = try await rig.connect(address)
            #expect(try await client.exchange("a") == "a")
            client.close()
            try await rig.ask("POST", "/proxies/p/toxics/hole", #"{"toxicity":1}"#)
            try await rig.ask("DELETE", "/proxies/p")
        }
    }
}
