/// How soon and how often the reconciler looks; the defaults are for a shop under load.
package struct ReconcilerPace: Sendable, Equatable {
    /// An order is looked at first when it was placed so long ago; longer than `model`, so that
    /// most are looked at once.
    package var quiet: Duration = .seconds(75)
    /// Orders and states that are younger than this are on their way and prove nothing.
    package var settled: Duration = .seconds(10)
    /// So long events may take to the read model.
    package var model: Duration = .seconds(60)
    /// An order that has not moved for so long is for a person.
    package var stuck: Duration = .seconds(300)
    /// A difference must be seen again after so long before it is repaired.
    package var confirmation: Duration = .seconds(4)
    /// Between two rounds; a second while there is more to read.
    package var idle: Duration = .seconds(5)
    /// Between two rounds while orders are placed faster than they are looked at.
    package var busy: Duration = .seconds(1)
    /// From the end of one look at all orders to the beginning of the next.
    package var sweep: Duration = .seconds(60)

    package init() {}
}
