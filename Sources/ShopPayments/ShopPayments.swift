import EventLoop
import HTTP
import JSON
package import ShopCore
import Synchronization
import Telemetry

// ShopPayments: charges each idempotency key at most once, and knows what became of it.
//
//   POST /payments ─▶ tx 1: intent under the key ─▶ processor, same key ─▶ tx 2: result
//                        │ known and finished: the same answer again
//                        │ known and pending: ask the processor again, with the same key
//                        └ known with another body: 422
//   GET /payments/{key}
//   POST /payments/{key}/void ─▶ 200: never charged, and never will be · 409: charged or unknown
//   POST /payments/{key}/ask ─▶ the processor is asked · 200: its state · 409: unknown there
//   POST /refunds ─▶ the money of a captured payment is given back, see RefundDesk
//   GET /ledger · POST /ledger/rebuild: the books
//
// 200 captured · 402 failed · 422 key reused · 503 unknown: ask again with the same key.
// Equal requests at the same time share one execution.

/// The payments service.
package final class PaymentsService: ShopService {
    private let context: ServiceContext
    private let store: PaymentStore
    private let processor: ProcessorClient
    private let ledger: Ledger
    private let refunds: RefundDesk
    /// The executions that run now, by key and request hash; bounded by the connections of the
    /// server.
    private let running = Mutex<[String: Task<HTTPResponse, any Error>]>([:])

    private init(_ context: ServiceContext) {
        self.context = context
        store = PaymentStore(context)
        processor = ProcessorClient(context)
        ledger = Ledger(context)
        refunds = RefundDesk(context, processor)
    }

    /// Starts the service on the current loop; throws when it cannot listen.
    package static func start(
        _ configuration: ShopServiceConfiguration
    ) async throws -> RunningService {
        try await RunningService.start(configuration) { PaymentsService($0) }
    }

    package var routes: [Route] {
        [
            Route("POST", "/payments") { [self] request, _ in try await pay(request) },
            Route("GET", "/payments/:key") { [self] _, parameters in
                try await look(parameters[0])
            },
            Route("POST", "/payments/:key/void") { [self] request, parameters in
                try await void(request, parameters[0])
            },
            Route("POST", "/payments/:key/ask") { [self] _, parameters in
                try await resolve(parameters[0])
            },
            StatementDesk(
                context,
                table: "payments",
                members: """
                    'key', t.idempotency_key, 'state', t.state, 'amount_cents', t.amount_cents
                    """
            ).route,
            refunds.route,
        ] + ledger.routes
    }

    package func begin() async { ledger.begin() }

    package func drain(grace: Duration) async { ledger.stop() }

    private func pay(_ request: HTTPRequest) async throws -> HTTPResponse {
        guard let key = request.headers[ShopHeaders.idempotencyKey], ShopHeaders.isKey(key) else {
            return .problem(400, "\(ShopHeaders.idempotencyKey) is missing. Send one per payment.")
        }
        let messageID = request.headers[ShopHeaders.messageID] ?? key
        guard ShopHeaders.isKey(messageID) else {
            return .problem(400, "\(ShopHeaders.messageID): send 1 to 200 visible characters.")
        }
        let charge = try ChargeRequest(body: request.body)
        let name = "\(charge.hash) \(key)"
        let task = running.withLock { tasks in
            if let task = tasks[name] { return task }
            // Owned by `running`: it ends by itself, all it does is bounded in time; the client's
            // leaving does not stop it half-way.
            let task = context.loop.spawn { [self] in
                defer { running.withLock { $0[name] = nil } }
                return try await execute(charge, key: key, messageID: messageID)
            }
            tasks[name] = task
            return task
        }
        return try await task.value
    }

    private func execute(
        _ charge: ChargeRequest,
        key: String,
        messageID: String
    ) async throws -> HTTPResponse {
        var isRetry = false
        switch try await store.intend(charge, key: key, messageID: messageID) {
        case .handled(let response):
            return answer(response)
        case .fresh:
            break
        case .known(let payment):
            let stored = IdempotencyDecision.Record(
                requestHash: payment.requestHash,
                isFinished: payment.response != nil
            )
            switch IdempotencyDecision(requestHash: charge.hash, stored: stored) {
            case .mismatch: return mismatch
            case .replay: return answer(payment.response ?? .null)
            case .resume where context.has(.pendingIsFailed):
                return answer(["state": "failed", "reason": "the payment failed before"])
            case .resume: isRetry = true
            case .execute: break
            }
        }
        return try await ask(charge, key: key, messageID: messageID, isRetry: isRetry)
    }

    private func ask(
        _ charge: ChargeRequest,
        key: String,
        messageID: String,
        isRetry: Bool
    ) async throws -> HTTPResponse {
        let response: JSONValue
        let isCaptured: Bool
        switch assumed(await processor.charge(charge, key: key, isRetry: isRetry)) {
        case .captured(let chargeID):
            isCaptured = true
            response = [
                "state": "captured", "order": .string(charge.order),
                "charge_id": .string(chargeID),
            ]
        case .declined(let reason):
            isCaptured = false
            response = [
                "state": "failed", "order": .string(charge.order), "reason": .string(reason),
            ]
        case .mismatch:
            return mismatch
        case .unknown(let reason):
            context.logger.debug("a charge is uncertain: \(reason)", ["key": .string(key)])
            return .unavailable(
                "Whether the card was charged is not known. Send the same request again.",
                retryAfterSeconds: 0
            )
        }
        try await store.record(response, isCaptured: isCaptured, key: key, messageID: messageID)
        return answer(response)
    }

    /// The processor's answer, but for the mutants that guess where there is none.
    private func assumed(_ outcome: ProcessorClient.Answer) -> ProcessorClient.Answer {
        guard case .unknown(let reason) = outcome else { return outcome }
        if context.has(.unknownIsDeclined) { return .declined(reason: reason) }
        if context.has(.unknownIsCaptured) { return .captured(chargeID: UUIDText.random()) }
        return outcome
    }

    /// Takes a key out of use that was not used yet; a charge that comes later finds it failed.
    private func void(_ request: HTTPRequest, _ key: String) async throws -> HTTPResponse {
        guard ShopHeaders.isKey(key) else { return .problem(404, "There is no such key.") }
        let charge = try ChargeRequest(body: request.body)
        let response: JSONValue = [
            "state": "failed", "order": .string(charge.order), "reason": "voided",
        ]
        let state = try await store.void(charge, key: key, response: response)
        return .document(["state": .string(state)], status: state == "failed" ? 200 : 409)
    }

    /// Asks the processor what became of a charge whose outcome is unknown, and notes it.
    ///
    /// That the processor knows none decides nothing: a charge that is on its way may still come.
    private func resolve(_ key: String) async throws -> HTTPResponse {
        guard ShopHeaders.isKey(key), let payment = try await store.find(key) else {
            return .problem(404, "There is no payment of that key.")
        }
        if payment.state == "refunding" { return try await refunds.ask(key) }
        guard payment.state == "pending" else {
            return .document(["state": .string(payment.state)])
        }
        switch await processor.find(key) {
        case .charged(let charge, let id):
            guard charge.hash == payment.requestHash else {
                return .problem(409, "The processor knows another charge under this key.")
            }
            let response: JSONValue = [
                "state": "captured", "order": .string(charge.order), "charge_id": .string(id),
            ]
            let messageID = "ask/\(UUIDText.random())"
            try await store.record(response, isCaptured: true, key: key, messageID: messageID)
            return .document(["state": "captured"])
        case .absent:
            return .problem(
                409,
                "The processor knows no charge under this key at present. Ask again later, or "
                    + "decide: chaos shop saga resolve."
            )
        case .unknown(let reason):
            return .unavailable("The processor did not say: \(reason)")
        }
    }

    private func look(_ key: String) async throws -> HTTPResponse {
        guard ShopHeaders.isKey(key), let payment = try await store.find(key) else {
            return .problem(404, "There is no payment of that key.")
        }
        var document = payment.response?.objectValue ?? [:]
        document["state"] = .string(payment.state)
        return .document(.object(document))
    }

    /// Members are sorted: an answer read back from the database is the same to the byte.
    private func answer(_ response: JSONValue) -> HTTPResponse {
        .document(
            CanonicalRequest.canonical(response),
            status: response["state"]?.stringValue == "captured" ? 200 : 402
        )
    }

    private var mismatch: HTTPResponse {
        .problem(422, "\(ShopHeaders.idempotencyKey) was used for another payment. Use a new one.")
    }
}
