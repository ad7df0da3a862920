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
    ($($(#[doc = $doc:literal])+ $name:ident;)+) => {$(
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
                    .into()
            }
        }
        impl utoipa::ToSchema for $name {}
    )+};
}

ids! {
    /// An organisation.
    OrganisationId;
    /// A person's or a machine's account.
    PrincipalId;
    /// A programme.
    ProgrammeId;
    /// A goal of a programme.
    GoalId;
    /// A shared change action.
    ActionId;
    /// A decision-making body.
    BodyId;
    /// A meeting of a body.
    MeetingId;
    /// A decision step of an action.
    StepId;
    /// A reporting period of a programme.
    PeriodId;
    /// A progress report.
    ReportId;
}
