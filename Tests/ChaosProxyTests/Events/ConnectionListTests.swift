import JSON
import Postgres
import Testing

@testable import ChaosProxy

/// What the listing of connections says of toxics on sessions; those on chunks are in `EventTests`.
struct ConnectionListTests {
    @Test
    func `a toxic of a session is named while it is armed, and its hits when it is gone`()
        async throws
    {
        try await PostgresRig.run { rig in
            let client = try await rig.connect()
            defer { client.close() }
            try await client.simple("SELECT 1")
            try await rig.toxic("slow_query", #"{"delay":1}"#, match: #"{"sql":"charges"}"#)
            try await rig.proxy.toxic(#"{"type":"latency","name":"l","attributes":{"latency":1}}"#)
            try await client.simple("SELECT count(*) FROM charges")
            try await client.simple("SELECT 2")
            let armed = try await rig.proxy.ask("GET", "/proxies/p/connections")[0]
            #expect(armed?["toxics"] == ["l", "t"])
            #expect(armed?["hits"]?["t"] == 1)
            #expect(armed?["hits"]?["l"]?.integerValue ?? 0 >= 2)
            try await rig.removeToxic()
            let disarmed = try await rig.proxy.ask("GET", "/proxies/p/connections")[0]
            #expect(disarmed?["toxics"] == ["l"])
            #expect(disarmed?["hits"]?["t"] == 1)
        }
    }
}
