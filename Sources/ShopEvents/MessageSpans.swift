import JSON
import ShopBroker
import Telemetry

// Messages as steps of the traces to which they belong; names are those of OpenTelemetry's
// conventions for messaging. A message that came without a trace begins none.
extension Tracer {
    /// Begins a span for each message that is sent, and makes it the parent of who handles it.
    func sending(_ messages: inout [BrokerMessage], to topic: String, of system: String) -> [Span] {
        guard isOn else { return [] }
        var spans: [Span] = []
        for index in messages.indices {
            let message = messages[index]
            guard var span = begin("send", topic, .producer, message) else { continue }
            describe(&span, message, topic, system, batch: messages.count)
            messages[index].trace = span.context.stored
            spans.append(span)
        }
        return spans
    }

    /// Begins a span for each message that is handled.
    func processing(_ batch: BrokerBatch, by consumer: String, of system: String) -> [Span] {
        guard isOn else { return [] }
        return batch.deliveries.compactMap { delivery in
            let place = delivery.lane.place
            guard var span = begin("process", place.topic, .consumer, delivery.message) else {
                return nil
            }
            describe(&span, delivery.message, place.topic, system, batch: batch.deliveries.count)
            span.set("messaging.consumer.group.name", .string(consumer))
            span.set("messaging.destination.partition.id", .string(String(place.partition)))
            span.set("shop.event.offset", .integer(delivery.offset))
            return span
        }
    }

    /// Ends them all, alike.
    func end(_ spans: [Span], _ error: (any Error)? = nil) {
        for var span in spans {
            if let error { span.fail("\(error)", type: "\(type(of: error))") }
            end(span)
        }
    }

    private func begin(
        _ operation: String,
        _ topic: String,
        _ kind: Span.Kind,
        _ message: BrokerMessage
    ) -> Span? {
        guard let parent = message.trace.flatMap({ TraceContext(stored: $0) }) else { return nil }
        guard var span = begin("\(operation) \(topic)", kind, parent: parent) else { return nil }
        span.set("messaging.operation.name", .string(operation))
        span.set("messaging.operation.type", .string(operation))
        return span
    }

    private func describe(
        _ span: inout Span,
        _ message: BrokerMessage,
        _ topic: String,
        _ system: String,
        batch: Int
    ) {
        span.set("messaging.system", .string(system))
        span.set("messaging.destination.name", .string(topic))
        span.set("messaging.message.id", .string(message.id))
        span.set("messaging.batch.message_count", .integer(Int64(batch)))
        span.set("shop.event.type", .string(message.type))
        span.set("shop.order.id", .string(message.key))
    }
}
