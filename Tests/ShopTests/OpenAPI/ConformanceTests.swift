import HTTP
import JSON
import ShopCore
import Testing

/// The services against their OpenAPI documents: real processes' code, sockets and databases.
@Suite(.timeLimit(.minutes(5)))
struct ConformanceTests {
    @Test func `every answer of a running shop is documented, and every documented one is given`()
        async throws
    {
        try await WholeShop.run(clients: ["slow": 1]) { shop in
            for role in ShopRole.allCases {
                let routes = try #require(shop.services[role]).routes
                let documented = ShopAPI.operations(of: role)
                #expect(
                    Set(routes.map { "\($0.method) \($0.pattern)" })
                        == Set(documented.map { "\($0.method) \($0.pattern)" }),
                    "\(role)"
                )
                #expect(documented.count == routes.count, "\(role)")
            }
            let calls = DocumentedCalls(shop)
            try await calls.processes()
            let order = try await calls.customers()
            try await calls.stock()
            try await calls.money()
            try await calls.refunds()
            try await calls.behaviours()
            try await calls.sagas()
            try await calls.readModel(of: order)
            try await calls.conflicts()
            let samples = try await calls.samples(order)
            try await calls.refusals(samples)
            try await calls.absences(samples)
            try await calls.faults(samples)
            #expect(calls.unseen == [], "documented, and never answered here")
        }
    }
}

extension DocumentedCalls {
    /// What every process answers.
    func processes() async throws {
        for role in ShopRole.allCases {
            try await call(DocumentedRequest(role, "GET", "/health"), 200)
            try await call(DocumentedRequest(role, "GET", "/metrics"), 200)
            let document = try await call(DocumentedRequest(role, "GET", "/openapi.json"), 200)
            #expect(document == ShopAPI.document(of: role))
            try await elsewhere(role)
        }
    }

    /// What the documents say of paths and methods that are not in them.
    private func elsewhere(_ role: ShopRole) async throws {
        let url = try #require(shop.services[role]).url
        let check = Self.reader(role).check
        for (method, path, status) in [("GET", "/nothing", 404), ("DELETE", "/health", 405)] {
            let answer = try await shop.client.request(
                method,
                url: url + path,
                timeout: .seconds(5)
            )
            #expect(answer.status == status)
            #expect(answer.headers["Content-Type"] == "application/problem+json")
            let problem: JSONValue = ["$ref": "#/components/schemas/Problem"]
            #expect(check.problems(try JSONValue.parse(answer.body), problem) == [])
        }
    }

    /// For each operation a request that is in order.
    func samples(_ order: String) async throws -> [DocumentedRequest] {
        let row = try await call(
            DocumentedRequest(.orders, "GET", "/statement?orders=\(order)"),
            200
        )["rows"]?[0]
        let feed = try await call(DocumentedRequest(.orders, "GET", "/endings"), 200)
        let name = feed["feed"]?.stringValue ?? ""
        let hold = Self.hold(order)
        let charge = ChargeRequest(order: order, amountCents: 7).json
        let back = PaymentRefundRequest(payment: "order-\(order)", amountCents: 7).json
        let refund = RefundRequest(charge: "ch_sample", amountCents: 7).json
        let decision: JSONValue = ["action": "cancel", "reason": "a test", "author": "tests"]
        func get(_ role: ShopRole, _ targets: String...) -> [DocumentedRequest] {
            targets.map { DocumentedRequest(role, "GET", $0) }
        }
        let statement = "/statement?orders=\(order)"
        var samples =
            get(
                .orders,
                "/orders/\(order)",
                "/orders?ids=\(order)",
                "/sagas",
                "/sagas/\(order)",
                "/endings?feed=\(name)&from=0",
                statement
            ) + get(.inventory, "/reservations/\(order)", statement)
            + get(.payments, "/payments/order-\(order)", "/ledger", statement)
            + get(
                .processor,
                "/charges?key=order-\(order)",
                "/refunds?key=sample",
                statement
            )
            + get(
                .projector,
                "/orders/\(order)",
                "/customers/c-1",
                "/dashboard",
                "/dead-letters",
                "/dead-letters/1",
                statement
            ) + get(.notifications, "/dead-letters", "/dead-letters/1")
            + get(.reconciler, "/conflicts")
        samples += [
            DocumentedRequest(.orders, "POST", "/orders", key: "sample", TestShop.order.json),
            DocumentedRequest(.orders, "POST", "/sagas/\(order)/resolve", decision),
            DocumentedRequest(.inventory, "POST", "/reservations", message: "sample", hold),
            DocumentedRequest(.inventory, "POST", "/reservations/\(order)/confirm", message: "s"),
            DocumentedRequest(
                .inventory,
                "POST",
                "/reservations/\(order)/release",
                message: "sample-2",
                hold
            ),
            DocumentedRequest(.payments, "POST", "/payments", key: "sample", charge),
            DocumentedRequest(.payments, "POST", "/payments/sample/void", charge),
            DocumentedRequest(.payments, "POST", "/payments/order-\(order)/ask"),
            DocumentedRequest(.payments, "POST", "/ledger/rebuild"),
            DocumentedRequest(.processor, "POST", "/charges", key: "sample", charge),
            DocumentedRequest(.payments, "POST", "/refunds", message: "sample-3", back),
            DocumentedRequest(.processor, "POST", "/refunds", key: "sample", refund),
            DocumentedRequest(.projector, "POST", "/orders/\(order)", row ?? .null),
            DocumentedRequest(.projector, "POST", "/dead-letters/1/replay"),
            DocumentedRequest(.notifications, "POST", "/dead-letters/1/replay"),
        ]
        return samples + Self.gatewaySamples(order)
    }

    static func gatewaySamples(_ order: String) -> [DocumentedRequest] {
        [
            DocumentedRequest(.gateway, "POST", "/orders", key: "sample-2", TestShop.order.json),
            DocumentedRequest(.gateway, "GET", "/orders/\(order)"),
            DocumentedRequest(.gateway, "GET", "/orders/\(order)/history"),
            DocumentedRequest(.gateway, "GET", "/customers/c-1"),
            DocumentedRequest(.gateway, "GET", "/dashboard"),
        ]
    }

    static func hold(_ order: String, sku: String = "sku-01", quantity: Int64 = 2) -> JSONValue {
        HoldRequest(order: order, sku: sku, quantity: quantity).json
    }
}

// What services refuse, and what they answer when something is away or broken.
extension DocumentedCalls {
    /// A body, or a header field, that the document refuses is refused with 400.
    func refusals(_ samples: [DocumentedRequest]) async throws {
        for sample in samples {
            let reader = Self.reader(sample.role)
            let found = reader.operation(sample.method, sample.target)
            let operation = try #require(found, "\(sample.name) is not documented")
            for parameter in reader.parameters(operation, in: "header")
            where parameter["required"] == true {
                let name = try #require(parameter["name"]?.stringValue)
                try await call(sample.with(name, nil), 400)
                try await call(sample.with(name, String(repeating: "k", count: 201)), 400)
            }
            guard let schema = reader.body(operation) else { continue }
            #expect(reader.check.problems(sample.body, schema) == [], "\(sample.name)")
            for body in SchemaMutation.bodies(sample.body, schema, reader.check) {
                var wrong = sample
                wrong.text = body
                let answer = try await call(wrong, 400)
                #expect(answer["status"] == 400, "\(sample.name) took \(body)")
            }
        }
    }

    /// 503 while a service's database, or what is behind the gateway, is away.
    func absences(_ samples: [DocumentedRequest]) async throws {
        for role in ShopRole.allCases {
            let database = try #require(role.databases.first)
            var own = samples.filter { $0.role == role }
            if role == .gateway { own = [] }
            try await shop.setLink("\(role)->\(database.name)", enabled: false)
            try await callAll(own + [DocumentedRequest(role, "GET", "/health")], 503)
            try await shop.setLink("\(role)->\(database.name)", enabled: true)
        }
        try await shop.setLink("gateway->orders", enabled: false)
        try await shop.setLink("gateway->projector", enabled: false)
        try await callAll(samples.filter { $0.role == .gateway }, 503)
        try await shop.setLink("gateway->orders", enabled: true)
        try await shop.setLink("gateway->projector", enabled: true)
        for sample in samples where sample.role == .gateway && sample.method == "GET" {
            _ = try await call(sample) { response, _ in response.status == 200 }
        }
    }

    /// 500 when a service's tables are gone; the end of the shop.
    func faults(_ samples: [DocumentedRequest]) async throws {
        for role in ShopRole.allCases where role != .gateway {
            let own = samples.filter { $0.role == role }
            guard !own.isEmpty, let database = role.databases.first else { continue }
            try await shop.run(
                database,
                "ALTER SCHEMA public RENAME TO gone; CREATE SCHEMA public"
            )
            try await callAll(own, 500)
        }
        // What is behind it has failed, and the gateway says so.
        for sample in samples where sample.role == .gateway {
            let operation = Self.reader(.gateway).operation(sample.method, sample.target)
            guard operation?.statuses.contains(500) == true else { continue }
            try await call(sample, 500)
        }
    }

    private func callAll(_ requests: [DocumentedRequest], _ status: Int) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for request in requests {
                group.addTask { try await self.call(request, status) }
            }
            try await group.waitForAll()
        }
    }
}
