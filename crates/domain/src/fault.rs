//! The one way in which a rule says no.
//!
//! A [`Fault`] is neutral of transport: its [`Kind`] decides what the caller is told (the HTTP crate has the one
//! table from kind to status), its [`Code`] is the stable name of what went wrong.

use crate::text::Language;
use std::borrow::Cow;

/// A sentence for people, in each language of the service. [`message!`](crate::message) writes one.
#[derive(Clone, Debug, PartialEq, Eq)]
// Boxed, so that a result which may be a refusal stays small.
pub struct Message(Box<Sentences>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Sentences {
    fi: Cow<'static, str>,
    sv: Cow<'static, str>,
    en: Cow<'static, str>,
}

/// A [`Message`]: `message!(fi: "…", sv: "…", en: "…")`, with values in braces as in `format!`.
#[macro_export]
macro_rules! message {
    (fi: $fi:literal, sv: $sv:literal, en: $en:literal $(,)?) => {
        $crate::fault::Message::new(format!($fi), format!($sv), format!($en))
    };
}

impl Message {
    /// The same sentence in three languages.
    pub fn new(
        fi: impl Into<Cow<'static, str>>,
        sv: impl Into<Cow<'static, str>>,
        en: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self(Box::new(Sentences { fi: fi.into(), sv: sv.into(), en: en.into() }))
    }

    /// The sentence in one language.
    pub fn in_language(&self, language: Language) -> &str {
        match language {
            Language::Fi => &self.0.fi,
            Language::Sv => &self.0.sv,
            Language::En => &self.0.en,
        }
    }

    /// The sentence with another one built around it, language by language.
    #[must_use]
    pub fn map(&self, around: impl Fn(Language, &str) -> String) -> Self {
        let of = |language| around(language, self.in_language(language));
        Self::new(of(Language::Fi), of(Language::Sv), of(Language::En))
    }
}

/// Logs and the command line speak English.
impl std::fmt::Display for Message {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0.en)
    }
}

/// A sentence that has not been translated yet: English in every language.
impl From<Cow<'static, str>> for Message {
    fn from(text: Cow<'static, str>) -> Self {
        Self::new(text.clone(), text.clone(), text)
    }
}

impl From<&str> for Message {
    fn from(text: &str) -> Self {
        Self::from(Cow::Owned(text.to_owned()))
    }
}

impl From<String> for Message {
    fn from(text: String) -> Self {
        Self::from(Cow::Owned(text))
    }
}

/// What sort of refusal a fault is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// The request cannot be read at all.
    Unreadable,
    /// The caller has not said, or not proved, who it is.
    Unauthenticated,
    /// The caller may know of the thing but lacks the right.
    Forbidden,
    /// There is no such thing, or the caller may not know of it.
    NotFound,
    /// The path has no such method.
    MethodNotAllowed,
    /// The request took too long to arrive.
    Timeout,
    /// A rule stands against the change in the present state.
    Conflict,
    /// What a cursor pointed at is gone: start again.
    Gone,
    /// The thing has changed since the version that the caller named.
    PreconditionFailed,
    /// The body is larger than allowed.
    TooLarge,
    /// The body is of a media type that is not understood.
    UnsupportedMediaType,
    /// The request was read, but says something that cannot be.
    Invalid,
    /// The version that the caller has seen must be named.
    PreconditionRequired,
    /// The caller asks more often than allowed.
    TooManyRequests,
    /// A defect of the service.
    Internal,
    /// The service cannot answer just now.
    Unavailable,
}

/// A stable name for one way of going wrong, with its labels.
#[derive(Debug, PartialEq, Eq)]
pub struct Code {
    /// The name, such as `action.not_draft`.
    pub name: &'static str,
    /// What sort of refusal it is.
    pub kind: Kind,
    /// The label in Finnish.
    pub fi: &'static str,
    /// The label in Swedish.
    pub sv: &'static str,
    /// The label in English.
    pub en: &'static str,
    /// When it arises and what to do, in English, for docs/errors.md.
    pub about: &'static str,
}

/// Declares the codes of one feature as constants, and `CODES` with all of them.
#[macro_export]
macro_rules! codes {
    ($($(#[doc = $doc:literal])+ $constant:ident = $kind:ident $name:literal { fi: $fi:literal, sv: $sv:literal, en: $en:literal })+) => {
        $(
            $(#[doc = $doc])+
            pub const $constant: $crate::Code = $crate::Code {
                name: $name,
                kind: $crate::Kind::$kind,
                fi: $fi,
                sv: $sv,
                en: $en,
                about: concat!($($doc, "\n"),+),
            };
        )+
        /// Every code of this feature.
        pub const CODES: &[&$crate::Code] = &[$(&$constant),+];
    };
}

/// One place at fault: a member of the body, a parameter, or a missing condition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Culprit {
    /// JSON Pointer into the body (`/title/fi`), or a parameter as `?name`; empty where neither applies.
    pub pointer: String,
    /// What is wrong there, as a stable name.
    pub code: Cow<'static, str>,
    /// What is wrong there, in words.
    pub detail: Message,
}

impl Culprit {
    /// A culprit at `pointer`.
    pub fn new(pointer: impl Into<String>, code: impl Into<Cow<'static, str>>, detail: impl Into<Message>) -> Self {
        Self { pointer: pointer.into(), code: code.into(), detail: detail.into() }
    }
}

/// A refusal: nothing was changed, and this is why.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}: {detail}", code.name)]
pub struct Fault {
    /// The stable name of what went wrong.
    pub code: &'static Code,
    /// This occurrence in words, fit for the caller's eyes.
    pub detail: Message,
    /// The places at fault, where there are any to name.
    pub culprits: Vec<Culprit>,
    /// The version that the thing has now, where the caller named another.
    pub version: Option<i64>,
    /// After how many seconds it may be worth trying again.
    pub retry_after: Option<u64>,
}

impl Fault {
    /// A fault with its code and a sentence on this occurrence.
    pub fn new(code: &'static Code, detail: impl Into<Message>) -> Self {
        Self { code, detail: detail.into(), culprits: Vec::new(), version: None, retry_after: None }
    }

    /// The same, with one more place at fault.
    #[must_use]
    pub fn at(
        mut self,
        pointer: impl Into<String>,
        code: impl Into<Cow<'static, str>>,
        detail: impl Into<Message>,
    ) -> Self {
        self.culprits.push(Culprit::new(pointer, code, detail));
        self
    }

    /// The same, with these places at fault.
    #[must_use]
    pub fn with(mut self, culprits: impl IntoIterator<Item = Culprit>) -> Self {
        self.culprits.extend(culprits);
        self
    }

    /// There is no such thing, or the caller may not know of it.
    pub fn not_found() -> Self {
        Self::new(&crate::codes::NOT_FOUND, "There is no such resource.")
    }

    /// The caller's version is not the present one, which is `version`.
    pub fn stale(version: i64) -> Self {
        let detail = format!("The resource has changed: its version is {version} now.");
        Self { version: Some(version), ..Self::new(&crate::codes::PRECONDITION_FAILED, detail) }
    }

    /// The same, to be tried again after this many seconds at the earliest.
    #[must_use]
    pub fn retry_after(self, seconds: u64) -> Self {
        Self { retry_after: Some(seconds), ..self }
    }

    /// A value that cannot be, at `pointer`.
    pub fn invalid(pointer: impl Into<String>, code: impl Into<Cow<'static, str>>, detail: impl Into<Message>) -> Self {
        let detail = detail.into();
        Self::new(&crate::codes::INVALID, detail.clone()).at(pointer, code, detail)
    }

    /// The caller may see the thing but lacks the right, which `detail` names.
    pub fn forbidden(detail: impl Into<Message>) -> Self {
        Self::new(&crate::codes::FORBIDDEN, detail)
    }
}

/// A value of the caller's that was refused when it was parsed: travels through serde as text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// Stable name, such as `too_long`.
    pub code: &'static str,
    /// The reason in words.
    pub detail: Message,
}

/// Stands between the languages while a refusal travels as text; no text of a caller's may contain it.
const BETWEEN: char = '\u{1e}';

impl Refused {
    /// A refusal with its stable name and the reason in words.
    pub fn new(code: &'static str, detail: impl Into<Message>) -> Self {
        Self { code, detail: detail.into() }
    }

    /// The refusal of the value at `pointer`.
    pub fn at(self, pointer: &str) -> Fault {
        Fault::invalid(pointer, self.code, self.detail)
    }

    /// Reads a refusal back from the text that it became on its way through serde.
    pub fn split(message: &str) -> Option<(&str, Message)> {
        let (code, detail) = message.strip_prefix('[')?.split_once("] ")?;
        let mut parts = detail.split(BETWEEN).map(str::to_owned);
        let (fi, sv, en) = (parts.next()?, parts.next()?, parts.next()?);
        Some((code, Message::new(fi, sv, en)))
    }
}

/// serde carries errors as text alone, so the code travels in brackets, and the languages side by side;
/// [`Refused::split`] is the way back.
impl std::fmt::Display for Refused {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { code, detail } = self;
        let Sentences { fi, sv, en } = &*detail.0;
        write!(f, "[{code}] {fi}{BETWEEN}{sv}{BETWEEN}{en}")
    }
}

impl std::error::Error for Refused {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_is_read_back_from_its_text_in_every_language() {
        let most = 40;
        let detail =
            message!(fi: "enintään {most} merkkiä", sv: "högst {most} tecken", en: "at most {most} characters");
        let refused = Refused::new("too_long", detail.clone());
        assert_eq!(Refused::split(&refused.to_string()), Some(("too_long", detail.clone())));
        assert_eq!(detail.in_language(Language::Sv), "högst 40 tecken");
        assert_eq!(Refused::split("invalid type: null"), None);
    }
}
