//! The settings: from flags, the environment and a file, in that order of strength.
//!
//! Every mistake is found before anything is started, and is reported with its place: the flag, the variable, or the
//! file and key. No message repeats a value that may be a secret.

mod values;

pub use values::{Count, DatabaseUrl, LogFilter, Origin, PublicUrl, Seconds};

use crate::json::words::nearest;
use crate::limits::Limits;
use ipnet::IpNet;
use std::ffi::OsString;
use std::fmt;
use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::path::PathBuf;
use toml::{Table, Value};
use values::Setting;
use yhteen_domain::quotas::Quotas;

/// Declares the settings once: as flags, as variables, as keys of the file, and as values.
macro_rules! settings {
    ($($(#[doc = $doc:literal])+ $name:ident: $type:ty = $variable:literal, $default:expr, $unset:literal;)+) => {
        /// The settings of the program.
        #[derive(Clone, Debug)]
        pub struct Settings {
            $($(#[doc = $doc])+ pub $name: $type,)+
            origins: Vec<Option<Place>>,
        }

        /// The settings as flags.
        #[derive(Clone, Debug, Default, clap::Args)]
        pub struct Flags {
            $($(#[doc = $doc])+ #[arg(long, global = true, value_name = "VALUE", help_heading = "Settings")]
            $name: Option<String>,)+
            /// A file that holds the address of the database, instead of `--database-url`
            #[arg(long, global = true, value_name = "FILE", help_heading = "Settings")]
            database_url_file: Option<String>,
            /// A file in TOML with any of these settings
            #[arg(long, global = true, value_name = "FILE", help_heading = "Settings")]
            config: Option<String>,
        }

        const KEYS: &[Key] = &[$(Key { name: stringify!($name), variable: $variable, unset: $unset }),+];

        impl Flags {
            fn layer(&self) -> Layer {
                let given = [
                    $((stringify!($name), &self.$name),)+
                    ("database_url_file", &self.database_url_file),
                ];
                let given = given.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value.clone()?.into())));
                Layer { source: Source::Flags, values: given.collect() }
            }
        }

        impl Settings {
            fn of(layers: &[Layer], mistakes: &mut Vec<Mistake>) -> Option<Self> {
                let mut origins = Vec::new();
                $(let $name = {
                    let (value, origin) = take(layers, stringify!($name), || $default, mistakes);
                    origins.push(origin);
                    value
                };)+
                Some(Self { $($name: $name?,)+ origins })
            }

            /// Every setting as a line of TOML, with the place that it comes from; without secrets.
            pub fn lines(&self) -> Vec<String> {
                let shown = [$(Setting::show(&self.$name)),+];
                let all = KEYS.iter().zip(shown).zip(&self.origins);
                all.map(|((key, shown), origin)| key.line(shown, origin.as_ref())).collect()
            }
        }
    };
}

settings! {
    /// The address and port to listen on; port 0 takes any that is free
    bind: SocketAddr = "YHTEEN_BIND", SocketAddr::from(([127, 0, 0, 1], 8080)), "";
    /// The database: `sqlite:<file>` or `postgres://<user>@<host>/<database>`
    database_url: DatabaseUrl = "DATABASE_URL", DatabaseUrl::sqlite("yhteen.db"), "";
    /// The address of the service as its users see it
    public_url: Option<PublicUrl> = "YHTEEN_PUBLIC_URL", None, "http:// and the address that it listens on";
    /// Proxies whose word on the caller's address is taken: addresses or networks, with commas between
    trusted_proxies: Vec<IpNet> = "YHTEEN_TRUSTED_PROXIES", Vec::new(), "";
    /// The file with the private key that signs access tokens
    signing_key: Option<PathBuf> = "YHTEEN_SIGNING_KEY", None, "a file beside an SQLite database";
    /// The file with the secrets of digests and cursors
    secrets: Option<PathBuf> = "YHTEEN_SECRETS", None, "a file beside an SQLite database";
    /// What to log, such as `info` or `warn,yhteen=debug`
    log: LogFilter = "YHTEEN_LOG", LogFilter::info(), "";
    /// Origins whose pages may call the service, with commas between; any where none is given
    allowed_origins: Vec<Origin> = "YHTEEN_ALLOWED_ORIGINS", Vec::new(), "";
    /// Threads that answer requests
    workers: Option<Count> = "YHTEEN_WORKERS", None, "one for each core, and two at least";
    /// Connections from clients at the same time
    http_connections: Count = "YHTEEN_HTTP_CONNECTIONS", Count::of(20_000), "";
    /// Connections to the database for reading, and on PostgreSQL as many for writing
    database_connections: Count = "YHTEEN_DATABASE_CONNECTIONS", Count::of(8), "";
    /// Seconds between the signal to stop and the last new connection, so that proxies notice that it is not ready
    drain_seconds: Seconds = "YHTEEN_DRAIN_SECONDS", Seconds::of(3), "";
    /// Meetings of one body that begin in one year, at most
    quota_meetings_per_body_and_year: Count = "YHTEEN_QUOTA_MEETINGS_PER_BODY_AND_YEAR", Count::of(2_000), "";
    /// Meetings that one import of a calendar file adds, at most
    quota_meetings_per_import: Count = "YHTEEN_QUOTA_MEETINGS_PER_IMPORT", Count::of(2_000), "";
    /// Actions for which one organisation is accountable, at most
    quota_actions_per_organisation: Count = "YHTEEN_QUOTA_ACTIONS_PER_ORGANISATION", Count::of(10_000), "";
    /// Decision steps of one action, at most
    quota_steps_per_action: Count = "YHTEEN_QUOTA_STEPS_PER_ACTION", Count::of(200), "";
    /// Calendar feeds of the accounts of one organisation, at most
    quota_feeds_per_organisation: Count = "YHTEEN_QUOTA_FEEDS_PER_ORGANISATION", Count::of(1_000), "";
    /// Active clients of one organisation, at most
    quota_clients_per_organisation: Count = "YHTEEN_QUOTA_CLIENTS_PER_ORGANISATION", Count::of(500), "";
    /// Days for which the security log is kept
    security_log_days: Count = "YHTEEN_SECURITY_LOG_DAYS", Count::of(365), "";
    /// An address and port that answer about health alone, whatever the load elsewhere
    health_bind: Option<SocketAddr> = "YHTEEN_HEALTH_BIND", None, "health is answered with all the rest";
    /// Requests by the minute of one account
    requests_per_minute: Count = "YHTEEN_REQUESTS_PER_MINUTE", Count::of(6_000), "";
    /// Requests by the minute of one network from which nobody is signed in
    anonymous_requests_per_minute: Count = "YHTEEN_ANONYMOUS_REQUESTS_PER_MINUTE", Count::of(3_000), "";
    /// Sign-ins by the minute to one account from one network, right or wrong
    sign_ins_per_minute: Count = "YHTEEN_SIGN_INS_PER_MINUTE", Count::of(30), "";
    /// Expensive requests, such as calendars and timetables of programmes, that are worked on at a time
    expensive_requests: Option<Count> = "YHTEEN_EXPENSIVE_REQUESTS", None, "one for each core";
    /// Expensive requests of one caller that are worked on or wait
    expensive_requests_per_caller: Count = "YHTEEN_EXPENSIVE_REQUESTS_PER_CALLER", Count::of(16), "";
    /// Requests that wait for changes at a time
    waiting_requests: Count = "YHTEEN_WAITING_REQUESTS", Count::of(5_000), "";
    /// Requests of one caller that wait for changes at a time
    waiting_requests_per_caller: Count = "YHTEEN_WAITING_REQUESTS_PER_CALLER", Count::of(20), "";
}

/// A setting by its names.
struct Key {
    /// In the file; with `-` for `_`, as a flag.
    name: &'static str,
    variable: &'static str,
    /// What is used where it is not set and has no value of its own.
    unset: &'static str,
}

impl Key {
    fn line(&self, shown: Option<Value>, origin: Option<&Place>) -> String {
        let Self { name, unset, .. } = self;
        let origin = origin.map_or("default".to_owned(), ToString::to_string);
        match shown {
            Some(value) => format!("{name} = {value}  # {origin}"),
            None => format!("# {name} is not set: {unset}"),
        }
    }
}

/// Keys that are read before, or in the place of, a setting.
const EXTRA: [(&str, &str); 2] = [("database_url_file", "DATABASE_URL_FILE"), ("config", "YHTEEN_CONFIG")];
/// Variables of ours that begin with this are for the tests.
const FOR_TESTS: &str = "YHTEEN_TEST_";

/// Where a value comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Source {
    /// `serve --demo`, which is stronger than all.
    Demo,
    Flags,
    Environment,
    File(PathBuf),
}

/// A source and a key in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    source: Source,
    key: String,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { source, key } = self;
        match source {
            Source::Demo => f.write_str("--demo"),
            Source::Flags => write!(f, "--{}", key.replace('_', "-")),
            Source::Environment => f.write_str(variable(key).unwrap_or(key)),
            Source::File(path) if key.is_empty() => write!(f, "{}", path.display()),
            Source::File(path) => write!(f, "{}: {key}", path.display()),
        }
    }
}

fn variable(name: &str) -> Option<&'static str> {
    known().find(|(known, _)| *known == name).map(|(_, variable)| variable)
}

/// Every key with its variable.
fn known() -> impl Iterator<Item = (&'static str, &'static str)> {
    KEYS.iter().map(|key| (key.name, key.variable)).chain(EXTRA)
}

/// One mistake in the settings, with its place.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {what}")]
pub struct Mistake {
    place: Place,
    what: String,
}

/// All mistakes in the settings.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
pub struct Mistakes(pub Vec<Mistake>);

/// The values of one source.
struct Layer {
    source: Source,
    values: Table,
}

impl Layer {
    fn mistake(&self, key: &str, what: impl Into<String>) -> Mistake {
        Mistake { place: Place { source: self.source.clone(), key: key.to_owned() }, what: what.into() }
    }

    /// Puts the content of the file that `database_url_file` names in the place of `database_url`.
    fn read_url_file(&mut self) -> Result<(), Mistake> {
        const FILE: &str = "database_url_file";
        let Some(file) = self.values.remove(FILE) else { return Ok(()) };
        if self.values.contains_key("database_url") {
            return Err(self.mistake(FILE, "database_url is given as well; give one of them"));
        }
        let path = file.as_str().ok_or_else(|| self.mistake(FILE, "must be the path of a file"))?;
        let url = std::fs::read_to_string(path).map_err(|error| self.mistake(FILE, format!("{path}: {error}")))?;
        self.values.insert("database_url".to_owned(), url.trim().into());
        Ok(())
    }

    /// Refuses keys that there are not, with the nearest that there is.
    fn refuse_unknown(&self, mistakes: &mut Vec<Mistake>) {
        for key in self.values.keys().filter(|key| !known().any(|(name, _)| name == *key)) {
            mistakes.push(self.mistake(key, missing("setting", nearest(key, known().map(|(name, _)| name)))));
        }
    }
}

/// That there is no such thing, with the one that was probably meant.
fn missing(what: &str, near: Option<&str>) -> String {
    match near {
        Some(near) => format!("there is no such {what}; the nearest is {near}"),
        None => format!("there is no such {what}"),
    }
}

/// The first value by strength, and where it stands.
fn take<T: Setting>(
    layers: &[Layer],
    name: &str,
    default: impl FnOnce() -> T,
    mistakes: &mut Vec<Mistake>,
) -> (Option<T>, Option<Place>) {
    let Some((layer, value)) = layers.iter().find_map(|layer| Some((layer, layer.values.get(name)?))) else {
        return (Some(default()), None);
    };
    match T::read(value) {
        Ok(value) => (Some(value), Some(Place { source: layer.source.clone(), key: name.to_owned() })),
        Err(what) => {
            mistakes.push(layer.mistake(name, what));
            (None, None)
        }
    }
}

/// Reads the settings. `environment` is that of the process; `demo`: for `serve --demo`, which has a database, and so
/// a key, of its own.
pub fn load(
    flags: &Flags,
    environment: impl IntoIterator<Item = (OsString, OsString)>,
    demo: bool,
) -> Result<Settings, Mistakes> {
    let mut mistakes = Vec::new();
    let mut variables = from_environment(environment, &mut mistakes);
    let mut layers = Vec::new();
    if demo {
        // No signing key of another installation either: tokens of the demo would be good there.
        let values = [("database_url", "sqlite:yhteen-demo.db"), ("signing_key", ""), ("secrets", "")];
        let values = values.map(|(name, value)| (name.to_owned(), value.into()));
        layers.push(Layer { source: Source::Demo, values: values.into_iter().collect() });
    }
    layers.push(flags.layer());
    let named = variables.values.remove("config").and_then(|path| path.as_str().map(str::to_owned));
    layers.push(variables);
    if let Some(path) = flags.config.clone().or(named) {
        from_file(path.into()).map_or_else(|mistake| mistakes.push(mistake), |layer| layers.push(layer));
    }
    for layer in &mut layers {
        layer.refuse_unknown(&mut mistakes);
        layer.read_url_file().unwrap_or_else(|mistake| mistakes.push(mistake));
    }
    let settings = Settings::of(&layers, &mut mistakes);
    mistakes.extend(layers.iter().filter_map(refuse_shown_password));
    match settings {
        Some(settings) if mistakes.is_empty() => Ok(settings),
        _ => Err(Mistakes(mistakes)),
    }
}

/// A command line can be read by every user of the machine.
fn refuse_shown_password(layer: &Layer) -> Option<Mistake> {
    let url = layer.values.get("database_url").and_then(|value| DatabaseUrl::read(value).ok())?;
    let shown = layer.source == Source::Flags && url.has_password();
    let advice = "a password on the command line is visible to others: use DATABASE_URL or DATABASE_URL_FILE";
    shown.then(|| layer.mistake("database_url", advice))
}

/// An empty variable is one that is not set.
fn from_environment(environment: impl IntoIterator<Item = (OsString, OsString)>, mistakes: &mut Vec<Mistake>) -> Layer {
    let mut layer = Layer { source: Source::Environment, values: Table::new() };
    for (name, value) in environment {
        let Some(name) = name.to_str() else { continue };
        let key = known().find(|(_, variable)| *variable == name).map(|(key, _)| key);
        match (key, value.into_string()) {
            (Some(_), Ok(value)) if value.is_empty() => {}
            (Some(key), Ok(value)) => drop(layer.values.insert(key.to_owned(), value.into())),
            (Some(key), Err(_)) => mistakes.push(layer.mistake(key, "is not UTF-8")),
            (None, _) if name.starts_with("YHTEEN_") && !name.starts_with(FOR_TESTS) => {
                // All begin alike, which makes none of them near.
                let own = |name: &'static str| name.trim_start_matches("YHTEEN_");
                let near = nearest(name.trim_start_matches("YHTEEN_"), known().map(|(_, variable)| own(variable)));
                let near = near.and_then(|near| known().find(|known| own(known.1) == near));
                mistakes.push(layer.mistake(name, missing("variable", near.map(|(_, variable)| variable))));
            }
            (None, _) => {}
        }
    }
    layer
}

fn from_file(path: PathBuf) -> Result<Layer, Mistake> {
    let mut layer = Layer { source: Source::File(path.clone()), values: Table::new() };
    let text = std::fs::read_to_string(path).map_err(|error| layer.mistake("", error.to_string()))?;
    layer.values = text.parse::<Table>().map_err(|error| {
        // Without the line itself, which may hold a password.
        let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
        layer.mistake("", format!("line {}: {}", before.matches('\n').count() + 1, error.message()))
    })?;
    if layer.values.contains_key("config") {
        return Err(layer.mistake("config", "a file cannot name another"));
    }
    Ok(layer)
}

impl Settings {
    /// How much one caller may use.
    pub fn limits(&self) -> Limits {
        let each_minute = |count: Count| NonZeroU32::from(count.non_zero());
        let count = |count: Count| usize::from(count.get());
        Limits {
            requests: each_minute(self.requests_per_minute),
            anonymous_requests: each_minute(self.anonymous_requests_per_minute),
            sign_ins: each_minute(self.sign_ins_per_minute),
            expensive: self.expensive_requests.map_or(Limits::default().expensive, count),
            expensive_of_a_caller: count(self.expensive_requests_per_caller),
            waiting: count(self.waiting_requests),
            waiting_of_a_caller: count(self.waiting_requests_per_caller),
        }
    }

    /// How many threads answer requests.
    pub fn workers(&self) -> usize {
        let cores = || std::thread::available_parallelism().map_or(2, |cores| cores.get().max(2));
        self.workers.as_ref().map_or_else(cores, |count| count.get().into())
    }

    /// How much one owner may keep.
    pub fn quotas(&self) -> Quotas {
        Quotas {
            meetings_per_body_and_year: self.quota_meetings_per_body_and_year.get().into(),
            meetings_per_import: self.quota_meetings_per_import.get().into(),
            actions_per_organisation: self.quota_actions_per_organisation.get().into(),
            steps_per_action: self.quota_steps_per_action.get().into(),
            feeds_per_organisation: self.quota_feeds_per_organisation.get().into(),
            clients_per_organisation: self.quota_clients_per_organisation.get().into(),
        }
    }

    /// The address of the service as its users see it, where it listens on `address`.
    pub fn public_url(&self, address: SocketAddr) -> String {
        self.public_url.as_ref().map_or_else(|| format!("http://{address}"), ToString::to_string)
    }
}

#[cfg(test)]
mod tests;
