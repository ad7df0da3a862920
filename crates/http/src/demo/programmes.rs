//! The demo's programmes with their members, goals and reporting periods: `programmes.toml`.

use super::DemoError;
use super::files::{Day, read};
use super::history::{History, Person};
use serde::Deserialize;
use yhteen_domain::Fault;
use yhteen_domain::goals::{self as goal_rules, Goal};
use yhteen_domain::ids::{GoalId, OrganisationId, PeriodId, ProgrammeId};
use yhteen_domain::programmes::{Details, MemberRole, Programme, Terms};
use yhteen_domain::reporting_periods::{self as period_rules, Extension, Period, PeriodKind};
use yhteen_domain::roles::Role;
use yhteen_domain::text::{MunicipalityCode, Name, Prose, ShortCode};
use yhteen_domain::time::{Instant, date_of};
use yhteen_persistence::programmes::MemberChange;
use yhteen_persistence::scope::Access;
use yhteen_persistence::{Error, Tx, goals, programmes, reporting_periods};

const FILE: &str = include_str!("../../demo/programmes.toml");

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    programme: Vec<New>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct New {
    key: String,
    /// The first coordinating member.
    organisation: String,
    /// The account that coordinates it.
    coordinator: String,
    founded: Day,
    activated: Day,
    closed: Option<Day>,
    title: Name,
    description: Prose,
    starts_on: Day,
    ends_on: Day,
    area: Vec<MunicipalityCode>,
    member: Vec<NewMember>,
    goal: Vec<NewGoal>,
    period: Vec<NewPeriod>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct NewMember {
    organisation: String,
    role: MemberRole,
    joined_on: Day,
    left_on: Option<Day>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct NewGoal {
    code: ShortCode,
    parent: Option<String>,
    title: Name,
    description: Option<Prose>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct NewPeriod {
    code: ShortCode,
    kind: PeriodKind,
    starts_on: Day,
    ends_on: Day,
    opens_on: Day,
    due_on: Day,
    locked: Option<Day>,
    #[serde(default)]
    extension: Vec<NewExtension>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct NewExtension {
    organisation: String,
    granted: Day,
    until: Day,
}

/// A programme whose history is being told.
#[derive(Clone, Copy)]
struct Told {
    id: ProgrammeId,
    founder: OrganisationId,
    founded: Day,
    coordinator: Person,
}

impl Told {
    /// The programme, locked, for its coordinator, who acts for its founder.
    fn lock(self, tx: &mut Tx<'_>, access: &Access) -> Result<Programme, Error> {
        let programme = programmes::lock(tx, access.scope(), self.id)?;
        self.coordinate(tx, access)?;
        Ok(programme)
    }

    fn coordinate(self, tx: &mut Tx<'_>, access: &Access) -> Result<(), Fault> {
        tx.act_for(self.founder);
        access.require_coordinator(self.id)
    }
}

/// Tells of the programmes.
pub(super) fn tell(history: &mut History<'_>) -> Result<(), DemoError> {
    let File { programme } = read("programmes.toml", FILE, history.today)?;
    for new in programme {
        let told = Told {
            id: history.fresh(),
            founder: history.organisations.find(&new.organisation)?.id,
            founded: new.founded,
            coordinator: history.people.find(&new.coordinator)?,
        };
        history.programmes.name(&new.key, told.id)?;
        let New { key, organisation, activated, closed, member, goal, period, .. } = &new;
        tell_founding(history, told, organisation, details(history, &new))?;
        member.iter().try_for_each(|member| tell_member(history, told, member))?;
        goal.iter().try_for_each(|goal| tell_goal(history, told, key, goal))?;
        period.iter().try_for_each(|period| tell_period(history, told, key, period))?;
        tell_transition(history, told, *activated, Programme::activate);
        if let Some(closed) = *closed {
            tell_transition(history, told, closed, Programme::close);
        }
    }
    Ok(())
}

fn details(history: &History<'_>, new: &New) -> Details {
    Details {
        title: new.title.clone(),
        description: Some(new.description.clone()),
        starts_on: history.date(new.starts_on),
        ends_on: history.date(new.ends_on),
        area: new.area.clone(),
    }
}

fn tell_founding(history: &mut History<'_>, told: Told, organisation: &str, details: Details) -> Result<(), DemoError> {
    let admin = history.person(organisation, Role::Admin)?;
    let Told { id, founder, founded, coordinator } = told;
    history.on(founded, admin, "a programme", move |tx, access| {
        access.require(founder, Role::Admin)?;
        let programme = Programme::new(id, details.clone(), founder, date_of(tx.now()), tx.now())?;
        programmes::create(tx, &programme)?;
        programmes::coordinators::appoint_first(tx, id, access.principal)
    });
    history.on(founded, admin, "a coordinator", move |tx, access| {
        let programme = told.lock(tx, access)?;
        programmes::coordinators::appoint(tx, programme, coordinator.id).map(drop)
    });
    Ok(())
}

fn tell_member(history: &mut History<'_>, told: Told, new: &NewMember) -> Result<(), DemoError> {
    let NewMember { organisation, role, joined_on, left_on } = new;
    let known = history.organisations.find(organisation)?;
    // Who is not in the service yet joins later.
    let on = if history.date(known.since) > history.date(told.founded) { known.since } else { told.founded };
    let joins = Terms { organisation_id: known.id, role: *role, joined_on: history.date(*joined_on), left_on: None };
    let set = |history: &mut History<'_>, on: Day, terms: Terms| {
        history.on(on, told.coordinator, format!("the member {organisation}"), move |tx, access| {
            let programme = told.lock(tx, access)?.with_member(terms, date_of(tx.now()), tx.now())?;
            programmes::save_member(tx, &programme, terms.organisation_id, MemberChange::Terms)
        });
    };
    set(history, on, joins);
    let admin = history.person(organisation, Role::Admin)?;
    if known.id != told.founder {
        history.on(on, admin, format!("{organisation} joins"), move |tx, access| {
            access.require(known.id, Role::Admin)?;
            tx.act_for(known.id);
            let programme = programmes::lock(tx, access.scope(), told.id)?;
            let programme = programme.joined(known.id, date_of(tx.now()), tx.now())?;
            programmes::save_member(tx, &programme, known.id, MemberChange::Joined)
        });
    }
    if let Some(day) = *left_on {
        let leaves = Terms { left_on: Some(history.date(day)), ..joins };
        set(history, day, leaves);
    }
    Ok(())
}

fn tell_goal(history: &mut History<'_>, told: Told, programme: &str, new: &NewGoal) -> Result<(), DemoError> {
    let NewGoal { code, parent, title, description } = new;
    let id: GoalId = history.fresh();
    let parent_id = parent.as_ref().map(|code| history.goals.find(&format!("{programme}/{code}"))).transpose()?;
    history.goals.name(format!("{programme}/{code}"), id)?;
    let (code, title, description) = (code.clone(), title.clone(), description.clone());
    history.on(told.founded, told.coordinator, format!("the goal {code}"), move |tx, access| {
        let programme = told.lock(tx, access)?;
        let (tree, position) = goals::tree(tx, programme.id)?;
        let (code, title, description) = (code.clone(), title.clone(), description.clone());
        let details = goal_rules::Details { parent_id, code, title, description, position };
        let goal = Goal::new(id, programme.id, details, tx.now())?;
        tree.refuse_parent(id, parent_id)?;
        goals::create(tx, &programme.open()?.touched(tx.now()), &goal)
    });
    Ok(())
}

fn tell_period(history: &mut History<'_>, told: Told, programme: &str, new: &NewPeriod) -> Result<(), DemoError> {
    let id: PeriodId = history.fresh();
    history.periods.name(format!("{programme}/{}", new.code), id)?;
    let details = period_rules::Details {
        code: new.code.clone(),
        kind: new.kind,
        starts_on: history.date(new.starts_on),
        ends_on: history.date(new.ends_on),
        opens_on: history.date(new.opens_on),
        due_on: history.date(new.due_on),
        locked: false,
    };
    history.on(told.founded, told.coordinator, format!("the period {}", new.code), move |tx, access| {
        let programme = told.lock(tx, access)?;
        let period = Period::new(id, programme.id, details.clone(), tx.now())?;
        reporting_periods::create(tx, &programme.open()?.touched(tx.now()), &period)
    });
    for NewExtension { organisation, granted, until } in &new.extension {
        let organisation_id = history.organisations.find(organisation)?.id;
        let extension = Extension { organisation_id, until: history.date(*until) };
        history.on(*granted, told.coordinator, "an extension", move |tx, access| {
            let (period, programme) = reporting_periods::lock(tx, access.scope(), id)?;
            told.coordinate(tx, access)?;
            let period = period.extended(extension, tx.now());
            reporting_periods::save_extension(tx, &programme.touched(tx.now()), &period, organisation_id)
        });
    }
    if let Some(locked) = new.locked {
        history.on(locked, told.coordinator, format!("the lock of {}", new.code), move |tx, access| {
            let (period, programme) = reporting_periods::lock(tx, access.scope(), id)?;
            told.coordinate(tx, access)?;
            let details = period_rules::Details { locked: true, ..period.details.clone() };
            let period = period.changed(details, tx.now())?;
            reporting_periods::save(tx, &programme.touched(tx.now()), &period)
        });
    }
    Ok(())
}

fn tell_transition(
    history: &mut History<'_>,
    told: Told,
    on: Day,
    rule: fn(Programme, Instant) -> Result<Programme, Fault>,
) {
    history.on(on, told.coordinator, "a programme", move |tx, access| {
        let programme = rule(told.lock(tx, access)?, tx.now())?;
        programmes::save_status(tx, &programme)
    });
}
