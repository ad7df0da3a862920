//! What is said to the database, for those who count it: no request may need more statements because there is more
//! data.

use crate::Db;
use diesel::Connection;
use diesel::connection::InstrumentationEvent;
use std::fmt::Display;
use std::sync::Arc;

type Heard = dyn Fn(&dyn Display) + Send + Sync;

/// Hears of every statement of a [`crate::Store`], with its text, which is made only where it is asked for. The text
/// has the values that are bound: it is for tests, not for logs.
#[derive(Clone)]
pub struct Listener(Arc<Heard>);

impl Listener {
    /// A listener that calls `heard` before each statement.
    pub fn new(heard: impl Fn(&dyn Display) + Send + Sync + 'static) -> Self {
        Self(Arc::new(heard))
    }

    /// Listens to a connection from now on.
    pub(crate) fn listen(self, db: &mut Db) {
        db.set_instrumentation(move |event: InstrumentationEvent<'_>| {
            if let InstrumentationEvent::StartQuery { query, .. } = event {
                (self.0)(&query);
            }
        });
    }
}
