internal import CRabbitMQ

/// Memory for the texts and tables of one call of the library.
@safe
final class Arena {
    private var blocks: [UnsafeMutableRawPointer] = unsafe []

    private init() {}

    /// Lends an arena; what was made in it is freed when the body is over.
    static func lend<Value>(_ body: (Arena) -> Value) -> Value {
        let arena = Arena()
        return withExtendedLifetime(arena) { body(arena) }
    }

    deinit { while let block = unsafe blocks.popLast() { unsafe block.deallocate() } }

    func bytes(_ text: String) -> amqp_bytes_t {
        var text = text
        return text.withUTF8 { utf8 in
            guard let base = utf8.baseAddress, !utf8.isEmpty else {
                return unsafe amqp_bytes_t()
            }
            let block = UnsafeMutableRawPointer.allocate(byteCount: utf8.count, alignment: 1)
            unsafe block.copyMemory(from: base, byteCount: utf8.count)
            unsafe blocks.append(block)
            return unsafe amqp_bytes_t(len: utf8.count, bytes: block)
        }
    }

    func table(_ values: [String: RabbitValue]) -> amqp_table_t {
        guard !values.isEmpty else { return unsafe amqp_table_t() }
        let entries = UnsafeMutablePointer<amqp_table_entry_t>.allocate(
            capacity: values.count
        )
        unsafe blocks.append(UnsafeMutableRawPointer(entries))
        for (index, (name, value)) in values.enumerated() {
            var entry = unsafe amqp_table_entry_t()
            unsafe entry.key = bytes(name)
            switch value {
            case .text(let text):
                unsafe entry.value.kind = UInt8(ascii: "S")
                unsafe entry.value.value.bytes = bytes(text)
            case .number(let number):
                unsafe entry.value.kind = UInt8(ascii: "l")
                unsafe entry.value.value.i64 = number
            case .bool(let bool):
                unsafe entry.value.kind = UInt8(ascii: "t")
                unsafe entry.value.value.boolean = bool ? 1 : 0
            }
            unsafe (entries + index).initialize(to: entry)
        }
        return unsafe amqp_table_t(num_entries: Int32(values.count), entries: entries)
    }
}

extension String {
    /// The library's bytes as text.
    init(_ bytes: amqp_bytes_t) {
        guard let base = unsafe bytes.bytes, unsafe bytes.len > 0 else {
            self = ""
            return
        }
        self = unsafe String(
            decoding: UnsafeRawBufferPointer(start: base, count: bytes.len),
            as: UTF8.self
        )
    }
}

extension RabbitValue {
    /// The entries of a table that are texts, whole numbers or truth values.
    static func values(_ table: amqp_table_t) -> [String: RabbitValue] {
        var values: [String: RabbitValue] = [:]
        for index in 0..<Int(max(0, unsafe table.num_entries)) {
            guard let entry = unsafe table.entries?[index] else { break }
            let value = unsafe entry.value.value
            let name = unsafe String(entry.key)
            switch unsafe entry.value.kind {
            case UInt8(ascii: "S"): values[name] = .text(unsafe String(value.bytes))
            case UInt8(ascii: "l"): values[name] = .number(unsafe value.i64)
            case UInt8(ascii: "I"): values[name] = .number(Int64(unsafe value.i32))
            case UInt8(ascii: "t"): values[name] = .bool(unsafe value.boolean != 0)
            default: break
            }
        }
        return values
    }
}
