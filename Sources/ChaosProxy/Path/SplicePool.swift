import CLinux
import Glibc

/// A pipe(7) of the kernel's: splice(2) moves pages through it that this process never sees.
struct SplicePipe {
    let readEnd: Int32
    let writeEnd: Int32
    /// The bytes in it.
    var byteCount = 0

    func close() {
        Sockets.close(readEnd)
        Sockets.close(writeEnd)
    }
}

/// The kernel pipes of a data loop; a direction holds one only while it has bytes under way.
///
/// So idle connections cost no pipe, however many of them were bulky once. Confined to the loop.
final class SplicePool {
    /// What a pipe shall take, bytes: at the kernel's default of 64 KiB splicing is slower than
    /// copying.
    static let capacity = 1 << 20
    /// Less than this is not worth a pipe; users other than root share 64 MiB of pipes.
    private static let capacityMin = 256 << 10
    /// Empty pipes that are kept; two descriptors each.
    static let keptMax = 16

    private var kept: [SplicePipe] = []

    init() {}

    deinit {
        for pipe in kept { pipe.close() }
    }

    /// An empty pipe; `nil` when the kernel gives none that is worth it.
    func take() -> SplicePipe? {
        if let pipe = kept.popLast() { return pipe }
        var ends: [Int32] = [-1, -1]
        guard unsafe clinux_pipe_nonblocking(&ends) >= 0 else { return nil }
        let pipe = SplicePipe(readEnd: ends[0], writeEnd: ends[1])
        guard clinux_pipe_size(pipe.writeEnd, Int32(SplicePool.capacity)) >= SplicePool.capacityMin
        else {
            pipe.close()
            return nil
        }
        return pipe
    }

    /// Takes a pipe back; one that still holds bytes is closed, as they belong to nobody else.
    func giveBack(_ pipe: SplicePipe) {
        guard pipe.byteCount == 0, kept.count < SplicePool.keptMax else { return pipe.close() }
        kept.append(pipe)
    }

    /// How many pipes wait for a use.
    var keptCount: Int { kept.count }
}
