import LinuxSystem
import ShopCore

/// The databases that `down --keep` leaves of a shop, RabbitMQ's among them.
struct KeptData {
    /// The folder of the shop; the data is in its `databases`.
    let directory: String

    /// The folder with the data.
    private var databases: String { directory + "/databases" }
    /// Says which broker carried the events.
    private var note: String { databases + "/carried-by" }

    /// Whether there is any.
    var exists: Bool { SystemFiles.exists(databases) }

    /// Notes which broker carries the events.
    func carried(by broker: BrokerChoice) throws {
        try SystemFiles.writeAtomically(note, Array(broker.text.utf8), mode: 0o644)
    }

    /// Throws `ShopError` when another broker carried the events: the consumers' databases count
    /// what that one delivered, and events that are still there would be lost.
    func check(_ broker: BrokerChoice) throws(ShopError) {
        guard let bytes = try? SystemFiles.read(note) else { return }
        let former = String(decoding: bytes, as: UTF8.self)
        guard former != broker.text else { return }
        throw ShopError(
            .kept,
            "the databases that 'down --keep' left belong to a shop with the broker \(former); "
                + "\(broker.text) has neither its events nor its positions — --broker. Go on with "
                + "--broker \(former), or leave --keep out to begin anew."
        )
    }

    /// Removes everything of the shop, but for the data when it `stays`.
    func clear(stays: Bool) throws {
        guard stays, exists else { return try SmallFileSystem.removeTree(directory) }
        for name in try SystemFiles.list(directory) where name != "databases" {
            try SystemFiles.removeTree("\(directory)/\(name)")
        }
    }
}
