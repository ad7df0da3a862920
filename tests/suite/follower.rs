//! One who keeps a copy by following the change feed, and holds the feed to its law while doing so.

use serde_json::Value;
use std::collections::BTreeMap;
use std::time::{Duration, Instant};
use yhteen_tests::Caller;
use yhteen_tests::caller::id;

/// The lists that together show all that a reader may see, by the type of what they list.
pub(crate) const LISTS: [(&str, &str); 6] = [
    ("organisation", "/api/v1/organisations"),
    ("programme", "/api/v1/programmes"),
    ("action", "/api/v1/actions"),
    ("body", "/api/v1/bodies"),
    ("meeting", "/api/v1/meetings"),
    ("report", "/api/v1/reports"),
];

/// An aggregate: its type and identifier.
pub(crate) type Aggregate = (String, String);
/// Aggregates, each with its version.
pub(crate) type Copy = BTreeMap<Aggregate, i64>;

/// One event of the feed.
#[derive(Clone, Debug)]
pub(crate) struct Event {
    pub(crate) kind: String,
    pub(crate) aggregate: Aggregate,
    pub(crate) version: i64,
    pub(crate) tombstone: bool,
    pub(crate) organisation: Option<String>,
    pub(crate) principal: Option<String>,
}

impl From<&Value> for Event {
    fn from(item: &Value) -> Self {
        let text = |value: &Value| value.as_str().map(str::to_owned);
        Self {
            kind: text(&item["type"]).unwrap(),
            aggregate: (text(&item["aggregate"]["type"]).unwrap(), text(&item["aggregate"]["id"]).unwrap()),
            version: item["version"].as_i64().unwrap(),
            tombstone: item["tombstone"].as_bool().unwrap(),
            organisation: text(&item["organisation_id"]),
            principal: text(&item["principal_id"]),
        }
    }
}

/// The cursor is no longer good.
#[derive(Debug)]
pub(crate) struct Resync;

/// One who keeps a copy.
pub(crate) struct Follower {
    pub(crate) reader: Caller,
    cursor: Option<String>,
    /// What it holds now.
    pub(crate) holds: Copy,
    /// The last version of each aggregate of which the feed has told.
    told: Copy,
    /// Whether what it is told may be older than what it holds: it began with lists, and has not caught up yet.
    replaying: bool,
    /// All that it was told, in order.
    pub(crate) events: Vec<Event>,
}

/// What the lists show to a reader now.
pub(crate) async fn listed(reader: &Caller) -> Copy {
    let mut shown = Copy::new();
    for (kind, list) in LISTS {
        for item in reader.all(list).await {
            let known = shown.insert((kind.to_owned(), id(&item)), item["version"].as_i64().unwrap());
            assert_eq!(known, None, "{list} shows one thing once");
        }
    }
    shown
}

impl Follower {
    /// Follows from the beginning of the feed.
    pub(crate) fn from_the_beginning(reader: Caller) -> Self {
        let (holds, told) = (Copy::new(), Copy::new());
        Self { reader, cursor: None, holds, told, replaying: false, events: Vec::new() }
    }

    /// Takes a cursor for the present, reads everything, and follows from there.
    pub(crate) async fn from_now(reader: Caller) -> Self {
        let mut follower = Self::from_the_beginning(reader);
        follower.begin_again().await;
        follower
    }

    /// The same once more, as 410 says.
    pub(crate) async fn begin_again(&mut self) {
        let now = self.reader.get("/api/v1/changes?after=now").await.expect(200);
        self.cursor = Some(now["next"].as_str().unwrap().to_owned());
        self.holds = listed(&self.reader).await;
        self.told.clear();
        self.replaying = true;
    }

    /// Whether it has a cursor that may have gone bad.
    pub(crate) fn has_begun(&self) -> bool {
        self.cursor.is_some()
    }

    /// Reads one page, and answers how many events were on it.
    pub(crate) async fn follow(&mut self, limit: u16, wait: u8) -> Result<usize, Resync> {
        let after = self.cursor.as_ref().map(|cursor| format!("&after={cursor}")).unwrap_or_default();
        let reply = self.reader.get(&format!("/api/v1/changes?limit={limit}&wait={wait}{after}")).await;
        if reply.status == 410 {
            reply.refused(410, "changes.resync");
            return Err(Resync);
        }
        let page = reply.expect(200);
        self.cursor = Some(page["next"].as_str().unwrap().to_owned());
        let items = page["items"].as_array().unwrap();
        assert!(items.len() <= usize::from(limit));
        for item in items {
            self.take(item.into());
        }
        Ok(items.len())
    }

    /// Follows until it has been told that this has happened to the aggregate, which may have been already.
    pub(crate) async fn until(&mut self, kind: &str, id: &str) -> Result<(), Resync> {
        let since = Instant::now();
        while !self.events.iter().any(|event| event.kind == kind && event.aggregate.1 == id) {
            assert!(since.elapsed() < Duration::from_mins(1), "it is not told of {kind} {id}");
            self.follow(100, 5).await?;
        }
        self.replaying = false;
        Ok(())
    }

    fn take(&mut self, event: Event) {
        let Event { aggregate, version, tombstone, .. } = event.clone();
        let told = self.told.insert(aggregate.clone(), version);
        assert!(told.is_none_or(|told| told < version), "{event:?} comes after version {told:?}");
        let held = self.holds.get(&aggregate).copied();
        match held {
            Some(held) if held >= version => {
                assert!(self.replaying, "{event:?} tells nothing new to one who has {held}");
            }
            _ if tombstone => {
                assert!(held.is_some() || self.replaying, "{event:?} is of what it never saw");
                self.holds.remove(&aggregate);
            }
            // It knows what the lists show, and passes over whatever else it may be told of.
            _ if LISTS.iter().any(|(kind, _)| aggregate.0 == *kind) => drop(self.holds.insert(aggregate, version)),
            _ => {}
        }
        self.events.push(event);
    }
}
