//! What the picture is to show: the timetable as its reader may know it, grouped into organisations and lanes, with all
//! that is said of it in words.

use super::words::{self, word};
use chrono::{Datelike, TimeDelta};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use yhteen_domain::ids::{BodyId, OrganisationId, StepId};
use yhteen_domain::text::{Language, Name};
use yhteen_domain::time::{Date, Instant, date_of, midnight};
use yhteen_domain::timetable::{
    self as engine, Body, Handler, Meeting, Occasion, Outcome, Placement, StepState, StepTimetable, Timetable, by_name,
    written,
};
use yhteen_domain::vocabulary::Gate;

/// What the picture is to show.
#[derive(Clone, Debug)]
pub struct Scene {
    /// The language of all words.
    pub language: Language,
    /// What the action is called.
    pub title: String,
    /// Whether it can start as planned.
    pub verdict: String,
    /// What stands in the way, one by one.
    pub blocking: Vec<String>,
    /// What the plan strives for, and when it was computed.
    pub about: String,
    /// All that the picture tells, in words.
    pub description: String,
    /// The day for which it was computed.
    pub today: Date,
    /// The planned start.
    pub target_on: Option<Date>,
    /// The earliest start.
    pub earliest_on: Option<Date>,
    /// The organisations, in the order in which their steps come.
    pub groups: Vec<Group>,
    /// What the start waits for, one after the other.
    pub arrows: Vec<Arrow>,
}

/// An organisation.
#[derive(Clone, Debug)]
pub struct Group {
    /// What it is called.
    pub name: String,
    /// Its bodies.
    pub lanes: Vec<Lane>,
}

/// A body, or what of an organisation is not shown.
#[derive(Clone, Debug)]
pub struct Lane {
    /// What it is called.
    pub name: String,
    /// Whether it stands for what is not shown.
    pub hidden: bool,
    /// What it handles.
    pub steps: Vec<Step>,
    /// When it meets.
    pub meetings: Vec<Mark>,
}

/// A step.
#[derive(Clone, Debug)]
pub struct Step {
    /// Which.
    pub id: StepId,
    /// How far it has come.
    pub state: StepState,
    /// Whether the start waits for it.
    pub in_chain: bool,
    /// What is written beside it.
    pub label: String,
    /// What is said of it to whoever points at it.
    pub hint: String,
    /// Where it is planned to be, or was.
    pub place: Option<Placement>,
    /// When the last meeting starts that would still do.
    pub latest: Option<Instant>,
    /// The times that it was handled without being decided in favour of.
    pub handled: Vec<Handled>,
}

/// A handling after which the step was not decided, or decided against.
#[derive(Clone, Debug)]
pub struct Handled {
    /// When.
    pub at: Instant,
    /// Whether it ended the step, or the matter comes up again.
    pub ended: bool,
    /// What is said of it to whoever points at it.
    pub hint: String,
}

/// A meeting.
#[derive(Clone, Debug)]
pub struct Mark {
    /// When its agenda closes.
    pub deadline: Instant,
    /// When it starts.
    pub starts_at: Instant,
    /// Whether it was called off.
    pub cancelled: bool,
}

/// From what one step has reached to the next step.
#[derive(Clone, Copy, Debug)]
pub struct Arrow {
    /// The one.
    pub from: StepId,
    /// When it has reached what the next waits for.
    pub at: Instant,
    /// The next.
    pub to: StepId,
}

/// What the reader may know of what the timetable was computed from.
#[derive(Clone, Debug)]
pub struct Known<'a> {
    /// What the action is called.
    pub title: &'a Name,
    /// Who handles the steps that the reader sees; the others are shown opaque.
    pub handlers: BTreeMap<StepId, Handler>,
    /// What the steps of the action are called.
    pub titles: BTreeMap<StepId, Name>,
    /// The names of the organisations of all steps, which everyone may know.
    pub organisations: BTreeMap<OrganisationId, Name>,
    /// The bodies with their meetings; only those that the timetable names are looked at.
    pub bodies: &'a [Body],
    /// Which of their meetings may be shown.
    pub calendars: Calendars,
    /// The steps with their handlings; only those that the reader sees are looked at.
    pub steps: &'a [engine::Step],
}

/// Which meetings the reader may see.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Calendars {
    /// Those of every body that it sees.
    Shown,
    /// None but those at which steps are placed.
    Withheld,
}

/// The scene of a timetable that is told to its reader already, so that nothing is left in it that it may not know.
pub fn scene(told: &Timetable, known: &Known<'_>, language: Language) -> Scene {
    let chain: BTreeSet<StepId> = told.critical_chain.iter().filter_map(|link| link.step_id).collect();
    let teller = Teller { told, known, chain: &chain, language };
    let blocking = told.blocking.iter().map(|root| {
        let who = teller.who(root.step_id);
        format!("{who}: {}", words::blocked(root.reason, root.needed_until, language))
    });
    let blocking: Vec<_> = blocking.collect();
    let today = date_of(told.computed_at);
    let (title, verdict) = (known.title.in_language(language).to_owned(), words::verdict(told, language));
    Scene {
        language,
        description: teller.description(&verdict, &blocking),
        title,
        verdict,
        blocking,
        about: format!("{} · {}", word(words::objective(told.objective), language), words::computed(today, language)),
        today,
        target_on: told.target_on,
        earliest_on: told.start.earliest_on,
        groups: teller.groups(),
        arrows: arrows(told),
    }
}

/// The steps of the chain, each with the one after it.
fn arrows(told: &Timetable) -> Vec<Arrow> {
    let pairs = told.critical_chain.iter().zip(told.critical_chain.iter().skip(1));
    let arrows = pairs.filter_map(|(link, next)| {
        let (from, to) = link.step_id.zip(next.step_id)?;
        let step = told.steps.iter().find(|step| step.step_id == from).and_then(place);
        // The chain is that of the earliest dates; the arrow leaves from where the step is shown.
        let at = match (link.gate, step) {
            (Some(Gate::Decided), Some(place)) => place.decided_at,
            (Some(Gate::Notified), Some(place)) => place.notice_on.map_or(place.decided_at, midnight),
            (Some(Gate::Final), Some(place)) => place.legal_force_on.map_or(place.decided_at, midnight),
            _ => link.at,
        };
        (from != to).then_some(Arrow { from, at, to })
    });
    arrows.collect()
}

/// Where a step is shown: what has no place in the plan may have one by itself.
fn place(step: &StepTimetable) -> Option<Placement> {
    step.planned.or(step.earliest)
}

/// Who puts the timetable into words.
struct Teller<'a> {
    told: &'a Timetable,
    known: &'a Known<'a>,
    chain: &'a BTreeSet<StepId>,
    language: Language,
}

impl Teller<'_> {
    fn word(&self, words: words::Words) -> &'static str {
        word(words, self.language)
    }

    fn handler(&self, step: StepId) -> Option<&Handler> {
        self.known.handlers.get(&step)
    }

    /// What a step is called, where the reader sees it.
    fn title(&self, step: StepId) -> Option<&str> {
        self.handler(step)?;
        self.known.titles.get(&step).map(|title| title.in_language(self.language))
    }

    fn organisation(&self, id: OrganisationId) -> &str {
        self.known.organisations.get(&id).map_or("", |name| name.in_language(self.language))
    }

    /// The organisation with the body and the step, as far as they are shown.
    fn who(&self, id: StepId) -> String {
        match (self.handler(id), self.told.steps.iter().find(|step| step.step_id == id)) {
            (Some(Handler { organisation, body, function: _ }), _) => {
                let body = by_name(organisation, body, self.language);
                format!("{body}, {}", self.title(id).unwrap_or_default())
            }
            (None, Some(step)) => {
                format!("{}, {}", self.organisation(step.organisation_id), self.word(words::HIDDEN))
            }
            (None, None) => String::new(),
        }
    }

    /// All in words: the verdict, what stands in the way, and what the start waits for.
    fn description(&self, verdict: &str, blocking: &[String]) -> String {
        let links = self.told.critical_chain.iter().map(|link| match (&link.text, link.step_id) {
            (Some(text), _) => text.clone(),
            (None, Some(step)) => format!("{} {}", self.who(step), words::dated(date_of(link.at), self.language)),
            (None, None) => String::new(),
        });
        let chain = links.collect::<Vec<_>>().join(" → ");
        let chain = (!chain.is_empty()).then(|| format!("{}: {chain}.", self.word(words::CHAIN_IS)));
        let blocking = blocking.iter().map(|root| format!("{root}."));
        let all = [verdict.to_owned()].into_iter().chain(blocking).chain(chain);
        all.collect::<Vec<_>>().join(" ")
    }

    /// The organisations and their lanes, by their first step.
    fn groups(&self) -> Vec<Group> {
        let mut lanes: BTreeMap<(OrganisationId, Option<BodyId>), Vec<&StepTimetable>> = BTreeMap::new();
        for step in &self.told.steps {
            lanes.entry((step.organisation_id, step.body_id)).or_default().push(step);
        }
        let mut groups: BTreeMap<OrganisationId, Vec<Lane>> = BTreeMap::new();
        for ((organisation, body), steps) in lanes {
            groups.entry(organisation).or_default().push(self.lane(body, &steps));
        }
        let first = |lane: &Lane| lane.steps.iter().filter_map(|step| step.place).map(|place| place.starts_at).min();
        // What has no place comes last.
        let rank = |first: Option<Instant>| (Reverse(first.is_some()), first);
        let groups = groups.into_iter().map(|(organisation, mut lanes)| {
            lanes.sort_by_key(|lane| rank(first(lane)));
            Group { name: self.organisation(organisation).to_owned(), lanes }
        });
        let mut groups: Vec<_> = groups.collect();
        groups.sort_by_key(|group| rank(group.lanes.iter().filter_map(first).min()));
        groups
    }

    fn lane(&self, body: Option<BodyId>, steps: &[&StepTimetable]) -> Lane {
        let name = steps.iter().find_map(|step| self.handler(step.step_id));
        let name = name.map(|handler| handler.body.in_language(self.language).to_owned());
        let unnamed = || self.word(if steps.len() > 1 { words::SEVERAL_HIDDEN } else { words::HIDDEN }).to_owned();
        let mut all: Vec<_> = steps.iter().map(|step| self.step(step)).collect();
        all.sort_by_key(|step| (step.place.map(|place| place.starts_at), step.id));
        let places: BTreeSet<_> = steps.iter().filter_map(|step| place(step)?.meeting_id).collect();
        let body = self.known.bodies.iter().find(|it| Some(it.id) == body);
        let meetings = body.map(|body| body.meetings.as_slice()).unwrap_or_default().iter();
        let shown = meetings.filter(|meeting| self.known.calendars == Calendars::Shown || places.contains(&meeting.id));
        let mark = |&Meeting { starts_at, agenda_deadline, cancelled, .. }: &Meeting| Mark {
            deadline: agenda_deadline,
            starts_at,
            cancelled,
        };
        let mut meetings: Vec<_> = shown.map(mark).collect();
        meetings.sort_by_key(|meeting| (meeting.starts_at, meeting.cancelled));
        Lane { hidden: name.is_none(), name: name.unwrap_or_else(unnamed), steps: all, meetings }
    }

    fn step(&self, step: &StepTimetable) -> Step {
        let place = place(step);
        let title = self.title(step.step_id);
        let this_year = date_of(self.told.computed_at).year();
        let on = place.map(|place| written(date_of(place.starts_at), this_year, self.language));
        let label = match (on, title) {
            // Without the article that a Swedish date has in a sentence.
            (Some(on), Some(title)) => format!("{} {title}", on.trim_start_matches("den ")),
            (Some(on), None) => on,
            (None, Some(title)) => format!("{title}: {}", self.word(words::NO_DATE)),
            (None, None) => self.word(words::NO_DATE).to_owned(),
        };
        Step {
            id: step.step_id,
            state: step.state,
            in_chain: self.chain.contains(&step.step_id),
            label,
            hint: self.hint(step, place),
            place,
            latest: step.latest.map(|latest| latest.starts_at),
            handled: self.handled(step.step_id),
        }
    }

    /// The handlings of a step that the reader sees which did not decide in its favour.
    fn handled(&self, id: StepId) -> Vec<Handled> {
        let Some(step) = self.known.steps.iter().find(|step| step.id == id && self.handler(id).is_some()) else {
            return Vec::new();
        };
        let meetings = || self.known.bodies.iter().filter(|body| body.id == step.body_id).flat_map(|it| &it.meetings);
        let handled = step.handlings.iter().filter_map(|handling| {
            let (words, ended) = match handling.outcome {
                Outcome::Approved | Outcome::ApprovedAmended => return None,
                Outcome::Tabled => (words::TABLED, false),
                Outcome::Returned => (words::RETURNED, false),
                Outcome::Rejected => (words::REJECTED, true),
                Outcome::Withdrawn => (words::WITHDRAWN, true),
            };
            let at = match handling.occasion {
                Occasion::Meeting(id) => meetings().find(|meeting| meeting.id == id)?.starts_at,
                Occasion::Day(on) => midnight(on) + TimeDelta::hours(16),
            };
            let on = words::dated(date_of(at), self.language);
            Some(Handled { at, ended, hint: format!("{}\n{} {on}", self.who(id), self.word(words)) })
        });
        handled.collect()
    }

    /// All that is known of a step, line by line.
    fn hint(&self, step: &StepTimetable, place: Option<Placement>) -> String {
        let mut lines = vec![self.who(step.step_id), self.word(words::state(step.state)).to_owned()];
        let mut say = |what: words::Words, when: String| lines.push(format!("{}: {when}", self.word(what)));
        if let Some(place) = place {
            // Of an opaque step no more is known than the day.
            let told = |at| {
                if step.opaque { words::dated(date_of(at), self.language) } else { words::timed(at, self.language) }
            };
            say(words::DEADLINE, told(place.agenda_deadline));
            say(words::MEETING, told(place.starts_at));
            for (what, on) in [(words::NOTICE, place.notice_on), (words::LEGAL_FORCE, place.legal_force_on)] {
                if let Some(on) = on {
                    say(what, words::dated(on, self.language));
                }
            }
        }
        if let Some(latest) = step.latest
            && !step.opaque
        {
            say(words::LATEST, words::timed(latest.starts_at, self.language));
        }
        if place.is_some_and(|place| place.minutes_overdue) {
            lines.push(self.word(words::PROVISIONAL).to_owned());
        }
        lines.join("\n")
    }
}
