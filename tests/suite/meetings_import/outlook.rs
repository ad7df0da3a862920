//! A calendar as Outlook writes it: its zones go by Windows names, or by definitions of the file's own.

use super::{body, counts, import};
use chrono::{DateTime, Utc};
use chrono_tz::Europe::Helsinki;
use serde_json::{Value, json};
use yhteen_tests::both;

/// A zone with the clock of Finland under some name, as Outlook defines it.
fn zone(name: &str) -> String {
    format!(
        "BEGIN:VTIMEZONE\r\nTZID:{name}\r\n\
         BEGIN:STANDARD\r\nDTSTART:16011028T040000\r\nRRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10\r\n\
         TZOFFSETFROM:+0300\r\nTZOFFSETTO:+0200\r\nEND:STANDARD\r\n\
         BEGIN:DAYLIGHT\r\nDTSTART:16010325T030000\r\nRRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3\r\n\
         TZOFFSETFROM:+0200\r\nTZOFFSETTO:+0300\r\nEND:DAYLIGHT\r\nEND:VTIMEZONE\r\n"
    )
}

/// A board that meets every other Monday at 16, from 2 March on, six times; on 13 April it does not, and instead of 30
/// March it meets on 1 April at 13. A council that meets on the second Tuesday of the month at 17.30, twice.
/// `exceptions` are the lines of further instances of the board's series.
fn calendar(sequence: u32, exceptions: &[&str]) -> String {
    let board = |lines: &str| {
        format!(
            "BEGIN:VEVENT\r\nUID:040000008200E00074C5B7101A82E008BOARD\r\nSEQUENCE:{sequence}\r\n\
             DTSTAMP:20260101T000000Z\r\nSUMMARY;LANGUAGE=fi:Kaupunginhallitus\r\n{lines}\r\nEND:VEVENT\r\n"
        )
    };
    let series = board(
        "DTSTART;TZID=\"FLE Standard Time\":20260302T160000\r\nDTEND;TZID=\"FLE Standard Time\":20260302T180000\r\n\
         RRULE:FREQ=WEEKLY;INTERVAL=2;BYDAY=MO;COUNT=6\r\nEXDATE;TZID=\"FLE Standard Time\":20260413T160000",
    );
    let moved = board(
        "RECURRENCE-ID;TZID=\"FLE Standard Time\":20260330T160000\r\n\
         DTSTART;TZID=\"FLE Standard Time\":20260401T130000\r\nDTEND;TZID=\"FLE Standard Time\":20260401T150000",
    );
    let exceptions = exceptions.iter().map(|lines| board(lines)).collect::<String>();
    let council = "BEGIN:VEVENT\r\nUID:040000008200E00074C5B7101A82E008COUNCIL\r\nDTSTAMP:20260101T000000Z\r\n\
        DTSTART;TZID=Customized Time Zone:20260310T173000\r\nDURATION:PT3H\r\n\
        RRULE:FREQ=MONTHLY;BYDAY=2TU;COUNT=2\r\nEND:VEVENT\r\n";
    let zones = [zone("FLE Standard Time"), zone("Customized Time Zone")].concat();
    format!(
        "BEGIN:VCALENDAR\r\nPRODID:-//Microsoft Corporation//Outlook 16.0 MIMEDIR//EN\r\nVERSION:2.0\r\n\
         METHOD:PUBLISH\r\n{zones}{series}{moved}{exceptions}{council}END:VCALENDAR\r\n"
    )
}

/// A time of a meeting by the clocks of Finland.
fn local(meeting: &Value, name: &str) -> String {
    let instant: DateTime<Utc> = meeting[name].as_str().unwrap().parse().unwrap();
    instant.with_timezone(&Helsinki).format("%d.%m. %H:%M").to_string()
}

/// When the meetings that take place begin.
fn starts(meetings: &[Value]) -> Vec<String> {
    meetings.iter().filter(|it| it["cancelled"] == false).map(|it| local(it, "starts_at")).collect()
}

both! {
    async fn a_calendar_of_outlook_is_imported_twice_and_then_changed(world: World) {
        let kotka = world.municipality("Kotka").await;
        let of = body(&kotka, "committee").await;
        let (at, list) = (format!("/api/v1/bodies/{of}/meetings:import"), format!("/api/v1/meetings?body_id={of}"));
        let anyone = world.anonymous();
        let first = calendar(0, &[]);
        assert_eq!(import(&kotka.editor, &at, &first).await.expect(200)["counts"], counts(7, 0, 0, 0, 0));
        let made = anyone.all(&list).await;
        // Summer time begins on 29 March: 16 o'clock is 14 o'clock UTC before it, and 13 after.
        let at_first =
            ["02.03. 16:00", "10.03. 17:30", "16.03. 16:00", "01.04. 13:00", "14.04. 17:30", "27.04. 16:00", "11.05. 16:00"];
        assert_eq!(starts(&made), at_first);
        let instants = [&made[0], &made[1], &made[4], &made[5]].map(|it| it["starts_at"].as_str().unwrap());
        let expected = ["2026-03-02T14:00:00Z", "2026-03-10T15:30:00Z", "2026-04-14T14:30:00Z", "2026-04-27T13:00:00Z"];
        assert_eq!(instants, expected);
        let ends: Vec<_> = made.iter().map(|it| local(it, "ends_at")).collect();
        let expected =
            ["02.03. 18:00", "10.03. 20:30", "16.03. 18:00", "01.04. 15:00", "14.04. 20:30", "27.04. 18:00", "11.05. 18:00"];
        assert_eq!(ends, expected);
        // A week before, at noon: also where the clock is put forward in between.
        assert_eq!(local(&made[3], "agenda_deadline"), "25.03. 12:00");
        assert!(made.iter().all(|it| it["zone"] == "Europe/Helsinki"), "{made:?}");

        assert_eq!(import(&kotka.editor, &at, &first).await.expect(200)["counts"], counts(0, 0, 0, 7, 0));
        assert_eq!(anyone.all(&list).await, made);

        // 16 March is moved to the 17th at 14, and 27 April is cancelled.
        let changed = calendar(1, &[
            "RECURRENCE-ID;TZID=\"FLE Standard Time\":20260316T160000\r\n\
             DTSTART;TZID=\"FLE Standard Time\":20260317T140000\r\nDTEND;TZID=\"FLE Standard Time\":20260317T160000",
            "RECURRENCE-ID;TZID=\"FLE Standard Time\":20260427T160000\r\nSTATUS:CANCELLED\r\n\
             DTSTART;TZID=\"FLE Standard Time\":20260427T160000\r\nDTEND;TZID=\"FLE Standard Time\":20260427T180000",
        ]);
        let done = import(&kotka.editor, &at, &changed).await.expect(200);
        assert_eq!(done["counts"], counts(0, 1, 1, 5, 0));
        let told: Vec<_> = done["events"].as_array().unwrap().iter().filter(|it| it["outcome"] != "unchanged").collect();
        assert_eq!((&told[0]["meeting_id"], &told[1]["meeting_id"]), (&made[2]["id"], &made[5]["id"]));
        assert_eq!(told[0]["changed"], json!(["starts_at", "ends_at"]));
        let now = anyone.all(&list).await;
        let ids = |meetings: &[Value]| meetings.iter().map(|it| it["id"].clone()).collect::<Vec<_>>();
        assert_eq!(ids(&now), ids(&made));
        let expected = ["02.03. 16:00", "10.03. 17:30", "17.03. 14:00", "01.04. 13:00", "14.04. 17:30", "11.05. 16:00"];
        assert_eq!(starts(&now), expected);
        assert_eq!(now.iter().map(|it| it["version"].as_i64().unwrap()).collect::<Vec<_>>(), [1, 1, 2, 1, 1, 2, 1]);
        let one = anyone.get(&format!("/api/v1/meetings/{}", now[2]["id"].as_str().unwrap())).await.expect(200);
        assert_eq!((local(&one, "agenda_deadline"), local(&one, "ends_at")), ("10.03. 12:00".into(), "17.03. 16:00".into()));

        // Sent once more it changes nothing, and the first file is too old to undo it.
        assert_eq!(import(&kotka.editor, &at, &changed).await.expect(200)["counts"], counts(0, 0, 0, 7, 0));
        assert_eq!(import(&kotka.editor, &at, &first).await.expect(200)["counts"], counts(0, 0, 0, 5, 2));
        assert_eq!(anyone.all(&list).await, now);
    }
}
