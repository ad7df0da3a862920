//! The vocabulary of the change feed.

crate::codes! {
    /// The cursor is foreign, altered or of another epoch, or what its reader may see has changed since: read everything
    /// again, with a cursor from `after=now` taken before.
    RESYNC = Gone "changes.resync" { fi: "Lue kaikki uudelleen", sv: "Läs allt på nytt", en: "Read everything again" }
}

crate::vocabulary! {
    /// What is versioned, locked, fed and shown as one.
    AggregateType {
        /// An organisation.
        Organisation = "organisation",
        /// A person's account; seen by nobody in the feed.
        User = "user",
        /// A machine's account; seen by nobody in the feed.
        Client = "client",
        /// A programme with its members, goals and reporting periods.
        Programme = "programme",
        /// An action with its participants and decision steps.
        Action = "action",
        /// A body.
        Body = "body",
        /// A meeting of a body.
        Meeting = "meeting",
        /// A report.
        Report = "report",
        /// A suspension of an account or an organisation; seen by the administrators concerned.
        Suspension = "suspension",
        /// The timetable of an action, which has the action's identifier and goes with it: its versions count what was
        /// told of it.
        Timetable = "timetable",
    }
}

/// A place in the feed: events are in the order of their transaction, and within it of their sequence.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// The transaction (always 0 on SQLite, whose sequence alone is the order).
    pub transaction: i64,
    /// The number within the feed.
    pub sequence: i64,
}
