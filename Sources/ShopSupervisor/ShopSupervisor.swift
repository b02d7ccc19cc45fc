// Starts, watches and removes the bundled shop: six PostgreSQL clusters, the proxy that carries
// every link, five services, and the event side: three relays and two consumers.
//
//   chaos shop up ──spawns──▶ shop supervise (own session) ──children──▶ postgres ×6
//        ▲ progress, line by line │ lock, record, system.json               chaos proxy serve
//        └────────────────────────┘                                      shop orders, payments, …
//
// Up/          what `chaos shop up|down|status` call: ShopSupervisor.up, .down, .status
// Supervision/ what `shop supervise` runs: start in phases, restart what dies, stop in reverse
// order
// Topology/    links, ports and configuration files as pure values
// State/       the folder of a running shop and the record that tells a live supervisor from a
//              crashed one: process id *and* start time
//
// Nothing outlives the supervisor: every child is bound to its life by the kernel
// (PR_SET_PDEATHSIG), PostgreSQL by SIGQUIT so that its shared memory goes too. What a killed
// supervisor leaves is files, which the next `up`, `down` or `status` recognises as stale.
