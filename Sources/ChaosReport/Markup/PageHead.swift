extension Markup {
    /// The `<head>` of a page that stands alone: its style is inside, and nothing is ever fetched.
    package mutating func pageHead(title: String) {
        element("head") { head in
            head.void("meta", ["charset": "utf-8"])
            head.void(
                "meta",
                ["name": "viewport", "content": "width=device-width, initial-scale=1"]
            )
            head.void("meta", ["name": "color-scheme", "content": "light dark"])
            // Whatever slipped in, nothing is ever fetched.
            head.void(
                "meta",
                [
                    "http-equiv": "Content-Security-Policy",
                    "content": "default-src 'none'; style-src 'unsafe-inline'",
                ]
            )
            head.element("title", text: title)
            head.element("style") { $0.verbatim(Stylesheet.text) }
        }
    }
}
