import ChaosModel
import ChaosPlan
import ChaosPluginAPI
import JSON
import Testing

/// Saved plans and manifests come from files, and files are damaged.
@Suite struct MutatedPlanTests {
    private func mutate(_ bytes: inout [UInt8], with generator: inout SplitMix64) {
        let alphabet = Array("{}[]\",:0-9.eatruflsn\\ ".utf8)
        for _ in 0..<Int.random(in: 1...3, using: &generator) where !bytes.isEmpty {
            let index = Int.random(in: 0..<bytes.count, using: &generator)
            switch Int.random(in: 0..<3, using: &generator) {
            case 0: bytes[index] = alphabet.randomElement(using: &generator) ?? 0
            case 1: bytes.remove(at: index)
            default: bytes.insert(alphabet.randomElement(using: &generator) ?? 0, at: index)
            }
        }
    }

    @Test func `a damaged plan is read or refused, and never traps`() throws {
        let plan = try #require(PlannerTests.plan(PlannerTests.whole).plan)
        let good = Array(plan.json.serialized().utf8)
        var generator = SplitMix64(seed: 8)
        for _ in 0..<400 {
            var bytes = good
            mutate(&bytes, with: &generator)
            guard let json = try? JSONValue.parse(bytes), let read = try? Plan(json: json) else {
                continue
            }
            #expect(read.lines.last == "This is a plan: nothing has been touched.")
        }
    }

    @Test func `a damaged experiment is planned or refused with places`() {
        let good = Array(PlannerTests.whole.utf8)
        var generator = SplitMix64(seed: 9)
        for _ in 0..<400 {
            var bytes = good
            mutate(&bytes, with: &generator)
            let (plan, problems) = PlannerTests.plan(String(decoding: bytes, as: UTF8.self))
            #expect((plan == nil) == problems.hasErrors)
            #expect(problems.allSatisfy { $0.line > 0 })
        }
    }

    @Test func `damaged manifests are read or refused with places`() {
        var generator = SplitMix64(seed: 10)
        for _ in 0..<800 {
            var plugin = Array(PluginManifestTests.plugin.utf8)
            var schema = Array(PluginManifestTests.schema.utf8)
            mutate(&plugin, with: &generator)
            mutate(&schema, with: &generator)
            do throws(PluginManifestError) {
                _ = try PluginManifest(plugin: plugin, schema: schema)
            } catch {
                #expect(error.problems.hasErrors)
                #expect(error.problems.allSatisfy { $0.line > 0 })
            }
        }
    }
}
