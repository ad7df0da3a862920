//! The words of the picture, in the three languages. Finnish and Swedish put names before a colon, since the names of
//! bodies cannot be inflected.

use chrono::Timelike;
use yhteen_domain::text::Language;
use yhteen_domain::time::{Date, Instant, date_of};
use yhteen_domain::timetable::{BlockReason, Objective, StepState, Timetable, Verdict, written};

/// The same words in Finnish, Swedish and English.
pub type Words = [&'static str; 3];

pub const TODAY: Words = ["Tänään", "I dag", "Today"];
pub const TARGET: Words = ["Tavoite", "Mål", "Target"];
pub const START: Words = ["Voi alkaa", "Kan starta", "Can start"];
pub const HIDDEN: Words = ["Käsittely, jota ei näytetä", "Behandling som inte visas", "A step that is not shown"];
pub const SEVERAL_HIDDEN: Words =
    ["Käsittelyjä, joita ei näytetä", "Behandlingar som inte visas", "Steps that are not shown"];
pub const NO_DATE: Words = ["ei ajankohtaa", "ingen tidpunkt", "no date"];
pub const NO_STEPS: Words = [
    "Toimenpiteellä ei ole käsittelyvaiheita.",
    "Åtgärden har inga behandlingsskeden.",
    "The action has no decision steps.",
];
pub const MEETING: Words = ["kokous", "möte", "meeting"];
pub const CANCELLED: Words = ["peruttu kokous", "inställt möte", "cancelled meeting"];
pub const DEADLINE: Words = ["esityslistan määräaika", "frist för föredragningslistan", "agenda deadline"];
pub const UNTIL_NOTICE: Words = ["ennen tiedoksisaantia", "före delfåendet", "until notice"];
pub const REMEDY: Words = ["muutoksenhakuaika", "tid för ändringssökande", "remedy period"];
pub const NOTICE: Words = ["tiedoksisaanti", "delfående", "notice"];
pub const LEGAL_FORCE: Words = ["lainvoima", "laga kraft", "legal force"];
pub const PROVISIONAL: Words = [
    "pöytäkirja on myöhässä, joten päivät ovat alustavia",
    "protokollet är försenat, så datumen är preliminära",
    "the minutes are overdue, so the dates are provisional",
];
pub const LATEST: Words = ["viimeistään", "senast", "at the latest"];
pub const SLACK: Words = [
    "pelivara viimeiseen kokoukseen, joka vielä käy",
    "spelrum till det sista möte som ännu duger",
    "slack up to the last meeting that would do",
];
pub const CHAIN: Words = ["tätä aloitus odottaa", "det som starten väntar på", "what the start waits for"];
pub const CHAIN_IS: Words = ["Kriittinen ketju", "Kritisk kedja", "Critical chain"];
pub const THINNED: Words = [
    "Kaikki kokoukset eivät mahdu kuvaan: osa on jätetty piirtämättä.",
    "Alla möten ryms inte i bilden: en del har inte ritats ut.",
    "Not all meetings fit into the picture: some are left out.",
];
pub const LOCAL_TIME: Words = ["Ajat ovat Suomen aikaa.", "Tiderna är finsk tid.", "Times are Finnish time."];
pub const MONTHS: [[&str; 12]; 3] = [
    ["tammi", "helmi", "maalis", "huhti", "touko", "kesä", "heinä", "elo", "syys", "loka", "marras", "joulu"],
    ["jan", "feb", "mars", "april", "maj", "juni", "juli", "aug", "sep", "okt", "nov", "dec"],
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"],
];

/// The words in a language.
pub fn word([fi, sv, en]: Words, language: Language) -> &'static str {
    pick([fi, sv, en], language)
}

fn pick<T>([fi, sv, en]: [T; 3], language: Language) -> T {
    match language {
        Language::Fi => fi,
        Language::Sv => sv,
        Language::En => en,
    }
}

/// A date with its year.
pub fn dated(on: Date, language: Language) -> String {
    written(on, i32::MIN, language)
}

/// An instant with its date and the time of day in Finland.
pub fn timed(at: Instant, language: Language) -> String {
    let local = at.with_timezone(&chrono_tz::Europe::Helsinki);
    let (hour, minute) = (local.hour(), local.minute());
    let on = dated(date_of(at), language);
    match language {
        Language::Fi => format!("{on} klo {hour}.{minute:02}"),
        Language::Sv => format!("{on} kl. {hour}.{minute:02}"),
        Language::En => format!("{on} at {hour}:{minute:02}"),
    }
}

/// How far a step has come.
pub fn state(state: StepState) -> Words {
    match state {
        StepState::Open => ["suunniteltu käsittely", "planerad behandling", "planned"],
        StepState::Booked => ["varattu kokous", "bokat möte", "booked"],
        StepState::OnAgenda => ["esityslistalla", "på föredragningslistan", "on the agenda"],
        StepState::Decided => ["päätetty", "avgjort", "decided"],
    }
}

/// What the plan strives for.
pub fn objective(objective: Objective) -> Words {
    match objective {
        Objective::Earliest => [
            "Suunnitelma: jokainen käsittely niin varhain kuin voi",
            "Plan: varje behandling så tidigt som möjligt",
            "Plan: every step as early as it can be",
        ],
        Objective::Latest => [
            "Suunnitelma: jokainen käsittely niin myöhään kuin tavoite sallii",
            "Plan: varje behandling så sent som målet tillåter",
            "Plan: every step as late as the target allows",
        ],
        Objective::TightestWindow => [
            "Suunnitelma: viimeiset päätökset mahdollisimman lyhyen ajan sisällä",
            "Plan: de sista besluten inom så kort tid som möjligt",
            "Plan: the last decisions within the fewest days",
        ],
    }
}

/// When it was computed.
pub fn computed(on: Date, language: Language) -> String {
    format!("{} {}", word(["Laskettu", "Beräknat", "Computed"], language), dated(on, language))
}

/// Whether the action can start as planned, as one sentence.
pub fn verdict(timetable: &Timetable, language: Language) -> String {
    let start = timetable.start.earliest_on.map(|on| dated(on, language));
    let target = timetable.target_on.map(|on| dated(on, language));
    if let Some(reason) = timetable.not_applicable_reason {
        return reason.told().in_language(language).to_owned();
    }
    let in_time = timetable.start.earliest_on.is_none_or(|on| timetable.target_on.is_none_or(|target| on <= target));
    match (timetable.verdict, start, target) {
        (Verdict::Late, _, Some(target)) if in_time => pick(
            [
                format!("Suunniteltu aloituspäivä {target} on jo mennyt."),
                format!("Den planerade startdagen, {target}, har redan passerat."),
                format!("The planned start, {target}, has passed already."),
            ],
            language,
        ),
        (Verdict::Infeasible, ..) => pick(
            [
                "Toimenpide ei voi alkaa, kuten asiat nyt ovat.",
                "Åtgärden kan inte starta som saken nu ligger till.",
                "The action cannot start as things stand.",
            ],
            language,
        )
        .to_owned(),
        (Verdict::Unknown, ..) => pick(
            [
                "Aikaisinta aloitusta ei vielä voi sanoa.",
                "Den tidigaste starten är ännu inte känd.",
                "The earliest start is not known yet.",
            ],
            language,
        )
        .to_owned(),
        (Verdict::Late, Some(start), Some(target)) => {
            let days = timetable.start.delay_days.unwrap_or_default();
            match language {
                Language::Fi => {
                    let days = if days == 1 { "1 päivän".to_owned() } else { format!("{days} päivää") };
                    format!("Toimenpide myöhästyy {days}: se voi alkaa aikaisintaan {start}, ja tavoite on {target}.")
                }
                Language::Sv => {
                    let days = if days == 1 { "1 dag".to_owned() } else { format!("{days} dagar") };
                    format!("Åtgärden är {days} försenad: den kan starta tidigast {start}, och målet är {target}.")
                }
                Language::En => {
                    let days = if days == 1 { "1 day".to_owned() } else { format!("{days} days") };
                    format!(
                        "The action is {days} late: it can start on {start} at the earliest, and the target is {target}."
                    )
                }
            }
        }
        (_, Some(start), Some(target)) => pick(
            [
                format!("Toimenpide voi alkaa ajallaan: aikaisintaan {start}, ja tavoite on {target}."),
                format!("Åtgärden kan starta i tid: tidigast {start}, och målet är {target}."),
                format!("The action can start on time: on {start} at the earliest, and the target is {target}."),
            ],
            language,
        ),
        (_, Some(start), None) => pick(
            [
                format!("Toimenpide voi alkaa aikaisintaan {start}."),
                format!("Åtgärden kan starta tidigast {start}."),
                format!("The action can start on {start} at the earliest."),
            ],
            language,
        ),
        (_, None, _) => pick(
            [
                "Toimenpiteen aloitus ei odota mitään päätöstä.",
                "Starten av åtgärden väntar inte på något beslut.",
                "The start of the action waits for no decision.",
            ],
            language,
        )
        .to_owned(),
    }
}

/// Why a step cannot be placed, and from which date an agenda deadline would do.
pub fn blocked(reason: BlockReason, needed: Option<Date>, language: Language) -> String {
    let why = pick(
        match reason {
            BlockReason::Rejected => ["esitys on hylätty", "förslaget har avslagits", "it was decided against"],
            BlockReason::Withdrawn => ["asia on vedetty pois", "ärendet har dragits tillbaka", "it was withdrawn"],
            BlockReason::Annulled => ["päätös on kumottu", "beslutet har upphävts", "the decision was annulled"],
            BlockReason::BookingTooEarly => [
                "varattu kokous ei käy: edeltävät käsittelyt eivät ehdi siihen, tai sen päivä tai tunniste ei sovi",
                "det bokade mötet duger inte: de föregående behandlingarna hinner inte till det, eller dess dag eller märkning passar inte",
                "the booked meeting does not do: what comes before is too late for it, or its date or tag does not suit",
            ],
            BlockReason::BookingCancelled => {
                ["varattu kokous on peruttu", "det bokade mötet har ställts in", "the booked meeting was cancelled"]
            }
            BlockReason::BookingMissed => [
                "varatun kokouksen esityslista on suljettu, eikä asiaa ole jätetty sille",
                "föredragningslistan för det bokade mötet är stängd och ärendet har inte lämnats in",
                "the agenda of the booked meeting is closed and nothing was handed in",
            ],
            BlockReason::BodyEnds => [
                "toimielin lakkaa ennen kuin se ehtii käsitellä asian",
                "organet upphör innan det hinner behandla ärendet",
                "the body ends before it could decide",
            ],
            BlockReason::Calendar => [
                "julkaistussa kokouskalenterissa ei ole kokousta, joka käy",
                "i den publicerade möteskalendern finns inget möte som duger",
                "nothing fits in the published calendar",
            ],
            BlockReason::AppealPending => {
                ["muutoksenhaku on kesken", "ändringssökandet pågår ännu", "an appeal is pending"]
            }
        },
        language,
    );
    let Some(needed) = needed.map(|on| dated(on, language)) else { return why.to_owned() };
    let would = pick(
        [
            format!("kävisi kokous, jonka esityslista suljetaan aikaisintaan {needed}"),
            format!("ett möte vars föredragningslista stängs tidigast {needed} skulle duga"),
            format!("a meeting whose agenda closes on {needed} or later would do"),
        ],
        language,
    );
    format!("{why}; {would}")
}

/// How many more there are of what is not listed.
pub fn more(count: usize, language: Language) -> String {
    pick([format!("ja {count} muuta"), format!("och {count} till"), format!("and {count} more")], language)
}
