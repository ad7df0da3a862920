//! The demo's reports: `reports.toml`.

use super::DemoError;
use super::files::{Day, read};
use super::history::{History, Person};
use serde::Deserialize;
use yhteen_domain::audience::{Audience, Key};
use yhteen_domain::ids::{ActionId, OrganisationId, PeriodId, ReportId};
use yhteen_domain::reports::{Content, DelayCause, ImplementationStatus, Rating, Report, Signature};
use yhteen_domain::roles::Role;
use yhteen_domain::text::{Prose, TEXT, Text};
use yhteen_domain::time::date_of;
use yhteen_persistence::reports::{self, Opening};
use yhteen_persistence::scope::Access;
use yhteen_persistence::{Error, Tx};

const FILE: &str = include_str!("../../demo/reports.toml");

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    /// The account that reviews them.
    coordinator: String,
    report: Vec<New>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct New {
    action: String,
    organisation: String,
    /// The organisation whose reporter writes it, where that is a successor.
    successor: Option<String>,
    period: String,
    drafted: Day,
    submitted: Option<Day>,
    returned: Option<Returned>,
    resubmitted: Option<Day>,
    accepted: Option<Day>,
    status: ImplementationStatus,
    rating: Option<Rating>,
    percent: Option<i32>,
    summary: Option<Prose>,
    achievements: Option<Prose>,
    obstacles: Option<Prose>,
    delay_cause: Option<DelayCause>,
    participation: Option<Prose>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Returned {
    on: Day,
    note: Text<TEXT>,
}

/// A report whose history is being told.
#[derive(Clone, Copy)]
struct Told {
    id: ReportId,
    action: ActionId,
    period: PeriodId,
    organisation: OrganisationId,
}

/// Tells of the reports.
pub(super) fn tell(history: &mut History<'_>) -> Result<(), DemoError> {
    let File { coordinator, report } = read("reports.toml", FILE, history.today)?;
    let coordinator = history.people.find(&coordinator)?;
    report.into_iter().try_for_each(|new| tell_report(history, coordinator, new))
}

fn tell_report(history: &mut History<'_>, coordinator: Person, new: New) -> Result<(), DemoError> {
    let action = history.actions.find(&new.action)?;
    let told = Told {
        id: history.fresh(),
        action: action.id,
        period: history.periods.find(&format!("{}/{}", action.programme, new.period))?,
        organisation: history.organisations.find(&new.organisation)?.id,
    };
    let reporter = history.person(new.successor.as_ref().unwrap_or(&new.organisation), Role::Reporter)?;
    let what = |verb: &str| format!("{verb} the report {} {} {}", new.action, new.organisation, new.period);
    let content = content(&new);
    history.on(new.drafted, reporter, what("drafting"), move |tx, access| draft(tx, access, told, &content));
    for on in [new.submitted, new.resubmitted].into_iter().flatten() {
        history.on(on, reporter, what("submitting"), move |tx, access| submit(tx, access, told));
    }
    if let Some(Returned { on, note }) = new.returned.as_ref() {
        let note = note.clone();
        history.on(*on, coordinator, what("returning"), move |tx, access| {
            review(tx, access, told, |report, by| report.give_back(note.clone(), by))
        });
    }
    if let Some(on) = new.accepted {
        history.on(on, coordinator, what("accepting"), move |tx, access| review(tx, access, told, Report::accept));
    }
    Ok(())
}

fn content(new: &New) -> Content {
    Content {
        implementation_status: new.status,
        rating: new.rating,
        completion_percent: new.percent,
        summary: new.summary.clone(),
        achievements: new.achievements.clone(),
        obstacles: new.obstacles.clone(),
        delay_cause: new.delay_cause,
        participation: new.participation.clone(),
    }
}

fn draft(tx: &mut Tx<'_>, access: &Access, told: Told, content: &Content) -> Result<(), Error> {
    access.require(told.organisation, Role::Reporter)?;
    tx.act_for(told.organisation);
    let Opening { subject, standing, last } =
        reports::opening(tx, access.scope(), told.action, told.organisation, told.period)?;
    let report = Report::draft(told.id, subject, content.clone(), standing, last, tx.now())?;
    let own: Audience = [Key::Organisation(told.organisation)].into_iter().collect();
    reports::create(tx, &report, own)
}

fn submit(tx: &mut Tx<'_>, access: &Access, told: Told) -> Result<(), Error> {
    let (report, grounds) = reports::lock_for_review(tx, access.scope(), told.id)?;
    access.require(told.organisation, Role::Reporter)?;
    tx.act_for(told.organisation);
    let by = Signature { at: tx.now(), by: access.principal };
    let report = report.submit(grounds.standing, grounds.window, date_of(by.at), by)?;
    reports::save_state(tx, &report, report.audience(&grounds.seen))
}

fn review(
    tx: &mut Tx<'_>,
    access: &Access,
    told: Told,
    rule: impl Fn(Report, Signature) -> Result<Report, yhteen_domain::Fault>,
) -> Result<(), Error> {
    let (report, grounds) = reports::lock_for_review(tx, access.scope(), told.id)?;
    access.require_coordinator(grounds.programme.id)?;
    let report = rule(report, Signature { at: tx.now(), by: access.principal })?;
    reports::save_state(tx, &report, report.audience(&grounds.seen))
}
