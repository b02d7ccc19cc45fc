/// What is published: an event with its identity.
package struct BrokerMessage: Sendable, Hashable {
    /// A UUID; the same for every publication and delivery.
    package var id: String
    /// What the order is kept for: the order's id.
    package var key: String
    /// `order-placed`.
    package var type: String
    /// The version of the payload's form, from 1.
    package var version: Int64
    /// A JSON document.
    package var payload: String
    /// The trace to which it belongs, as `TraceContext.stored` writes it.
    package var trace: String?

    package init(
        id: String,
        key: String,
        type: String,
        version: Int64,
        payload: String,
        trace: String? = nil
    ) {
        self.id = id
        self.key = key
        self.type = type
        self.version = version
        self.payload = payload
        self.trace = trace
    }
}

/// The right to read a partition, as long as nobody has a newer one.
package struct BrokerLane: Sendable, Hashable {
    /// A partition of a topic.
    package struct Place: Sendable, Hashable {
        package var topic: String
        package var partition: Int64

        package init(topic: String, partition: Int64) {
            self.topic = topic
            self.partition = partition
        }
    }

    package var place: Place
    /// Greater for each new holder.
    package var token: Int64

    package init(place: Place, token: Int64) {
        self.place = place
        self.token = token
    }
}

/// A message at its place in the log.
package struct BrokerDelivery: Sendable, Hashable {
    package var lane: BrokerLane
    /// The position in the partition, from 0; the next message has the next number.
    package var offset: Int64
    package var message: BrokerMessage
    /// When the broker took it, in microseconds of the epoch by the broker's clock.
    package var publishedAt: Int64

    package init(lane: BrokerLane, offset: Int64, message: BrokerMessage, publishedAt: Int64) {
        self.lane = lane
        self.offset = offset
        self.message = message
        self.publishedAt = publishedAt
    }
}

/// What one look at the log brought: each lane's deliveries in their order.
package struct BrokerBatch: Sendable, Hashable {
    package var deliveries: [BrokerDelivery]
    /// Whether there was nothing more to be had.
    package var isAll: Bool

    package init(_ deliveries: [BrokerDelivery] = [], isAll: Bool = true) {
        self.deliveries = deliveries
        self.isAll = isAll
    }

    /// What a batch says of one lane.
    package struct Extent: Sendable, Hashable {
        package var lane: BrokerLane
        package var first: Int64
        /// The offset after the last.
        package var next: Int64
    }

    /// The lanes with the offsets that are delivered.
    package var extents: [Extent] {
        var extents: [Extent] = []
        for delivery in deliveries {
            if let last = extents.indices.last, extents[last].lane == delivery.lane {
                extents[last].next = delivery.offset + 1
            } else if let index = extents.firstIndex(where: { $0.lane == delivery.lane }) {
                extents[index].next = delivery.offset + 1
            } else {
                extents.append(
                    Extent(lane: delivery.lane, first: delivery.offset, next: delivery.offset + 1)
                )
            }
        }
        return extents
    }
}
