//! The demo's actions with their participants and decision steps: `actions-*.toml`.

mod proceedings;
mod steps;

use super::DemoError;
use super::files::{Day, read};
use super::history::{History, Person, Undertaking};
use serde::Deserialize;
use std::collections::BTreeSet;
use yhteen_domain::Fault;
use yhteen_domain::actions::participants::{ParticipantRole, require_carrier};
use yhteen_domain::actions::{Action, ActionVisibility, Details, PreventionLevel, StartGate, TargetGroup};
use yhteen_domain::ids::{ActionId, OrganisationId, ProgrammeId};
use yhteen_domain::roles::Role;
use yhteen_domain::text::{MunicipalityCode, Name, Prose, ShortCode, Tag};
use yhteen_domain::time::{Instant, date_of};
use yhteen_persistence::scope::Access;
use yhteen_persistence::{Error, Tx, actions, programmes, standings};

/// The files by their names.
const FILES: [(&str, &str); 2] = [
    ("actions-2020.toml", include_str!("../../demo/actions-2020.toml")),
    ("actions-present.toml", include_str!("../../demo/actions-present.toml")),
];

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    action: Vec<New>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct New {
    key: String,
    programme: String,
    /// Who is accountable.
    organisation: String,
    code: ShortCode,
    title: Name,
    description: Prose,
    goals: Vec<String>,
    visibility: ActionVisibility,
    starts_on: Option<Day>,
    ends_on: Option<Day>,
    start_gate: Option<StartGate>,
    target_groups: BTreeSet<TargetGroup>,
    prevention_level: PreventionLevel,
    area: BTreeSet<MunicipalityCode>,
    #[serde(default)]
    tags: BTreeSet<Tag>,
    created: Day,
    proposed: Option<Day>,
    agreed: Option<Day>,
    started: Option<Day>,
    held: Option<Day>,
    resumed: Option<Day>,
    completed: Option<Day>,
    cancelled: Option<Day>,
    #[serde(default)]
    participant: Vec<NewParticipant>,
    #[serde(default)]
    step: Vec<steps::New>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct NewParticipant {
    organisation: String,
    roles: BTreeSet<ParticipantRole>,
    invited: Day,
    committed: Option<Day>,
    declined: Option<Day>,
    withdrawn: Option<Day>,
    /// Who acts for it from its end on.
    successor: Option<String>,
}

/// An action whose history is being told.
#[derive(Clone, Copy)]
struct Told {
    id: ActionId,
    programme: ProgrammeId,
    accountable: OrganisationId,
    /// The editor of the accountable organisation.
    editor: Person,
}

impl Told {
    /// The action, locked, for the accountable organisation.
    fn lock(self, tx: &mut Tx<'_>, access: &Access) -> Result<Action, Error> {
        let action = actions::lock(tx, access.scope(), self.id)?;
        access.require(self.accountable, Role::Editor)?;
        tx.act_for(self.accountable);
        Ok(action)
    }
}

/// Tells of the actions.
pub(super) fn tell(history: &mut History<'_>) -> Result<(), DemoError> {
    for (name, text) in FILES {
        let File { action } = read(name, text, history.today)?;
        action.into_iter().try_for_each(|new| tell_action(history, new))?;
    }
    Ok(())
}

fn tell_action(history: &mut History<'_>, new: New) -> Result<(), DemoError> {
    let told = Told {
        id: history.fresh(),
        programme: history.programmes.find(&new.programme)?,
        accountable: history.organisations.find(&new.organisation)?.id,
        editor: history.person(&new.organisation, Role::Editor)?,
    };
    history.actions.name(&new.key, Undertaking { id: told.id, programme: new.programme.clone() })?;
    tell_creation(history, told, &new)?;
    new.participant.iter().try_for_each(|participant| tell_invitation(history, told, participant))?;
    new.step.iter().try_for_each(|step| steps::tell(history, told, &new.key, new.created, step))?;
    tell_transition(history, told, new.proposed, "action.proposed", Action::propose);
    new.participant.iter().try_for_each(|participant| tell_answers(history, told, participant))?;
    tell_transition(history, told, new.agreed, "action.agreed", Action::agree);
    tell_start(history, told, new.started);
    tell_transition(history, told, new.held, "action.held", Action::hold);
    tell_transition(history, told, new.resumed, "action.resumed", Action::resume);
    tell_transition(history, told, new.completed, "action.completed", Action::complete);
    tell_transition(history, told, new.cancelled, "action.cancelled", Action::cancel);
    Ok(())
}

fn tell_creation(history: &mut History<'_>, told: Told, new: &New) -> Result<(), DemoError> {
    let goals = new.goals.iter().map(|code| history.goals.find(&format!("{}/{code}", new.programme)));
    let details = Details {
        code: new.code.clone(),
        title: new.title.clone(),
        description: Some(new.description.clone()),
        goals: goals.collect::<Result<_, _>>()?,
        visibility: new.visibility,
        starts_on: new.starts_on.map(|day| history.date(day)),
        ends_on: new.ends_on.map(|day| history.date(day)),
        start_gate: new.start_gate.unwrap_or(StartGate::Decided),
        target_groups: new.target_groups.clone(),
        prevention_level: Some(new.prevention_level),
        area: new.area.clone(),
        tags: new.tags.clone(),
    };
    history.on(new.created, told.editor, format!("the action {}", new.key), move |tx, access| {
        access.require(told.accountable, Role::Editor)?;
        tx.act_for(told.accountable);
        let programme = actions::refer_to_programme(tx, access.scope(), told.programme)?;
        require_carrier(&programme, told.accountable, date_of(tx.now()))?;
        actions::check_goals(tx, programme.id, &details.goals)?;
        let action = Action::new(told.id, programme.open()?.id, told.accountable, details.clone(), tx.now())?;
        actions::create(tx, &action)
    });
    Ok(())
}

fn tell_invitation(history: &mut History<'_>, told: Told, new: &NewParticipant) -> Result<(), DemoError> {
    let organisation = history.organisations.find(&new.organisation)?.id;
    let roles = new.roles.clone();
    history.on(new.invited, told.editor, format!("inviting {}", new.organisation), move |tx, access| {
        let programme = programmes::share(tx, told.programme)?;
        require_carrier(&programme, organisation, date_of(tx.now()))?;
        let action = told.lock(tx, access)?.invite(organisation, roles.clone(), tx.now())?;
        actions::save(tx, &action, "action.participant_invited")
    });
    Ok(())
}

/// A rule on what an organisation says of its own part.
type Answer = fn(Action, OrganisationId, Instant) -> Result<Action, Fault>;

fn tell_answers(history: &mut History<'_>, told: Told, new: &NewParticipant) -> Result<(), DemoError> {
    let organisation = history.organisations.find(&new.organisation)?.id;
    let own = history.person(&new.organisation, Role::Editor)?;
    let heir = history.person(new.successor.as_ref().unwrap_or(&new.organisation), Role::Editor)?;
    let answers: [(Option<Day>, Person, &'static str, Answer); 3] = [
        (new.committed, own, "action.participant_committed", Action::commit),
        (new.declined, own, "action.participant_declined", Action::decline),
        (new.withdrawn, heir, "action.participant_withdrawn", Action::withdraw),
    ];
    for (on, by, kind, rule) in answers {
        let Some(on) = on else { continue };
        history.on(on, by, format!("{kind} {}", new.organisation), move |tx, access| {
            let action = actions::lock(tx, access.scope(), told.id)?;
            access.require(organisation, Role::Editor)?;
            tx.act_for(organisation);
            actions::save(tx, &rule(action, organisation, tx.now())?, kind)
        });
    }
    Ok(())
}

fn tell_transition(
    history: &mut History<'_>,
    told: Told,
    on: Option<Day>,
    kind: &'static str,
    rule: fn(Action, Instant) -> Result<Action, Fault>,
) {
    let Some(on) = on else { return };
    history.on(on, told.editor, kind, move |tx, access| {
        let action = rule(told.lock(tx, access)?, tx.now())?;
        actions::save(tx, &action, kind)
    });
}

fn tell_start(history: &mut History<'_>, told: Told, on: Option<Day>) {
    let Some(on) = on else { return };
    history.on(on, told.editor, "action.started", move |tx, access| {
        let action = told.lock(tx, access)?;
        let now = tx.now();
        let readiness = standings::decisions(tx, access.scope(), &action, now)?.readiness;
        actions::save(tx, &action.start(&readiness, now)?, "action.started")
    });
}
