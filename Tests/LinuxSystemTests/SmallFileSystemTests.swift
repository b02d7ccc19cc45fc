import EventLoop
import LinuxSystem
import Testing

/// Small file systems on directories of ours.
@Suite(.enabled(if: UserAccount.isRoot, "needs root, which mounts"))
struct SmallFileSystemTests {
    @Test func `it is as small as asked, and goes with its directory, strange names included`()
        throws
    {
        let folder = try SystemFiles.makeTemporaryDirectory(prefix: "chaos-disk-test-")
        defer { try? SmallFileSystem.removeTree(folder) }
        let (outer, inner) = ("\(folder)/with a blank", "\(folder)/with a blank/inside")
        try SmallFileSystem.make(on: outer, bytes: 4 << 20)
        try SmallFileSystem.make(on: inner, bytes: 1 << 20)
        #expect(try FileSystemSpace.of(outer).total == 4 << 20)
        #expect(try FileSystemSpace.of(outer).device != FileSystemSpace.of(folder).device)
        #expect(SmallFileSystem.mounts(below: folder) == [inner, outer])
        let large = [UInt8](repeating: 1, count: 2 << 20)
        #expect(throws: SystemError.self) {
            try SystemFiles.writeAtomically("\(inner)/file", large, mode: 0o600)
        }
        try SmallFileSystem.removeTree(outer)
        #expect(SmallFileSystem.mounts(below: folder).isEmpty)
        #expect(!SystemFiles.exists(outer))
        try SmallFileSystem.removeTree(outer)
    }
}
