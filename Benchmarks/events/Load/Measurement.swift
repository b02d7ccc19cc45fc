/// What one row of the table is measured with; a value.
struct Measurement: Sendable {
    /// The program `shop`.
    var shop: String
    /// Messages a second.
    var rate: Double = 10_000
    var seconds: Double = 30
    /// How many relays of the outbox there are; one of them works, the others wait for its lease.
    var relays = 1
    /// How many members the consumer group has; the topic has two partitions.
    var consumers = 1
    /// Whether a relay or a consumer is killed every two seconds and started again.
    var kills = false

    var count: Int { Int(rate * seconds) }

    init?(_ words: [String]) {
        guard let first = words.first else { return nil }
        shop = first
        var rest = words.dropFirst()
        while let word = rest.popFirst() {
            if word == "--kill" {
                kills = true
                continue
            }
            guard let number = rest.popFirst().flatMap({ Double($0) }), number > 0 else {
                return nil
            }
            switch word {
            case "--rate": rate = number
            case "--seconds": seconds = number
            case "--relays": relays = Int(number)
            case "--consumers": consumers = Int(number)
            default: return nil
            }
        }
    }
}
