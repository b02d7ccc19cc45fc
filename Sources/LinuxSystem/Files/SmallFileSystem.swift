internal import CLinux
package import EventLoop

/// Small file systems in memory on directories of ours, which can be filled without harm; root.
package enum SmallFileSystem {
    /// What the kernel's list of mounts calls the source of ours.
    private static let source = "chaos-disk"

    /// Makes the directory and mounts a tmpfs of that many bytes on it, which everybody may enter.
    ///
    /// Throws `SystemError` (EPERM without CAP_SYS_ADMIN). C counterpart: `mount(2)`.
    package static func make(on directory: String, bytes: Int64) throws(SystemError) {
        try SystemFiles.createDirectory(directory, mode: 0o755, parents: true)
        let options = "size=\(max(1, bytes >> 10))k,mode=0755"
        _ = try SystemError.check(
            unsafe clinux_mount_memory(source, directory, options),
            call: "mounting a small file system on",
            object: directory
        )
    }

    /// Unmounts those that were made on or below a directory, and removes it with its content.
    ///
    /// Nothing there: fine. Throws `SystemError`.
    package static func removeTree(_ directory: String) throws(SystemError) {
        for mount in mounts(below: directory) {
            _ = try SystemError.check(
                unsafe clinux_unmount(mount),
                call: "unmounting",
                object: mount
            )
        }
        try SystemFiles.removeTree(directory)
    }

    /// Where ours are on or below a directory, the innermost first.
    package static func mounts(below directory: String) -> [String] {
        let list = (try? SystemFiles.read("/proc/self/mountinfo")) ?? []
        let top = SystemFiles.absolute(directory)
        return String(decoding: list, as: UTF8.self).split(separator: "\n").compactMap { line in
            // proc_pid_mountinfo(5): … (5) mount point … - type source options
            let words = line.split(separator: " ")
            guard words.count > 6, let dash = words.firstIndex(of: "-"), words.count > dash + 2,
                words[dash + 2] == source
            else { return nil }
            let place = unescaped(words[4])
            return place == top || place.hasPrefix(top + "/") ? place : nil
        }.reversed()
    }

    /// The kernel writes blanks, tabs, line feeds and backslashes as three octal digits.
    private static func unescaped(_ word: Substring) -> String {
        var bytes: [UInt8] = []
        var rest = Array(word.utf8)[...]
        while let byte = rest.popFirst() {
            let digits = rest.prefix(3)
            guard byte == UInt8(ascii: "\\"), digits.count == 3,
                let value = UInt8(String(decoding: digits, as: UTF8.self), radix: 8)
            else {
                bytes.append(byte)
                continue
            }
            bytes.append(value)
            rest = rest.dropFirst(3)
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
