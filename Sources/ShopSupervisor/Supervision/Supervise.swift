import EventLoop
import JSON
import LinuxSystem
import PostgresServer
import RabbitMQServer

/// What `shop supervise --options JSON` does, from lock to removal; on a loop.
///
/// SIGTERM, SIGINT and SIGHUP end it in order. Returns the exit status: 0 after an orderly stop, 1
/// when the shop could not be started (the reason was reported), 75 when another supervisor holds
/// the lock.
package func supervise(_ options: String) async throws -> Int32 {
    guard let loop = Loop.current else {
        preconditionFailure("supervise is called outside of a loop")
    }
    let options = try SupervisorOptions(json: try JSONValue.parse(options))
    let places = try ShopPlaces(
        name: options.name,
        shops: options.shops,
        directory: options.directory
    )
    guard let lock = try FileLock.take(places.lock) else { return lockHeldStatus }
    defer { lock.remove() }
    let interrupts: [Int32] = [1, 2, 15]
    let signals = try SignalSource.on(interrupts)
    let supervision = try Supervision(options, places: places, loop: loop)
    // The tasks are owned and awaited here.
    let work = loop.spawn { try await supervision.work() }
    let listening = loop.spawn { for await _ in signals { work.cancel() } }
    let guarding = loop.spawn {
        // Who started us holds the other end of standard input and writes nothing: it became
        // readable because that process ended. Before the shop is ready, so does the shop.
        try loop.attach(0)
        try await loop.readable(0)
        guard await !supervision.isReady else { return }
        try? SystemFiles.removeTree(options.progress)
        work.cancel()
    }
    let result = await work.result
    await supervision.stopAll()
    try await supervision.remove()
    listening.cancel()
    guarding.cancel()
    guard case .failure(let error) = result, !(error is CancellationError) else { return 0 }
    await supervision.report(failure(error))
    return 1
}

private func failure(_ error: any Error) -> ProgressEvent {
    switch error {
    case let error as ShopError: .failed(message: error.message, log: error.log)
    case let error as PostgresServerError: .failed(message: error.message, log: error.log)
    case let error as RabbitServerError: .failed(message: error.message, log: error.log)
    default: .failed(message: "\(error)", log: "")
    }
}
