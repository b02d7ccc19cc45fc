// ShopCore: what every service of the reference shop shares — messages, the saga as a value,
// idempotency, patience (backoff, breaker), schemas, mutants, and the chassis that a role runs on.
//
//   client ──▶ gateway ──▶ orders ──▶ inventory
//                            │ └────▶ payments ──▶ processor (the outside: ground truth)
//                            │
//               one transaction: order + outbox row; the relay delivers at least once,
//               every receiver looks its state up before the effect (inbox, unique keys).
//
// How a role is started (the supervisor's side of the bargain):
//
// 1. create the role's database and run `ShopSchema.script(for: role, mutants: …)` on it (may run
//    again: IF NOT EXISTS / ON CONFLICT DO NOTHING throughout; stock and clients are seeded);
// 2. write `ShopServiceConfiguration(role: …).json` to a file;
// 3. spawn `shop <role> --config FILE` (gateway | orders | inventory | payments | processor);
// 4. it serves when `GET /health` answers 200 (asks its database); `GET /metrics` is Prometheus
// text, `GET /openapi.json` its API (`ShopAPI`);
// 5. SIGTERM drains and ends it with status 0 within `drain_ms` (+ 1 s); kill -9 is survived.
//
// Peers that each role wants in `peers` (URLs through the proxy's links, no trailing slash):
//   gateway: orders · orders: inventory, payments · payments: processor · others: none.
