//! `yhteen admin`: what the operator does on the machine itself, such as making the first accounts.

use super::{Failure, print};
use crate::app::Clock;
use crate::config::Settings;
use crate::setup::open_store;
use clap::Subcommand;
use yhteen_domain::fault::Refused;
use yhteen_domain::ids::{Id, OrganisationId};
use yhteen_domain::organisations::{Details, Organisation};
use yhteen_domain::text::{BusinessId, Localised, MunicipalityCode, Name, Text};
use yhteen_domain::vocabulary::Vocabulary;
use yhteen_persistence::{Actor, Store, Tx, changes, organisations};

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Create an organisation
    CreateOrganisation(NewOrganisation),
    /// Start a new epoch of the change feed, after a restore from a backup: every consumer reads everything again
    NewFeedEpoch,
}

#[derive(Debug, clap::Args)]
pub(super) struct NewOrganisation {
    /// Its name in Finnish
    #[arg(long, required_unless_present_any = ["name_sv", "name_en"])]
    name_fi: Option<String>,
    /// Its name in Swedish
    #[arg(long)]
    name_sv: Option<String>,
    /// Its name in English
    #[arg(long)]
    name_en: Option<String>,
    /// What sort it is, such as `municipality`
    #[arg(long)]
    kind: String,
    /// Y-tunnus
    #[arg(long)]
    business_id: Option<String>,
    /// Statistics Finland's code, for a municipality
    #[arg(long)]
    municipality_code: Option<String>,
    /// The organisation that it is a part of
    #[arg(long, value_name = "ID")]
    parent: Option<OrganisationId>,
}

/// Carries out a command.
pub(super) fn run(command: Command, settings: &Settings) -> Result<(), Failure> {
    let store = open_store(settings)?;
    match command {
        Command::CreateOrganisation(new) => create_organisation(&store, new),
        Command::NewFeedEpoch => {
            let epoch = uuid::Uuid::now_v7().to_string();
            let done = format!("The change feed has a new epoch: {epoch}\n");
            write(&store, move |tx| changes::begin_epoch(tx, &epoch))?;
            print(&done)
        }
    }
}

/// One write, by nobody who is signed in.
fn write<T: Send + 'static>(
    store: &Store,
    work: impl Fn(&mut Tx<'_>) -> Result<T, yhteen_persistence::Error> + Send + Sync + 'static,
) -> Result<T, Failure> {
    let write = store.write(Actor::default(), Clock::system().now(), work);
    Ok(actix_web::rt::System::new().block_on(write)?)
}

fn create_organisation(store: &Store, new: NewOrganisation) -> Result<(), Failure> {
    let id = OrganisationId::from_uuid(uuid::Uuid::now_v7());
    let details = details(new)?;
    write(store, move |tx| {
        let organisation = Organisation::new(id, details.clone(), tx.now())?;
        organisations::create(tx, &organisation)
    })?;
    print(&format!("organisation {id}\n"))
}

fn details(new: NewOrganisation) -> Result<Details, Failure> {
    let NewOrganisation { name_fi, name_sv, name_en, kind, business_id, municipality_code, parent } = new;
    let name: Name = Localised {
        fi: parsed("--name-fi", name_fi, Text::parse)?,
        sv: parsed("--name-sv", name_sv, Text::parse)?,
        en: parsed("--name-en", name_en, Text::parse)?,
    };
    Ok(Details {
        name,
        kind: word("--kind", &kind)?,
        business_id: parsed("--business-id", business_id, BusinessId::parse)?,
        municipality_code: parsed("--municipality-code", municipality_code, MunicipalityCode::parse)?,
        parent_id: parent,
        umbrella_id: None,
        contact_email: None,
        website: None,
        valid_from: None,
        valid_to: None,
        successor_id: None,
        succeeded_on: None,
    })
}

/// A value of a vocabulary, or the list of what it may be.
fn word<T: Vocabulary>(name: &'static str, given: &str) -> Result<T, Failure> {
    T::from_word(given).ok_or_else(|| {
        let all: Vec<_> = T::ALL.iter().map(|value| value.as_str()).collect();
        Failure::Argument { name, error: format!("must be one of {}", all.join(", ")) }
    })
}

fn parsed<T>(
    name: &'static str,
    given: Option<String>,
    parse: impl Fn(&str) -> Result<T, Refused>,
) -> Result<Option<T>, Failure> {
    let value = given.map(|given| parse(&given)).transpose();
    value.map_err(|refused| Failure::Argument { name, error: refused.detail.into_owned() })
}
