internal import ChaosVerdict

/// What each link carried; left out when nobody looked.
struct TrafficSection {
    let facts: ReportFacts

    func write(into page: inout Markup) {
        let count = TrafficSeries.links(facts, stepsMax: 1).count
        guard count > 0 else { return }
        page.element("section", ["id": "links"]) { section in
            section.element("h2", text: "Links")
            section.element(
                "p",
                text: "What reached the two ends of each link, second by second, by the proxy that "
                    + "carries it; each strip has a scale of its own. Links that a fault was aimed "
                    + "at come first."
            )
            section.element("figure") { figure in
                for canvas in Canvas.allCases {
                    let links = TrafficSeries.links(facts, stepsMax: canvas.stepsMax)
                    let frame = TimeFrame(facts, canvas)
                    TrafficChart(frame: frame, links: links).draw(into: &figure, id: "links")
                }
                figure.element("figcaption", ["class": "legend"]) { legend in
                    LegendKey.write("upstream", "to the server", into: &legend)
                    LegendKey.write("downstream", "to the client", into: &legend)
                    LegendKey.write("shade", "a fault is in effect", into: &legend)
                }
            }
            let rest = count - TrafficChart.linksMax
            if rest > 0 { section.element("p", text: "Not drawn: \(rest) quieter links.") }
        }
        page.breakLine()
    }
}
