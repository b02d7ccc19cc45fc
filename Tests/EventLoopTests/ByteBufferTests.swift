import EventLoop
import Testing

struct ByteBufferTests {
    @Test func `bytes leave in the order they came`() {
        var buffer = ByteBuffer()
        buffer.append(utf8: "hello ")
        buffer.append([119, 111])
        #expect(buffer.firstIndex(of: 32) == 5)
        #expect(buffer.firstIndex(of: 119, from: 6) == 6)
        #expect(buffer.firstIndex(of: 1) == nil)
        #expect(buffer.take(6) == Array("hello ".utf8))
        #expect(buffer.bytes == [119, 111])
        buffer.consume(2)
        #expect(buffer.isEmpty)
    }

    @Test func `a copy does not change with its original`() {
        var buffer = ByteBuffer([1, 2, 3])
        let copy = buffer
        buffer.consume(1)
        buffer.append([9])
        #expect(copy.bytes == [1, 2, 3])
        #expect(buffer.bytes == [2, 3, 9])
    }

    @Test func `a span shows what is readable`() {
        var buffer = ByteBuffer([1, 2, 3])
        buffer.consume(1)
        let sum = buffer.withReadableSpan { span in span.indices.reduce(0) { $0 + Int(span[$1]) } }
        #expect(sum == 5)
        #expect(ByteBuffer().withReadableSpan { $0.count } == 0)
    }

    @Test func `it agrees with an array on ten thousand random steps`() {
        var generator = SplitMix(state: 7)
        var buffer = ByteBuffer(reserving: 8)
        var model: [UInt8] = []
        for step in 0..<10_000 {
            let size = Int(generator.next() % 300)
            let bytes = (0..<size).map { _ in UInt8(truncatingIfNeeded: generator.next()) }
            switch generator.next() % 6 {
            case 0:
                buffer.append(bytes)
                model += bytes
            case 1:
                buffer.append(bytes[..<(size / 2)])
                model += bytes[..<(size / 2)]
            case 2:
                buffer.append(UInt8(size & 0xFF))
                model.append(UInt8(size & 0xFF))
            case 3:
                let count = min(size, model.count)
                #expect(buffer.take(count) == Array(model[..<count]))
                model.removeFirst(count)
            case 4:
                let count = min(2 * size, model.count)
                buffer.consume(count)
                model.removeFirst(count)
            default:
                let byte = UInt8(size & 0xFF)
                #expect(buffer.firstIndex(of: byte) == model.firstIndex(of: byte))
            }
            #expect(buffer.readableBytes == model.count)
            if step % 50 == 0 { #expect(buffer.bytes == model && Array(buffer.readable) == model) }
        }
    }
}
