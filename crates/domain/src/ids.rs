//! Identifiers: one newtype per entity, so that none is taken for another.
//!
//! They are UUIDs of version 7 (RFC 9562), made outside this crate.

/// An identifier of one kind of entity.
pub trait Id: Copy + Eq + Ord + std::hash::Hash + std::fmt::Debug + Send + Sync + 'static {
    /// The identifier of this kind with the given UUID.
    fn from_uuid(id: uuid::Uuid) -> Self;
    /// The bare UUID.
    fn uuid(self) -> uuid::Uuid;
}

macro_rules! ids {
    ($($(#[doc = $doc:literal])+ $name:ident = $example:literal;)+) => {$(
        $(#[doc = $doc])+
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
        #[serde(transparent)]
        pub struct $name(uuid::Uuid);

        impl Id for $name {
            fn from_uuid(id: uuid::Uuid) -> Self {
                Self(id)
            }
            fn uuid(self) -> uuid::Uuid {
                self.0
            }
        }

        impl From<uuid::Uuid> for $name {
            fn from(id: uuid::Uuid) -> Self {
                Self(id)
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }

        impl std::str::FromStr for $name {
            type Err = uuid::Error;
            fn from_str(text: &str) -> Result<Self, uuid::Error> {
                text.parse().map(Self)
            }
        }

        // To a client an identifier is a string of format uuid, named after what it identifies.
        impl utoipa::PartialSchema for $name {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
                use utoipa::openapi::{KnownFormat, ObjectBuilder, SchemaFormat, schema::Type};
                ObjectBuilder::new()
                    .schema_type(Type::String)
                    .format(Some(SchemaFormat::KnownFormat(KnownFormat::Uuid)))
                    .description(Some(format!("The identifier of:{}", concat!($($doc),+).trim_end_matches('.'))))
                    .title(Some(stringify!($name)))
                    .examples([serde_json::Value::from($example)])
                    .into()
            }
        }
        impl utoipa::ToSchema for $name {}
    )+};
}

ids! {
    /// An organisation.
    OrganisationId = "01980000-0000-7000-8000-000000000001";
    /// A person's or a machine's account.
    PrincipalId = "01980000-0000-7000-8000-000000000002";
    /// A programme.
    ProgrammeId = "01980000-0000-7000-8000-000000000003";
    /// A goal of a programme.
    GoalId = "01980000-0000-7000-8000-000000000004";
    /// A shared change action.
    ActionId = "01980000-0000-7000-8000-000000000005";
    /// A decision-making body.
    BodyId = "01980000-0000-7000-8000-000000000006";
    /// A meeting of a body.
    MeetingId = "01980000-0000-7000-8000-000000000007";
    /// A decision step of an action.
    StepId = "01980000-0000-7000-8000-000000000008";
    /// A reporting period of a programme.
    PeriodId = "01980000-0000-7000-8000-000000000009";
    /// A progress report.
    ReportId = "01980000-0000-7000-8000-00000000000a";
    /// What a body did with a decision step at one meeting.
    HandlingId = "01980000-0000-7000-8000-00000000000b";
    /// A claim for rectification or an appeal against a decision.
    RemedyClaimId = "01980000-0000-7000-8000-00000000000c";
    /// A calendar feed of an account.
    CalendarFeedId = "01980000-0000-7000-8000-00000000000d";
    /// A sign-in of a person.
    SessionId = "01980000-0000-7000-8000-00000000000e";
}
