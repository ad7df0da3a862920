//! Calendar files: what we write is what others read, and stays the same while nothing changes.

use super::*;
use crate::meetings_import::import;
use reqwest::{Method, header};

/// The file with each long line in one piece, line by line.
fn lines(file: &str) -> Vec<String> {
    assert!(file.ends_with("END:VCALENDAR\r\n") && !file.replace("\r\n", "").contains(['\r', '\n']));
    assert!(file.split("\r\n").all(|line| line.len() <= 75), "{file}");
    file.replace("\r\n ", "").split("\r\n").map(str::to_owned).collect()
}

/// The events of a file by their UIDs without the host, each as its properties by name.
pub(crate) fn events(file: &str) -> std::collections::BTreeMap<String, std::collections::BTreeMap<String, String>> {
    let mut events = std::collections::BTreeMap::new();
    let mut current = std::collections::BTreeMap::new();
    for line in lines(file) {
        let Some((name, value)) = line.split_once(':') else { continue };
        match (name, value) {
            ("BEGIN", "VEVENT") => current.clear(),
            ("END", "VEVENT") => {
                let uid: &String = &current["UID"];
                events.insert(uid.split('@').next().unwrap().to_owned(), current.clone());
            }
            _ => drop(current.insert(name.to_owned(), value.to_owned())),
        }
    }
    events
}

async fn read(reader: &Caller, path: &str) -> String {
    let reply = reader.get(path).await;
    assert_eq!(reply.header("content-type"), Some("text/calendar; charset=utf-8"), "{}", reply.text);
    assert_eq!(reply.header("cache-control"), Some("private, no-cache"));
    reply.text
}

both! {
    async fn what_is_written_can_be_imported_elsewhere(world: World) {
        let (kouvola, kotka) = (world.municipality("Kouvola").await, world.municipality("Kotka").await);
        let of = body(&kouvola, json!({"fi": "Lasten, nuorten; ja \"perheiden\" \\ valtuusto"}), "public").await;
        let odd = "Kaupungintalo, 2. krs; sali \"A\": \\n ei rivinvaihto, vaan hyvin pitkä osoite — 🦀 ja päälle ääkkösiä";
        for new in [
            // The days on which the clock is turned.
            json!({"starts_at": "2026-03-29T00:30:00Z", "ends_at": "2026-03-29T02:00:00Z"}),
            json!({"starts_at": "2026-03-29T13:00:00Z"}),
            json!({"starts_at": "2026-10-25T00:30:00Z", "ends_at": "2026-10-25T01:30:00Z"}),
            json!({"starts_at": "2026-10-25T01:30:00Z", "tags": ["budget", "kevat"]}),
            json!({"starts_at": "2026-10-26T14:00:00Z", "location": odd}),
        ] {
            meeting(&kouvola, &of, new).await;
        }
        let path = format!("/api/v1/bodies/{of}/calendar.ics?kind=meeting");
        let file = read(&world.anonymous(), &path).await;
        let there = body(&kotka, json!({"fi": "Seuraaja"}), "public").await;
        let at = format!("/api/v1/bodies/{there}/meetings:import");
        let done = import(&kotka.editor, &at, &file).await.expect(200);
        assert_eq!(done["counts"], json!({"created": 5, "updated": 0, "cancelled": 0, "unchanged": 0, "skipped": 0}));
        let of_body = async |body: &str| {
            let all = world.anonymous().all(&format!("/api/v1/meetings?body_id={body}")).await;
            let known = ["starts_at", "ends_at", "location", "tags", "cancelled"];
            all.iter().map(|it| json!(known.map(|name| &it[name]))).collect::<Vec<_>>()
        };
        assert_eq!(of_body(&there).await, of_body(&of).await);
        let again = import(&kotka.editor, &at, &file).await.expect(200);
        assert_eq!(again["counts"]["unchanged"], 5);

        let all = world.anonymous().all(&format!("/api/v1/meetings?body_id={of}")).await;
        let path_of = |index: usize| format!("/api/v1/meetings/{}", id(&all[index]));
        kouvola.editor.act(&format!("{}:cancel", path_of(0))).await.expect(200);
        let moved = json!({"starts_at": "2026-03-30T13:00:00Z"});
        kouvola.editor.change(&path_of(1), moved).await.expect(200);
        let file = read(&world.anonymous(), &path).await;
        let done = import(&kotka.editor, &at, &file).await.expect(200);
        assert_eq!(done["counts"], json!({"created": 0, "updated": 1, "cancelled": 1, "unchanged": 3, "skipped": 0}));
        assert_eq!(of_body(&there).await, of_body(&of).await);
    }

    async fn a_file_tells_a_calendar_program_what_it_needs(world: World) {
        let stage = Stage::new(&world).await;
        let file = read(&world.anonymous(), "/api/v1/calendar.ics?lang=fi").await;
        let head = lines(&file);
        for line in [
            "BEGIN:VCALENDAR", "VERSION:2.0", "METHOD:PUBLISH", "NAME:Yhteen", "X-WR-CALNAME:Yhteen",
            "REFRESH-INTERVAL;VALUE=DURATION:PT4H", "BEGIN:VTIMEZONE", "TZID:Europe/Helsinki",
        ] {
            assert!(head.iter().any(|it| it == line), "{line}");
        }
        let events = events(&file);
        let of = |uid: &str, name: &str| events[uid].get(name).map_or("", String::as_str).to_owned();
        let (met, closed) = (format!("meeting-{}", stage.meeting), format!("deadline-{}", stage.meeting));
        let (force, due) = (format!("legal-force-{}", stage.step), format!("report-due-{}", stage.period));
        assert_eq!(events.keys().cloned().collect::<std::collections::BTreeSet<_>>(),
            [met.clone(), closed.clone(), force.clone(), due.clone()].into());
        assert!(of(&met, "UID").ends_with("@127.0.0.1"));
        assert_eq!(of(&met, "DTSTART;TZID=Europe/Helsinki"), "20260309T170000");
        assert_eq!(of(&met, "DTEND;TZID=Europe/Helsinki"), "20260309T200000");
        assert_eq!(of(&met, "SUMMARY"), "Kouvola: kaupunginvaltuusto");
        assert_eq!((of(&met, "STATUS"), of(&met, "TRANSP")), ("TENTATIVE".to_owned(), "OPAQUE".to_owned()));
        assert_eq!((of(&met, "CATEGORIES"), of(&met, "SEQUENCE")), ("budget".to_owned(), "0".to_owned()));
        assert_eq!(of(&met, "URL"), format!("{}/api/v1/meetings/{}", world.base, stage.meeting));
        assert_eq!(of(&met, "DTSTAMP"), "20260115T100000Z");
        assert_eq!(of(&closed, "DTSTART;TZID=Europe/Helsinki"), "20260302T120000");
        assert_eq!(of(&closed, "SUMMARY"), "Esityslistan määräaika: Kouvola: kaupunginvaltuusto");
        assert_eq!(of(&closed, "TRANSP"), "TRANSPARENT");
        assert_eq!((of(&force, "DTSTART;VALUE=DATE"), of(&force, "DTEND;VALUE=DATE")), ("20260423".to_owned(), "20260424".to_owned()));
        assert_eq!(of(&force, "SUMMARY"), "Lainvoima: Kouvola: kaupunginvaltuusto: Perustaminen");
        assert_eq!((of(&due, "DTSTART;VALUE=DATE"), of(&due, "STATUS")), ("20260228".to_owned(), "CONFIRMED".to_owned()));
    }

    async fn a_cancelled_meeting_stays_as_cancelled_with_its_deadline(world: World) {
        let kotka = world.municipality("Kotka").await;
        let of = body(&kotka, json!({"fi": "Valtuusto"}), "public").await;
        let meeting = meeting(&kotka, &of, json!({"starts_at": "2026-03-09T15:00:00Z"})).await;
        let told = async || {
            let events = events(&read(&world.anonymous(), &format!("/api/v1/bodies/{of}/calendar.ics")).await);
            let of = |name: &str| {
                let event = &events[&format!("{name}-{meeting}")];
                ["STATUS", "SEQUENCE", "LAST-MODIFIED"].map(|name| event[name].clone())
            };
            [of("meeting"), of("deadline")]
        };
        assert_eq!(told().await, [["TENTATIVE", "0", "20260115T100000Z"]; 2]);
        kotka.editor.change(&format!("/api/v1/meetings/{meeting}"), json!({"state": "invited"})).await.expect(200);
        assert_eq!(told().await, [["CONFIRMED", "1", "20260115T100000Z"]; 2]);
        world.set_clock("2026-01-15T10:05:00Z");
        kotka.editor.act(&format!("/api/v1/meetings/{meeting}:cancel")).await.expect(200);
        assert_eq!(told().await, [["CANCELLED", "2", "20260115T100500Z"]; 2]);
    }

    async fn an_unchanged_file_is_the_same_to_the_last_byte(world: World) {
        let stage = Stage::new(&world).await;
        let programme = &stage.region.programme;
        let paths = [
            "/api/v1/calendar.ics".to_owned(),
            format!("/api/v1/calendar?{YEAR}"),
            format!("/api/v1/programmes/{programme}/calendar.ics"),
        ];
        for (minute, path) in paths.into_iter().enumerate() {
            world.set_clock("2026-01-15T10:00:00Z");
            let anyone = world.anonymous();
            let first = anyone.get(&path).await;
            let tag = first.header("etag").unwrap().to_owned();
            assert!(first.header("vary").unwrap().starts_with("Authorization, Accept, Accept-Language"));
            world.set_clock("2026-01-15T10:09:00Z");
            let second = anyone.get(&path).await;
            assert_eq!((second.text.as_str(), second.header("etag")), (first.text.as_str(), Some(tag.as_str())), "{path}");
            let known = || anyone.send(anyone.request(Method::GET, &path).header(header::IF_NONE_MATCH, &tag));
            let unchanged = known().await;
            assert_eq!((unchanged.status.as_u16(), unchanged.header("etag")), (304, Some(tag.as_str())), "{path}");
            let ended = json!({"ends_at": format!("2026-03-09T17:{minute:02}:00Z")});
            stage.region.city.editor.change(&format!("/api/v1/meetings/{}", stage.meeting), ended).await.expect(200);
            assert_eq!(known().await.status, 200, "{path}");
        }
    }

    async fn the_form_and_the_language_are_what_the_caller_takes(world: World) {
        let stage = Stage::new(&world).await;
        let anyone = world.anonymous();
        let ask = async |accept: &str| {
            let path = format!("/api/v1/calendar?{YEAR}");
            let request = anyone.request(Method::GET, &path).header(header::ACCEPT, accept);
            anyone.send(request).await.header("content-type").unwrap().split(';').next().unwrap().to_owned()
        };
        for accept in ["text/calendar", "text/*", "text/calendar, application/json;q=0.5", "TEXT/Calendar;q=0.2, */*;q=0.1"] {
            assert_eq!(ask(accept).await, "text/calendar", "{accept}");
        }
        for accept in ["*/*", "application/json", "text/calendar;q=0.5, application/json", "text/html", "", "text/calendar;q=0"] {
            assert_eq!(ask(accept).await, "application/json", "{accept}");
        }
        let summary = async |query: &str, language: &str| {
            let path = format!("/api/v1/actions/{}/calendar.ics{query}", stage.action);
            let request = anyone.request(Method::GET, &path).header(header::ACCEPT_LANGUAGE, language);
            let file = anyone.send(request).await.text;
            let deadline = format!("deadline-{}", stage.meeting);
            events(&file)[&deadline]["SUMMARY"].clone()
        };
        let (fi, sv) = ("Esityslistan määräaika: Kouvola: kaupunginvaltuusto", "Tidsfrist för föredragningslistan: Kouvola: stadsfullmäktige");
        assert_eq!(summary("", "fi").await, fi);
        assert_eq!(summary("", "sv-FI, fi;q=0.5").await, sv);
        assert_eq!(summary("?lang=fi", "sv").await, fi);
        assert_eq!(summary("", "de").await, "Agenda deadline: Kouvola: kaupunginvaltuusto");
    }

    async fn each_thing_has_the_calendar_of_what_belongs_to_it(world: World) {
        let stage = Stage::new(&world).await;
        let Stage { region, action, council, .. } = &stage;
        for (path, name, count) in [
            (format!("bodies/{council}"), "stadsfullmäktige", 3),
            (format!("organisations/{}", region.city.id), "Kouvola", 4),
            (format!("organisations/{}", region.county.id), "Hyvinvointialue", 1),
            (format!("actions/{action}"), "Perhekeskus", 3),
            (format!("programmes/{}", region.programme), "Lasten hyvinvointisuunnitelma", 4),
        ] {
            let file = read(&world.anonymous(), &format!("/api/v1/{path}/calendar.ics?lang=sv")).await;
            assert!(lines(&file).contains(&format!("X-WR-CALNAME:{name}")), "{path}: {file}");
            assert_eq!(events(&file).len(), count, "{path}");
        }
        let nothing = "00000000-0000-7000-8000-000000000000";
        for sort in ["bodies", "organisations", "actions", "programmes"] {
            let path = format!("/api/v1/{sort}/{nothing}/calendar.ics");
            world.anonymous().get(&path).await.refused(404, "request.not_found");
        }
    }
}
