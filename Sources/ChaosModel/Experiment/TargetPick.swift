package import JSON

/// How many of the instances that a target stands for are hit; which ones, the seed decides.
///
/// `"one"`, `{"count": 2}` or `{"percent": 50}` beside the target.
package enum TargetPick: Sendable, Hashable {
    /// So many; 1 or more.
    case count(Int)
    /// That share of them, rounded up; above 0 and at most 1.
    case share(Double)

    /// `one`, `2`, `50%`.
    package var text: String {
        switch self {
        case .count(1): "one"
        case .count(let count): "\(count)"
        case .share(let share): Quantity.text(share, .ratio)
        }
    }

    /// How many instances of so many that is; may be more than there are.
    package func number(of total: Int) -> Int {
        switch self {
        case .count(let count): count
        // What binary fractions add (0.07 of 100 is 7.000000000000001) is no instance.
        case .share(let share): Int((share * Double(total) - 1e-9).rounded(.up))
        }
    }

    /// The form in an experiment.
    package var json: JSONValue {
        switch self {
        case .count(1): "one"
        case .count(let count): ["count": .integer(Int64(count))]
        case .share(let share): ["percent": .number(share * 100)]
        }
    }

    /// Reads what `json` writes; `nil`: it is no pick.
    package init?(json: JSONValue) {
        if json == "one" {
            self = .count(1)
            return
        }
        guard let object = json.objectValue, object.names.count == 1 else { return nil }
        if let count = object["count"]?.integerValue, (1...1_000).contains(count) {
            self = .count(Int(count))
        } else if let percent = object["percent"]?.doubleValue, percent > 0, percent <= 100 {
            self = .share(percent / 100)
        } else {
            return nil
        }
    }
}
