//! `yhteen admin`: what the operator does on the machine itself, such as making the first accounts.

use super::{Failure, print};
use crate::app::Clock;
use crate::auth::secrets::{generate_password, generate_secret, hash_password, refuse_guessable};
use crate::config::Settings;
use crate::setup::{keys, open_store};
use clap::Subcommand;
use std::io::BufRead;
use yhteen_domain::accounts::{Account, AccountKind, Change, Password};
use yhteen_domain::fault::Refused;
use yhteen_domain::ids::{Id, OrganisationId, PrincipalId, SuspensionId};
use yhteen_domain::organisations::{Details, Organisation};
use yhteen_domain::roles::{Role, TokenScope};
use yhteen_domain::text::{BusinessId, Email, Localised, MunicipalityCode, Name, PlainName, Text};
use yhteen_domain::vocabulary::Vocabulary;
use yhteen_persistence::suspensions::{self, Named};
use yhteen_persistence::{Actor, Store, Tx, accounts, changes, organisations, sessions};

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Create an organisation
    CreateOrganisation(NewOrganisation),
    /// Create a person's account; a password is made and shown once, unless one is given
    CreateUser(NewUser),
    /// Create a machine's account; its secret is made and shown once
    CreateClient(NewClient),
    /// Give a person another password and end all sign-ins; it is made and shown once, unless one is given
    ResetPassword {
        /// The e-mail address of the account
        #[arg(long)]
        email: String,
        /// Read the password from the first line of standard input
        #[arg(long)]
        password_stdin: bool,
    },
    /// Suspend an account or an organisation at once: it cannot sign in, or nobody reads or writes as it
    Suspend {
        #[command(flatten)]
        subject: Suspended,
        /// Why; the administrators concerned read it
        #[arg(long)]
        reason: String,
    },
    /// Lift a suspension
    LiftSuspension {
        #[command(flatten)]
        subject: Suspended,
    },
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

#[derive(Debug, clap::Args)]
pub(super) struct NewUser {
    /// The organisation to which the account belongs
    #[arg(long, value_name = "ID", required_unless_present = "operator", conflicts_with = "operator")]
    organisation: Option<OrganisationId>,
    /// The role there: `viewer`, `reporter`, `editor` or `admin`
    #[arg(long, default_value = "viewer", conflicts_with = "operator")]
    role: String,
    /// Someone who runs the service, and belongs to no organisation
    #[arg(long)]
    operator: bool,
    /// The person's name
    #[arg(long)]
    name: String,
    /// The e-mail address with which the person signs in
    #[arg(long)]
    email: String,
    /// Read the password from the first line of standard input
    #[arg(long)]
    password_stdin: bool,
}

/// What is suspended.
#[derive(Debug, clap::Args)]
#[group(required = true, multiple = false)]
pub(super) struct Suspended {
    /// An organisation
    #[arg(long, value_name = "ID")]
    organisation: Option<OrganisationId>,
    /// A person's account, by its e-mail address
    #[arg(long, value_name = "EMAIL")]
    user: Option<String>,
    /// A machine's account
    #[arg(long, value_name = "ID")]
    client: Option<PrincipalId>,
}

#[derive(Debug, clap::Args)]
pub(super) struct NewClient {
    /// The organisation to which the account belongs
    #[arg(long, value_name = "ID")]
    organisation: OrganisationId,
    /// The role there: `viewer`, `reporter`, `editor` or `admin`
    #[arg(long, default_value = "viewer")]
    role: String,
    /// The machine's name
    #[arg(long)]
    name: String,
    /// What its tokens may be used for at most, with commas between, such as `meetings:read,meetings:write`
    #[arg(long, required = true, value_delimiter = ',')]
    scopes: Vec<String>,
}

/// Carries out a command.
pub(super) fn run(command: Command, settings: &Settings) -> Result<(), Failure> {
    let store = open_store(settings)?;
    match command {
        Command::CreateOrganisation(new) => create_organisation(&store, new),
        Command::CreateUser(new) => create_user(&store, new),
        Command::CreateClient(new) => create_client(&store, settings, new),
        Command::ResetPassword { email, password_stdin } => reset_password(&store, &email, password_stdin),
        Command::Suspend { subject, reason } => suspend(&store, &subject, &reason),
        Command::LiftSuspension { subject } => {
            let subject = subject.parsed()?;
            write(&store, move |tx| {
                let named = subject.named(tx)?;
                suspensions::lift(tx, named)
            })?;
            print("The suspension is lifted.\n")
        }
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
        fi: parsed("--name-fi", name_fi.map(|text| Text::parse(&text)).transpose())?,
        sv: parsed("--name-sv", name_sv.map(|text| Text::parse(&text)).transpose())?,
        en: parsed("--name-en", name_en.map(|text| Text::parse(&text)).transpose())?,
    };
    Ok(Details {
        name,
        kind: word("--kind", &kind)?,
        business_id: parsed("--business-id", business_id.map(|text| BusinessId::parse(&text)).transpose())?,
        municipality_code: parsed(
            "--municipality-code",
            municipality_code.map(|text| MunicipalityCode::parse(&text)).transpose(),
        )?,
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

fn create_user(store: &Store, new: NewUser) -> Result<(), Failure> {
    let NewUser { organisation, role, operator: _, name, email, password_stdin } = new;
    let id = PrincipalId::from_uuid(uuid::Uuid::now_v7());
    let role: Role = word("--role", &role)?;
    let name = parsed("--name", Text::parse(&name))?;
    let email = parsed("--email", Email::parse(&email))?;
    let (password, shown) = password(password_stdin)?;
    refuse_guessable(&password, name.as_str(), &email, "password").map_err(yhteen_persistence::Error::from)?;
    let hash = hash_password(&password)?;
    write(store, move |tx| {
        let (name, email) = (name.clone(), email.clone());
        let account = match organisation {
            Some(home) => {
                tx.act_for(home);
                Account::user(id, home, name, email, [(home, role)].into(), tx.now())
            }
            None => Account::operator(id, name, email, tx.now()),
        };
        accounts::create(tx, &account, Some(&hash))
    })?;
    print(&format!("user {id}\n{shown}"))
}

fn create_client(store: &Store, settings: &Settings, new: NewClient) -> Result<(), Failure> {
    let NewClient { organisation, role, name, scopes } = new;
    let id = PrincipalId::from_uuid(uuid::Uuid::now_v7());
    let role: Role = word("--role", &role)?;
    let name = parsed("--name", Text::parse(&name))?;
    let scopes: Vec<TokenScope> = scopes.iter().map(|scope| word("--scopes", scope)).collect::<Result<_, _>>()?;
    let secret = generate_secret()?;
    let digest = keys(settings, &settings.public_url(settings.bind))?.client_secret_digest(&secret);
    write(store, move |tx| {
        tx.act_for(organisation);
        let roles = [(organisation, role)].into();
        let account = Account::client(id, organisation, name.clone(), scopes.clone(), roles, tx.now());
        accounts::create(tx, &account, Some(&digest))
    })?;
    print(&format!("client {id}\nsecret {secret}\n"))
}

fn reset_password(store: &Store, email: &str, password_stdin: bool) -> Result<(), Failure> {
    let email = parsed("--email", Email::parse(email))?;
    let (password, shown) = password(password_stdin)?;
    let hash = hash_password(&password)?;
    let id = write(store, move |tx| {
        let account = accounts::lock_by_email(tx, &email)?.changed(Change::default(), tx.now());
        refuse_guessable(&password, account.name.as_str(), &email, "password")?;
        accounts::save_secret(tx, &account, &hash)?;
        sessions::end_all(tx, account.id)?;
        Ok(account.id)
    })?;
    print(&format!("user {id}\n{shown}"))
}

/// What is suspended, once its parts have been read.
#[derive(Clone, Debug)]
enum Subject {
    Named(Named),
    Email(Email),
}

impl Suspended {
    fn parsed(&self) -> Result<Subject, Failure> {
        if let Some(id) = self.organisation {
            return Ok(Subject::Named(Named::Organisation(id)));
        }
        if let Some(id) = self.client {
            return Ok(Subject::Named(Named::Account(AccountKind::Client, id)));
        }
        parsed("--user", Email::parse(self.user.as_deref().unwrap_or_default())).map(Subject::Email)
    }
}

impl Subject {
    fn named(&self, tx: &mut Tx<'_>) -> Result<Named, yhteen_persistence::Error> {
        match self {
            Self::Named(named) => Ok(*named),
            Self::Email(email) => Ok(Named::Account(AccountKind::User, accounts::lock_by_email(tx, email)?.id)),
        }
    }
}

fn suspend(store: &Store, subject: &Suspended, reason: &str) -> Result<(), Failure> {
    let (subject, reason) = (subject.parsed()?, parsed("--reason", PlainName::parse(reason))?);
    let id = SuspensionId::from_uuid(uuid::Uuid::now_v7());
    let suspension = write(store, move |tx| {
        let named = subject.named(tx)?;
        suspensions::suspend(tx, id, named, &reason)
    })?;
    print(&format!("suspension {}\n", suspension.id))
}

/// A password, and the line that shows it: one that was given is not shown.
fn password(from_stdin: bool) -> Result<(Password, String), Failure> {
    if from_stdin {
        let mut line = String::new();
        std::io::stdin().lock().read_line(&mut line)?;
        let given = line.trim_end_matches(['\r', '\n']);
        return Ok((parsed("--password-stdin", Password::parse(given))?, String::new()));
    }
    let password = generate_password()?;
    let shown = format!("password {}\n", password.reveal());
    Ok((password, shown))
}

/// A value of a vocabulary, or the list of what it may be.
fn word<T: Vocabulary>(name: &'static str, given: &str) -> Result<T, Failure> {
    T::from_word(given).ok_or_else(|| {
        let all: Vec<_> = T::ALL.iter().map(|value| value.as_str()).collect();
        Failure::Argument { name, error: format!("must be one of {}", all.join(", ")) }
    })
}

fn parsed<T>(name: &'static str, value: Result<T, Refused>) -> Result<T, Failure> {
    value.map_err(|refused| Failure::Argument { name, error: refused.detail.to_string() })
}
