import EventLoop
import Glibc

/// A listening socket whose queue is kept full, so that the kernel drops every SYN.
///
/// With a backlog of 0 the queue holds one connection; the hole fills it with one of its own that
/// is never accepted. Whoever tries to connect sends SYN again after 1, 3, 7 … seconds, as to a
/// host that is gone, and gets through when the hole has ended by then.
final class Blackhole {
    /// How often dropped SYNs are counted.
    static let period = Duration.milliseconds(50)

    let listener: ListenerWatch
    /// The connection that fills the queue; it never becomes readable to anybody.
    let filler: Int32?
    /// How the filler's other end is called, should it be accepted.
    let fillerName: String?
    /// SYNs that the kernel dropped at this socket so far.
    var drops: UInt32
    var timer: TimerToken?

    init(listener: ListenerWatch, address: SocketAddress?) {
        self.listener = listener
        drops = Sockets.drops(listener.descriptor)
        Sockets.setBacklog(listener.descriptor, 0)
        filler = address.flatMap { Sockets.beginConnect(to: $0.reachable) }
        fillerName = filler.flatMap { Sockets.name($0, isPeer: false) }
    }
}

extension LinkPort {
    /// Begins or ends to drop SYNs, as the toxics want it.
    func holdOrServe() {
        guard isHome, let listener else { return }
        let isWanted = toxics.contains { $0.type.holdsListener && $0.toxicity > 0 }
        switch (isWanted, blackhole) {
        case (true, nil):
            // Who is connected already was here before.
            accept(from: listener)
            loop.unwatch(listener.descriptor)
            let text = Sockets.name(listener.descriptor, isPeer: false) ?? ""
            let address = try? SocketAddress(parsing: text)
            let hole = Blackhole(listener: listener, address: address)
            blackhole = hole
            count(hole)
        case (false, _?): serveAgain(listener)
        default: break
        }
    }

    /// Stops dropping SYNs; the listener is closed next.
    func endBlackhole() {
        guard let hole = blackhole else { return }
        addDrops(hole)
        if let timer = hole.timer { loop.cancel(timer) }
        blackhole = nil
        if let filler = hole.filler { Sockets.close(filler) }
    }

    private func serveAgain(_ listener: ListenerWatch) {
        let name = blackhole?.fillerName
        // The filler leaves the queue before it is closed, so that it is known by its name.
        while case .accepted(let client) = Sockets.accept(listener.descriptor) {
            let isFiller = name != nil && Sockets.name(client, isPeer: true) == name
            if isFiller { Sockets.close(client) } else { handOver(client) }
        }
        endBlackhole()
        Sockets.setBacklog(listener.descriptor, Sockets.backlog)
        // The same watch again: it was taken from the loop, not closed.
        try? loop.watch(listener.descriptor, listener)
    }

    /// Counts the dropped SYNs now and again while the hole lasts.
    private func count(_ hole: Blackhole) {
        addDrops(hole)
        hole.timer = loop.after(Blackhole.period) { [weak self, weak hole] in
            if let self, let hole, blackhole === hole { count(hole) }
        }
    }

    private func addDrops(_ hole: Blackhole) {
        let now = Sockets.drops(hole.listener.descriptor)
        let count = Int(now &- hole.drops)
        hole.drops = now
        guard count > 0 else { return }
        for toxic in toxics where toxic.type.holdsListener {
            let isFirst = toxic.tally.hits == 0
            toxic.tally.addHits(count)
            if isFirst { tell(toxic, hit: nil) }
        }
    }
}

extension Sockets {
    /// Changes how many connections may wait at a socket that listens already.
    static func setBacklog(_ listener: Int32, _ backlog: Int32) {
        _ = Glibc.listen(listener, backlog)
    }

    /// What the kernel dropped at a socket so far; for one that listens, SYNs.
    static func drops(_ descriptor: Int32) -> UInt32 {
        // SO_MEMINFO and its last figure, SK_MEMINFO_DROPS; Glibc names neither.
        let option: Int32 = 55
        var figures = [UInt32](repeating: 0, count: 9)
        var length = socklen_t(figures.count * 4)
        let status = unsafe getsockopt(descriptor, SOL_SOCKET, option, &figures, &length)
        return status == 0 && length == 36 ? figures[8] : 0
    }
}

extension SocketAddress {
    /// Where this machine reaches a socket that listens here: every address is also loopback.
    fileprivate var reachable: SocketAddress {
        switch self {
        case .ipv4("0.0.0.0", let port): .ipv4("127.0.0.1", port)
        case .ipv6("::", let port): .ipv6("::1", port)
        default: self
        }
    }
}
