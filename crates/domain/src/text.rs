//! Texts and names as values that cannot be wrong: parsed once at the edge, never checked again.

use crate::fault::Refused;
use crate::message;
use chrono::NaiveTime;
use chrono_tz::Tz;
use serde::{Deserialize, Deserializer, Serialize};
use unicode_normalization::UnicodeNormalization;
use utoipa::openapi::{ObjectBuilder, OneOfBuilder, Ref, RefOr, Schema, schema::Type};

/// The greatest length of a name, in characters.
pub const NAME: usize = 200;
/// The greatest length of a text, in characters.
pub const TEXT: usize = 10_000;

/// The characters that embed, override or isolate a direction of writing (Unicode Standard Annex 9, section 2).
const BIDIRECTIONAL: [char; 9] =
    ['\u{202A}', '\u{202B}', '\u{202C}', '\u{202D}', '\u{202E}', '\u{2066}', '\u{2067}', '\u{2068}', '\u{2069}'];

/// A text of 1 to `MAX` characters in Unicode normal form C without control characters.
///
/// Line breaks and tabs are allowed where `MAX` is above [`NAME`].
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct Text<const MAX: usize>(String);

impl<const MAX: usize> Text<MAX> {
    /// Parses a text: normalises it to NFC and trims white space around it.
    pub fn parse(text: &str) -> Result<Self, Refused> {
        let text: String = text.trim().nfc().collect();
        let lines = MAX > NAME;
        if text.is_empty() {
            return Err(Refused::new("empty", "must not be empty"));
        }
        if text.chars().count() > MAX {
            return Err(Refused::new("too_long", format!("must have at most {MAX} characters")));
        }
        if text.chars().any(|c| c.is_control() && !(lines && matches!(c, '\n' | '\r' | '\t'))) {
            return Err(Refused::new("control_character", "must not contain control characters"));
        }
        // They reverse what the reader sees: "gpj.exe" for "exe.jpg" (Unicode Technical Report 36, section 3.5.1).
        if text.chars().any(|c| BIDIRECTIONAL.contains(&c)) {
            let detail = message!(
                fi: "ei saa sisältää kirjoitussuuntaa vaihtavia ohjausmerkkejä",
                sv: "får inte innehålla styrtecken som byter skrivriktning",
                en: "must not contain control characters that change the direction of writing"
            );
            return Err(Refused::new("bidirectional_control", detail));
        }
        Ok(Self(text))
    }

    /// The text itself.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The text itself, as a string of its own.
    pub fn into_string(self) -> String {
        self.0
    }
}

impl<const MAX: usize> std::fmt::Display for Text<MAX> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl<'de, const MAX: usize> Deserialize<'de> for Text<MAX> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::parse(&String::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}

impl<const MAX: usize> utoipa::PartialSchema for Text<MAX> {
    fn schema() -> RefOr<Schema> {
        let (kind, pattern) = if MAX > NAME { ("text", LINES) } else { ("line of text", LINE) };
        let text = format!("A {kind} of at most {MAX} characters, without control characters");
        ObjectBuilder::new()
            .schema_type(Type::String)
            .description(Some(text))
            .min_length(Some(1))
            .max_length(Some(MAX))
            .pattern(Some(pattern))
            .examples([serde_json::Value::from("Yhteinen perhekeskus")])
            .into()
    }
}
impl<const MAX: usize> utoipa::ToSchema for Text<MAX> {
    // One name for each length: texts of two lengths are two schemas.
    fn name() -> std::borrow::Cow<'static, str> {
        format!("Text{MAX}").into()
    }
}

/// The shape of a line of text: something in it is no white space.
const LINE: &str = r"^[^\u0000-\u001F\u007F-\u009F\u202A-\u202E\u2066-\u2069]*[^\s\u0000-\u001F\u007F-\u009F\u202A-\u202E\u2066-\u2069][^\u0000-\u001F\u007F-\u009F\u202A-\u202E\u2066-\u2069]*$";
/// The same, with tabs and line breaks.
const LINES: &str = r"^[^\u0000-\u0008\u000B\u000C\u000E-\u001F\u007F-\u009F\u202A-\u202E\u2066-\u2069]*[^\s\u0000-\u001F\u007F-\u009F\u202A-\u202E\u2066-\u2069][^\u0000-\u0008\u000B\u000C\u000E-\u001F\u007F-\u009F\u202A-\u202E\u2066-\u2069]*$";

/// A name in no particular language.
pub type PlainName = Text<NAME>;
/// A text in no particular language.
pub type PlainText = Text<TEXT>;

/// A text for people in one or more of the languages of the service: at least one is present, and a missing
/// language is absent, never a placeholder.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct Localised<const MAX: usize> {
    /// Finnish.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fi: Option<Text<MAX>>,
    /// Swedish.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sv: Option<Text<MAX>>,
    /// English.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub en: Option<Text<MAX>>,
}

/// A localised name.
pub type Name = Localised<NAME>;
/// A localised text.
pub type Prose = Localised<TEXT>;

/// A language of the service (ISO 639-1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Language {
    /// Finnish.
    Fi,
    /// Swedish.
    Sv,
    /// English.
    #[default]
    En,
}

impl crate::vocabulary::Vocabulary for Language {
    const ALL: &'static [Self] = &[Self::Fi, Self::Sv, Self::En];
    fn as_str(self) -> &'static str {
        match self {
            Self::Fi => "fi",
            Self::Sv => "sv",
            Self::En => "en",
        }
    }
}

impl<const MAX: usize> Localised<MAX> {
    /// The text in `language`, else in the first language there is of Finnish, Swedish and English.
    pub fn in_language(&self, language: Language) -> &str {
        let wanted = match language {
            Language::Fi => &self.fi,
            Language::Sv => &self.sv,
            Language::En => &self.en,
        };
        [wanted, &self.fi, &self.sv, &self.en].into_iter().flatten().next().map_or("", Text::as_str)
    }

    /// The same, where it is there in one language at least.
    fn with_a_language(self) -> Result<Self, Refused> {
        if self.fi.is_none() && self.sv.is_none() && self.en.is_none() {
            let detail = message!(
                fi: "tarvitsee tekstin vähintään yhdellä kielistä fi, sv ja en",
                sv: "behöver en text på minst ett av språken fi, sv och en",
                en: "needs a text in at least one of the languages fi, sv and en"
            );
            return Err(Refused::new("no_language", detail));
        }
        Ok(self)
    }

    /// A text in Finnish alone.
    pub fn fi(text: &str) -> Result<Self, Refused> {
        Ok(Self { fi: Some(Text::parse(text)?), sv: None, en: None })
    }
}

impl<'de, const MAX: usize> Deserialize<'de> for Localised<MAX> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // A language given as null is the same as one left out.
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields, expecting = "an object with fi, sv or en")]
        struct Wire<const MAX: usize> {
            fi: Option<Text<MAX>>,
            sv: Option<Text<MAX>>,
            en: Option<Text<MAX>>,
        }
        let Wire { fi, sv, en } = Wire::<MAX>::deserialize(deserializer)?;
        Self { fi, sv, en }.with_a_language().map_err(serde::de::Error::custom)
    }
}

impl<const MAX: usize> utoipa::PartialSchema for Localised<MAX> {
    fn schema() -> RefOr<Schema> {
        let language = || Ref::from_schema_name(<Text<MAX> as utoipa::ToSchema>::name());
        ObjectBuilder::new()
            .description(Some("A text for people in one or more languages; a missing language is absent"))
            .examples([serde_json::json!({"fi": "Yhteinen perhekeskus", "sv": "Ett gemensamt familjecenter"})])
            .property("fi", language())
            .property("sv", language())
            .property("en", language())
            .min_properties(Some(1))
            .additional_properties(Some(utoipa::openapi::schema::AdditionalProperties::FreeForm(false)))
            .into()
    }
}
impl<const MAX: usize> utoipa::ToSchema for Localised<MAX> {
    fn name() -> std::borrow::Cow<'static, str> {
        match MAX {
            NAME => "LocalisedName".into(),
            TEXT => "LocalisedText".into(),
            _ => format!("LocalisedText{MAX}").into(),
        }
    }

    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        let name = <Text<MAX> as utoipa::ToSchema>::name().into_owned();
        schemas.push((name, <Text<MAX> as utoipa::PartialSchema>::schema()));
    }
}

/// Changes of a [`Localised`] text, as a merge patch has them (RFC 7396): a language that is absent stays, null removes
/// it, a text replaces it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object with fi, sv or en")]
pub struct LocalisedPatch<const MAX: usize> {
    #[serde(default, with = "serde_with::rust::double_option")]
    fi: Option<Option<Text<MAX>>>,
    #[serde(default, with = "serde_with::rust::double_option")]
    sv: Option<Option<Text<MAX>>>,
    #[serde(default, with = "serde_with::rust::double_option")]
    en: Option<Option<Text<MAX>>>,
}

/// Changes of a localised name.
pub type NamePatch = LocalisedPatch<NAME>;
/// Changes of a localised text.
pub type ProsePatch = LocalisedPatch<TEXT>;

impl<const MAX: usize> LocalisedPatch<MAX> {
    /// The text after the patch. Refused where no language would remain.
    pub fn apply(self, old: Option<Localised<MAX>>) -> Result<Localised<MAX>, Refused> {
        let Localised { fi, sv, en } = old.unwrap_or(Localised { fi: None, sv: None, en: None });
        Localised { fi: self.fi.unwrap_or(fi), sv: self.sv.unwrap_or(sv), en: self.en.unwrap_or(en) }.with_a_language()
    }
}

/// The patch after which there is this text and no other language.
impl<const MAX: usize> From<Localised<MAX>> for LocalisedPatch<MAX> {
    fn from(Localised { fi, sv, en }: Localised<MAX>) -> Self {
        Self { fi: Some(fi), sv: Some(sv), en: Some(en) }
    }
}

impl<const MAX: usize> utoipa::PartialSchema for LocalisedPatch<MAX> {
    fn schema() -> RefOr<Schema> {
        let language = || {
            let text = Ref::from_schema_name(<Text<MAX> as utoipa::ToSchema>::name());
            OneOfBuilder::new().item(ObjectBuilder::new().schema_type(Type::Null)).item(text)
        };
        ObjectBuilder::new()
            .description(Some(
                "Changes of a text for people: a language that is absent stays, null removes it; one at least remains",
            ))
            .examples([serde_json::json!({"sv": "Ett gemensamt familjecenter", "en": null})])
            .property("fi", language())
            .property("sv", language())
            .property("en", language())
            .additional_properties(Some(utoipa::openapi::schema::AdditionalProperties::FreeForm(false)))
            .into()
    }
}
impl<const MAX: usize> utoipa::ToSchema for LocalisedPatch<MAX> {
    fn name() -> std::borrow::Cow<'static, str> {
        format!("{}Patch", <Localised<MAX> as utoipa::ToSchema>::name()).into()
    }

    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        <Localised<MAX> as utoipa::ToSchema>::schemas(schemas);
    }
}

/// Declares string values with a parser and a documented shape.
#[macro_export]
macro_rules! string_values {
    ($($(#[doc = $doc:literal])+ $name:ident($pattern:literal, max = $max:literal, $example:literal) = $check:expr;)+) => {$(
        $(#[doc = $doc])+
        #[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// Parses the value, or says why it cannot be one.
            pub fn parse(text: &str) -> Result<Self, $crate::fault::Refused> {
                let check: fn(&str) -> Result<String, $crate::fault::Refused> = $check;
                check(text).map(Self)
            }

            /// The value as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                Self::parse(&<String as serde::Deserialize>::deserialize(deserializer)?).map_err(serde::de::Error::custom)
            }
        }

        impl utoipa::PartialSchema for $name {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
                utoipa::openapi::ObjectBuilder::new()
                    .schema_type(utoipa::openapi::schema::Type::String)
                    .description(Some($crate::vocabulary::described(concat!($($doc, "\n"),+), &[]).trim_end()))
                    .pattern(Some($pattern))
                    .max_length(Some($max))
                    .examples([serde_json::Value::from($example)])
                    .into()
            }
        }
        impl utoipa::ToSchema for $name {}
    )+};
}

string_values! {
    /// A code chosen by people for a programme, goal, action or reporting period: 1 to 40 letters, digits and
    /// `.`, `_`, `-`, beginning with a letter or digit.
    ShortCode("^[A-Za-z0-9ÅÄÖåäö][A-Za-z0-9ÅÄÖåäö._-]{0,39}$", max = 40, "A1.2") = short_code;

    /// A Finnish business id (Y-tunnus) whose check digit is right.
    BusinessId("^[0-9]{7}-[0-9]$", max = 9, "0161075-9") = business_id;

    /// A municipality's three-digit code (Statistics Finland).
    MunicipalityCode("^[0-9]{3}$", max = 3, "286") = municipality_code;

    /// An e-mail address (RFC 5321) of a functional mailbox.
    Email("^[^@\\s]+@[^@\\s]+$", max = 254, "kirjaamo@example.org") = email;

    /// An absolute address on the web (`http` or `https`).
    WebAddress("^https?://", max = 2000, "https://www.example.org/") = web_address;

    /// A time of day on the 24-hour clock, to the minute.
    ClockTime("^([01][0-9]|2[0-3]):[0-5][0-9]$", max = 5, "12:00") = clock_time;

    /// The name of a time zone in the IANA time zone database.
    ZoneName("^[A-Za-z0-9_+/-]+$", max = 40, "Europe/Helsinki") = zone_name;

    /// A word by which a meeting or a step is marked: lower-case letters, digits, `_` and `-`.
    Tag("^[a-z0-9åäö][a-z0-9åäö_-]{0,39}$", max = 40, "budget") = tag;
}

fn short_code(text: &str) -> Result<String, Refused> {
    let text: String = text.nfc().collect();
    let letter = |c: char| c.is_ascii_alphanumeric() || "ÅÄÖåäö".contains(c);
    let first = text.chars().next().is_some_and(letter);
    let rest = text.chars().all(|c| letter(c) || matches!(c, '.' | '_' | '-'));
    if first && rest && text.chars().count() <= 40 {
        return Ok(text);
    }
    Err(Refused::new("bad_code", "must be 1 to 40 letters, digits and . _ - and begin with a letter or digit"))
}

fn tag(text: &str) -> Result<String, Refused> {
    short_code(text)
        .ok()
        .filter(|text| !text.contains('.') && text.chars().all(|c| !c.is_uppercase()))
        .ok_or_else(|| Refused::new("bad_tag", "must be 1 to 40 lower-case letters, digits, _ and -"))
}

fn clock_time(text: &str) -> Result<String, Refused> {
    // The parser alone would take one digit, and a sign.
    let shape = text.len() == 5 && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b':');
    if shape && NaiveTime::parse_from_str(text, "%H:%M").is_ok() {
        return Ok(text.to_owned());
    }
    Err(Refused::new("bad_time_of_day", "must be a time of day such as 09:30"))
}

impl ClockTime {
    /// The time of day.
    pub fn time(&self) -> NaiveTime {
        NaiveTime::parse_from_str(&self.0, "%H:%M").unwrap_or(NaiveTime::MIN)
    }
}

fn zone_name(text: &str) -> Result<String, Refused> {
    match text.parse::<Tz>() {
        Ok(zone) => Ok(zone.name().to_owned()),
        Err(_) => Err(Refused::new("unknown_zone", "must be a time zone such as Europe/Helsinki")),
    }
}

impl ZoneName {
    /// The zone of Finland.
    pub fn helsinki() -> Self {
        Self(Tz::Europe__Helsinki.name().to_owned())
    }
}

fn business_id(text: &str) -> Result<String, Refused> {
    const WEIGHTS: [u32; 7] = [7, 9, 10, 5, 8, 4, 2];
    let shape = || Refused::new("bad_business_id", "must be a business id such as 0161075-9");
    let (digits, check) = text.split_once('-').ok_or_else(shape)?;
    if digits.len() != 7 || check.len() != 1 {
        return Err(shape());
    }
    let digits: Vec<u32> = digits.chars().map(|c| c.to_digit(10)).collect::<Option<_>>().ok_or_else(shape)?;
    let check = check.chars().next().and_then(|c| c.to_digit(10)).ok_or_else(shape)?;
    let sum: u32 = digits.iter().zip(WEIGHTS).map(|(digit, weight)| digit * weight).sum();
    // A remainder of 1 is never given out; 0 stands for itself; any other for its distance from 11.
    let expected = match sum % 11 {
        0 => Some(0),
        1 => None,
        remainder => Some(11 - remainder),
    };
    if expected == Some(check) {
        return Ok(text.to_owned());
    }
    Err(Refused::new("bad_check_digit", "has a wrong check digit"))
}

fn municipality_code(text: &str) -> Result<String, Refused> {
    if text.len() == 3 && text.bytes().all(|b| b.is_ascii_digit()) {
        return Ok(text.to_owned());
    }
    Err(Refused::new("bad_municipality_code", "must be a municipality code of three digits"))
}

fn email(text: &str) -> Result<String, Refused> {
    let valid = text.len() <= 254
        && !text.chars().any(char::is_control)
        && email_address::EmailAddress::parse_with_options(
            text,
            email_address::Options::default().without_display_text().without_domain_literal().with_required_tld(),
        )
        .is_ok();
    if valid {
        return Ok(text.to_lowercase());
    }
    Err(Refused::new("bad_email", "must be an e-mail address"))
}

fn web_address(text: &str) -> Result<String, Refused> {
    // The parser passes over what would stay in the text: white space around it, line breaks and tabs in it.
    let valid = text.len() <= 2000
        && !text.contains(|c: char| c.is_whitespace() || c.is_control())
        && url::Url::parse(text).is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
    // Whatever stands there is shown to everyone who sees the address.
    let open = url::Url::parse(text).is_ok_and(|url| !url.username().is_empty() || url.password().is_some());
    if valid && open {
        let detail = message!(
            fi: "ei saa sisältää käyttäjätunnusta eikä salasanaa",
            sv: "får inte innehålla användarnamn eller lösenord",
            en: "must not contain a user name or a password"
        );
        return Err(Refused::new("credentials_in_address", detail));
    }
    if valid {
        return Ok(text.to_owned());
    }
    Err(Refused::new("bad_web_address", "must be an http or https address"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_business_id_has_the_right_check_digit() {
        for good in ["0161075-9", "0112038-9", "1041090-0"] {
            assert!(BusinessId::parse(good).is_ok(), "{good}");
        }
        for bad in ["0161075-8", "161075-9", "0161075", "0161075-99", "016107A-9", "", "0161075-", "0000000-1"] {
            assert!(BusinessId::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_time_of_day_is_written_in_one_way() {
        for good in ["00:00", "09:30", "23:59"] {
            assert_eq!(ClockTime::parse(good).unwrap().time().format("%H:%M").to_string(), good);
        }
        for bad in ["", "9:30", "24:00", "12:60", "+1:30", " 9:30", "12.30", "12:30:00", "12:3", "1::30"] {
            assert_eq!(ClockTime::parse(bad).unwrap_err().code, "bad_time_of_day", "{bad}");
        }
    }

    #[test]
    fn a_web_address_is_what_a_browser_would_show() {
        for good in ["https://example.org/", "http://example.org:8080/a%20b?c=d#e", "https://pyhtää.example/"] {
            assert_eq!(WebAddress::parse(good).unwrap().as_str(), good);
        }
        let bad = ["", "example.org", "ftp://example.org/", "https://", "javascript:alert(1)", " https://example.org/"];
        for bad in
            bad.into_iter().chain(["https://example.org/\u{0}", "https://exam\nple.org/", "https://a b.example/"])
        {
            assert_eq!(WebAddress::parse(bad).unwrap_err().code, "bad_web_address", "{bad:?}");
        }
    }

    #[test]
    fn a_zone_is_one_of_the_database() {
        assert_eq!(ZoneName::parse("Europe/Helsinki"), Ok(ZoneName::helsinki()));
        for bad in ["", "europe/helsinki", "EET+2", "FLE Standard Time"] {
            assert_eq!(ZoneName::parse(bad).unwrap_err().code, "unknown_zone", "{bad}");
        }
    }

    #[test]
    fn a_text_is_normalised_and_bounded() {
        assert_eq!(Text::<NAME>::parse(" A\u{308}iti ").unwrap().as_str(), "Äiti");
        assert_eq!(Text::<NAME>::parse(&"ä".repeat(200)).unwrap().as_str().chars().count(), 200);
        for (bad, code) in
            [("", "empty"), (" \u{2003}", "empty"), ("a\u{0}b", "control_character"), ("a\nb", "control_character")]
        {
            assert_eq!(Text::<NAME>::parse(bad).unwrap_err().code, code, "{bad:?}");
        }
        assert_eq!(Text::<NAME>::parse(&"ä".repeat(201)).unwrap_err().code, "too_long");
        assert!(Text::<TEXT>::parse("a\nb\tc").is_ok());
    }

    #[test]
    fn a_localised_text_has_a_language() {
        let parse = serde_json::from_str::<Name>;
        assert_eq!(parse(r#"{"sv":"Talko","fi":null}"#).unwrap().in_language(Language::Fi), "Talko");
        for bad in ["{}", r#"{"fi":null}"#, r#"{"de":"Tag"}"#, r#"{"fi":""}"#, r#""Talkoot""#] {
            assert!(parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_patch_of_a_text_keeps_the_languages_that_it_does_not_name() {
        let check = |old: &str, patch: &str, expect: Option<&str>| {
            let old: Option<Name> = serde_json::from_str(old).unwrap();
            let patch: NamePatch = serde_json::from_str(patch).unwrap();
            let got = patch.clone().apply(old).ok().map(|name| serde_json::to_string(&name).unwrap());
            assert_eq!(got.as_deref(), expect, "{patch:?}");
        };
        check(r#"{"fi":"A","sv":"B"}"#, r#"{"en":"C"}"#, Some(r#"{"fi":"A","sv":"B","en":"C"}"#));
        check(r#"{"fi":"A","sv":"B"}"#, r#"{"fi":"C"}"#, Some(r#"{"fi":"C","sv":"B"}"#));
        check(r#"{"fi":"A","sv":"B"}"#, r#"{"sv":null}"#, Some(r#"{"fi":"A"}"#));
        check(r#"{"fi":"A","sv":"B"}"#, r#"{"fi":null,"sv":null,"en":"C"}"#, Some(r#"{"en":"C"}"#));
        check(r#"{"fi":"A"}"#, r#"{"fi":null}"#, None);
        check(r#"{"fi":"A"}"#, "{}", Some(r#"{"fi":"A"}"#));
        check("null", r#"{"sv":"B"}"#, Some(r#"{"sv":"B"}"#));
        check("null", "{}", None);
    }
}
