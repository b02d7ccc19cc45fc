import EventLoop
import LinuxSystem

/// The preload shim as a file that the dynamic loader can open.
package enum ClockShim {
    /// The name in every process's environment by which the loader finds it.
    package static let variable = "LD_PRELOAD"

    /// Puts the shim into a directory, unless this very one is there, and returns its path.
    ///
    /// Throws `SystemError` (EACCES, ENOSPC).
    package static func install(in directory: String) throws -> String {
        let image = self.image
        let path = "\(directory)/libchaosclock-\(image.count).so"
        if let there = try? SystemFiles.read(path), there == image { return path }
        try SystemFiles.createDirectory(directory, mode: 0o755, parents: true)
        try SystemFiles.writeAtomically(path, image, mode: 0o755)
        return path
    }

    /// The environment in which a program reads the clock that a control file holds.
    package static func environment(
        shim: String,
        control: String,
        base: [String]
    ) -> [String] {
        var others = base.filter { !$0.hasPrefix(ControlFile.variable + "=") }
        let former = others.first { $0.hasPrefix(variable + "=") }
        others.removeAll { $0.hasPrefix(variable + "=") }
        let more = former.map { ":" + $0.dropFirst(variable.count + 1) } ?? ""
        return others + ["\(variable)=\(shim)\(more)", "\(ControlFile.variable)=\(control)"]
    }

    /// The control file of a running process that was started under the shim; `nil`: it was not.
    package static func control(of pid: Int32) -> String? {
        guard let environment = try? SystemFiles.read("/proc/\(pid)/environ"),
            let maps = try? SystemFiles.read("/proc/\(pid)/maps")
        else { return nil }
        let prefix = ControlFile.variable + "="
        let lines = environment.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
        guard let line = lines.first(where: { $0.hasPrefix(prefix) }) else { return nil }
        let path = String(line.dropFirst(prefix.count))
        // A static program has the variable, and not the shim.
        let isMapped = String(decoding: maps, as: UTF8.self).split(separator: "\n")
            .contains { $0.hasSuffix(" " + path) }
        return isMapped ? path : nil
    }

    /// The shared object, as the build made it.
    private static var image: [UInt8] { Base64.bytes(of: ClockShimImage.base64) }
}
