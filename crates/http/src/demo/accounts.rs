//! The demo's accounts: `accounts.toml`. Their password and secrets are public.

use super::DemoError;
use super::files::{Day, read};
use super::history::{History, Known, Person};
use crate::auth::secrets::hash_password;
use serde::Deserialize;
use std::fmt::Display;
use yhteen_domain::accounts::{Account, Password};
use yhteen_domain::fault::Refused;
use yhteen_domain::ids::PrincipalId;
use yhteen_domain::roles::{Role, TokenScope};
use yhteen_domain::text::{Email, Language, NAME, Text};
use yhteen_domain::time::Date;
use yhteen_domain::vocabulary::Vocabulary;
use yhteen_persistence::accounts;

/// By what name the operator is found.
pub(super) const OPERATOR: &str = "operator";

const NAME_OF_FILE: &str = "accounts.toml";
const FILE: &str = include_str!("../../demo/accounts.toml");

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    /// Of everyone.
    password: Password,
    /// The organisation whose accounts are shown at the start.
    shown: String,
    operator: Operator,
    /// Every organisation has an account for each.
    role: Vec<RoleAccount>,
    user: Vec<User>,
    client: Vec<Client>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Operator {
    since: Day,
    name: Text<NAME>,
    email: Email,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RoleAccount {
    role: Role,
    /// What the role is called after the name of the organisation.
    title: String,
}

/// A further person.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct User {
    key: String,
    organisation: String,
    role: Role,
    name: Text<NAME>,
    email: Email,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Client {
    id: PrincipalId,
    secret: String,
    organisation: String,
    role: Role,
    name: Text<NAME>,
    scopes: Vec<TokenScope>,
}

fn file(today: Date) -> Result<File, DemoError> {
    read(NAME_OF_FILE, FILE, today)
}

/// Tells of the operator, who is there before anyone else.
pub(super) fn tell_operator(history: &mut History<'_>) -> Result<(), DemoError> {
    let File { password, operator: Operator { since, name, email }, .. } = file(history.today)?;
    let hash = hash_password(&password)?;
    let operator = Person { id: history.fresh(), home: None };
    history.people.name(OPERATOR, operator)?;
    history.at(history.morning(since), None, "the operator", move |tx| {
        let account = Account::operator(operator.id, name.clone(), email.clone(), tx.now());
        accounts::create(tx, &account, Some(&hash))
    });
    Ok(())
}

/// Tells of the people and machines of the organisations.
pub(super) fn tell(history: &mut History<'_>) -> Result<(), DemoError> {
    let File { password, role: roles, user: users, client: clients, .. } = file(history.today)?;
    let hash = hash_password(&password)?;
    for organisation in history.organisations.all() {
        for RoleAccount { role, title } in &roles {
            let name = format!("{}, {title}", organisation.name.in_language(Language::Fi));
            let user = User {
                key: format!("{role}@{}", organisation.key),
                organisation: organisation.key.clone(),
                role: *role,
                name: parsed(Text::parse(&name))?,
                email: parsed(Email::parse(&mailbox(*role, &organisation.key)))?,
            };
            tell_user(history, user, &organisation, &hash)?;
        }
    }
    for user in users {
        let organisation = history.organisations.find(&user.organisation)?;
        tell_user(history, user, &organisation, &hash)?;
    }
    clients.into_iter().try_for_each(|client| tell_client(history, client))
}

fn tell_user(history: &mut History<'_>, user: User, home: &Known, hash: &str) -> Result<(), DemoError> {
    let User { key, organisation: _, role, name, email } = user;
    let person = Person { id: history.fresh(), home: Some(home.id) };
    // The operator makes the first administrator, who makes the others.
    let maker = match role {
        Role::Admin => history.people.find(OPERATOR)?,
        _ => history.person(&home.key, Role::Admin)?,
    };
    history.people.name(&key, person)?;
    let (home, since, hash) = (home.id, home.since, hash.to_owned());
    history.on(since, maker, format!("the account {key}"), move |tx, access| {
        if !access.operator {
            access.require(home, Role::Admin)?;
        }
        tx.act_for(home);
        let account = Account::user(person.id, home, name.clone(), email.clone(), [(home, role)].into(), tx.now());
        accounts::create(tx, &account, Some(&hash))
    });
    Ok(())
}

fn tell_client(history: &mut History<'_>, client: Client) -> Result<(), DemoError> {
    let Client { id, secret, organisation, role, name, scopes } = client;
    let Known { id: home, since, .. } = history.organisations.find(&organisation)?;
    let admin = history.person(&organisation, Role::Admin)?;
    let digest = history.app.keys.client_secret_digest(&secret);
    history.on(since, admin, format!("the client {id}"), move |tx, access| {
        access.require(home, Role::Admin)?;
        tx.act_for(home);
        let account = Account::client(id, home, name.clone(), scopes.clone(), [(home, role)].into(), tx.now());
        accounts::create(tx, &account, Some(&digest))
    });
    Ok(())
}

/// The address of whoever has a role in an organisation, which is its own: nobody's mail arrives there.
fn mailbox(role: Role, organisation: &str) -> String {
    format!("{role}@{organisation}.example")
}

fn parsed<T>(value: Result<T, Refused>) -> Result<T, DemoError> {
    value.map_err(|refused| DemoError::File { file: NAME_OF_FILE.to_owned(), error: refused.to_string() })
}

/// How to sign in, in words.
pub(super) fn credentials() -> Result<String, DemoError> {
    // No day is shown.
    let File { password, shown, operator, role: roles, user: users, client: clients } = file(Date::MIN)?;
    let mut lines = vec![
        "*** DEMO: everyone knows these accounts, from the source code. Put nothing real into it. ***".to_owned(),
        line("password", format!("{} (of every person)", password.reveal())),
    ];
    lines.extend(roles.iter().map(|it| line(it.role.as_str(), mailbox(it.role, &shown))));
    lines.extend(users.iter().map(|user| line(&user.key, &user.email)));
    lines.push(line(OPERATOR, operator.email));
    for Client { id, secret, .. } in clients {
        lines.push(line("client_id", id));
        lines.push(line("client_secret", secret));
    }
    Ok(lines.join("\n") + "\n")
}

fn line(what: &str, value: impl Display) -> String {
    format!("    {what:<14}{value}")
}
