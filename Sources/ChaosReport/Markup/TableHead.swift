/// The titles of a table's columns.
enum TableHead {
    /// Columns from `numbersFrom` on hold numbers and are aligned to the right.
    static func write(_ titles: [String], numbersFrom: Int, into row: inout Markup) {
        for (index, title) in titles.enumerated() {
            let style = index >= numbersFrom ? "number" : ""
            row.element("th", ["scope": "col", "class": style], text: title)
        }
    }
}
