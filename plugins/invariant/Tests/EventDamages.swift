@testable import FaultInvariant

/// What is done to the events of the sound shop.
let eventDamages: [Damage] = [
    Damage(
        "an event that was never written",
        breaks: ["no-event-lost", "every-event-handled"],
        reason: "order-captured is lost: it is neither in the outbox nor in the broker's log"
    ) {
        $0.events?.log?.trails.change("orders", of: "a") { $0.types.remove(at: 2) }
        $0.events?.forget("order-captured", of: "a")
    },
    Damage(
        "an event that waits for ever",
        breaks: ["outboxes-drained", "every-event-handled"],
        reason: "payment-captured is still in the outbox of payments"
    ) {
        $0.events?.log?.trails.change("payments", of: "a") { $0.types = [] }
        $0.events?.forget("payment-captured", of: "a")
        $0.events?.dashboard[1].events = 1
        $0.events?.pending = [
            .init(topic: "payments", order: "a", type: "payment-captured", at: "10:02")
        ]
    },
    Damage(
        "an order that was never placed",
        breaks: ["no-phantom-event"],
        reason: "has events, but no such order was placed"
    ) {
        $0.events?.log?.trails.append(
            .init(
                topic: "orders",
                order: "ghost",
                types: ["order-placed"],
                partitions: [0],
                repeats: 0
            )
        )
    },
    Damage(
        "a state that was never entered",
        breaks: ["no-phantom-event"],
        reason: "order-failed was published and did not happen"
    ) { $0.events?.log?.trails.change("orders", of: "a") { $0.types.append("order-failed") } },
    Damage(
        "confirmed before it was charged",
        breaks: ["events-in-order"],
        reason: "order-confirmed is in the log before order-captured"
    ) { $0.events?.log?.trails.change("orders", of: "a") { $0.types.swapAt(2, 3) } },
    Damage(
        "sold before it was held",
        breaks: ["events-in-order"],
        reason: "stock-confirmed is in the log before stock-held"
    ) { $0.events?.log?.trails.change("inventory", of: "a") { $0.types.swapAt(0, 1) } },
    Damage(
        "an order in two partitions",
        breaks: ["events-in-order"],
        reason: "its events are in partitions 0 and 1 of orders"
    ) { $0.events?.log?.trails.change("orders", of: "a") { $0.partitions = [0, 1] } },
    Damage(
        "a hole in the log",
        breaks: ["log-without-gaps"],
        reason: "7 events have the offsets from 0 to 7"
    ) { $0.events?.log?.partitions[0].count = 7 },
    Damage(
        "offsets given to nobody",
        breaks: ["log-without-gaps", "consumers-caught-up"],
        reason: "ends with offset 7, the next would be 9"
    ) { $0.events?.log?.partitions[0].end = 9 },
    Damage(
        "a zombie",
        breaks: ["no-stale-publication"],
        reason: "published under token 1 after token 2"
    ) {
        $0.events?.log?.tenures.append(
            .init(topic: "orders", partition: 0, token: 1, first: 7, order: "b", at: "10:03")
        )
    },
    Damage(
        "a consumer that stands still",
        breaks: ["consumers-caught-up"],
        reason: "projector is at offset 3, the end is 8"
    ) { $0.events?.positions[0].next = 3 },
    Damage(
        "an event without effect",
        breaks: ["every-event-handled"],
        reason: "order-reserved never reached the read model: it is in the broker's log"
    ) { $0.events?.forget("order-reserved", of: "b") },
    Damage(
        "an effect had twice",
        breaks: ["event-effect-once"],
        reason: "order-reserved had its effect 2 times"
    ) { events in
        let index = events.events?.moments.firstIndex { $0.type == "order-reserved" }
        if let index { events.events?.moments[index].count = 2 }
    },
    Damage(
        "told twice",
        breaks: ["no-double-notification"],
        reason: "its customer was told 2 times"
    ) { $0.events?.notifications.append(.init(order: "a", outcome: "confirmed", at: "10:04")) },
    Damage(
        "told nothing",
        breaks: ["every-end-notified"],
        reason: "its customer was told nothing: order-cancelled happened, and it is in the broker"
    ) { $0.events?.notifications.removeLast() },
    Damage(
        "told something else",
        breaks: ["every-end-notified"],
        reason: "is cancelled, its customer was told confirmed"
    ) { $0.events?.notifications[1].outcome = "confirmed" },
    Damage(
        "shown as it was",
        breaks: ["read-model-current"],
        reason: "is confirmed, shown as reserved"
    ) { $0.events?.views[0].state = "reserved" },
    Damage(
        "shown for less",
        breaks: ["read-model-current", "read-model-sums"],
        reason: "is of 500 cents, shown 499"
    ) { $0.events?.views[0].cents = 499 },
    Damage(
        "counted once too often",
        breaks: ["read-model-sums"],
        reason: "the dashboard counts 4 × order-placed, 3 were noted"
    ) { $0.events?.dashboard[0].events = 4 },
    Damage(
        "summed up wrongly",
        breaks: ["read-model-sums"],
        reason: "1 of 2 orders for 400 cents shown, 1 of 2 for 500 were noted"
    ) { $0.events?.totals[0].spentCents = 400 },
    Damage(
        "given up too early",
        breaks: ["parked-with-reason"],
        reason: "projector parked order-reserved after 1 tries"
    ) { $0.events?.deadLetters[0].tries = 1 },
    Damage(
        "parked without a word",
        breaks: ["parked-with-reason"],
        reason: "projector parked order-reserved without a reason"
    ) { $0.events?.deadLetters[0].reason = "" },
]

extension [Observation.Events.Trail] {
    fileprivate mutating func change(
        _ topic: String,
        of order: String,
        _ change: (inout Observation.Events.Trail) -> Void
    ) {
        guard let index = firstIndex(where: { $0.topic == topic && $0.order == order }) else {
            return
        }
        change(&self[index])
    }
}

extension Observation.Events {
    fileprivate mutating func forget(_ type: String, of order: String) {
        moments.removeAll { $0.type == type && $0.order == order }
    }
}
