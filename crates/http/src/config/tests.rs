//! Which source wins, and what a mistake says.

use super::*;

fn variables(pairs: &[(&str, &str)]) -> Vec<(OsString, OsString)> {
    pairs.iter().map(|(name, value)| (name.into(), value.into())).collect()
}

fn flags(arguments: &[&str]) -> Flags {
    #[derive(clap::Parser)]
    struct Command {
        #[command(flatten)]
        flags: Flags,
    }
    <Command as clap::Parser>::parse_from([&["yhteen"], arguments].concat()).flags
}

fn file(content: &str) -> tempfile::NamedTempFile {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), content).unwrap();
    file
}

fn load_from(arguments: &[&str], environment: &[(&str, &str)], content: &str) -> Result<Settings, String> {
    let file = file(content);
    let path = file.path().display().to_string();
    let environment = [&[("YHTEEN_CONFIG", path.as_str())], environment].concat();
    load(&flags(arguments), variables(&environment), false)
        .map_err(|mistakes| mistakes.to_string().replace(&path, "yhteen.toml"))
}

#[test]
fn a_flag_is_stronger_than_the_environment_and_that_than_the_file() {
    let content = "bind = '127.0.0.1:1'\nworkers = 1\nlog = 'warn'";
    let environment = [("YHTEEN_BIND", "127.0.0.1:2"), ("YHTEEN_WORKERS", "2"), ("DATABASE_URL", "")];
    let settings = load_from(&["--bind", "127.0.0.1:3"], &environment, content).unwrap();
    assert_eq!(settings.bind.port(), 3);
    assert_eq!(settings.workers(), 2);
    assert_eq!(settings.log.as_str(), "warn");
    assert_eq!(settings.database_url.expose(), "sqlite:yhteen.db");
    let lines = settings.lines().join("\n");
    for line in ["bind = \"127.0.0.1:3\"  # --bind", "workers = 2  # YHTEEN_WORKERS", "\"  # default"] {
        assert!(lines.contains(line), "{line} is not in\n{lines}");
    }
    assert!(lines.contains("yhteen") || lines.contains(": log"), "{lines}");
}

#[test]
fn a_mistake_is_told_with_its_place() {
    let check = |arguments: &[&str], environment: &[(&str, &str)], content: &str, expected: &str| {
        let told = load_from(arguments, environment, content).unwrap_err();
        assert!(told.starts_with(expected), "{told:?} does not start with {expected:?}");
    };
    check(&["--bind", "here"], &[], "", "--bind: must be an address and a port");
    check(&[], &[("YHTEEN_BIND", "8080")], "", "YHTEEN_BIND: must be an address and a port");
    check(&[], &[], "bind = 8080", "yhteen.toml: bind: must be an address and a port");
    check(&[], &[], "bund = ''", "yhteen.toml: bund: there is no such setting; the nearest is bind");
    check(&[], &[("YHTEEN_LGO", "")], "", "YHTEEN_LGO: there is no such variable; the nearest is YHTEEN_LOG");
    check(&[], &[], "log = 'info'\nbind = '", "yhteen.toml: line 2: ");
    check(&[], &[], "config = 'x'", "yhteen.toml: config: a file cannot name another");
    check(&["--workers", "0"], &[], "", "--workers: must be a number from 1");
    check(&["--log", "yhteen=loud"], &[], "", "--log: must be a log filter");
    check(&["--trusted-proxies", "10.0.0.0/33"], &[], "", "--trusted-proxies: must be addresses or networks");
    check(&["--public-url", "yhteen.example.org"], &[], "", "--public-url: must be an http or https address");
    check(&["--allowed-origins", "https://a.example/x"], &[], "", "--allowed-origins: must be origins");
    check(&["--database-url", "sqlite::memory:"], &[], "", "--database-url: must be sqlite:<file>");
    check(&["--database-url", "mysql://x"], &[], "", "--database-url: must be sqlite:<file>");
    check(&["--database-url", "postgres://u:p@h/d"], &[], "", "--database-url: a password on the command line");
    check(&["--database-url-file", "/nowhere"], &[], "", "--database-url-file: /nowhere: ");
    check(&[], &[("DATABASE_URL", "sqlite:a"), ("DATABASE_URL_FILE", "b")], "", "DATABASE_URL_FILE: database_url is");
}

#[test]
fn every_mistake_is_told_at_once() {
    let told = load_from(&["--bind", "here"], &[("YHTEEN_WORKERS", "many")], "log = 7.5").unwrap_err();
    assert_eq!(told.lines().count(), 3, "{told}");
}

#[test]
fn variables_of_others_and_of_the_tests_are_left_alone() {
    let environment = [("PATH", "/bin"), ("YHTEEN_TEST_POSTGRES_URL", "x")];
    assert!(load_from(&[], &environment, "").is_ok());
}

#[test]
fn the_address_of_the_database_may_come_from_a_file() {
    let secret = file("postgres://yhteen:s3cret@db/yhteen\n");
    let path = secret.path().display().to_string();
    let settings = load_from(&[], &[("DATABASE_URL_FILE", &path)], "database_url = 'sqlite:weak.db'").unwrap();
    assert_eq!(settings.database_url.expose(), "postgres://yhteen:s3cret@db/yhteen");
}

#[test]
fn no_password_is_ever_shown() {
    let check = |url: &str, shown: &str| {
        let settings = load_from(&[], &[("DATABASE_URL", url)], "").unwrap();
        assert_eq!(settings.database_url.to_string(), shown);
        let all = format!("{settings:?} {:?}", settings.lines());
        assert!(!all.contains("s3cret"), "{all}");
    };
    check("sqlite:yhteen.db", "sqlite:yhteen.db");
    check("postgres://u@h/d", "postgres://u@h/d");
    check("postgres:///d?host=/run", "postgres:///d?host=/run");
    check("postgres://u:s3cret@h:5432/d", "postgres://u:[redacted]@h:5432/d");
    check("postgresql://u:s3cret@a,b/d?sslmode=require", "postgresql://u:[redacted]@a,b/d?sslmode=require");
    check("postgres://u:s3cret@/d", "postgres://u:[redacted]@/d");
    check("postgres://h/d?user=u&password=s3cret", "postgres://h/d?user=u&password=[redacted]");
    for bad in ["postgres://u:s3/cret@h/d", "postgres://u:s3?cret@h/d", "postgrez://u:s3cret@h/d"] {
        let told = load_from(&[], &[("DATABASE_URL", bad)], "").unwrap_err();
        assert!(!told.contains("cret"), "{told}");
        let told = load_from(&[], &[], &format!("database_url = '{bad}")).unwrap_err();
        assert!(!told.contains("cret"), "{told}");
    }
}

#[test]
fn the_demo_has_a_database_and_a_key_of_its_own() {
    let environment = variables(&[("DATABASE_URL", "postgres://h/real"), ("YHTEEN_SIGNING_KEY", "real.pem")]);
    let settings = load(&Flags::default(), environment, true).unwrap();
    assert_eq!(settings.database_url.expose(), "sqlite:yhteen-demo.db");
    assert!(settings.signing_key.is_none());
}

#[test]
fn every_setting_is_in_the_operators_handbook() {
    let handbook = include_str!("../../../../docs/operations.md");
    for (key, variable) in known() {
        assert!(handbook.contains(&format!("`{variable}`")), "{variable}");
        assert!(key == "config" || handbook.contains(&format!("| `{key}` |")), "{key}");
    }
}
