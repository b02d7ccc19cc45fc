import Testing

@testable import Postgres

@Suite struct StatementCacheTests {
    @Test func `a statement is prepared on its second use and then reused`() {
        var cache = StatementCache(capacity: 4)
        #expect(cache.use("select 1") == .unnamed)
        #expect(cache.use("select 1") == .prepare(name: "chaos_1", evicting: nil))
        cache.didPrepare("select 1", name: "chaos_1")
        #expect(cache.use("select 1") == .prepared(name: "chaos_1"))
    }

    @Test func `a statement whose preparation failed is prepared again under another name`() {
        var cache = StatementCache(capacity: 4)
        _ = cache.use("select 1")
        _ = cache.use("select 1")
        #expect(cache.use("select 1") == .prepare(name: "chaos_2", evicting: nil))
    }

    @Test func `the least recently used statement gives way and is released`() {
        var cache = StatementCache(capacity: 2)
        for name in ["a", "b"] { prepare(name, in: &cache) }
        _ = cache.use("a")
        #expect(cache.use("c") == .unnamed)
        #expect(cache.count == 2)
        #expect(cache.use("c") == .prepare(name: "chaos_3", evicting: "chaos_2"))
        #expect(cache.use("a") == .prepared(name: "chaos_1"))
    }

    @Test func `the server never holds more than the capacity and one`() {
        var cache = StatementCache(capacity: 8)
        var held: Set<String> = []
        var random = SeededGenerator(seed: 7)
        for _ in 0..<10_000 {
            let sql = "select \(Int.random(in: 0..<30, using: &random))"
            if Int.random(in: 0..<50, using: &random) == 0 { cache.forget(sql, released: false) }
            guard case .prepare(let name, let evicted) = cache.use(sql) else { continue }
            if let evicted { held.remove(evicted) }
            held.insert(name)
            cache.didPrepare(sql, name: name)
            #expect(held.count <= 9)
            #expect(cache.count <= 8)
        }
        #expect(held.count > 4)
    }

    private func prepare(_ sql: String, in cache: inout StatementCache) {
        _ = cache.use(sql)
        if case .prepare(let name, _) = cache.use(sql) { cache.didPrepare(sql, name: name) }
    }
}

/// SplitMix64: a small generator with a seed, for random walks that can be repeated.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }
}
