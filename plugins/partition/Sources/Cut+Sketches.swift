import NFTables

extension Cut {
    /// The port of the control channel that is never cut.
    private static let ssh: [UInt16] = [22]

    /// The tables that carry the cut out.
    func sketches(_ place: CutPlace) throws -> [TableSketch] {
        place.tables.map { table in
            switch reach {
            case .bridge(let forward, let backward):
                betweenHosts(table, .forward, forward, backward)
            case .arrival(let forward, let backward):
                betweenHosts(table, .input, forward, backward)
            case .host(let peers, _, let interfaces):
                table.family == .inet
                    ? incoming(table, peers) : outgoing(table, peers, interfaces)
            }
        }
    }

    private func betweenHosts(
        _ table: TableName,
        _ hook: HookedChain.Hook,
        _ forward: [Pair],
        _ backward: [Pair]
    ) -> TableSketch {
        var sketch = TableSketch(table)
        for (name, pairs, isForward) in [("forward", forward, true), ("backward", backward, false)]
        {
            let elements = pairs.map { [SetValue.address($0.source), .address($0.target)] }
            guard let set = sketch.fill("\(name)-cut", [.address4, .address4], elements) else {
                continue
            }
            var matches = [Rule.Match.sourceAndTarget(in: set)] + filter.transportMatch
            if !filter.ports.isEmpty {
                matches.append(
                    isForward
                        ? .targetPort(oneOf: filter.ports) : .sourcePort(oneOf: filter.ports)
                )
            }
            let rule = Rule(matches, share: filter.share, verdict: verdict)
            let chain = HookedChain("\(name)-cutting", in: table, hook: hook)
            sketch.chains.append(TableSketch.Chain(chain: chain, rules: [rule]))
        }
        return sketch
    }

    private func incoming(_ table: TableName, _ peers: [NetworkAddress]) -> TableSketch {
        var sketch = TableSketch(table)
        let rules = hostRules(&sketch, peers) { .source(in: $0) }
        let chain = HookedChain("incoming", in: table, hook: .input)
        let spared = [Rule([.loopback], verdict: .leave)]
        sketch.chains.append(TableSketch.Chain(chain: chain, rules: spared + rules))
        return sketch
    }

    /// At the last moment before the interface: the sender is told nothing, as in a real network,
    /// where a rule at the hook `output` would give it EPERM.
    private func outgoing(
        _ table: TableName,
        _ peers: [NetworkAddress],
        _ interfaces: [String]
    ) -> TableSketch {
        var sketch = TableSketch(table)
        let rules = hostRules(&sketch, peers) { .target(in: $0) }
        for (index, interface) in interfaces.enumerated() {
            let chain = HookedChain(
                "outgoing\(index + 1)",
                in: table,
                hook: .egress,
                device: interface
            )
            sketch.chains.append(TableSketch.Chain(chain: chain, rules: rules))
        }
        return sketch
    }

    private func hostRules(
        _ sketch: inout TableSketch,
        _ peers: [NetworkAddress],
        _ match: (ExpiringSet) -> Rule.Match
    ) -> [Rule] {
        let spared = [
            Rule([.tcp, .targetPort(oneOf: Self.ssh)], verdict: .leave),
            Rule([.tcp, .sourcePort(oneOf: Self.ssh)], verdict: .leave),
        ]
        func hit(_ matches: [Rule.Match]) -> Rule {
            Rule(matches, share: filter.share, verdict: verdict)
        }
        guard !peers.isEmpty else {
            // Everybody: then the ports are what expires.
            let elements = filter.ports.map { [SetValue.port($0)] }
            guard let set = sketch.fill("ports-cut", [.service], elements) else { return spared }
            return spared
                + [Rule.Match.targetPortInSet(set), .sourcePortInSet(set)].map {
                    hit(filter.transportMatch + [$0])
                }
        }
        var rules = spared
        for (name, key, isVersion6) in [
            ("peers4-cut", ExpiringSet.Field.address4, false), ("peers6-cut", .address6, true),
        ] {
            let elements = peers.filter { $0.isVersion6 == isVersion6 }
                .map { [SetValue.address($0)] }
            guard let set = sketch.fill(name, [key], elements) else { continue }
            let matches = [match(set)] + filter.transportMatch
            if filter.ports.isEmpty {
                rules.append(hit(matches))
            } else {
                rules.append(hit(matches + [.targetPort(oneOf: filter.ports)]))
                rules.append(hit(matches + [.sourcePort(oneOf: filter.ports)]))
            }
        }
        return rules
    }
}
