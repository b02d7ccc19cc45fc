import ShopCore

/// Where a shop keeps what; all of it goes with the shop.
struct ShopPlaces: Hashable, Sendable {
    /// The folder of the shop: `<state>/shops/<name>` unless another was asked for.
    let directory: String
    /// The file that a live supervisor holds locked; beside the folders, because it outlives them.
    let lock: String
    /// The record that says which process supervises: `<state>/shops/<name>.json`.
    let record: String

    /// Throws `.name` when the name would not do as a file's name.
    init(name: String, shops: String, directory: String? = nil) throws(ShopError) {
        let isPlain = name.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
                UInt8(ascii: "-"):
                true
            default: false
            }
        }
        guard isPlain, (1...32).contains(name.utf8.count), !name.hasPrefix("-") else {
            throw ShopError(
                .name,
                "\"\(name)\" is not a name for a shop. "
                    + "Use 1 to 32 lower-case letters, digits and hyphens."
            )
        }
        self.directory = directory ?? "\(shops)/\(name)"
        lock = "\(shops)/\(name).lock"
        record = "\(shops)/\(name).json"
    }

    /// The description of the running shop; there when it is ready.
    var system: String { directory + "/system.json" }
    var logs: String { directory + "/logs" }
    var configurations: String { directory + "/config" }
    /// The file by which the proxy says that it listens.
    var proxyReady: String { directory + "/proxy-ready.json" }
    var proxyConfiguration: String { configurations + "/proxy.json" }

    /// The log of a process: `orders`, `orders-db`, `proxy`, `supervisor`.
    func log(_ process: String) -> String { "\(logs)/\(process).log" }

    /// What a service prints beside its log: the runtime's last words when it crashes.
    func output(_ process: String) -> String { "\(logs)/\(process).out" }

    func configuration(_ instance: String) -> String { "\(configurations)/\(instance).json" }

    /// The databases' folders; what `down --keep` leaves.
    var databases: String { directory + "/databases" }

    /// What of them stays.
    var kept: KeptData { KeptData(directory: directory) }

    /// RabbitMQ's folder; `down --keep` leaves it too.
    var rabbit: String { databases + "/rabbitmq" }

    func database(_ database: ShopDatabase) -> String {
        "\(databases)/\(database.rawValue)"
    }
}
