import ChaosModel

extension ToxicType {
    /// `refuse_startup`: a new session is refused with `sqlstate`, or with `mode` `hang` never
    /// answered until the toxic is removed.
    ///
    /// Typical states: 53300 (too many connections, the default) and 57P03 (starting up).
    static let refuseStartup = ToxicType(
        "refuse_startup",
        needs: .postgres,
        fields: [.init("sqlstate", .text), .init("message", .text), .init("mode", .text)]
    ) { (attributes) throws(ControlError) in
        let state = attributes.texts[0].isEmpty ? "53300" : attributes.texts[0]
        let standard =
            switch state {
            case "53300": "sorry, too many clients already"
            case "57P03": "the database system is starting up"
            default: "connection refused (injected)"
            }
        let message = attributes.texts[1]
        let failure = try SQLFailure(
            sqlState: state,
            message: message.isEmpty ? standard : message
        )
        switch attributes.texts[2].lowercased() {
        case "", "refuse": return .refuseStartup(failure)
        case "hang": return .hangStartup
        default:
            throw .badBody(
                "attributes.mode \"\(attributes.texts[2])\" is not known. Use refuse or hang"
            )
        }
    }
}
