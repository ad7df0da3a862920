//! What happened: deeds of the demo's people, each at its time.

use super::DemoError;
use super::files::Day;
use crate::app::App;
use chrono::{NaiveTime, TimeDelta};
use std::collections::HashMap;
use yhteen_domain::Fault;
use yhteen_domain::ids::{ActionId, BodyId, GoalId, Id, OrganisationId, PeriodId, PrincipalId, ProgrammeId, StepId};
use yhteen_domain::roles::Role;
use yhteen_domain::text::Name;
use yhteen_domain::time::{Date, Instant, date_of, local};
use yhteen_domain::vocabulary::OrganisationKind;
use yhteen_persistence::scope::{Access, access};
use yhteen_persistence::{Actor, Error, Tx};

/// Someone who acts.
#[derive(Clone, Copy, Debug)]
pub(super) struct Person {
    /// The account.
    pub(super) id: PrincipalId,
    /// The organisation that it belongs to; the operator's belongs to none.
    pub(super) home: Option<OrganisationId>,
}

/// An organisation of the demo.
#[derive(Clone, Debug)]
pub(super) struct Known {
    pub(super) key: String,
    pub(super) id: OrganisationId,
    pub(super) kind: OrganisationKind,
    pub(super) name: Name,
    /// Since which day it is in the service.
    pub(super) since: Day,
}

/// A body of the demo.
#[derive(Clone, Debug)]
pub(super) struct Seat {
    pub(super) id: BodyId,
    /// What the files call its organisation.
    pub(super) organisation: String,
}

/// An action of the demo.
#[derive(Clone, Debug)]
pub(super) struct Undertaking {
    pub(super) id: ActionId,
    /// What the files call its programme.
    pub(super) programme: String,
}

/// What the files call things by, and what they are.
pub(super) struct Names<T> {
    what: &'static str,
    known: HashMap<String, T>,
    order: Vec<T>,
}

impl<T: Clone> Names<T> {
    fn of(what: &'static str) -> Self {
        Self { what, known: HashMap::new(), order: Vec::new() }
    }

    /// Names something. No name is given twice.
    pub(super) fn name(&mut self, key: impl Into<String>, thing: T) -> Result<(), DemoError> {
        let key = key.into();
        self.order.push(thing.clone());
        match self.known.insert(key.clone(), thing) {
            None => Ok(()),
            Some(_) => Err(DemoError::Twice { what: self.what, key }),
        }
    }

    /// All, in the order in which they were named.
    pub(super) fn all(&self) -> Vec<T> {
        self.order.clone()
    }

    /// What has this name.
    pub(super) fn find(&self, key: &str) -> Result<T, DemoError> {
        let unknown = || DemoError::Unknown { what: self.what, key: key.to_owned() };
        self.known.get(key).cloned().ok_or_else(unknown)
    }
}

/// What is done; it may be done more than once, so it does nothing but read and write through the transaction.
type Work = Box<dyn Fn(&mut Tx<'_>) -> Result<(), Error> + Send + Sync>;

struct Deed {
    at: Instant,
    by: Actor,
    what: String,
    work: Work,
}

/// A history that is being told: who and what there is, and what they did.
pub(super) struct History<'a> {
    pub(super) app: &'a App,
    pub(super) now: Instant,
    pub(super) today: Date,
    pub(super) organisations: Names<Known>,
    pub(super) people: Names<Person>,
    pub(super) bodies: Names<Seat>,
    pub(super) programmes: Names<ProgrammeId>,
    pub(super) goals: Names<GoalId>,
    pub(super) periods: Names<PeriodId>,
    pub(super) actions: Names<Undertaking>,
    pub(super) steps: Names<StepId>,
    deeds: Vec<Deed>,
}

impl<'a> History<'a> {
    /// One in which nothing has happened yet, told now.
    pub(super) fn new(app: &'a App) -> Self {
        let now = app.now();
        Self {
            app,
            now,
            today: date_of(now),
            organisations: Names::of("organisation"),
            people: Names::of("account"),
            bodies: Names::of("body"),
            programmes: Names::of("programme"),
            goals: Names::of("goal"),
            periods: Names::of("reporting period"),
            actions: Names::of("action"),
            steps: Names::of("decision step"),
            deeds: Vec::new(),
        }
    }

    /// A fresh identifier.
    pub(super) fn fresh<T: Id>(&self) -> T {
        self.app.fresh()
    }

    /// The date of a day.
    pub(super) fn date(&self, day: Day) -> Date {
        day.date(self.today)
    }

    /// The morning of a day, when people come to work.
    pub(super) fn morning(&self, day: Day) -> Instant {
        local(self.date(day).and_time(NaiveTime::MIN) + TimeDelta::hours(9))
    }

    /// Whoever has this role in the organisation.
    pub(super) fn person(&self, organisation: &str, role: Role) -> Result<Person, DemoError> {
        self.people.find(&format!("{role}@{organisation}"))
    }

    /// Adds what somebody, or nobody who is signed in, does at a time.
    pub(super) fn at(
        &mut self,
        at: Instant,
        by: Option<Person>,
        what: impl Into<String>,
        work: impl Fn(&mut Tx<'_>) -> Result<(), Error> + Send + Sync + 'static,
    ) {
        let by = by.map(|person| Actor { principal: Some(person.id), organisation: person.home });
        self.deeds.push(Deed { at, by: by.unwrap_or_default(), what: what.into(), work: Box::new(work) });
    }

    /// Adds what somebody does in the morning of a day, as far as the person may.
    pub(super) fn on(
        &mut self,
        day: Day,
        by: Person,
        what: impl Into<String>,
        work: impl Fn(&mut Tx<'_>, &Access) -> Result<(), Error> + Send + Sync + 'static,
    ) {
        self.at(self.morning(day), Some(by), what, move |tx| {
            let today = date_of(tx.now());
            let access = access(tx, by.id, today)?.ok_or_else(Fault::not_found)?;
            work(tx, &access)
        });
    }

    /// What has been done until now, in order; of one time, in the order in which it was told.
    pub(super) fn deeds(self) -> Deeds {
        let mut deeds = self.deeds;
        deeds.retain(|deed| deed.at <= self.now);
        deeds.sort_by_key(|deed| deed.at);
        Deeds(deeds)
    }
}

/// Deeds in the order in which they were done.
pub(super) struct Deeds(Vec<Deed>);

impl Deeds {
    /// Does them again.
    pub(super) fn replay(&self, tx: &mut Tx<'_>) -> Result<(), Error> {
        for Deed { at, by, what, work } in &self.0 {
            tx.go_on_as(*by, *at);
            work(tx).inspect_err(|error| log::error!("the demo, {at}, {what}: {error}"))?;
        }
        Ok(())
    }
}
