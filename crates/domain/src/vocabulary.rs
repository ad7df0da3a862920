//! The closed vocabularies: each value is one word, the same in Rust, JSON and SQL.

/// A vocabulary whose values are kept and shown as words.
pub trait Vocabulary: Copy + Eq + std::fmt::Debug + Send + Sync + 'static {
    /// Every value, in order.
    const ALL: &'static [Self];
    /// The word for the value.
    fn as_str(self) -> &'static str;
    /// The value for the word.
    fn from_word(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|value| value.as_str() == word)
    }
}

/// What a vocabulary means, and each of its words, in Markdown.
pub fn described(about: &str, words: &[(&str, &str)]) -> String {
    let one_line = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let words = words.iter().map(|(word, about)| format!("\n- `{word}`: {}", one_line(about)));
    one_line(about) + "\n" + &words.collect::<String>()
}

/// Declares vocabularies.
#[macro_export]
macro_rules! vocabulary {
    ($($(#[doc = $doc:literal])+ $name:ident { $($(#[doc = $about:literal])+ $variant:ident = $word:literal,)+ })+) => {$(
        $(#[doc = $doc])+
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
        pub enum $name { $($(#[doc = $about])+ #[serde(rename = $word)] $variant),+ }

        impl $crate::vocabulary::Vocabulary for $name {
            const ALL: &'static [Self] = &[$(Self::$variant),+];
            fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }
        }

        // Written out, since utoipa's derive does not see the words through the macro.
        impl utoipa::PartialSchema for $name {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
                utoipa::openapi::ObjectBuilder::new()
                    .schema_type(utoipa::openapi::schema::Type::String)
                    .description(Some($crate::vocabulary::described(
                        concat!($($doc, "\n"),+),
                        &[$(($word, concat!($($about, "\n"),+))),+],
                    )))
                    .title(Some(stringify!($name)))
                    .enum_values(Some([$($word),+]))
                    .into()
            }
        }
        impl utoipa::ToSchema for $name {}

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str($crate::vocabulary::Vocabulary::as_str(*self))
            }
        }
    )+};
}

vocabulary! {
    /// What sort of organisation it is.
    OrganisationKind {
        /// A municipality (kunta).
        Municipality = "municipality",
        /// A joint municipal authority (kuntayhtymä).
        JointAuthority = "joint_authority",
        /// A wellbeing services county (hyvinvointialue).
        WellbeingServicesCounty = "wellbeing_services_county",
        /// A non-governmental organisation (järjestö).
        Ngo = "ngo",
        /// A parish of the Evangelical Lutheran Church (seurakunta).
        Parish = "parish",
        /// An authority of the state (valtion viranomainen).
        StateAuthority = "state_authority",
        /// Any other.
        Other = "other",
    }

    /// What sort of decision-making body it is.
    BodyKind {
        /// A council (valtuusto).
        Council = "council",
        /// A board (hallitus).
        Board = "board",
        /// A committee (lautakunta).
        Committee = "committee",
        /// A section of a board or committee (jaosto).
        Section = "section",
        /// The council of a joint authority (yhtymävaltuusto).
        JointCouncil = "joint_council",
        /// The board of a joint authority (yhtymähallitus).
        JointBoard = "joint_board",
        /// A parish council (kirkkovaltuusto).
        ParishCouncil = "parish_council",
        /// A parish board (kirkkoneuvosto).
        ParishBoard = "parish_board",
        /// The board of an NGO.
        NgoBoard = "ngo_board",
        /// A youth council (nuorisovaltuusto).
        YouthCouncil = "youth_council",
        /// A single office holder who decides on any working day (viranhaltija).
        OfficeHolder = "office_holder",
        /// Any other.
        Other = "other",
    }

    /// Which rules of law say when a decision gains legal force: see [`crate::legal`].
    Regime {
        /// Councils of municipalities, joint authorities and wellbeing services counties: 30-day appeal.
        MunicipalCouncil = "municipal_council",
        /// Their boards, committees, sections and office holders: 14-day rectification.
        MunicipalBoard = "municipal_board",
        /// Parish councils: 30-day appeal.
        ParishCouncil = "parish_council",
        /// Parish boards and parish office holders: 14-day rectification.
        ParishBoard = "parish_board",
        /// No remedy lies against the decision.
        None = "none",
    }

    /// The ordinary remedy against a decision.
    Remedy {
        /// Claim for rectification (oikaisuvaatimus).
        Rectification = "rectification",
        /// Appeal to the administrative court (kunnallisvalitus, kirkollisvalitus).
        Appeal = "appeal",
    }

    /// A point that a decision step passes on its way.
    Gate {
        /// The draft exists and can be sent on.
        Proposed = "proposed",
        /// The meeting has decided.
        Decided = "decided",
        /// Those concerned are deemed to have had notice of it.
        Notified = "notified",
        /// It has legal force.
        Final = "final",
    }

    /// Until when a dependency must have reached its gate.
    By {
        /// Before the agenda of the meeting is closed.
        AgendaDeadline = "agenda_deadline",
        /// Before the meeting starts.
        Meeting = "meeting",
    }

    /// What a body does in a step.
    StepFunction {
        /// Prepares the matter for another body (valmistelu).
        Preparation = "preparation",
        /// Gives an opinion (lausunto).
        Consultation = "consultation",
        /// Is heard (kuuleminen).
        Hearing = "hearing",
        /// Decides (päätös).
        Decision = "decision",
        /// Takes notice (tiedoksianto).
        Notice = "notice",
    }
}
