import ChaosPluginAPI
import EventLoop
import Glibc
import JSON
import LinuxSystem
import Testing

@testable import FaultResource

@Suite(
    .serialized,
    .timeLimit(.minutes(3)),
    .enabled(if: UserAccount.isRoot, "needs root: control groups and a file system are made")
)
struct LimitTests {
    /// What is expected of each limit: a program that runs into it within a second.
    ///
    /// Of those that run out of memory the kernel may end only the hungry one, never the shell
    /// that goes on.
    private static let table: [(function: String, arguments: JSONObject, script: String)] = [
        ("cpu-quota", ["share": 0.1], "while :; do :; done"),
        (
            "memory-limit", ["spare": .integer(8 << 20)],
            """
            echo -1000 > /proc/self/oom_score_adj
            while :; do
                head -c 64M /dev/zero |
                    (echo 1000 > /proc/self/oom_score_adj; exec tail -c 64M > /dev/null)
                sleep 0.05
            done
            """
        ),
        ("process-count", ["spare": 0], "while :; do /bin/true; done"),
    ]

    @Test(arguments: 0..<3)
    func `a limit is felt, and its group is gone after the undo`(_ row: Int) async throws {
        let (function, arguments, script) = Self.table[row]
        let resource = try #require(
            LimitGroup.Resource.allCases.dropFirst(row).first
        )
        guard let hierarchy = LimitGroup.Hierarchy.of(resource) else { return }
        try await ResourceRig.run { rig in
            let child = try rig.shell(script)
            let home = hierarchy.group(of: child.pid)
            let fault = try rig.fault(function)
            var arguments = arguments
            arguments["children"] = true
            let context = rig.context(arguments, child)
            try await rig.life(fault, context) { undo in
                try await rig.until("it is felt") {
                    try await fault.confirm(context, undo).hits >= 2
                }
                #expect(hierarchy.group(of: child.pid).contains("chaos-limit-"))
                let name = undo.state["group"]?.stringValue
                let found = try await ResourcePlugin().leftovers().first { $0.runID == name }
                #expect(found?.isOwnerAlive == true)
                #expect(found?.undo.state["mount"]?.stringValue == hierarchy.mount)
            }
            #expect(hierarchy.group(of: child.pid) == home)
            #expect(child.status == nil)
            try await rig.end(child)
        }
    }

    @Test func `a small file system is filled but for what stays free, and empty afterwards`()
        async throws
    {
        try await ResourceRig.run { rig in
            let mount = try rig.shell("mkdir disk && mount -t tmpfs -o size=16M none disk")
            try #require(try await mount.wait() == .exited(0))
            let path = "\(rig.directory)/disk"
            let fault = try rig.fault("disk-full")
            let context = rig.context([
                "directory": .string(path), "leave": .integer(1 << 20), "most": .integer(1 << 30),
            ])
            let before = try FileSystemSpace.of(path)
            do {
                try await rig.life(fault, context) { undo in
                    try await rig.until("it is full") {
                        try FileSystemSpace.of(path).free <= 1 << 20
                    }
                    #expect(try await fault.confirm(context, undo).hits == 15)
                    let writer = try rig.shell("head -c 2M /dev/zero > disk/file")
                    #expect(try await writer.wait() != .exited(0))
                    let remover = try rig.shell("rm disk/file")
                    #expect(try await remover.wait() == .exited(0))
                }
                #expect(try FileSystemSpace.of(path) == before)
            } catch {
                Issue.record("\(error)")
            }
            let umount = try rig.shell("umount disk")
            #expect(try await umount.wait() == .exited(0))
        }
    }

    @Test(arguments: ["/", "/tmp", "/dev/shm", "relative", "/nowhere"])
    func `a file system that the host lives on is never filled`(_ path: String) async throws {
        try await ResourceRig.run { rig in
            let context = rig.context(["directory": .string(path), "most": .integer(1 << 50)])
            await #expect(throws: ResourceError.self) {
                try await rig.fault("disk-full").prepare(context)
            }
        }
    }
}
