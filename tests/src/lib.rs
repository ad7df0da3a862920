//! The harness of the black-box tests: a server with a database of its own for each test, on both engines, and callers
//! with tokens.
#![allow(clippy::missing_panics_doc, reason = "a test fails by panicking")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

pub mod caller;
pub mod contract;
pub mod database;
pub mod process;
pub mod world;

pub use caller::{Caller, Reply};
pub use database::Engine;
pub use world::{Organisation, World};

/// Declares tests that run on both engines: each becomes a module with `on_sqlite` and `on_postgres`.
#[macro_export]
macro_rules! both {
    ($($(#[doc = $doc:literal])* async fn $name:ident($world:ident: World) $body:block)+) => {$(
        mod $name {
            #[allow(unused_imports, reason = "what one test of a file uses, another may not")]
            use super::*;

            async fn test($world: $crate::World) $body

            #[test]
            fn on_sqlite() {
                $crate::world::run($crate::Engine::Sqlite, test);
            }

            #[test]
            fn on_postgres() {
                $crate::world::run($crate::Engine::Postgres, test);
            }
        }
    )+};
}
