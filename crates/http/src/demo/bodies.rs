//! The demo's bodies, `bodies.toml`, and their meetings, `calendars/*.ics`.

use super::DemoError;
use super::files::{Day, read};
use super::history::{History, Known, Person, Seat};
use serde::Deserialize;
use yhteen_domain::Fault;
use yhteen_domain::bodies::{self as rules, AgendaLead, Body, BodyVisibility};
use yhteen_domain::icalendar;
use yhteen_domain::legal::default_regime;
use yhteen_domain::meetings::{Details, Import, Meeting, MeetingState, calendar_window};
use yhteen_domain::roles::Role;
use yhteen_domain::text::Name;
use yhteen_domain::time::{date_of, days_after};
use yhteen_domain::vocabulary::BodyKind;
use yhteen_persistence::{Error, bodies, meetings};

const FILE: &str = include_str!("../../demo/bodies.toml");

/// When the calendars were imported: before anything that the import reads.
const IMPORTED: Day = Day::Today(-750);

macro_rules! calendars {
    ($($name:literal)+) => {
        &[$(($name, include_str!(concat!("../../demo/calendars/", $name, ".ics")))),+]
    };
}

/// The calendars by the keys of their bodies.
const CALENDARS: &[(&str, &str)] = calendars! {
    "hamina-hallitus" "hamina-lautakunta" "hamina-valtuusto"
    "haminan-seurakunta-neuvosto" "haminan-seurakunta-valtuusto"
    "kotka-hallitus" "kotka-lautakunta" "kotka-nuorisovaltuusto" "kotka-valtuusto"
    "kotka-kymi-neuvosto"
    "kouvola-hallitus" "kouvola-lautakunta" "kouvola-nuorisovaltuusto" "kouvola-valtuusto"
    "kouvolan-seurakunnat-neuvosto" "kouvolan-seurakunnat-valtuusto"
    "kymenhva-hallitus" "kymenhva-nuorisovaltuusto" "kymenhva-valtuusto"
    "liitto-hallitus" "liitto-valtuusto"
    "miehikkala-hallitus" "miehikkala-valtuusto"
    "mll-kouvola-hallitus" "mll-kymi-hallitus"
    "pyhtaa-hallitus" "pyhtaa-lautakunta" "pyhtaa-valtuusto"
    "virolahti-hallitus" "virolahti-valtuusto"
};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    body: Vec<New>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct New {
    key: String,
    organisation: String,
    name: Name,
    kind: BodyKind,
    visibility: Option<BodyVisibility>,
    valid_to: Option<Day>,
    agenda_lead: AgendaLead,
    minutes_publication_days: u16,
}

/// Tells of the bodies and of their meetings.
pub(super) fn tell(history: &mut History<'_>) -> Result<(), DemoError> {
    let File { body } = read("bodies.toml", FILE, history.today)?;
    for new in body {
        let New { key, organisation, name, kind, visibility, valid_to, agenda_lead, minutes_publication_days } = new;
        let home = history.organisations.find(&organisation)?;
        let details = rules::Details {
            name,
            kind,
            visibility: visibility.unwrap_or(BodyVisibility::Public),
            valid_from: None,
            valid_to: valid_to.map(|day| history.date(day)),
            published_until: None,
            agenda_lead,
            minutes_publication_days,
            regime: default_regime(home.kind, kind),
        };
        let at = history.morning(home.since);
        let body = Body::new(history.fresh(), home.id, details, at).map_err(Error::from)?;
        history.bodies.name(&key, Seat { id: body.id, organisation: organisation.clone() })?;
        tell_body(history, &home, body.clone())?;
        if let Some((_, calendar)) = CALENDARS.iter().find(|(name, _)| *name == key) {
            tell_calendar(history, &home, &key, &body, calendar)?;
        }
    }
    // A calendar of nobody would be left out without a word.
    CALENDARS.iter().try_for_each(|(key, _)| history.bodies.find(key).map(drop))
}

fn tell_body(history: &mut History<'_>, home: &Known, body: Body) -> Result<(), DemoError> {
    let admin = history.person(&home.key, Role::Admin)?;
    history.on(home.since, admin, "a body", move |tx, access| {
        access.require(body.organisation_id, Role::Admin)?;
        bodies::create(tx, &body)
    });
    Ok(())
}

/// Tells how the body's calendar was imported, and what has become of its meetings since.
fn tell_calendar(
    history: &mut History<'_>,
    home: &Known,
    key: &str,
    body: &Body,
    calendar: &str,
) -> Result<(), DemoError> {
    let told = |fault: Fault| {
        let places = fault.culprits.iter().map(|culprit| format!(" {}: {}", culprit.pointer, culprit.detail));
        DemoError::File { file: format!("calendars/{key}.ics"), error: places.collect() }
    };
    let file = icalendar::read(calendar.as_bytes(), calendar_window(history.today)).map_err(told)?;
    let ids: Vec<_> = file.occurrences.iter().map(|_| history.fresh()).collect();
    // Before the first of the meetings, if the body was there.
    let at = body.meta.created_at.max(history.morning(IMPORTED));
    let import = Import::of(body, Vec::new(), &file, &ids, at).map_err(told)?;
    let editor = history.person(&home.key, Role::Editor)?;
    let meetings = import.created.clone();
    let body_id = body.id;
    history.at(at, Some(editor), format!("the calendar {key}"), move |tx| meetings::keep_import(tx, body_id, &import));
    meetings.into_iter().try_for_each(|meeting| tell_meeting(history, editor, body, meeting))
}

/// Tells how the members were invited to a meeting, how it was held and how its minutes were published, as far as
/// that has happened.
fn tell_meeting(history: &mut History<'_>, editor: Person, body: &Body, mut meeting: Meeting) -> Result<(), DemoError> {
    let planned = meeting.details.clone();
    let minutes_on = days_after(date_of(planned.starts_at), body.details.minutes_publication_days.into());
    let invited = Details { state: MeetingState::Invited, ..planned.clone() };
    let held = Details { state: MeetingState::Held, ..planned.clone() };
    let published = Details { minutes_published_on: Some(minutes_on), ..held.clone() };
    let ends_at = planned.ends_at.unwrap_or(planned.starts_at);
    let states = [
        (planned.agenda_deadline.max(meeting.meta.created_at), invited),
        (ends_at, held),
        (history.morning(Day::On(minutes_on)).max(ends_at), published),
    ];
    let now = history.now;
    for (at, details) in states.into_iter().filter(|(at, _)| *at <= now) {
        meeting = meeting.changed(body, details, at).map_err(Error::from)?;
        let changed = meeting.clone();
        history.at(at, Some(editor), "a meeting", move |tx| meetings::save(tx, "meeting.updated", &changed));
    }
    Ok(())
}
