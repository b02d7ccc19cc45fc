internal import Glibc

/// The environment that we were started with.
package enum Environment {
    /// A variable; `nil` when it is not set or empty.
    package static func get(_ name: String) -> String? {
        guard let value = unsafe getenv(name) else { return nil }
        let text = unsafe String(cString: value)
        return text.isEmpty ? nil : text
    }

    /// Every `NAME=VALUE`.
    package static func all() -> [String] {
        var lines: [String] = []
        var entry = unsafe environ
        while let text = unsafe entry.pointee {
            lines.append(unsafe String(cString: text))
            unsafe entry += 1
        }
        return lines
    }
}
