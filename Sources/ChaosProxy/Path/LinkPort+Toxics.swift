import EventLoop
import JSON

extension LinkPort {
    /// Puts a toxic behind the others, on the open connections too.
    func add(_ toxic: Toxic) {
        // Once, where connections get their numbers: the other loops' ports follow.
        if isHome { toxic.tally.begin(after: share.lastNumber) }
        toxics.append(toxic)
        holdOrServe()
        for connection in connections.values { setStage(of: toxic, on: connection) }
    }

    /// Changes a toxic's attributes, toxicity or match; the dice are thrown anew.
    func update(_ toxic: Toxic) {
        guard let index = toxics.firstIndex(where: { $0.name == toxic.name }) else { return }
        toxics[index] = toxic
        holdOrServe()
        for connection in connections.values { setStage(of: toxic, on: connection) }
    }

    /// Takes a toxic away; what its stages held goes on, or the connection ends, as the type says.
    func remove(toxic name: String) {
        guard let index = toxics.firstIndex(where: { $0.name == name }) else { return }
        let toxic = toxics.remove(at: index)
        holdOrServe()
        for connection in connections.values {
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

    /// Whether a toxic loses this event of a session; counts it for each toxic that looks for it.
    ///
    /// `statement`: the ordinal of the statement in its session.
    func loses(_ event: SessionEventKind, on connection: Connection, statement: Int) -> Bool {
        var isLost = false
        for toxic in toxics where toxic.type.event == event {
            guard toxic.includes(connection: connection.number, proxy: name, seed: seed) else {
                continue
            }
            let ordinal = toxic.tally.nextOccurrence()
            let match = toxic.match?.occurrence ?? .every(1)
            var dice = toxic.dice("match", 0, proxy: name, seed: seed)
            guard !isLost, match.hits(ordinal: ordinal, seed: dice.next()) else { continue }
            let detail: JSONObject = [
                "client": .string(connection.clientAddress),
                "statement": .integer(Int64(statement)),
                "occurrence": .integer(Int64(ordinal)),
            ]
            toxic.tally.fire(
                wallMicroseconds: Loop.wallMicroseconds(),
                connection: connection.name,
                detail: detail
            )
            isLost = true
        }
        return isLost
    }
}
