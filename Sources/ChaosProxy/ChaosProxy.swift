// The proxy: carries TCP links, degrades them on command, and understands PostgreSQL.
//
//   client▶ Endpoint ─▶ Pipe(upstream) ─▶ [watch] ─▶ Stage ─▶ Stage ─▶ outbox ─▶ Endpoint ▶server
//          ◀─ Endpoint ◀─ outbox ◀─ Stage ◀─ Stage ◀─ [watch] ◀─ Pipe(downstream) ◀─ Endpoint ◀─
//          └──────────────────────────── Connection ────────────────────────────┘
//   LinkPort (one per proxy and loop: toxics, connections) on a DataLoop (one thread, one 256 KiB
//   buffer); the DataPlane has one loop per core, and the ports of the first loop listen for all
//                   ▲ commands: listen, stop, put toxic, remove toxic, list connections
//   ProxyControl (the proxies, their toxics and leases; on the caller's loop) ◀─ ControlAPI ◀─ HTTP
//
// Values/    what a toxic, a match and a seed are
// Toxics/    one file per toxic: a value state machine `next(item, now) -> step`; the registry
// Postgres/  protocol v3 framing and transaction state, over bytes that pass by; holds none back
// Path/      the bytes: a direction without a stage copies through one buffer, or splices in the
//            kernel when it is bulky; with stages it moves chunks with their time of receipt.
//            Switching is live: what was read is passed on in order before a stage leaves, unless
//            losing it is the stage's purpose.
// Security/  TLS towards either side; stages see plaintext whatever travels outside
// Control/   who owns which proxy; leases that expire by themselves
// API/       Toxiproxy's HTTP contract, extended and never changed
// StandIn/   what goes on listening when the server was killed
// Client/    asks any server that speaks the API, ours or Toxiproxy
// Server/    what `chaos proxy serve` and `chaos proxy run` call
