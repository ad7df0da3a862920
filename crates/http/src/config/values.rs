//! The values that settings have: each is read from a text, a number or a list, and says what it must be.

use ipnet::IpNet;
use secrecy::{ExposeSecret, SecretString};
use std::borrow::Cow;
use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::num::NonZeroU16;
use std::path::PathBuf;
use toml::Value;

/// A value of a setting.
pub(super) trait Setting: Sized {
    /// The value, or what it must be.
    fn read(value: &Value) -> Result<Self, String>;
    /// The value as it may be shown: without secrets.
    fn show(&self) -> Option<Value>;
}

fn text(value: &Value) -> Option<Cow<'_, str>> {
    match value {
        Value::String(text) => Some(text.as_str().into()),
        Value::Integer(number) => Some(number.to_string().into()),
        _ => None,
    }
}

fn parsed<T>(value: &Value, must_be: &str, parse: impl Fn(&str) -> Option<T>) -> Result<T, String> {
    text(value).and_then(|text| parse(&text)).ok_or_else(|| format!("must be {must_be}"))
}

/// A list, or one text with commas.
fn list<T>(value: &Value, must_be: &str, parse: impl Fn(&str) -> Option<T>) -> Result<Vec<T>, String> {
    let items: Option<Vec<T>> = match value {
        Value::Array(items) => items.iter().map(|item| parse(&text(item)?)).collect(),
        Value::String(items) => items.split(',').map(str::trim).filter(|item| !item.is_empty()).map(parse).collect(),
        _ => None,
    };
    items.ok_or_else(|| format!("must be {must_be}, with commas between"))
}

fn shown_list<T: fmt::Display>(items: &[T]) -> Value {
    items.iter().map(ToString::to_string).collect::<Vec<_>>().into()
}

impl Setting for SocketAddr {
    fn read(value: &Value) -> Result<Self, String> {
        parsed(value, "an address and a port, such as 127.0.0.1:8080", |text| text.parse().ok())
    }
    fn show(&self) -> Option<Value> {
        Some(self.to_string().into())
    }
}

impl Setting for Option<SocketAddr> {
    fn read(value: &Value) -> Result<Self, String> {
        SocketAddr::read(value).map(Some)
    }
    fn show(&self) -> Option<Value> {
        self.as_ref().and_then(SocketAddr::show)
    }
}

impl Setting for Vec<IpNet> {
    fn read(value: &Value) -> Result<Self, String> {
        let net = |text: &str| text.parse().or_else(|_| text.parse::<IpAddr>().map(IpNet::from)).ok();
        list(value, "addresses or networks, such as 10.0.0.7 or 10.0.0.0/8", net)
    }
    fn show(&self) -> Option<Value> {
        Some(shown_list(self))
    }
}

impl Setting for Option<PathBuf> {
    fn read(value: &Value) -> Result<Self, String> {
        // Empty: none, whatever a weaker source says.
        parsed(value, "the path of a file", |text| Some(Some(PathBuf::from(text)).filter(|_| !text.is_empty())))
    }
    fn show(&self) -> Option<Value> {
        self.as_ref().map(|path| path.display().to_string().into())
    }
}

/// The address of the database, which may hold a password.
#[derive(Clone)]
pub struct DatabaseUrl(SecretString);

impl DatabaseUrl {
    /// An SQLite database in a file.
    pub fn sqlite(path: &str) -> Self {
        Self(format!("sqlite:{path}").into())
    }

    /// The address itself, for the database alone.
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }

    /// Whether it holds a password.
    pub fn has_password(&self) -> bool {
        self.to_string() != self.expose()
    }
}

/// What stands before the `@` of an address after `postgres://`, and the rest with it.
fn parts(after_scheme: &str) -> (Option<&str>, &str) {
    let end = after_scheme.find(['/', '?', '#']).unwrap_or(after_scheme.len());
    match after_scheme.get(..end).and_then(|authority| authority.rfind('@')) {
        Some(at) => (after_scheme.get(..at), after_scheme.get(at..).unwrap_or_default()),
        None => (None, after_scheme),
    }
}

/// Shows it without passwords.
impl fmt::Display for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let url = self.expose();
        let Some((scheme, after)) = url.split_once("://").filter(|(scheme, _)| scheme.starts_with("postgres")) else {
            return f.write_str(url);
        };
        let (user, rest) = parts(after);
        write!(f, "{scheme}://")?;
        match user.map(|user| user.split_once(':')) {
            Some(Some((user, _))) => write!(f, "{user}:[redacted]")?,
            Some(None) => f.write_str(user.unwrap_or_default())?,
            None => {}
        }
        let (place, parameters) = rest.split_once('?').unwrap_or((rest, ""));
        f.write_str(place)?;
        for (index, parameter) in parameters.split('&').filter(|text| !text.is_empty()).enumerate() {
            f.write_str(if index == 0 { "?" } else { "&" })?;
            match parameter.split_once('=') {
                Some((name, _)) if name.to_lowercase().contains("password") => write!(f, "{name}=[redacted]")?,
                _ => f.write_str(parameter)?,
            }
        }
        Ok(())
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Setting for DatabaseUrl {
    fn read(value: &Value) -> Result<Self, String> {
        const MUST_BE: &str = "sqlite:<file> or postgres://<user>@<host>/<database>";
        parsed(value, MUST_BE, |text| {
            if let Some(path) = yhteen_persistence::sqlite_path(text) {
                // A database in memory would be another one for each connection.
                return (!path.is_empty() && !path.starts_with(':') && !path.starts_with("file:"))
                    .then(|| Self(text.into()));
            }
            let after = text.strip_prefix("postgres://").or_else(|| text.strip_prefix("postgresql://"))?;
            // A bare `/`, `?` or `#` in a password would end the address early and show the rest of it in messages.
            (!parts(after).1.trim_start_matches('@').contains('@')).then(|| Self(text.into()))
        })
        .map_err(|must| format!("{must}; characters with a meaning in addresses are percent-encoded"))
    }
    fn show(&self) -> Option<Value> {
        Some(self.to_string().into())
    }
}

/// An absolute address below which the service is found, without a slash at the end.
#[derive(Clone, Debug)]
pub struct PublicUrl(String);

impl fmt::Display for PublicUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Setting for Option<PublicUrl> {
    fn read(value: &Value) -> Result<Self, String> {
        parsed(value, "an http or https address without query, such as https://yhteen.example.org", |text| {
            let url = url::Url::parse(text).ok()?;
            let plain = url.query().is_none() && url.fragment().is_none() && url.username().is_empty();
            let web = matches!(url.scheme(), "http" | "https") && url.has_host() && url.password().is_none();
            (web && plain).then(|| Some(PublicUrl(text.trim_end_matches('/').to_owned())))
        })
    }
    fn show(&self) -> Option<Value> {
        self.as_ref().map(|url| url.0.clone().into())
    }
}

/// What to log, in the language of `env_logger`.
#[derive(Clone, Debug)]
pub struct LogFilter(String);

impl LogFilter {
    /// Everything of note.
    pub fn info() -> Self {
        Self("info".to_owned())
    }

    /// The filter as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Setting for LogFilter {
    fn read(value: &Value) -> Result<Self, String> {
        parsed(value, "a log filter, such as info or warn,yhteen=debug", |text| {
            env_filter::Builder::new().try_parse(text).is_ok().then(|| Self(text.to_owned()))
        })
    }
    fn show(&self) -> Option<Value> {
        Some(self.0.clone().into())
    }
}

/// An origin of web pages (RFC 6454).
#[derive(Clone, Debug)]
pub struct Origin(String);

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Setting for Vec<Origin> {
    fn read(value: &Value) -> Result<Self, String> {
        list(value, "origins, such as https://www.example.org", |text| {
            let origin = url::Url::parse(text).ok()?.origin().ascii_serialization();
            (origin == text.trim_end_matches('/')).then_some(Origin(origin))
        })
    }
    fn show(&self) -> Option<Value> {
        Some(shown_list(self))
    }
}

/// How many, one at least.
#[derive(Clone, Copy, Debug)]
pub struct Count(NonZeroU16);

impl Count {
    /// So many.
    pub const fn of(count: u16) -> Self {
        match NonZeroU16::new(count) {
            Some(count) => Self(count),
            None => Self(NonZeroU16::MIN),
        }
    }

    /// How many.
    pub fn get(self) -> u16 {
        self.0.get()
    }

    /// How many, as a number that is not zero.
    pub fn non_zero(self) -> NonZeroU16 {
        self.0
    }
}

impl Setting for Count {
    fn read(value: &Value) -> Result<Self, String> {
        parsed(value, "a number from 1 to 65535", |text| text.parse().ok().map(Self))
    }
    fn show(&self) -> Option<Value> {
        Some(i64::from(self.get()).into())
    }
}

impl Setting for Option<Count> {
    fn read(value: &Value) -> Result<Self, String> {
        Count::read(value).map(Some)
    }
    fn show(&self) -> Option<Value> {
        self.as_ref().and_then(Count::show)
    }
}

/// A number of seconds.
#[derive(Clone, Copy, Debug)]
pub struct Seconds(u16);

impl Seconds {
    /// So many.
    pub const fn of(seconds: u16) -> Self {
        Self(seconds)
    }

    /// As a duration.
    pub fn get(self) -> std::time::Duration {
        std::time::Duration::from_secs(self.0.into())
    }
}

impl Setting for Seconds {
    fn read(value: &Value) -> Result<Self, String> {
        parsed(value, "a number of seconds", |text| text.parse().ok().map(Self))
    }
    fn show(&self) -> Option<Value> {
        Some(i64::from(self.0).into())
    }
}
