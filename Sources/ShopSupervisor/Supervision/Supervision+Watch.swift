import EventLoop
import LinuxSystem
import PostgresServer
import RabbitMQServer
import ShopCore

extension Supervision {
    /// Starts a member again whenever it ends, until the shop stops.
    func watch(_ member: Member) {
        // Owned by `watchers`; ended by `stopAll`.
        watchers[member] = loop.spawn { await self.keepAlive(member) }
    }

    private func keepAlive(_ member: Member) async {
        var backoff = Backoff()
        var begin = Loop.monotonicNanoseconds()
        while !isStopping, let process = processes[member] {
            guard let status = try? await process.wait(), !isStopping else { return }
            let life = Duration.nanoseconds(Loop.monotonicNanoseconds() - begin)
            guard case .restart(let pause) = backoff.ended(after: life) else {
                report(
                    .note(
                        "\(member.name) (pid \(process.pid)) ended with \(status) for the "
                            + "\(backoff.ends)th time in a row; it stays down"
                    )
                )
                return
            }
            report(
                .note(
                    "\(member.name) (pid \(process.pid)) ended with \(status); "
                        + "starting it again in \(pause)"
                )
            )
            do {
                try await loop.sleep(for: pause)
                begin = Loop.monotonicNanoseconds()
                try await launch(member)
                report(.note("\(member.name) (pid \(processes[member]?.pid ?? 0)) is back"))
            } catch {
                if isStopping { return }
                report(.note("\(member.name) could not be started: \(error)"))
                // It may still run without answering; the next round begins with its end.
                if case .database(let database) = member {
                    await clusters[database]?.stop()
                } else {
                    await processes[member]?.stop([])
                }
            }
        }
    }

    /// Stops everything in reverse order: the door first, the data last.
    func stopAll() async {
        isStopping = true
        for watcher in watchers.values { watcher.cancel() }
        await stopRest()
        await withTaskGroup(of: Void.self) { group in
            for cluster in clusters.values { group.addTask { await cluster.stop() } }
            let isKept = SystemFiles.exists(record.keepMark)
            if let rabbit { group.addTask { await rabbit.stop(keepsData: isKept) } }
        }
        for watcher in watchers.values { _ = await watcher.result }
    }

    /// Stops services from the gateway inwards, then the proxy.
    func stopRest() async {
        let terminate: Int32 = 15
        let depths = Dictionary(grouping: fleet.instances, by: \.role.depth)
        let services = depths.sorted { $0.key > $1.key }.map { $0.value.map(Member.service) }
        for members in services + [[.proxy]] {
            await withTaskGroup(of: Void.self) { group in
                for member in members {
                    guard let process = processes[member] else { continue }
                    group.addTask { await process.stop([(terminate, .seconds(8))]) }
                }
            }
            for member in members { processes[member] = nil }
        }
    }
}
