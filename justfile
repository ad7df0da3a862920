# The everyday commands. `just check` is what CI runs.

# What there is
default:
    @just --list

# Everything that must hold before a change is taken in
check:
    .ci/run

# Formats the code
format:
    cargo fmt --all

# The linter, as strict as CI
lint:
    cargo clippy --workspace --all-targets -- -D warnings

# The whole suite, or the tests whose names contain a word; on both engines where PostgreSQL is installed
test word="":
    cargo test --workspace -- {{word}}

# The same, where a missing PostgreSQL is an error
test-postgres word="":
    CI=true cargo test --workspace -- {{word}}

# Makes openapi/yhteen.json again
openapi:
    cargo run --quiet -- openapi > openapi/yhteen.json

# Makes docs/errors.md again
errors:
    cargo run --quiet -- errors > docs/errors.md

# Serves the demo at http://127.0.0.1:8080/docs/
demo:
    cargo run -- serve --demo

# Serves a database of your own, yhteen.db
serve:
    cargo run -- serve

# Accepts the snapshots that the last test run has changed
accept:
    cargo insta accept --workspace

# Licences, banned and foreign sources (needs cargo-deny)
deny:
    cargo deny check licenses bans sources
