//! What is wrong with the timetables of a programme's actions, and whose turn it is.

use super::{Route, World, body, json, meetings as add_meetings, new_step, region, step, timetable};
use crate::statements::count;
use serde_json::Value;
use yhteen_tests::{Caller, Organisation, both};

/// What is wrong, as the reader sees it.
async fn conflicts(reader: &Caller, programme: &str, query: &str) -> Vec<Value> {
    let page = reader.get(&format!("/api/v1/programmes/{programme}/conflicts{query}")).await.expect(200);
    page["items"].as_array().unwrap().clone()
}

/// What they are, whose turn it is, and on which date.
fn told(conflicts: &[Value]) -> Vec<[&str; 3]> {
    let words =
        conflicts.iter().map(|it| ["kind", "organisation_id", "on"].map(|name| it[name].as_str().unwrap_or("-")));
    words.collect()
}

async fn book(of: &Organisation, step: &str, meeting: &str) {
    let path = format!("/api/v1/decision-steps/{step}:book");
    of.editor.post(&path, json!({"meeting_id": meeting})).await.expect(200);
}

async fn decide(world: &World, of: &Organisation, step: &str, meeting: &str, outcome: &str) {
    let path = format!("/api/v1/decision-steps/{step}/handlings");
    world.renewed(&of.editor).post(&path, json!({"meeting_id": meeting, "outcome": outcome})).await.expect(201);
}

both! {
    async fn bookings_that_cannot_hold_are_the_turn_of_the_body(world: World) {
        let route = Route::new(&world).await;
        let (city, programme) = (&route.region.city, route.region.programme.clone());
        let anyone = world.anonymous();
        assert_eq!(conflicts(&anyone, &programme, "").await, Vec::<Value>::new());

        // The board proposes on 2 February, after the council's agenda of 9 February is closed.
        book(city, &route.steps[1], &route.meetings[1][0]).await;
        let early = conflicts(&anyone, &programme, "?lang=en").await;
        assert_eq!(early, [json!({
            "kind": "booking_too_early", "action_id": route.at.rsplit('/').next(), "organisation_id": city.id,
            "step_id": route.steps[1], "body_id": route.bodies[1], "meeting_id": route.meetings[1][0],
            "participant_id": null, "opaque": false, "on": "2026-01-30",
            "detail": "Kouvola Kaupunginvaltuusto: the booking for 9 Feb is too early: what the step needs is not done by then."
        })]);
        for (language, detail) in [
            ("fi", "Kouvola, Kaupunginvaltuusto: varaus 9.2. on liian aikainen, sillä vaiheen edellytykset eivät täyty siihen mennessä."),
            ("sv", "Kouvola, Kaupunginvaltuusto: bokningen den 9 februari är för tidig, eftersom det som steget förutsätter inte är klart då."),
        ] {
            assert_eq!(conflicts(&anyone, &programme, &format!("?lang={language}")).await[0]["detail"], detail);
        }

        // The board's meeting is fine until its agenda is closed and nothing was handed in; the two are told together.
        book(city, &route.steps[0], &route.meetings[0][1]).await;
        assert_eq!(told(&conflicts(&anyone, &programme, "").await), [["booking_too_early", &city.id, "2026-01-30"]]);
        world.set_clock("2026-01-27T10:00:00Z");
        let both = conflicts(&anyone, &programme, "").await;
        assert_eq!(told(&both), [["booking_missed", city.id.as_str(), "2026-01-27"]]);
        assert_eq!(both[0]["detail"], "Kouvola Kaupunginhallitus: the matter was not handed in for 2 Feb, and the agenda deadline was 27 Jan.");

        let editor = world.renewed(&city.editor);
        editor.act(&format!("/api/v1/meetings/{}:cancel", route.meetings[0][1])).await.expect(200);
        let cancelled = conflicts(&anyone, &programme, "").await;
        assert_eq!(told(&cancelled), [["booking_cancelled", city.id.as_str(), "2026-02-02"]]);
        assert_eq!(cancelled[0]["detail"], "Kouvola Kaupunginhallitus: the meeting of 2 Feb is cancelled, but the step is still booked for it.");
    }

    async fn a_booking_that_the_start_does_not_need_is_told_too(world: World) {
        let route = Route::new(&world).await;
        let (town, anyone) = (&route.region.town, world.anonymous());
        let board = body(town, "board", "Hallitus", 3).await;
        let of_board = add_meetings(town, &board, &[("2026-04-01", "16:00", "18:00", "2026-03-20")]).await;
        // It takes notice of what the parish decides on 7 May.
        let notice = step(&route.region.city, &route.at, new_step(&board, "notice", &[&route.steps[2]])).await;
        book(town, &notice, &of_board[0]).await;
        let seen = conflicts(&anyone, &route.region.programme, "").await;
        assert_eq!(told(&seen), [["booking_too_early", town.id.as_str(), "2026-03-20"]]);
        assert_eq!(timetable(&anyone, &route.at, "").await["verdict"], "feasible");
    }

    async fn what_was_decided_and_what_is_missing_is_told(world: World) {
        let route = Route::new(&world).await;
        let (city, parish, programme) = (&route.region.city, &route.parish, route.region.programme.clone());
        let anyone = world.anonymous();
        // The council's minutes of 2 March are due on the 9th, and the parish council has voted against on 7 May.
        world.set_clock("2026-05-08T10:00:00Z");
        decide(&world, city, &route.steps[0], &route.meetings[0][1], "approved").await;
        decide(&world, city, &route.steps[1], &route.meetings[1][1], "approved").await;
        decide(&world, parish, &route.steps[2], &route.meetings[2][1], "rejected").await;
        let seen = conflicts(&anyone, &programme, "").await;
        assert_eq!(told(&seen), [
            ["minutes_overdue", city.id.as_str(), "2026-03-09"],
            ["step_rejected", city.id.as_str(), "2026-05-07"],
        ]);
        assert_eq!(seen[0]["detail"], "Kouvola Kaupunginvaltuusto: the minutes of 2 Mar were due on 9 Mar and are not recorded as published.");
        assert_eq!(seen[1]["detail"], "Seurakunta Kirkkovaltuusto: rejected on 7 May.");
        let fi = conflicts(&anyone, &programme, "?lang=fi&kind=step_rejected").await;
        assert_eq!(fi[0]["detail"], "Seurakunta, Kirkkovaltuusto: kielteinen päätös 7.5.");

        // A certificate says what the minutes would.
        let record = format!("/api/v1/decision-steps/{}:record-legal-force", route.steps[1]);
        world.renewed(&city.editor).post(&record, json!({"on": "2026-04-20"})).await.expect(200);
        assert_eq!(told(&conflicts(&anyone, &programme, "").await), [["step_rejected", city.id.as_str(), "2026-05-07"]]);
    }

    async fn a_calendar_that_ends_and_a_start_that_is_too_early_are_told(world: World) {
        let route = Route::new(&world).await;
        let (city, parish, programme) = (&route.region.city, &route.parish, route.region.programme.clone());
        let anyone = world.anonymous();
        route.starts_on(Some("2026-06-01")).await;
        let early = conflicts(&anyone, &programme, "").await;
        assert_eq!(told(&early), [["start_too_early", city.id.as_str(), "2026-06-01"]]);
        assert_eq!(early[0]["detail"], "The start is planned for 1 Jun, and the earliest possible is 23 Jun.");
        assert_eq!((&early[0]["step_id"], &early[0]["opaque"]), (&Value::Null, &json!(false)));

        // The council's second meeting and the third are cancelled: too late for the last of the parish council.
        for meeting in [1, 2] {
            city.editor.act(&format!("/api/v1/meetings/{}:cancel", route.meetings[1][meeting])).await.expect(200);
        }
        let missing = conflicts(&anyone, &programme, "").await;
        assert_eq!(told(&missing), [["calendar_missing", parish.id.as_str(), "2026-06-11"]]);
        assert_eq!(missing[0]["detail"], "Seurakunta Kirkkovaltuusto: no known meeting fits the step, which needs an agenda deadline on 11 Jun or later.");
    }

    async fn a_body_that_ends_is_the_turn_of_the_accountable_organisation(world: World) {
        let region = region(&world).await;
        let at = region.draft("A1", "public").await;
        let ended = body(&region.town, "committee", "Entinen", 3).await;
        step(&region.city, &at, new_step(&ended, "decision", &[])).await;
        region.city.editor.act(&format!("{at}:propose")).await.expect(200);
        region.town.admin.change(&format!("/api/v1/bodies/{ended}"), json!({"valid_to": "2026-01-10"})).await.expect(200);
        let seen = conflicts(&world.anonymous(), &region.programme, "").await;
        assert_eq!(told(&seen), [["body_ends", region.city.id.as_str(), "2026-01-10"]]);
    }

    async fn who_withdraws_after_the_agreement_is_told(world: World) {
        let region = region(&world).await;
        let anyone = world.anonymous();
        let at = region.draft("A1", "public").await;
        let town = &region.town;
        let roles = json!({"organisation_id": town.id, "roles": ["implementing"]});
        region.city.editor.post(&format!("{at}/participants"), roles).await.expect(201);
        region.city.editor.act(&format!("{at}:propose")).await.expect(200);
        town.editor.act(&format!("{at}/participants/{}:commit", town.id)).await.expect(200);
        region.city.editor.act(&format!("{at}:agree")).await.expect(200);
        assert_eq!(conflicts(&anyone, &region.programme, "").await, Vec::<Value>::new());
        town.editor.act(&format!("{at}/participants/{}:withdraw", town.id)).await.expect(200);
        let seen = conflicts(&anyone, &region.programme, "?lang=sv").await;
        assert_eq!(told(&seen), [["participant_withdrawn", region.city.id.as_str(), "2026-01-15"]]);
        assert_eq!((&seen[0]["participant_id"], &seen[0]["step_id"]), (&json!(town.id), &Value::Null));
        assert_eq!(seen[0]["detail"], "Kotka: drog sig ur den 15 januari, efter att åtgärden hade överenskommits.");
        region.city.editor.act(&format!("{at}:cancel")).await.expect(200);
        assert_eq!(conflicts(&anyone, &region.programme, "").await, Vec::<Value>::new());
    }

    async fn what_is_opaque_tells_its_organisation_and_dates_alone(world: World) {
        let region = region(&world).await;
        let (city, town) = (&region.city, &region.town);
        let hidden = body(town, "board", "Salainen", 3).await;
        let of_hidden = add_meetings(town, &hidden, &[("2026-03-02", "16:00", "18:00", "2026-02-20")]).await;
        let at = region.draft("A1", "public").await;
        let hidden_step = step(city, &at, new_step(&hidden, "decision", &[])).await;
        city.editor.act(&format!("{at}:propose")).await.expect(200);
        book(town, &hidden_step, &of_hidden[0]).await;
        town.editor.act(&format!("/api/v1/meetings/{}:cancel", of_hidden[0])).await.expect(200);
        town.admin.change(&format!("/api/v1/bodies/{hidden}"), json!({"visibility": "private"})).await.expect(200);
        let action = at.rsplit('/').next();
        let veiled = json!({
            "kind": "booking_cancelled", "action_id": action, "organisation_id": town.id, "step_id": hidden_step,
            "body_id": null, "meeting_id": null, "participant_id": null, "opaque": true, "on": "2026-03-02",
            "detail": "Kotka: the meeting of 2 Mar is cancelled, but the step is still booked for it."
        });
        for reader in [&world.anonymous(), &city.viewer, &region.county.admin, &world.operator] {
            assert_eq!(conflicts(reader, &region.programme, "").await, std::slice::from_ref(&veiled));
        }
        let own = conflicts(&town.viewer, &region.programme, "").await;
        assert_eq!((&own[0]["body_id"], &own[0]["meeting_id"], &own[0]["opaque"]), (&json!(hidden), &json!(of_hidden[0]), &json!(false)));
        assert!(own[0]["detail"].as_str().unwrap().starts_with("Kotka Salainen: "));
        // A draft is nobody else's affair.
        let draft = region.draft("A2", "private").await;
        city.editor.change(&draft, json!({"starts_on": "2026-01-16"})).await.expect(200);
        let council = body(city, "council", "Valtuusto", 3).await;
        add_meetings(city, &council, &[("2026-03-02", "16:00", "18:00", "2026-02-20")]).await;
        step(city, &draft, new_step(&council, "decision", &[])).await;
        let counts = [(&world.anonymous(), 1), (&town.viewer, 1), (&region.county.admin, 1), (&city.viewer, 2)];
        for (reader, expect) in counts {
            assert_eq!(conflicts(reader, &region.programme, "").await.len(), expect);
        }
    }

    async fn pages_and_filters_are_of_one_list(world: World) {
        let region = region(&world).await;
        let (city, town) = (&region.city, &region.town);
        let path = format!("/api/v1/programmes/{}/conflicts", region.programme);
        let empty = body(town, "board", "Hallitus", 3).await;
        let council = body(city, "council", "Valtuusto", 3).await;
        add_meetings(city, &council, &[("2026-03-02", "16:00", "18:00", "2026-02-20")]).await;
        let mut counted = Vec::new();
        for number in 0..6 {
            let at = region.draft(&format!("A{number}"), "public").await;
            let of = if number % 2 == 0 { &empty } else { &council };
            step(city, &at, new_step(of, "decision", &[])).await;
            city.editor.change(&at, json!({"starts_on": "2026-02-01"})).await.expect(200);
            city.editor.act(&format!("{at}:propose")).await.expect(200);
            counted.push(count(&world, &path).await);
        }
        // The programme with its members, the sources of all timetables, and who has withdrawn.
        assert_eq!(counted, [11; 6]);
        let anyone = world.anonymous();
        let all = conflicts(&anyone, &region.programme, "").await;
        let kinds: Vec<_> = told(&all).iter().map(|[kind, ..]| *kind).collect();
        assert_eq!(kinds, ["calendar_missing", "start_too_early"].repeat(3));
        for limit in [1, 4, 6] {
            let (mut paged, mut next) = (Vec::new(), String::new());
            loop {
                let page = anyone.get(&format!("{path}?limit={limit}{next}")).await.expect(200);
                paged.extend(page["items"].as_array().unwrap().clone());
                let Some(cursor) = page["next"].as_str() else { break };
                next = format!("&cursor={cursor}");
            }
            assert_eq!(paged, all, "{limit} at a time");
        }
        let checks = [
            (format!("organisation_id={}", town.id), 3),
            (format!("organisation_id={}", city.id), 3),
            (format!("organisation_id={}&organisation_id={}", city.id, town.id), 6),
            (format!("organisation_id={}", region.county.id), 0),
            ("kind=start_too_early".to_owned(), 3),
            ("kind=start_too_early&kind=calendar_missing".to_owned(), 6),
            (format!("kind=start_too_early&organisation_id={}", town.id), 0),
        ];
        for (query, expect) in checks {
            assert_eq!(conflicts(&anyone, &region.programme, &format!("?{query}")).await.len(), expect, "{query}");
        }
        let first = anyone.get(&format!("{path}?limit=1")).await;
        assert!(first.header("vary").unwrap().starts_with("Authorization, Accept-Language, "));
        let cursor = first.expect(200)["next"].as_str().unwrap().to_owned();
        anyone.get(&format!("{path}?kind=body_ends&cursor={cursor}")).await.refused(400, "request.bad_cursor");
    }
}
