internal import Glibc

/// An account of this machine.
package struct UserAccount: Sendable, Hashable {
    package var name: String
    package var uid: UInt32
    package var gid: UInt32

    /// Whether we run as root.
    package static var isRoot: Bool { geteuid() == 0 }

    /// The account of that name in `/etc/passwd`; `nil` when there is none.
    package static func named(_ name: String) -> UserAccount? {
        guard let bytes = try? SystemFiles.read("/etc/passwd") else { return nil }
        for line in String(decoding: bytes, as: UTF8.self).split(separator: "\n") {
            let fields = line.split(separator: ":", omittingEmptySubsequences: false)
            guard fields.count > 3, fields[0] == name, let uid = UInt32(fields[2]),
                let gid = UInt32(fields[3])
            else { continue }
            return UserAccount(name: name, uid: uid, gid: gid)
        }
        return nil
    }
}
