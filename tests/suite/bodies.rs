//! Bodies: kept by the administrators of their organisation, public or private with all their meetings.

use serde_json::{Value, json};
use yhteen_domain::changes::Position;
use yhteen_domain::ids::BodyId;
use yhteen_persistence::scope::{self, Scope};
use yhteen_persistence::{bodies, changes, meetings};
use yhteen_tests::{Caller, Organisation, World, both, caller::id};

/// A body as it may be sent in.
pub fn board(of: &Organisation, kind: &str) -> Value {
    json!({
        "organisation_id": of.id,
        "name": {"fi": "Toimielin"},
        "kind": kind,
        "agenda_lead": {"days": 7, "time": "12:00"},
        "minutes_publication_days": 4,
    })
}

/// A new body; answers its identifier.
pub async fn body(of: &Organisation, kind: &str) -> String {
    id(&of.admin.post("/api/v1/bodies", board(of, kind)).await.expect(201))
}

/// The feed as its queries answer it to a caller, once it has `count` events: on PostgreSQL one is shown when no older
/// transaction of the whole server, other tests' included, is left.
async fn events(caller: &Caller, world: &World, count: usize) -> Vec<(String, bool, i64)> {
    let app = world.shared.app.clone();
    let scope = match caller.token().and_then(|token| app.keys.verify(token, app.now())) {
        None => Scope::anonymous(),
        Some(claims) => {
            let today = app.today();
            let read = app.store.read(move |db| scope::access(db, claims.principal, today));
            read.await.unwrap().unwrap().scope().clone()
        }
    };
    for _ in 0..1_000 {
        let scope = scope.clone();
        let feed = app.store.read(move |db| changes::after(db, &scope, Position::default(), 1_000)).await.unwrap();
        if feed.changes.len() >= count {
            return feed.changes.into_iter().map(|change| (change.kind, change.tombstone, change.version)).collect();
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    panic!("the feed does not reach {count} events");
}

both! {
    async fn an_administrator_keeps_bodies_and_everyone_sees_public_ones(world: World) {
        let kotka = world.municipality("Kotka").await;
        let created = kotka.admin.post("/api/v1/bodies", board(&kotka, "committee")).await;
        let location = created.header("location").unwrap().to_owned();
        let made = created.expect(201);
        assert_eq!(made["regime"], "municipal_board");
        assert_eq!(made["visibility"], "public");
        assert_eq!(made["agenda_lead"], json!({"days": 7, "time": "12:00"}));
        assert_eq!(made["permissions"], json!({"edit": true, "edit_meetings": true}));

        let seen = world.anonymous().get(&location).await.expect(200);
        assert_eq!(seen["permissions"], json!({"edit": false, "edit_meetings": false}));
        let seen = kotka.editor.get(&location).await.expect(200);
        assert_eq!(seen["permissions"], json!({"edit": false, "edit_meetings": true}));

        let hamina = world.municipality("Hamina").await;
        for other in [&hamina.admin, &kotka.editor, &world.operator] {
            other.post("/api/v1/bodies", board(&kotka, "board")).await.refused(403, "auth.forbidden");
            other.change(&location, json!({"valid_to": "2026-12-31"})).await.refused(403, "auth.forbidden");
        }
        world.anonymous().post("/api/v1/bodies", board(&kotka, "board")).await.refused(401, "auth.unauthenticated");

        let ended = kotka.admin.patch(&location, 1, json!({"valid_to": "2026-12-31"})).await.expect(200);
        assert_eq!((&ended["valid_to"], &ended["version"]), (&json!("2026-12-31"), &json!(2)));
        kotka.admin.patch(&location, 1, json!({"valid_to": null})).await.refused(412, "request.precondition_failed");
    }

    async fn the_regime_follows_the_kinds_unless_it_is_chosen(world: World) {
        let parish = world.organisation("Seurakunta", "parish").await;
        let made = parish.admin.post("/api/v1/bodies", board(&parish, "parish_board")).await.expect(201);
        assert_eq!(made["regime"], "parish_board");
        let at = format!("/api/v1/bodies/{}", id(&made));
        let expect = |patch: Value, regime: &'static str| {
            let (admin, at) = (parish.admin.clone(), at.clone());
            async move { assert_eq!(admin.change(&at, patch.clone()).await.expect(200)["regime"], regime, "{patch}") }
        };
        expect(json!({"kind": "parish_council"}), "parish_council").await;
        expect(json!({"regime": "none"}), "none").await;
        expect(json!({"kind": "parish_board"}), "none").await;
        expect(json!({"regime": null}), "parish_board").await;
        let chosen = json!({"regime": "municipal_council"});
        let mut new = board(&parish, "parish_board");
        new["regime"] = chosen["regime"].clone();
        assert_eq!(parish.admin.post("/api/v1/bodies", new).await.expect(201)["regime"], "municipal_council");
    }

    async fn what_cannot_be_is_named_by_its_place(world: World) {
        let kotka = world.municipality("Kotka").await;
        let at = format!("/api/v1/bodies/{}", body(&kotka, "board").await);
        for (patch, pointer, code) in [
            (json!({"name": null}), "/name", "wrong_type"),
            (json!({"name": {"fi": null}}), "/name", "no_language"),
            (json!({"kind": "senate"}), "/kind", "not_in_vocabulary"),
            (json!({"agenda_lead": {"days": 61, "time": "12:00"}}), "/agenda_lead/days", "out_of_range"),
            (json!({"agenda_lead": {"days": -1, "time": "12:00"}}), "/agenda_lead/days", "bad_value"),
            (json!({"agenda_lead": {"days": 1, "time": "24:00"}}), "/agenda_lead/time", "bad_time_of_day"),
            (json!({"agenda_lead": {"days": 1}}), "/agenda_lead/time", "required"),
            (json!({"agenda_lead": {"days": 1, "time": "09:00", "zone": "UTC"}}), "/agenda_lead/zone", "unknown_member"),
            (json!({"minutes_publication_days": 366}), "/minutes_publication_days", "out_of_range"),
            (json!({"minutes_publication_days": 70_000}), "/minutes_publication_days", "bad_value"),
            (json!({"valid_from": "2026-02-02", "valid_to": "2026-02-01"}), "/valid_to", "before_start"),
            (json!({"valid_from": "-9999-01-01"}), "/valid_from", "out_of_range"),
            (json!({"published_until": "9999-01-01"}), "/published_until", "out_of_range"),
            (json!({"valid_to": "2026-02-30"}), "/valid_to", "bad_value"),
            (json!({"organisation_id": kotka.id}), "/organisation_id", "unknown_member"),
        ] {
            let refused = kotka.admin.change(&at, patch.clone()).await.refused(422, "request.invalid");
            let place = (refused["errors"][0]["pointer"].as_str(), refused["errors"][0]["code"].as_str());
            assert_eq!(place, (Some(pointer), Some(code)), "{patch}: {refused}");
        }
        let mut nowhere = board(&kotka, "board");
        nowhere["organisation_id"] = json!("00000000-0000-7000-8000-000000000000");
        let refused = kotka.admin.post("/api/v1/bodies", nowhere).await.refused(422, "request.invalid");
        assert_eq!(refused["errors"][0]["pointer"], "/organisation_id");
        assert_eq!(world.anonymous().get(&at).await.expect(200)["version"], 1);
    }

    async fn a_private_body_is_known_to_its_organisation_alone(world: World) {
        let kotka = world.municipality("Kotka").await;
        let hamina = world.municipality("Hamina").await;
        let made = kotka.admin.post("/api/v1/bodies", {
            let mut new = board(&kotka, "section");
            new["visibility"] = json!("private");
            new
        });
        let made = id(&made.await.expect(201));
        let at = format!("/api/v1/bodies/{made}");
        let meetings = format!("{at}/meetings");
        let new = json!({"starts_at": "2026-03-17T14:00:00Z"});
        let meeting = format!("/api/v1/meetings/{}", id(&kotka.editor.post(&meetings, new.clone()).await.expect(201)));

        kotka.viewer.get(&at).await.expect(200);
        kotka.viewer.get(&meeting).await.expect(200);
        for other in [&hamina.admin, &world.anonymous(), &world.operator] {
            other.get(&at).await.refused(404, "request.not_found");
            other.get(&meeting).await.refused(404, "request.not_found");
            assert_eq!(other.all("/api/v1/bodies").await.len(), 0);
            assert_eq!(other.all("/api/v1/meetings").await.len(), 0);
            assert_eq!(other.all(&format!("/api/v1/meetings?body_id={made}")).await.len(), 0);
        }
        hamina.admin.change(&at, json!({})).await.refused(404, "request.not_found");
        hamina.editor.post(&meetings, new).await.refused(404, "request.not_found");
        hamina.editor.act(&format!("{meeting}:cancel")).await.refused(404, "request.not_found");
        hamina.editor.change(&meeting, json!({})).await.refused(404, "request.not_found");
    }

    async fn a_change_of_visibility_reaches_every_meeting(world: World) {
        let kotka = world.municipality("Kotka").await;
        let made = body(&kotka, "board").await;
        let at = format!("/api/v1/bodies/{made}");
        for day in ["17", "24"] {
            let new = json!({"starts_at": format!("2026-03-{day}T14:00:00Z")});
            kotka.editor.post(&format!("{at}/meetings"), new).await.expect(201);
        }
        // An organisation, a body and two meetings.
        assert_eq!(events(&world.anonymous(), &world, 4).await.len(), 4);
        kotka.admin.change(&at, json!({"visibility": "private"})).await.expect(200);
        let gone = events(&world.anonymous(), &world, 7).await.split_off(4);
        let tombstone = |kind: &str| (kind.to_owned(), true, 2);
        let changed = "meeting.audience_changed";
        assert_eq!(gone, [tombstone("body.updated"), tombstone(changed), tombstone(changed)]);
        let own = events(&kotka.viewer, &world, 7).await.split_off(4);
        assert!(own.iter().all(|(_, tombstone, _)| !tombstone), "{own:?}");
        assert_eq!(world.anonymous().all("/api/v1/meetings").await.len(), 0);

        // What happens in private is nobody else's.
        kotka.admin.change(&at, json!({"published_until": "2026-12-31"})).await.expect(200);
        kotka.admin.change(&at, json!({"visibility": "public"})).await.expect(200);
        let back = events(&world.anonymous(), &world, 10).await.split_off(7);
        let seen = |kind: &str, version| (kind.to_owned(), false, version);
        assert_eq!(back, [seen("body.updated", 4), seen(changed, 3), seen(changed, 3)]);
        let meetings = world.anonymous().all("/api/v1/meetings").await;
        assert!(meetings.iter().all(|meeting| meeting["version"] == 3), "{meetings:?}");
    }

    async fn a_computation_takes_in_what_its_reader_does_not_see(world: World) {
        let kotka = world.municipality("Kotka").await;
        let made = [body(&kotka, "council").await, body(&kotka, "board").await];
        for (of, start) in [(&made[0], "2026-03-17T14:00:00Z"), (&made[1], "2026-03-10T14:00:00Z")] {
            let at = format!("/api/v1/bodies/{of}/meetings");
            kotka.editor.post(&at, json!({"starts_at": start})).await.expect(201);
        }
        kotka.admin.change(&format!("/api/v1/bodies/{}", made[1]), json!({"visibility": "private"})).await.expect(200);
        let ids: Vec<BodyId> = made.iter().map(|id| id.parse().unwrap()).collect();
        let expect = ids.clone();
        let read = world.app().store.read(move |db| {
            Ok((bodies::of_ids(db, &Scope::anonymous(), &ids)?, meetings::of_bodies(db, &ids)?))
        });
        let (sighted, meetings) = read.await.unwrap();
        let flags: Vec<_> = sighted.iter().map(|it| (it.body.id, it.visible)).collect();
        assert_eq!(flags, [(expect[0], true), (expect[1], false)]);
        let order: Vec<_> = meetings.iter().map(|it| it.body_id).collect();
        assert_eq!(order, [expect[1], expect[0]]);
    }

    async fn bodies_are_listed_by_organisation_and_kind(world: World) {
        let kotka = world.municipality("Kotka").await;
        let hamina = world.municipality("Hamina").await;
        let made = [body(&kotka, "council").await, body(&kotka, "board").await, body(&hamina, "board").await];
        let list = |query: String| {
            let anyone = world.anonymous();
            async move { anyone.all(&format!("/api/v1/bodies{query}")).await.iter().map(id).collect::<Vec<_>>() }
        };
        assert_eq!(list(String::new()).await, made);
        assert_eq!(list(format!("?organisation_id={}", kotka.id)).await, made[..2]);
        assert_eq!(list(format!("?organisation_id={}&organisation_id={}", kotka.id, hamina.id)).await, made);
        assert_eq!(list("?kind=board".into()).await, made[1..]);
        assert_eq!(list("?kind=board&kind=council".into()).await, made);
        world.set_clock("2026-01-15T10:10:00Z");
        kotka.admin.change(&format!("/api/v1/bodies/{}", made[1]), json!({"minutes_publication_days": 5})).await.expect(200);
        assert_eq!(list("?updated_since=2026-01-15T10:10:00Z".into()).await, made[1..2]);
        world.anonymous().get("/api/v1/bodies?kind=senate").await.refused(400, "request.bad_parameter");
    }
}
