import ChaosGameDay
import ChaosModel
import JSON
import Testing

struct PlanTests {
    private func decode(_ text: String) -> (plan: GameDayPlan?, problems: [Problem]) {
        let document = JSONDocument(file: "gamedays/p.json", bytes: Array(text.utf8))
        return GameDayPlan.decode(document, directory: "gamedays")
    }

    @Test func `a plan is read whole`() throws {
        let (plan, problems) = decode(Samples.plan)
        #expect(problems.isEmpty, "\(problems.map(\.text))")
        let read = try #require(plan)
        #expect(read.title == "A day")
        #expect(read.checks.map(\.question) == [nil, "Ready?"])
        #expect(read.rounds.map(\.isManual) == [false, true, false])
        #expect(read.rounds[0].work == .experiment("experiments/a.json"))
        #expect(read.rounds[0].timeBox == .seconds(90))
        #expect(read.folder(of: 0) == "01-the-first")
        #expect(read.rule(after: .deviated)?.name == "twice")
        #expect(read.rule(after: .held) == nil)
    }

    @Test func `every mistake is told with its place and what to do`() throws {
        let bytes = try TestFiles.read("Plans/broken.json")
        let document = JSONDocument(file: "broken.json", bytes: bytes)
        let (plan, problems) = GameDayPlan.decode(document, directory: "")
        #expect(plan == nil)
        let told = ProblemRenderer.render(problems, sources: ["broken.json": bytes])
        try TestFiles.compare(told, with: "Plans/broken.txt")
    }

    @Test func `no text makes the reader trap`() {
        var random = SplitMix(state: 7)
        let bytes = Array(Samples.plan.utf8)
        for _ in 0..<400 {
            var damaged = bytes
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                let place = Int.random(in: 0..<damaged.count, using: &random)
                switch Int.random(in: 0..<3, using: &random) {
                case 0: damaged.remove(at: place)
                case 1: damaged[place] = UInt8.random(in: 32...126, using: &random)
                default: damaged.insert(contentsOf: damaged[..<min(place, 20)], at: place)
                }
            }
            let document = JSONDocument(file: "x.json", bytes: damaged)
            let (plan, problems) = GameDayPlan.decode(document, directory: "")
            #expect((plan == nil) == problems.hasErrors)
        }
    }
}

/// A generator whose walk a seed decides.
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
