import EventLoop
import Glibc
import HTTP
import JSON
import Testing

@testable import ChaosProxy

@Suite(.serialized)
struct ToxicSocketTests {
    @Test
    func `latency delays every exchange by at least itself, and not much more`() async throws {
        try await ProxyRig.run { rig in
            let client = try await rig.connect(try await rig.proxy(to: try rig.echo()))
            #expect(try await client.exchange("warm") == "warm")
            let toxic = try await rig.toxic(#"{"type":"latency","attributes":{"latency":50}}"#)
            #expect(toxic["hits"] == 0)
            var times: [Double] = []
            for _ in 0..<15 {
                let time = try await milliseconds {
                    let answer = try await client.exchange("ping")
                    #expect(answer == "ping")
                }
                times.append(time)
            }
            times.sort()
            #expect(times[0] >= 50)
            // A shared machine may be late; half the exchanges are not.
            #expect(times[7] < 65, "p50 of \(times)")
            let after = try await rig.ask("GET", "/proxies/p/toxics/latency_downstream")
            #expect(after["hits"] == 15)
            client.close()
        }
    }

    @Test
    func `removing latency releases what it holds at once`() async throws {
        try await ProxyRig.run { rig in
            let client = try await rig.connect(try await rig.proxy(to: try rig.echo()))
            try await rig.toxic(#"{"type":"latency","name":"l","attributes":{"latency":600000}}"#)
            try await client.write(Array("held".utf8))
            #expect(
                try await eventually {
                    try await rig.ask("GET", "/proxies/p/toxics/l")["hits"] == 1
                }
            )
            let time = try await milliseconds {
                try await rig.ask("DELETE", "/proxies/p/toxics/l")
                #expect(try await client.read(exactly: 4) == Array("held".utf8))
            }
            #expect(time < 2_000)
            client.close()
        }
    }

    @Test
    func `bandwidth keeps its rate`() async throws {
        try await ProxyRig.run { rig in
            let client = try await rig.connect(try await rig.proxy(to: try rig.echo()))
            try await rig.toxic(#"{"type":"bandwidth","attributes":{"rate":1000}}"#)
            let time = try await milliseconds {
                try await client.write([UInt8](repeating: 1, count: 300_000))
                #expect(try await client.read(exactly: 300_000).count == 300_000)
            }
            #expect(time >= 295)
            #expect(time < 900)
            client.close()
        }
    }

    @Test
    func `a rate of 0 stalls and a new rate goes on`() async throws {
        try await ProxyRig.run { rig in
            let client = try await rig.connect(try await rig.proxy(to: try rig.echo()))
            try await rig.toxic(#"{"type":"bandwidth","name":"b","attributes":{"rate":0}}"#)
            try await client.write([1, 2, 3])
            #expect(
                try await eventually {
                    try await rig.ask("GET", "/proxies/p/toxics/b")["hits"] == 1
                }
            )
            try await rig.ask("POST", "/proxies/p/toxics/b", #"{"attributes":{"rate":1000}}"#)
            #expect(try await client.read(exactly: 3) == [1, 2, 3])
            client.close()
        }
    }

    @Test
    func `timeout loses data and closes; removing it closes as well`() async throws {
        try await ProxyRig.run { rig in
            let address = try await rig.proxy(to: try rig.echo())
            let first = try await rig.connect(address)
            #expect(try await first.exchange("a") == "a")
            try await rig.toxic(#"{"type":"timeout","name":"t","attributes":{"timeout":60}}"#)
            try await first.write([1])
            let time = try await milliseconds { #expect(await first.ending() == nil) }
            #expect(time >= 55)
            let second = try await rig.connect(address)
            try await rig.ask("POST", "/proxies/p/toxics/t", #"{"attributes":{"timeout":0}}"#)
            try await second.write([1])
            #expect(
                try await eventually {
                    try await rig.ask("GET", "/proxies/p/toxics/t")["hits"]?.integerValue ?? 0 >= 3
                }
            )
            try await rig.ask("DELETE", "/proxies/p/toxics/t")
            #expect(await second.ending() == nil)
            first.close()
            second.close()
        }
    }

    @Test
    func `reset_peer resets a connection that was open before`() async throws {
        try await ProxyRig.run { rig in
            let client = try await rig.connect(try await rig.proxy(to: try rig.echo()))
            #expect(try await client.exchange("a") == "a")
            try await rig.toxic(#"{"type":"reset_peer","name":"r","attributes":{"timeout":10}}"#)
            try await client.write([1])
            #expect(await client.ending() == ECONNRESET)
            #expect(try await rig.ask("GET", "/proxies/p/toxics/r")["hits"] == 1)
            client.close()
        }
    }

    @Test
    func `limit_data delivers its bytes and closes`() async throws {
        try await ProxyRig.run { rig in
            let address = try await rig.proxy(to: try rig.echo())
            try await rig.toxic(#"{"type":"limit_data","attributes":{"bytes":10}}"#)
            let client = try await rig.connect(address)
            try await client.write([UInt8](repeating: 9, count: 100))
            #expect(try await client.readAll() == [UInt8](repeating: 9, count: 10))
            client.close()
        }
    }

    @Test
    func `toxicity hits its share of connections`() async throws {
        try await ProxyRig.run { rig in
            let address = try await rig.proxy(to: try rig.echo())
            try await rig.toxic(
                #"{"type":"reset_peer","toxicity":0.5,"attributes":{"timeout":0}}"#
            )
            var passed = 0
            for _ in 0..<60 {
                let client = try await rig.connect(address)
                try await client.write([1])
                if (try? await client.read(exactly: 1)) == [1] { passed += 1 }
                client.close()
            }
            #expect((15...45).contains(passed))
        }
    }

    @Test
    func `a lease that is not renewed removes the toxic; a renewed one does not`() async throws {
        try await ProxyRig.run { rig in
            let client = try await rig.connect(try await rig.proxy(to: try rig.echo()))
            try await rig.toxic(
                #"{"type":"latency","name":"l","ttl":150,"attributes":{"latency":600000}}"#
            )
            try await client.write([7])
            // Renewed six times, each well within the lease, for longer than the first lease.
            for _ in 0..<6 {
                let answer = try await rig.ask("POST", "/proxies/p/toxics/l", #"{"ttl":400}"#)
                #expect(answer["ttl"]?.integerValue ?? 0 > 300)
                try await Loop.current?.sleep(for: .milliseconds(50))
            }
            let held = try await rig.ask("GET", "/proxies/p/toxics/l")
            #expect(held["hits"] == 1, "renewing leaves the held chunk alone")
            #expect(try await client.read(exactly: 1) == [7])
            #expect(try await rig.call("GET", "/proxies/p/toxics/l").status == 404)
            client.close()
        }
    }

    @Test
    func `a lease of enabled false enables the proxy again`() async throws {
        try await ProxyRig.run { rig in
            let address = try await rig.proxy(to: try rig.echo())
            let answer = try await rig.ask("POST", "/proxies/p", #"{"enabled":false,"ttl":150}"#)
            #expect(answer["enabled"] == false)
            await #expect(throws: SystemError.self) { try await rig.connect(address) }
            #expect(
                try await eventually { try await rig.ask("GET", "/proxies/p")["enabled"] == true }
            )
            let client = try await rig.connect(address)
            #expect(try await client.exchange("back") == "back")
            client.close()
        }
    }
}
