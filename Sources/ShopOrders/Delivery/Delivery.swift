import HTTP
import JSON
import ShopCore

/// Sends commands to the other services and reads their answers; decides nothing.
struct Delivery: Sendable {
    /// How long one request to another service may take.
    static let patience: Duration = .seconds(3)

    let context: ServiceContext
    let inventory: Peer
    let payments: Peer

    init(context: ServiceContext, client: HTTPClient) {
        self.context = context
        let breaker =
            context.has(.retryStorm) ? context.breaker(threshold: .max) : context.breaker()
        inventory = context.peer(.inventory, client: client, breaker: breaker)
        payments = context.peer(.payments, client: client, breaker: breaker)
    }

    /// How long until some instance that a command goes to may be asked; `nil`: now.
    func wait(for command: OutboxCommand, now: Int64) -> Duration? {
        (command.type.isForPayments ? payments : inventory).wait(isRetry: command.isRetry, now: now)
    }

    /// What an attempt brought.
    enum Outcome: Sendable, Equatable {
        case event(OrderSaga.Event)
        /// Nothing certain: try again, not before `after` when the peer said so.
        case uncertain(reason: String, after: Duration)
    }

    /// Delivers a command once.
    func attempt(_ command: OutboxCommand) async -> Outcome {
        switch command.type {
        case .reserve:
            await reserve(command)
        case .charge:
            await charge(command)
        case .confirm:
            assumed(await settle(command, "confirm", means: .saleConfirmed), .saleConfirmed)
        case .refund:
            await refund(command)
        case .release:
            assumed(await settle(command, "release", means: .holdReleased), .holdReleased)
        }
    }

    private func reserve(_ command: OutboxCommand) async -> Outcome {
        if context.has(.chargeBeforeReserve) { _ = await charge(command) }
        return await hold(command, messageID: command.messageID)
    }

    /// The outcome, but for the mutants that do not wait for it.
    private func assumed(_ outcome: Outcome, _ event: OrderSaga.Event) -> Outcome {
        let mutant: Mutant = event == .saleConfirmed ? .confirmNotAwaited : .releaseNotAwaited
        return context.has(mutant) ? .event(event) : outcome
    }

    /// The first charge follows the reservation's answer; every later one affirms the hold again.
    ///
    /// Much time may have passed since. Each affirmation is a message of its own.
    private func charge(_ command: OutboxCommand) async -> Outcome {
        if command.attempts > 1 {
            let messageID = "\(command.messageID)/\(command.attempts)"
            let affirmed = await hold(command, messageID: messageID)
            guard case .event(.held) = affirmed else {
                if case .uncertain = affirmed { return affirmed }
                return await abandon(command)
            }
        }
        return await pay(command)
    }

    /// Without its hold an order need not be charged; when it may have been, the charge's own
    /// answer decides.
    private func abandon(_ command: OutboxCommand) async -> Outcome {
        let charge = ChargeRequest(
            order: command.orderID,
            amountCents: command.order.amountCents
        )
        switch await void(charge, key: ChargeIdentity.key(order: command.orderID)) {
        case .voided: return .event(.voided)
        case .charged: return await pay(command)
        case .unknown(let reason): return .uncertain(reason: reason, after: .zero)
        }
    }

    private func pay(_ command: OutboxCommand) async -> Outcome {
        let identity =
            context.has(.retryWithoutKey)
            ? ChargeIdentity.forgetful(of: command) : ChargeIdentity(of: command)
        let request = ChargeRequest(order: command.orderID, amountCents: amount(of: command))
        return await post(
            payments,
            "/payments",
            request.json,
            messageID: identity.messageID,
            key: identity.idempotencyKey,
            isRetry: command.isRetry
        ) { status, body in
            switch (status, body["state"]?.stringValue) {
            case (200, "captured"): .captured
            case (402, "failed"): context.has(.declinedIsPaid) ? .captured : .declined
            default: nil
            }
        }
    }

    private func amount(of command: OutboxCommand) -> Int64 {
        let (cents, quantity) = (command.order.amountCents, command.order.quantity)
        guard context.has(.recomputedAmount), command.attempts > 1 else { return cents }
        return cents / quantity * quantity
    }

    /// What became of an attempt to make a charge impossible.
    enum Voiding: Sendable, Equatable {
        /// Nothing was charged under the key, and nothing will be.
        case voided
        /// A charge exists, or may exist.
        case charged
        case unknown(String)
    }

    /// Makes sure that a key is never charged, unless it was already.
    func void(_ charge: ChargeRequest, key: String) async -> Voiding {
        var bytes: [UInt8] = []
        charge.json.write(into: &bytes)
        do throws(HTTPError) {
            let response = try await payments.request(
                "POST",
                "/payments/\(key)/void",
                headers: ["Content-Type": "application/json"],
                body: bytes,
                timeout: Self.patience
            )
            return switch response?.status {
            case 200: .voided
            case 409: .charged
            case let status?: .unknown("status \(status)")
            case nil: .unknown("payments is given a pause")
            }
        } catch {
            return .unknown("\(error)")
        }
    }

    private func hold(_ command: OutboxCommand, messageID: String) async -> Outcome {
        let request = HoldRequest(
            order: command.orderID,
            sku: command.order.sku,
            quantity: command.order.quantity
        )
        return await post(
            inventory,
            "/reservations",
            request.json,
            messageID: messageID,
            isRetry: command.isRetry
        ) { status, body in
            switch (status, body["state"]?.stringValue) {
            case (200, "held"), (200, "confirmed"): .held
            case (409, "released"), (409, "out-of-stock"): .notHeld
            default: nil
            }
        }
    }

    private func settle(
        _ command: OutboxCommand,
        _ verb: String,
        means event: OrderSaga.Event
    ) async -> Outcome {
        let path = "/reservations/\(command.orderID)/\(verb)"
        let state = verb == "confirm" ? "confirmed" : "released"
        let request = HoldRequest(
            order: command.orderID,
            sku: command.order.sku,
            quantity: command.order.quantity
        )
        return await post(
            inventory,
            path,
            request.json,
            messageID: command.messageID,
            isRetry: command.isRetry
        ) { status, body in
            switch (status, body["state"]?.stringValue) {
            case (200, state): event
            // For good: a hold that was given back is never taken again.
            case (409, "released") where verb == "confirm": .notHeld
            default: nil
            }
        }
    }

    func post(
        _ peer: Peer,
        _ path: String,
        _ body: JSONValue,
        messageID: String,
        key: String? = nil,
        isRetry: Bool,
        read: (Int, JSONValue) -> OrderSaga.Event?
    ) async -> Outcome {
        var headers: HTTPHeaders = ["Content-Type": "application/json"]
        headers[ShopHeaders.messageID] = messageID
        headers[ShopHeaders.idempotencyKey] = key
        var bytes: [UInt8] = []
        body.write(into: &bytes)
        do throws(HTTPError) {
            let response = try await peer.request(
                "POST",
                path,
                headers: headers,
                body: bytes,
                timeout: Self.patience,
                isRetry: isRetry
            )
            guard let response else {
                // Since the command was let through, every breaker has opened or others have used
                // up the retries.
                return .uncertain(reason: "\(peer.role) is given a pause", after: .zero)
            }
            let answer = (try? JSONValue.parse(response.body)) ?? .null
            if let event = read(response.status, answer) { return .event(event) }
            let after = response.headers[ShopHeaders.retryAfter].flatMap { Int($0) } ?? 0
            return .uncertain(
                reason: "\(peer.role) answered \(response.status)",
                after: .seconds(min(max(after, 0), 5))
            )
        } catch {
            return .uncertain(reason: "\(error)", after: .zero)
        }
    }
}
