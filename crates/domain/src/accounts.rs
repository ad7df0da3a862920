//! Accounts of people (users) and machines (clients).

use crate::fault::{Fault, Refused};
use crate::ids::{OrganisationId, PrincipalId};
use crate::message;
use crate::meta::Meta;
use crate::roles::{Role, TokenScope};
use crate::text::{Email, NAME, Text};
use crate::time::Instant;
use crate::vocabulary::Vocabulary;
use chrono::TimeDelta;
use serde::{Deserialize, Deserializer};
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use unicode_normalization::UnicodeNormalization;
use utoipa::openapi::{KnownFormat, ObjectBuilder, RefOr, Schema, SchemaFormat, schema::Type};

crate::codes! {
    /// The present password is another one.
    WRONG_PASSWORD = Invalid "account.wrong_password" { fi: "Väärä salasana", sv: "Fel lösenord", en: "Wrong password" }
    /// The account has no password: it is a machine's.
    NO_PASSWORD = Conflict "account.no_password" { fi: "Tilillä ei ole salasanaa", sv: "Kontot har inget lösenord", en: "The account has no password" }
    /// The one-time code is wrong, has been used, or has expired: ask an administrator for another one.
    WRONG_CODE = Invalid "account.wrong_code" { fi: "Kertakäyttökoodi ei kelpaa", sv: "Engångskoden godkändes inte", en: "The one-time code is not valid" }
    /// A machine's roles lie in its own organisation and the parts of it, nowhere else.
    OUTSIDE_ORGANISATION = Invalid "account.outside_organisation" { fi: "Rooli on organisaation ulkopuolella", sv: "Rollen ligger utanför organisationen", en: "The role lies outside the organisation" }
}

crate::vocabulary! {
    /// Who an account belongs to.
    AccountKind {
        /// A person, who signs in with e-mail address and password.
        User = "user",
        /// A machine, which signs in with its identifier and secret.
        Client = "client",
    }
}

/// An account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// Its identifier.
    pub id: PrincipalId,
    /// Version and times.
    pub meta: Meta,
    /// A person's or a machine's.
    pub kind: AccountKind,
    /// The organisation that it belongs to; the operator's belongs to none.
    pub organisation_id: Option<OrganisationId>,
    /// The person's or the machine's name.
    pub name: Text<NAME>,
    /// The address with which a person signs in.
    pub email: Option<Email>,
    /// The scopes that its tokens may carry at most.
    pub scopes: Vec<TokenScope>,
    /// Whether it runs the service.
    pub operator: bool,
    /// Since when it can no longer sign in.
    pub deactivated_at: Option<Instant>,
    /// Its roles by organisation.
    pub roles: Roles,
}

/// Roles by organisation.
pub type Roles = BTreeMap<OrganisationId, Role>;

/// What is to be different; what is absent stays.
#[derive(Clone, Debug, Default)]
pub struct Change {
    /// Another name.
    pub name: Option<Text<NAME>>,
    /// Another address to sign in with.
    pub email: Option<Email>,
    /// Other scopes.
    pub scopes: Option<Vec<TokenScope>>,
    /// Other roles.
    pub roles: Option<Roles>,
    /// Whether it may sign in.
    pub active: Option<bool>,
}

impl Account {
    /// A person's new account. What a person may do is a matter of roles alone, so its tokens may carry any scope.
    pub fn user(
        id: PrincipalId,
        organisation: OrganisationId,
        name: Text<NAME>,
        email: Email,
        roles: Roles,
        now: Instant,
    ) -> Self {
        Self {
            id,
            meta: Meta::new(now),
            kind: AccountKind::User,
            organisation_id: Some(organisation),
            name,
            email: Some(email),
            scopes: TokenScope::ALL.to_vec(),
            operator: false,
            deactivated_at: None,
            roles,
        }
    }

    /// The new account of someone who runs the service, and belongs to no organisation.
    pub fn operator(id: PrincipalId, name: Text<NAME>, email: Email, now: Instant) -> Self {
        Self {
            id,
            meta: Meta::new(now),
            kind: AccountKind::User,
            organisation_id: None,
            name,
            email: Some(email),
            scopes: TokenScope::ALL.to_vec(),
            operator: true,
            deactivated_at: None,
            roles: Roles::new(),
        }
    }

    /// A machine's new account.
    pub fn client(
        id: PrincipalId,
        organisation: OrganisationId,
        name: Text<NAME>,
        scopes: Vec<TokenScope>,
        roles: Roles,
        now: Instant,
    ) -> Self {
        Self {
            id,
            meta: Meta::new(now),
            kind: AccountKind::Client,
            organisation_id: Some(organisation),
            name,
            email: None,
            scopes,
            operator: false,
            deactivated_at: None,
            roles,
        }
    }

    /// Whether it can sign in.
    pub fn is_active(&self) -> bool {
        self.deactivated_at.is_none()
    }

    /// The organisations that the account concerns: its own, and those in which it has a role.
    pub fn organisations(&self) -> impl Iterator<Item = OrganisationId> {
        self.organisation_id.into_iter().chain(self.roles.keys().copied())
    }

    /// Whether someone who administers some organisations manages the account. Whoever manages an account can become its
    /// owner, so all that the owner may do must be in the manager's own hands: every organisation that it concerns. An
    /// account without an organisation of its own is the operator's, and nobody else's.
    pub fn is_managed_by(&self, administers: impl Fn(OrganisationId) -> bool) -> bool {
        self.organisation_id.is_some() && self.organisations().all(administers)
    }

    /// The scopes that come with what is new since `before`, or with a new account, to whoever holds it: all that its
    /// tokens may carry where it is new, has more of a role, another address, or may sign in again.
    pub fn scopes_granted(&self, before: Option<&Self>) -> Vec<TokenScope> {
        let Some(before) = before else { return self.scopes.clone() };
        let raised = self.roles.iter().any(|(organisation, role)| before.roles.get(organisation) < Some(role));
        let reactivated = self.is_active() && !before.is_active();
        if raised || reactivated || self.email != before.email {
            return self.scopes.clone();
        }
        self.scopes.iter().copied().filter(|scope| !before.scopes.contains(scope)).collect()
    }

    /// Whether this change of the account ends all its sign-ins.
    pub fn is_cut_off(&self, before: &Self) -> bool {
        (before.is_active() && !self.is_active()) || self.email != before.email
    }

    /// The same with something different; as it is where nothing is.
    #[must_use]
    pub fn patched(self, change: Change, now: Instant) -> Self {
        let changed = self.clone().changed(change, now);
        if (Self { meta: self.meta, ..changed.clone() }) == self { self } else { changed }
    }

    /// The same with something different, in its next version.
    #[must_use]
    pub fn changed(self, change: Change, now: Instant) -> Self {
        let Change { name, email, scopes, roles, active } = change;
        let deactivated_at = match active {
            None => self.deactivated_at,
            Some(true) => None,
            Some(false) => self.deactivated_at.or(Some(now)),
        };
        Self {
            meta: self.meta.changed(now),
            name: name.unwrap_or(self.name),
            email: email.or(self.email),
            scopes: scopes.unwrap_or(self.scopes),
            roles: roles.unwrap_or(self.roles),
            deactivated_at,
            ..self
        }
    }
}

/// Roles as a list of organisation and role, where no organisation is named twice.
pub fn distinct(given: impl IntoIterator<Item = (OrganisationId, Role)>) -> Result<Roles, Fault> {
    let mut roles = Roles::new();
    for (index, (organisation, role)) in given.into_iter().enumerate() {
        match roles.entry(organisation) {
            Entry::Vacant(entry) => drop(entry.insert(role)),
            Entry::Occupied(_) => {
                let pointer = format!("/roles/{index}/organisation_id");
                return Err(Fault::invalid(
                    pointer,
                    "duplicate",
                    message!(
                        fi: "Organisaatio on mainittu kahdesti.",
                        sv: "Organisationen nämns två gånger.",
                        en: "The organisation is named twice.",
                    ),
                ));
            }
        }
    }
    Ok(roles)
}

/// The roles after someone who administers some organisations has said how they are to be: what lies in others stays
/// as it is, and to name it is refused unless it is named as it is.
pub fn reassigned(held: &Roles, wanted: &Roles, administers: impl Fn(OrganisationId) -> bool) -> Result<Roles, Fault> {
    if wanted.iter().any(|(organisation, role)| !administers(*organisation) && held.get(organisation) != Some(role)) {
        return Err(Fault::forbidden(message!(
            fi: "Rooleja voi antaa vain organisaatioissa, joiden pääkäyttäjä olet.",
            sv: "Roller kan ges endast i organisationer som du administrerar.",
            en: "Roles can be given only in organisations that you administer.",
        ))
        .at(
            "/roles",
            "not_administered",
            message!(
                fi: "sisältää organisaation, jonka pääkäyttäjä et ole",
                sv: "innehåller en organisation som du inte administrerar",
                en: "names an organisation that you do not administer",
            ),
        ));
    }
    let others = held.iter().filter(|(organisation, _)| !administers(**organisation));
    Ok(others.chain(wanted).map(|(organisation, role)| (*organisation, *role)).collect())
}

/// How long a one-time code is good.
pub const CODE_LIFE: TimeDelta = TimeDelta::hours(24);

/// The least and the greatest length of a password, in characters.
pub const PASSWORD: std::ops::RangeInclusive<usize> = 10..=200;
/// How many different characters a password has at least.
const VARIETY: usize = 5;

/// A password that someone chose. It never shows itself, not even to a debugger's log.
#[derive(Clone, PartialEq, Eq)]
pub struct Password(String);

impl Password {
    /// Parses a new password: 10 to 200 characters, of which at least five differ, and none of those that everybody
    /// tries. It is normalised, since keyboards differ in how they write the same letter.
    pub fn parse(text: &str) -> Result<Self, Refused> {
        let text = normalised(text);
        let length = text.chars().count();
        if length < *PASSWORD.start() {
            let least = PASSWORD.start();
            return Err(Refused::new(
                "too_short",
                message!(
                    fi: "oltava vähintään {least} merkkiä",
                    sv: "måste ha minst {least} tecken",
                    en: "must have at least {least} characters"
                ),
            ));
        }
        if length > *PASSWORD.end() {
            let most = PASSWORD.end();
            return Err(Refused::new(
                "too_long",
                message!(
                    fi: "saa olla enintään {most} merkkiä",
                    sv: "får ha högst {most} tecken",
                    en: "must have at most {most} characters"
                ),
            ));
        }
        let mut letters: Vec<char> = text.chars().collect();
        letters.sort_unstable();
        letters.dedup();
        if letters.len() < VARIETY {
            return Err(Refused::new(
                "too_uniform",
                message!(
                    fi: "oltava vähintään {VARIETY} eri merkkiä",
                    sv: "måste ha minst {VARIETY} olika tecken",
                    en: "must have at least {VARIETY} different characters"
                ),
            ));
        }
        Ok(Self(text))
    }

    /// Refuses a password that anyone would try who knows the account: its name, its e-mail address or the part of that
    /// before the `@`, also backwards, in other case, with other punctuation, or with digits around it.
    pub fn refuse_like(&self, name: &str, email: &Email, pointer: &str) -> Result<(), Fault> {
        let (password, email) = (letters(&self.0), email.as_str());
        let local = email.split('@').next().unwrap_or_default();
        let is_like = |own: &str| {
            let own = letters(own);
            password == own || password == own.chars().rev().collect::<String>()
        };
        if [name, email, local].into_iter().any(is_like) {
            return Err(Fault::invalid(
                pointer,
                "like_account",
                message!(
                    fi: "ei saa olla tilin nimi eikä sähköpostiosoite",
                    sv: "får inte vara kontots namn eller e-postadress",
                    en: "must not be the name or the e-mail address of the account"
                ),
            ));
        }
        Ok(())
    }

    /// The password itself.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

/// What is left of a text without case, punctuation, and digits around it.
fn letters(text: &str) -> String {
    let kept: String = text.to_lowercase().chars().filter(|letter| letter.is_alphanumeric()).collect();
    kept.trim_matches(char::is_numeric).to_owned()
}

/// A password as it is hashed and verified: in Unicode normal form C.
pub fn normalised(password: &str) -> String {
    password.nfc().collect()
}

impl std::fmt::Debug for Password {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Password")
    }
}

impl<'de> Deserialize<'de> for Password {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::parse(&String::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}

impl utoipa::PartialSchema for Password {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::Password)))
            .min_length(Some(*PASSWORD.start()))
            .max_length(Some(*PASSWORD.end()))
            .into()
    }
}
impl utoipa::ToSchema for Password {}

#[cfg(test)]
mod tests {
    use super::*;

    fn organisation(number: u128) -> OrganisationId {
        uuid::Uuid::from_u128(number).into()
    }

    #[test]
    fn a_password_is_long_and_varied() {
        let check = |text: &str, code: Option<&str>| {
            assert_eq!(Password::parse(text).err().map(|refused| refused.code), code, "{text}");
        };
        check("correct horse", None);
        check("ääkköset kelpaavat", None);
        check(&"abcde".repeat(40), None);
        check("short", Some("too_short"));
        check("", Some("too_short"));
        check(&"abcde".repeat(41), Some("too_long"));
        check("aaaaaaaaaaaa", Some("too_uniform"));
        assert_eq!(Password::parse("a\u{308}iti on paras").unwrap().reveal(), "äiti on paras");
        assert_eq!(format!("{:?}", Password::parse("correct horse").unwrap()), "Password");
    }

    #[test]
    fn a_password_is_not_what_the_account_is_called() {
        let email = Email::parse("kirjaamo.kunta@example.org").unwrap();
        let check = |text: &str, fine: bool| {
            let refused = Password::parse(text).unwrap().refuse_like("Virve Virkanainen", &email, "/password");
            assert_eq!(refused.is_ok(), fine, "{text}");
        };
        check("Kirjaamo.Kunta@example.org", false);
        check("kirjaamo.kunta", false);
        check("Kirjaamo Kunta 2026!", false);
        check("atnuk.omaajrik", false);
        check("VIRVE VIRKANAINEN", false);
        check("neniaNAKRIV evriV", false);
        check("kirjaamo.kunta on salasana", true);
        check("Virve Virkanainen on hyvä", true);
    }

    #[test]
    fn an_account_is_managed_by_whoever_administers_all_that_it_concerns() {
        let (ours, theirs, now) = (organisation(1), organisation(2), "2026-03-02T12:00:00Z".parse().unwrap());
        let account = |roles: Roles| {
            let email = Email::parse("kirjaamo@example.org").unwrap();
            Account::user(uuid::Uuid::nil().into(), ours, Text::parse("Kirjaamo").unwrap(), email, roles, now)
        };
        let check = |roles: &[OrganisationId], administered: &[OrganisationId], expect: bool| {
            let account = account(roles.iter().map(|id| (*id, Role::Viewer)).collect());
            assert_eq!(account.is_managed_by(|id| administered.contains(&id)), expect, "{roles:?} {administered:?}");
        };
        check(&[], &[ours], true);
        check(&[], &[theirs], false);
        check(&[ours], &[ours], true);
        check(&[ours, theirs], &[ours], false);
        check(&[theirs], &[theirs], false);
        check(&[ours, theirs], &[ours, theirs], true);
        let email = Email::parse("operator@example.org").unwrap();
        let operator = Account::operator(uuid::Uuid::nil().into(), Text::parse("Ylläpito").unwrap(), email, now);
        assert!(!operator.is_managed_by(|_| true));
    }

    #[test]
    fn a_change_grants_what_it_adds() {
        use TokenScope::{ActionsRead, ActionsWrite, ReportsRead};
        let (ours, now) = (organisation(1), "2026-03-02T12:00:00Z".parse().unwrap());
        let roles = Roles::from([(ours, Role::Editor)]);
        let scopes = vec![ActionsRead, ActionsWrite];
        let before = Account::client(uuid::Uuid::nil().into(), ours, Text::parse("A").unwrap(), scopes, roles, now);
        let off = before.clone().changed(Change { active: Some(false), ..Change::default() }, now);
        let check = |before: &Account, change: Change, expect: &[TokenScope]| {
            assert_eq!(before.clone().changed(change, now).scopes_granted(Some(before)), expect);
        };
        let to = |role| Change { roles: Some(Roles::from([(ours, role)])), ..Change::default() };
        assert_eq!(before.scopes_granted(None), before.scopes);
        check(&before, Change { name: Some(Text::parse("B").unwrap()), ..Change::default() }, &[]);
        check(&before, Change { scopes: Some(vec![ActionsRead]), ..Change::default() }, &[]);
        check(&before, Change { scopes: Some(vec![ActionsRead, ReportsRead]), ..Change::default() }, &[ReportsRead]);
        check(&before, to(Role::Viewer), &[]);
        check(&before, to(Role::Admin), &[ActionsRead, ActionsWrite]);
        check(&before, Change { active: Some(false), ..Change::default() }, &[]);
        check(&off, Change { active: Some(true), ..Change::default() }, &[ActionsRead, ActionsWrite]);
    }

    #[test]
    fn roles_elsewhere_are_left_as_they_are() {
        let (ours, theirs) = (organisation(1), organisation(2));
        let held = Roles::from([(ours, Role::Viewer), (theirs, Role::Admin)]);
        let check = |wanted: &[(OrganisationId, Role)], expect: Option<&[(OrganisationId, Role)]>| {
            let got = reassigned(&held, &wanted.iter().copied().collect(), |id| id == ours).ok();
            assert_eq!(got, expect.map(|roles| roles.iter().copied().collect()), "{wanted:?}");
        };
        check(&[], Some(&[(theirs, Role::Admin)]));
        check(&[(ours, Role::Editor)], Some(&[(ours, Role::Editor), (theirs, Role::Admin)]));
        check(&[(theirs, Role::Admin)], Some(&[(theirs, Role::Admin)]));
        check(&[(theirs, Role::Viewer)], None);
        check(&[(organisation(3), Role::Viewer)], None);
    }

    #[test]
    fn an_organisation_is_named_once() {
        let one = organisation(1);
        let fault = distinct([(one, Role::Viewer), (one, Role::Admin)]).unwrap_err();
        assert_eq!(fault.culprits[0].pointer, "/roles/1/organisation_id");
    }
}
