/// One drawing, on the page or as a file of its own.
struct Picture {
    let canvas: Canvas
    let id: String
    /// With its own style and its size, so that any viewer of SVG shows it.
    var standsAlone = false

    /// Opens the drawing with its title and description.
    func draw(
        into markup: inout Markup,
        title: String,
        description: String,
        height: Double,
        _ body: (inout Markup) -> Void
    ) {
        let name = "\(id)-\(canvas.rawValue)"
        let (width, tall) = (Coordinate.text(canvas.width), Coordinate.text(height))
        markup.element(
            "svg",
            [
                "xmlns": "http://www.w3.org/2000/svg", "class": "chart \(canvas.rawValue)",
                "viewBox": "0 0 \(width) \(tall)", "width": width, "height": tall,
                "role": "img", "aria-labelledby": "\(name)-t \(name)-d",
            ]
        ) { svg in
            svg.element("title", ["id": "\(name)-t"], text: title)
            svg.element("desc", ["id": "\(name)-d"], text: description)
            if standsAlone { svg.element("style") { $0.verbatim(Stylesheet.picture) } }
            body(&svg)
        }
        markup.breakLine()
    }

    static func line(
        _ style: String,
        _ x1: Double,
        _ y1: Double,
        _ x2: Double,
        _ y2: Double
    ) -> Markup.Attributes {
        [
            "class": style, "x1": Coordinate.text(x1), "y1": Coordinate.text(y1),
            "x2": Coordinate.text(x2), "y2": Coordinate.text(y2),
        ]
    }

    static func box(
        _ style: String,
        _ x: Double,
        _ y: Double,
        _ width: Double,
        _ height: Double
    ) -> Markup.Attributes {
        [
            "class": style, "x": Coordinate.text(x), "y": Coordinate.text(y),
            "width": Coordinate.text(width), "height": Coordinate.text(height),
        ]
    }

    static func point(_ style: String, _ x: Double, _ y: Double) -> Markup.Attributes {
        ["class": style, "x": Coordinate.text(x), "y": Coordinate.text(y)]
    }
}
