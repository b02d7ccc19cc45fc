import EventLoop
import JSON
import ShopCore
import Testing

@testable import ShopGateway
@testable import ShopOrders

/// Who waits, who is told, and what a reader of the feed may have missed: the values.
struct WaitingTests {
    @Test func `an end wakes all who wait for the order, once, and nobody else`() {
        var table = WaitingTable<String>()
        _ = table.enter("a", "anna")
        _ = table.enter("b", "bert")
        let carl = table.enter("a", "carl")
        #expect(table.count == 3)
        let first = table.end("a")
        #expect(first == ["anna", "carl"])
        let second = table.end("a")
        #expect(second.isEmpty)
        table.leave(carl, "a")
        #expect(table.count == 1)
        #expect(table.orders == ["b"])
    }

    @Test func `who has left is not woken, and an order that nobody waits for is not asked for`() {
        var table = WaitingTable<String>()
        let anna = table.enter("a", "anna")
        _ = table.enter("a", "bert")
        table.leave(anna, "a")
        table.leave(anna, "a")
        #expect(table.count == 1)
        let ended = table.end("a")
        #expect(ended == ["bert"])
        let carl = table.enter("c", "carl")
        table.leave(carl, "c")
        #expect(table.orders.isEmpty)
        let rest = table.endAll()
        #expect(rest.isEmpty)
    }

    @Test func `a random walk of customers and ends keeps the count`() {
        var random = SystemRandomNumberGenerator()
        var table = WaitingTable<Int>()
        var present: [Int: String] = [:]
        for step in 0..<5000 {
            let order = "o\(Int.random(in: 0..<20, using: &random))"
            switch Int.random(in: 0..<5, using: &random) {
            case 0...2: present[table.enter(order, step)] = order
            case 3:
                guard let (number, order) = present.randomElement(using: &random) else { continue }
                table.leave(number, order)
                present[number] = nil
            default:
                let ended = table.end(order)
                let expected = present.filter { $0.value == order }
                #expect(ended.count == expected.count)
                for number in expected.keys { present[number] = nil }
            }
            #expect(table.count == present.count)
            #expect(Set(table.orders) == Set(present.values))
        }
    }

    @Test func `endings may be missing at the first page, after a restart, after an absence`() {
        var place = FeedPlace()
        #expect(place.query.isEmpty)
        let pages: [(page: EndingsPage, isMissing: Bool, query: String)] = [
            (.init(feed: "f", next: 7, isMissing: true, orders: []), true, "feed=f&from=7&"),
            (.init(feed: "f", next: 9, orders: []), false, "feed=f&from=9&"),
            (.init(feed: "f", next: 99, isMissing: true, orders: []), true, "feed=f&from=99&"),
            (.init(feed: "g", next: 0, orders: []), true, "feed=g&from=0&"),
        ]
        for (page, isMissing, query) in pages {
            let answer = place.take(page)
            #expect(answer == isMissing)
            #expect(place.query == query)
        }
    }

    @Test func `a page says what it is, and nothing else is a page`() {
        let page = EndingsPage(feed: "f", next: 7, isMissing: true, orders: [["order": "a"]])
        #expect(EndingsPage(json: page.json) == page)
        #expect(EndingsPage(json: ["feed": "f", "orders": []]) == nil)
    }

    @Test func `the log gives each ending once, page by page, and forgets the oldest`() {
        var log = EndingLog()
        #expect(log.endings(from: 0, atMost: 5)?.isEmpty == true)
        #expect(log.endings(from: 1, atMost: 5) == nil)
        for number in 0..<EndingLog.keptMax + 3 { log.append("o\(number)") }
        #expect(log.endings(from: 2, atMost: 5) == nil)
        #expect(log.endings(from: 3, atMost: 2) == ["o3", "o4"])
        let last = Int64(EndingLog.keptMax + 2)
        #expect(log.endings(from: last, atMost: 5) == ["o\(last)"])
        #expect(log.endings(from: last + 1, atMost: 5)?.isEmpty == true)
        #expect(log.endings(from: last + 2, atMost: 5) == nil)
    }

    @Test func `a reader goes on where it was, and waits only when there is nothing`()
        async throws
    {
        try await onLoop {
            let endings = Endings()
            let first = await endings.page(after: nil, atMost: 10, wait: .seconds(30))
            #expect(first.isMissing)
            endings.tell("a")
            endings.tell("b")
            let second = await endings.page(after: first.place, atMost: 10, wait: .seconds(30))
            #expect(second.orders == ["a", "b"])
            #expect(!second.isMissing)
            async let third = endings.page(after: second.place, atMost: 10, wait: .seconds(30))
            endings.tell("c")
            #expect(await third.orders == ["c"])
            // An answer that was lost: the same place gives the same again.
            let again = await endings.page(after: first.place, atMost: 2, wait: .seconds(30))
            #expect(again.orders == ["a", "b"])
            endings.close()
            let last = await endings.page(after: second.place, atMost: 1, wait: .seconds(30))
            #expect(last.orders == ["c"])
            let end = await endings.page(after: last.place, atMost: 1, wait: .seconds(30))
            #expect(end.orders.isEmpty)
        }
    }

    @Test func `a reader without answers comes again after 100 ms, later after two seconds`() {
        #expect(EndingsReader.delay(1) == .milliseconds(100))
        #expect(EndingsReader.delay(3) == .milliseconds(400))
        #expect(EndingsReader.delay(1000) == .seconds(2))
    }
}
