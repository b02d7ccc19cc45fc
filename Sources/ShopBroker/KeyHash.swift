/// Which partition a key belongs to: FNV-1a, the same in every process and version.
enum KeyHash {
    static func partition(of key: String, count: Int64) -> Int64 {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in key.utf8 {
            hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3
        }
        // The high bits are mixed best.
        return Int64((hash >> 32) % UInt64(max(count, 1)))
    }
}
