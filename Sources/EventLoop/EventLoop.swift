// EventLoop — one epoll loop is one thread is one executor: async code runs there without a hop.
//
//     epoll ──▶ readiness ──▶ handlers (callback mode) or continuations (async mode)
//     eventfd ─▶ inbox ─────▶ jobs: Swift tasks that prefer this loop, closures from other threads
//     heap ────▶ timers ────▶ sleeps, deadlines     (epoll_pwait2: no polling, no ms steps)
//
// `Loop` is a `SerialExecutor` and a `TaskExecutor`. State that belongs to a loop (streams,
// listeners, connection pools) is touched only on its thread; that is asserted, not locked.
// Readiness is edge-triggered and latched per descriptor, so that an event between "would block"
// and "wait" is never lost; a generation per descriptor keeps the events of a closed one from
// reaching its successor of the same number.
