//! The demo's organisations: `organisations.toml`.

use super::DemoError;
use super::accounts::OPERATOR;
use super::files::{Day, read};
use super::history::{History, Known};
use crate::organisations::check_superiors;
use serde::Deserialize;
use yhteen_domain::ids::OrganisationId;
use yhteen_domain::organisations::{Details, Organisation};
use yhteen_domain::text::{BusinessId, Email, MunicipalityCode, Name, WebAddress};
use yhteen_domain::vocabulary::OrganisationKind;
use yhteen_persistence::organisations;

const FILE: &str = include_str!("../../demo/organisations.toml");

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    organisation: Vec<New>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct New {
    key: String,
    /// Since when it is in the service.
    since: Day,
    name: Name,
    kind: OrganisationKind,
    business_id: Option<BusinessId>,
    municipality_code: Option<MunicipalityCode>,
    umbrella: Option<String>,
    contact_email: Option<Email>,
    website: Option<WebAddress>,
    valid_from: Option<Day>,
    successor: Option<Successor>,
}

/// Who takes an organisation's place.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Successor {
    organisation: String,
    /// On which day it becomes known here.
    told: Day,
    /// The last day of the organisation; the successor has its rights from the next one.
    last: Day,
}

/// Tells of the organisations.
pub(super) fn tell(history: &mut History<'_>) -> Result<(), DemoError> {
    let File { organisation } = read("organisations.toml", FILE, history.today)?;
    let operator = history.people.find(OPERATOR)?;
    for new in &organisation {
        let known = Known {
            key: new.key.clone(),
            id: history.fresh(),
            kind: new.kind,
            name: new.name.clone(),
            since: new.since,
        };
        history.organisations.name(&new.key, known)?;
    }
    let mut successions = Vec::new();
    for new in organisation {
        let id = history.organisations.find(&new.key)?.id;
        let (key, since) = (new.key.clone(), new.since);
        successions.extend(new.successor.as_ref().map(|it| (id, it.told, it.last, it.organisation.clone())));
        let details = details(history, new)?;
        history.on(since, operator, format!("organisation {key}"), move |tx, _| {
            let organisation = Organisation::new(id, details.clone(), tx.now())?;
            check_superiors(tx, &organisation)?;
            organisations::create(tx, &organisation)
        });
    }
    for (id, told, last, successor) in successions {
        let successor = history.organisations.find(&successor)?.id;
        let last = history.date(last);
        history.on(told, operator, "succession", move |tx, _| {
            let organisation = organisations::lock(tx, id)?;
            let details = Details {
                valid_to: Some(last),
                successor_id: Some(successor),
                succeeded_on: last.succ_opt(),
                ..organisation.details.clone()
            };
            let organisation = organisation.changed(details, tx.now())?;
            check_superiors(tx, &organisation)?;
            organisations::save(tx, &organisation)
        });
    }
    Ok(())
}

fn details(history: &History<'_>, new: New) -> Result<Details, DemoError> {
    let New {
        key: _,
        since: _,
        name,
        kind,
        business_id,
        municipality_code,
        umbrella,
        contact_email,
        website,
        valid_from,
        successor: _,
    } = new;
    let umbrella_id: Option<OrganisationId> =
        umbrella.map(|key| history.organisations.find(&key)).transpose()?.map(|known| known.id);
    Ok(Details {
        name,
        kind,
        business_id,
        municipality_code,
        parent_id: None,
        umbrella_id,
        contact_email,
        website,
        valid_from: valid_from.map(|day| history.date(day)),
        valid_to: None,
        successor_id: None,
        succeeded_on: None,
    })
}
