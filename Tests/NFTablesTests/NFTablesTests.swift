import EventLoop
import LinuxSystem
import NFTables
import NetworkFixtures
import Testing

@Suite(.timeLimit(.minutes(1)))
struct OwnershipTagTests {
    @Test func `a tag is read back from the name that it makes`() throws {
        let tag = try #require(OwnershipTag(run: "20261125-090512-a3f9d1", fault: "k3x9"))
        #expect(OwnershipTag(tableName: tag.tableName) == tag)
        #expect(tag.isOwnerAlive)
    }

    @Test(arguments: [
        "chaos", "chaos_run_1_2", "chaos_run_x_2_f", "mychaos_run_1_2_f", "chaos__1_2_f",
        "chaos_run_1_2_f_more", "filter",
    ])
    func `a foreign name is no tag`(name: String) {
        #expect(OwnershipTag(tableName: name) == nil)
    }

    @Test(arguments: ["", "a_b", "a b", "a\"b", "a;b"])
    func `a run that would not do as a name has no tag`(run: String) {
        #expect(OwnershipTag(run: run, fault: "1") == nil)
    }
}

@Suite(.timeLimit(.minutes(1)))
struct NetworkAddressTests {
    @Test(arguments: [
        ("10.0.0.1", "10.0.0.1", false), ("0:0::1", "::1", true), ("FE80::A", "fe80::a", true),
    ])
    func `an address has one spelling`(text: String, spelling: String, isVersion6: Bool) throws {
        let address = try #require(NetworkAddress(text))
        #expect(address.text == spelling)
        #expect(address.isVersion6 == isVersion6)
    }

    @Test(arguments: ["", "10.0.0", "10.0.0.1 drop", "localhost", "10.0.0.1/8"])
    func `what is no address is refused`(text: String) {
        #expect(NetworkAddress(text) == nil)
    }
}

@Suite(
    .timeLimit(.minutes(1)),
    .enabled(if: NetworkLab.isPossible, "\(NetworkLab.need)")
)
struct NFTablesConnectionTests {
    private static func cut(_ fault: String = "f1") throws -> (TableName, ExpiringSet, Batch) {
        let tag = try #require(OwnershipTag(run: "test", fault: fault))
        let table = try #require(TableName(.bridge, tag.tableName))
        let set = ExpiringSet("cut", in: table, key: [.address4, .address4])
        let chain = HookedChain("cutting", in: table, hook: .forward)
        var batch = Batch()
        batch.add(table: table)
        batch.add(set: set)
        batch.add(chain: chain)
        batch.add(rule: Rule([.sourceAndTarget(in: set)], verdict: .drop), to: chain)
        return (table, set, batch)
    }

    private static func pair(_ from: Int, _ to: Int) throws -> [SetValue] {
        try [from, to].map {
            .address(try #require(NetworkAddress(NetworkLab.address($0))))
        }
    }

    @Test func `a set cuts one direction, expires by itself, and the table is found by its tag`()
        async throws
    {
        try await NetworkLab.run(nodes: 2) { lab, _ in
            let connection = try NFTablesConnection(in: lab.switchboard)
            var (table, set, batch) = try Self.cut()
            batch.replace(
                elementsOf: set,
                with: [try Self.pair(1, 2)],
                timeout: .milliseconds(1_500)
            )
            try connection.apply(batch)
            #expect(try lab.delivered(20, from: 1, to: 2) == 0)
            #expect(try lab.delivered(20, from: 2, to: 1) == 20)
            let listing = try #require(try connection.listing(table))
            #expect(listing.isOurs)
            #expect(listing.packets(inChain: "cutting") == 20)
            #expect(try connection.ownedTables().map(\.table) == [table])
            // Nothing renews it: the kernel lets packets through again.
            let deadline = Loop.monotonicNanoseconds() + 30_000_000_000
            while try lab.delivered(1, from: 1, to: 2) == 0 {
                try #require(Loop.monotonicNanoseconds() < deadline)
            }
            #expect(try connection.listing(table)?.elements["cut"] == 0)
        }
    }

    @Test func `a batch that fails leaves nothing behind`() async throws {
        try await NetworkLab.run(nodes: 1) { lab, _ in
            let connection = try NFTablesConnection(in: lab.switchboard)
            var (table, _, batch) = try Self.cut()
            let missing = try #require(TableName(.bridge, "nowhere"))
            batch.delete(table: missing)
            #expect(throws: NFTablesError.self) { try connection.apply(batch) }
            #expect(try connection.listing(table) == nil)
        }
    }

    @Test func `a foreign table of a similar name is not ours`() async throws {
        try await NetworkLab.run(nodes: 1) { lab, _ in
            let connection = try NFTablesConnection(in: lab.switchboard)
            let (table, _, batch) = try Self.cut()
            try connection.apply(batch)
            var foreign = Batch()
            foreign.add(table: try #require(TableName(.bridge, "chaos")))
            // The name of a tag, but nothing in it says that we made it.
            foreign.add(table: try #require(TableName(.bridge, table.name + "x")))
            try connection.apply(foreign)
            #expect(try connection.tables().count == 3)
            #expect(try connection.ownedTables().map(\.table) == [table])
        }
    }

    @Test func `no packet passes while one table takes the place of another`() async throws {
        let figures = Environment.get("CHAOS_FIGURES")
        try await NetworkLab.run(nodes: 2) { lab, _ in
            let connection = try NFTablesConnection(in: lab.switchboard)
            let pair = try Self.pair(1, 2)
            // The same cut by two tables, of which each batch deletes the one and makes the other.
            let tables = try (0..<2).map { number in
                try #require(TableName(.bridge, "chaostest_\(number)"))
            }
            func make(_ table: TableName, _ batch: inout Batch) {
                let set = ExpiringSet("cut", in: table, key: [.address4, .address4])
                let chain = HookedChain("cutting", in: table, hook: .forward)
                batch.add(table: table)
                batch.add(set: set)
                batch.replace(elementsOf: set, with: [pair], timeout: .seconds(30))
                batch.add(chain: chain)
                batch.add(rule: Rule([.sourceAndTarget(in: set)], verdict: .drop), to: chain)
            }
            var batch = Batch()
            make(tables[0], &batch)
            try connection.apply(batch)
            let flood = try Flood(lab)
            flood.start()
            let changes = figures == nil ? 100 : 2_000
            for number in 1...changes {
                var change = Batch()
                make(tables[number % 2], &change)
                change.delete(table: tables[(number + 1) % 2])
                try connection.apply(change)
            }
            let (sent, arrived) = flood.stop()
            #expect(sent > 1_000)
            #expect(arrived == 0)
            guard let figures else { return }
            let row =
                "| partition: \(changes) times one table of rules in the place of another, in one"
                + " transaction each, under a flood | \(sent) packets sent, \(arrived) passed |\n"
            try AppendFile("\(figures)/partition.md").append(Array(row.utf8))
        }
    }

    @Test func `no packet passes between two contents of a set`() async throws {
        try await NetworkLab.run(nodes: 2) { lab, _ in
            let connection = try NFTablesConnection(in: lab.switchboard)
            var (_, set, batch) = try Self.cut()
            let pair = try Self.pair(1, 2)
            batch.replace(elementsOf: set, with: [pair], timeout: .seconds(30))
            try connection.apply(batch)
            let flood = try Flood(lab)
            flood.start()
            var renewal = Batch()
            renewal.replace(elementsOf: set, with: [pair], timeout: .seconds(30))
            for _ in 0..<500 { try connection.apply(renewal) }
            let (sent, arrived) = flood.stop()
            #expect(sent > 1_000)
            #expect(arrived == 0)
        }
    }

    @Test func `a namespace that is not there is named`() throws {
        let nowhere = try #require(NetworkNamespace(named: "chaostest-nowhere"))
        let error = #expect(throws: SystemError.self) { _ = try NFTablesConnection(in: nowhere) }
        #expect(error?.description.contains("chaostest-nowhere") == true)
    }
}
