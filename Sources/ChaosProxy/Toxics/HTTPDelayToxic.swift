import ChaosModel

extension ToxicType {
    /// `http_delay`: a response, or with `stream` `upstream` a request, is held `delay` ms.
    static let httpDelay = ToxicType(
        "http_delay",
        needs: .http,
        fields: [.init("delay", .milliseconds)]
    ) { attributes in
        .delayMessage(nanoseconds: ToxicAttributes.nanoseconds(milliseconds: attributes.values[0]))
    }
}
