import ChaosModel
import JSON
import Testing

/// The tables recorded by running the Chaos Toolkit: every row must come out as it did there.
@Suite struct ConformanceTableTests {
    @Test func `every tolerance of the table is judged as the Chaos Toolkit judges it`() throws {
        let rows = try #require(try TestFiles.json("Tables/tolerance.json").arrayValue)
        #expect(rows.count == 342)
        for row in rows {
            let answer = try judge(row)
            let expected: String =
                row["valid"] == false
                ? "not valid" : row["met"]?.boolValue.map { $0 ? "met" : "unmet" } ?? "invalid"
            #expect(answer == expected, "\(row.serialized())")
        }
    }

    /// A value that crashes the Chaos Toolkit is one that cannot be judged.
    private func judge(_ row: JSONValue) throws -> String {
        let value = try #require(row["value"])
        let substitution = Substitution(configuration: row["configuration"]?.objectValue ?? [:])
        let tolerance: Tolerance
        do throws(UnitError) {
            tolerance = try Tolerance(json: row["tolerance"] ?? .null)
        } catch {
            return "not valid"
        }
        do throws(UnitError) {
            return switch try tolerance.substituting(substitution).evaluate(value, unit: "") {
            case .met: "met"
            case .unmet: "unmet"
            case .invalid: "invalid"
            }
        } catch {
            return "invalid"
        }
    }

    @Test func `every substitution of the table comes out the same`() throws {
        let table = try TestFiles.json("Tables/substitution.json")
        let configuration = try #require(table["configuration"]?.objectValue)
        let secrets = try #require(table["secrets"]?.objectValue)
        let contexts = [
            "both": Substitution(configuration: configuration, secrets: secrets),
            "config-only": Substitution(configuration: configuration),
            "secrets-only": Substitution(secrets: secrets),
            "none": Substitution(),
        ]
        let rows = try #require(table["cases"]?.arrayValue)
        #expect(rows.count == 159)
        for row in rows {
            let context = try #require(contexts[row["context"]?.stringValue ?? ""])
            let input = try #require(row["input"])
            #expect(context.apply(to: input) == row["output"], "\(row.serialized())")
        }
    }

    @Test func `every JSON path of the table leads to the same values`() throws {
        let table = try TestFiles.json("Tables/jsonpath.json")
        let document = try #require(table["document"])
        let rows = try #require(table["cases"]?.arrayValue)
        #expect(rows.count == 49)
        for row in rows {
            let path = try #require(row["path"]?.stringValue)
            do throws(UnitError) {
                let values = try JSONPath(path).values(in: document)
                #expect(.array(values) == row["values"], "\(path)")
            } catch {
                #expect(row["parse_error"] != nil, "\(path): \(error)")
            }
        }
    }
}
