//! Accounts of people (users) and machines (clients).

use crate::fault::{Fault, Refused};
use crate::ids::{OrganisationId, PrincipalId};
use crate::message;
use crate::meta::Meta;
use crate::roles::{Role, TokenScope};
use crate::text::{Email, NAME, Text};
use crate::time::Instant;
use crate::vocabulary::Vocabulary;
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

    /// The same with something different.
    #[must_use]
    pub fn changed(self, change: Change, now: Instant) -> Self {
        let Change { name, scopes, roles, active } = change;
        let deactivated_at = match active {
            None => self.deactivated_at,
            Some(true) => None,
            Some(false) => self.deactivated_at.or(Some(now)),
        };
        Self {
            meta: self.meta.changed(now),
            name: name.unwrap_or(self.name),
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

/// The least and the greatest length of a password, in characters.
pub const PASSWORD: std::ops::RangeInclusive<usize> = 10..=200;
/// How many different characters a password has at least.
const VARIETY: usize = 5;

/// A password that someone chose. It never shows itself, not even to a debugger's log.
#[derive(Clone, PartialEq, Eq)]
pub struct Password(String);

impl Password {
    /// Parses a new password: 10 to 200 characters, of which at least five differ. It is normalised, since keyboards
    /// differ in how they write the same letter.
    pub fn parse(text: &str) -> Result<Self, Refused> {
        let text = normalised(text);
        let length = text.chars().count();
        if length < *PASSWORD.start() {
            return Err(Refused::new(
                "too_short",
                message!(
                    fi: "on oltava vähintään {least} merkkiä pitkä",
                    sv: "måste ha minst {least} tecken",
                    en: "must have at least {least} characters",
                    least = PASSWORD.start(),
                ),
            ));
        }
        if length > *PASSWORD.end() {
            return Err(Refused::new(
                "too_long",
                message!(
                    fi: "saa olla enintään {most} merkkiä pitkä",
                    sv: "får ha högst {most} tecken",
                    en: "must have at most {most} characters",
                    most = PASSWORD.end(),
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
                    fi: "on sisällettävä vähintään {VARIETY} eri merkkiä",
                    sv: "måste innehålla minst {VARIETY} olika tecken",
                    en: "must have at least {VARIETY} different characters",
                ),
            ));
        }
        Ok(Self(text))
    }

    /// Refuses a password that anyone would try who knows the e-mail address.
    pub fn refuse_like(&self, email: &Email, pointer: &str) -> Result<(), Fault> {
        let (password, email) = (self.0.to_lowercase(), email.as_str());
        let local = email.split('@').next().unwrap_or_default();
        if password == email || password == local {
            return Err(Fault::invalid(
                pointer,
                "like_email",
                message!(
                    fi: "ei saa olla sähköpostiosoite",
                    sv: "får inte vara e-postadressen",
                    en: "must not be the e-mail address",
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
    fn a_password_is_not_the_address() {
        let email = Email::parse("kirjaamo.kunta@example.org").unwrap();
        let check = |text: &str, fine: bool| {
            assert_eq!(Password::parse(text).unwrap().refuse_like(&email, "/password").is_ok(), fine, "{text}");
        };
        check("Kirjaamo.Kunta@example.org", false);
        check("kirjaamo.kunta", false);
        check("kirjaamo.kunta on salasana", true);
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
