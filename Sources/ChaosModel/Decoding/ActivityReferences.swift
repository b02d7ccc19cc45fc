import JSON

/// Finds what `{"ref": …}` means: an activity of the method or the hypothesis, by name.
///
/// Of several with one name the last wins, and the hypothesis wins over the method. A reference to
/// a reference leads nowhere.
struct ActivityReferences {
    private let activities: [JSONNode]

    init(root: JSONNode) {
        let method = root["method"]?.elements ?? []
        let probes = root["steady-state-hypothesis"]?["probes"]?.elements ?? []
        activities = (method + probes).filter {
            $0["ref"] == nil || $0["ref"]?.value.isNull == true
        }
    }

    var names: [String] { activities.compactMap { $0["name"]?.value.stringValue } }

    func target(of name: String) -> JSONNode? {
        activities.last { $0["name"]?.value == .string(name) }
    }
}
