import LinuxSystem

/// What is examined in a page that people must be able to read and use: width, labels, size of
/// what is touched, contrast.
enum PageExamination {
    /// An expression whose value is the list of what is wrong; empty when nothing is.
    static func script() throws -> String {
        let path = SystemFiles.parent(of: #filePath) + "/examination.js"
        return String(decoding: try SystemFiles.read(path), as: UTF8.self)
    }
}
