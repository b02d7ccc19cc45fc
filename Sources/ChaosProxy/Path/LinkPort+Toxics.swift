import EventLoop

extension LinkPort {
    /// Puts a toxic behind the others, on the open connections too.
    func add(_ toxic: Toxic) {
        // Once, where connections get their numbers: the other loops' ports follow.
        if isHome { toxic.tally.begin(after: share.lastNumber) }
        toxics.append(toxic)
        holdOrServe()
        for connection in connections.values { set(toxic, on: connection) }
    }

    /// Changes a toxic's attributes, toxicity or match; the dice are thrown anew.
    func update(_ toxic: Toxic) {
        guard let index = toxics.firstIndex(where: { $0.name == toxic.name }) else { return }
        toxics[index] = toxic
        holdOrServe()
        for connection in connections.values { set(toxic, on: connection) }
    }

    /// Takes a toxic away; what its stages held goes on, or the connection ends, as the type says.
    func remove(toxic name: String) {
        guard let index = toxics.firstIndex(where: { $0.name == name }) else { return }
        let toxic = toxics.remove(at: index)
        holdOrServe()
        for connection in connections.values {
            guard toxic.fault == nil else {
                arm(connection)
                continue
            }
            guard let pipe = connection.pipe(toxic.direction) else { continue }
            guard let index = pipe.chain.index(of: name) else { continue }
            connection.remember(pipe.chain.stages[index])
            pipe.change { chain in chain.remove(at: index) }
        }
    }

    /// Gives a new connection its stages.
    func equip(_ connection: Connection) {
        connection.pipe(.upstream)?.meter(with: added.upstream)
        connection.pipe(.downstream)?.meter(with: added.downstream)
        for toxic in toxics { setStage(of: toxic, on: connection) }
        arm(connection)
    }

    /// Brings one connection in line with a toxic.
    private func set(_ toxic: Toxic, on connection: Connection) {
        if toxic.fault == nil { setStage(of: toxic, on: connection) } else { arm(connection) }
    }

    /// Brings one connection in line with a toxic: a stage, a changed stage or none.
    private func setStage(of toxic: Toxic, on connection: Connection) {
        guard let make = toxic.type.makeStage, let pipe = connection.pipe(toxic.direction) else {
            return
        }
        let isIncluded = toxic.includes(connection: connection.number, proxy: name, seed: seed)
        let now = Loop.monotonicNanoseconds()
        switch (pipe.chain.index(of: toxic.name), isIncluded) {
        case (nil, false): return
        case (let index?, false):
            connection.remember(pipe.chain.stages[index])
            pipe.change { chain in chain.remove(at: index) }
        case (let index?, true):
            pipe.change { chain in
                chain.update(
                    at: index,
                    attributes: toxic.attributes,
                    selection: selection(of: toxic),
                    now: now
                )
            }
        case (nil, true):
            let dice = toxic.dice("stage", connection.number, proxy: name, seed: seed)
            let stage = make(toxic, dice, now)
            stage.selection = selection(of: toxic)
            stage.onFirstHit = { [weak self, weak connection] in
                if let self, let connection { tell(toxic, hit: connection) }
            }
            let index = position(of: toxic, in: pipe)
            pipe.change { chain in chain.insert(stage, at: index) }
        }
    }

    /// The chunks that a toxic works on; `nil`: all.
    private func selection(of toxic: Toxic) -> ChunkSelection? {
        guard toxic.matchUnit == .chunk, let occurrence = toxic.match?.occurrence else {
            return nil
        }
        var dice = toxic.dice("match", 0, proxy: name, seed: seed)
        return ChunkSelection(occurrence: occurrence, seed: dice.next())
    }

    /// Stages stand in the order in which their toxics were added.
    private func position(of toxic: Toxic, in pipe: Pipe) -> Int {
        let before = toxics.prefix { $0.name != toxic.name }.map(\.name)
        return pipe.chain.stages.count { before.contains($0.toxic) }
    }

    /// Tells a connection which toxics may hit its session.
    private func arm(_ connection: Connection) {
        guard connection.session != nil else { return }
        let rules = toxics.filter { toxic in
            toxic.includes(connection: connection.number, proxy: name, seed: seed)
        }
        connection.arm(rules.compactMap { SessionRule($0, proxy: name, seed: seed) })
    }
}
