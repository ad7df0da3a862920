//! Calendar feeds: a secret address shows what its owner may see, until it is deleted.

use super::files::events;
use super::*;
use reqwest::Method;

/// A new feed: its path, and its secret address.
async fn feed(owner: &Caller, new: Value) -> (String, String) {
    let made = owner.post("/api/v1/calendar-feeds", new).await.expect(201);
    (format!("/api/v1/calendar-feeds/{}", id(&made)), made["url"].as_str().unwrap().to_owned())
}

both! {
    async fn an_address_is_shown_once_and_read_without_signing_in(world: World) {
        let stage = Stage::new(&world).await;
        let owner = &stage.region.city.viewer;
        let new = json!({"title": "Valtuuston kokoukset", "language": "sv", "filters": {"kind": ["meeting"], "body_id": [stage.council]}});
        let create = || {
            let request = owner.request(Method::POST, "/api/v1/calendar-feeds").header("idempotency-key", "one").json(&new);
            owner.send(request)
        };
        let reply = create().await;
        let location = reply.header("location").unwrap().to_owned();
        let mut made = reply.expect(201);
        let url = made["url"].as_str().unwrap().to_owned();
        let token = url.strip_prefix(&format!("{}/api/v1/calendar-feeds/", world.base)).unwrap().strip_suffix("/calendar.ics").unwrap();
        assert_eq!(token.len(), 43);
        made.as_object_mut().unwrap().remove("url");
        assert_eq!(create().await.expect(201), made, "a repetition shows the feed, and no secret");
        assert_eq!(owner.get(&location).await.expect(200), made);
        assert_eq!(owner.all("/api/v1/calendar-feeds").await, [made.clone()]);
        let filters = json!({"organisation_id": [], "body_id": [stage.council], "programme_id": [], "action_id": [], "kind": ["meeting"]});
        assert_eq!((&made["title"], &made["language"], &made["filters"]), (&json!("Valtuuston kokoukset"), &json!("sv"), &filters));

        let read = world.anonymous().get(&url).await;
        assert_eq!(read.header("content-type"), Some("text/calendar; charset=utf-8"));
        assert_eq!(read.header("cache-control"), Some("private, no-cache"));
        assert!(read.text.contains("X-WR-CALNAME:Valtuuston kokoukset\r\n"), "{}", read.text);
        let events = events(&read.text);
        assert_eq!(events.len(), 1);
        assert_eq!(events[&format!("meeting-{}", stage.meeting)]["SUMMARY"], "Kouvola: stadsfullmäktige");
        let tag = read.header("etag").unwrap().to_owned();
        let anyone = world.anonymous();
        let request = anyone.request(Method::GET, &url).header("if-none-match", tag);
        assert_eq!(anyone.send(request).await.status, 304);
        assert_eq!(anyone.send(anyone.request(Method::HEAD, &url)).await.status, 200);
        // Whoever signs in with a token that is not good, or with none of the scopes, reads it all the same.
        assert_eq!(anyone.with_token("x".to_owned()).get(&url).await.status, 200);

        assert_eq!(owner.delete(&location).await.status, 204);
        let gone = anyone.get(&url).await.refused(404, "request.not_found");
        assert_eq!(gone["instance"], "/api/v1/calendar-feeds/-/calendar.ics", "the secret is in no problem");
        owner.get(&location).await.refused(404, "request.not_found");
        owner.delete(&location).await.refused(404, "request.not_found");
        assert_eq!(owner.all("/api/v1/calendar-feeds").await, [] as [Value; 0]);
    }

    async fn feeds_are_their_owners_own_affair(world: World) {
        let kotka = world.municipality("Kotka").await;
        let (path, url) = feed(&kotka.viewer, json!({"language": "fi"})).await;
        for other in [&kotka.admin, &kotka.editor, &world.operator] {
            other.get(&path).await.refused(404, "request.not_found");
            other.delete(&path).await.refused(404, "request.not_found");
            assert_eq!(other.all("/api/v1/calendar-feeds").await, [] as [Value; 0]);
        }
        let anyone = world.anonymous();
        anyone.get(&path).await.refused(401, "auth.unauthenticated");
        anyone.get("/api/v1/calendar-feeds").await.refused(401, "auth.unauthenticated");
        anyone.post("/api/v1/calendar-feeds", json!({"language": "fi"})).await.refused(401, "auth.unauthenticated");
        let identifier = path.rsplit('/').next().unwrap();
        for token in [identifier, "x", "%00", &"A".repeat(43), &url.rsplit('/').nth(1).unwrap()[1..]] {
            let path = format!("/api/v1/calendar-feeds/{token}/calendar.ics");
            anyone.get(&path).await.refused(404, "request.not_found");
        }
        assert_eq!(anyone.get(&url).await.status, 200);
        kotka.viewer.send(kotka.viewer.request(Method::DELETE, &path)).await.refused(428, "request.precondition_required");
    }

    async fn a_feed_shows_what_its_owner_may_see_at_that_moment(world: World) {
        let kotka = world.municipality("Kotka").await;
        let hidden = body(&kotka, json!({"fi": "Salasanalautakunta"}), "private").await;
        meeting(&kotka, &hidden, json!({"starts_at": "2026-03-09T15:00:00Z"})).await;
        let scopes = ["meetings:read", "actions:read", "programmes:read"];
        let owner = world.client(&kotka.id, &[(&kotka.id, Role::Viewer)], TokenScope::ALL).await;
        let at = format!("/api/v1/clients/{}", world.principal(&owner));
        let (_, url) = feed(&owner, json!({"language": "fi"})).await;
        let anyone = world.anonymous();
        let shows = async || anyone.get(&url).await.text.contains("Salasanalautakunta");
        assert!(shows().await);
        assert!(!anyone.get("/api/v1/calendar.ics").await.text.contains("Salasana"));
        kotka.admin.change(&at, json!({"roles": []})).await.expect(200);
        assert!(!shows().await, "without its role it sees what is public");
        let role = json!([{"organisation_id": kotka.id, "role": "viewer"}]);
        kotka.admin.change(&at, json!({"roles": role, "scopes": scopes})).await.expect(200);
        assert!(shows().await);
        // A client that may not read actions cannot do so by its feed.
        kotka.admin.change(&at, json!({"scopes": ["meetings:read", "programmes:read"]})).await.expect(200);
        anyone.get(&url).await.refused(404, "request.not_found");
        kotka.admin.change(&at, json!({"scopes": scopes})).await.expect(200);
        assert!(shows().await);
        kotka.admin.change(&at, json!({"active": false})).await.expect(200);
        anyone.get(&url).await.refused(404, "request.not_found");
        // A deactivation ends it for good, like the owner's sign-ins.
        kotka.admin.change(&at, json!({"active": true})).await.expect(200);
        anyone.get(&url).await.refused(404, "request.not_found");
    }

    async fn a_feed_is_narrowed_by_no_more_than_it_may_be(world: World) {
        let kotka = world.municipality("Kotka").await;
        let many: Vec<_> = (0..51).map(|number| format!("00000000-0000-7000-8000-{number:012}")).collect();
        let new = |filters: Value| json!({"language": "fi", "filters": filters});
        let make = async |filters: Value| kotka.viewer.post("/api/v1/calendar-feeds", new(filters)).await;
        let refused = make(json!({"body_id": many})).await.refused(422, "request.invalid");
        assert_eq!(refused["errors"][0]["pointer"], "/filters/body_id");
        let twice = [&many[..50], &many[..50]].concat();
        let made = make(json!({"body_id": twice, "kind": ["meeting", "meeting"]})).await.expect(201);
        assert_eq!((made["filters"]["body_id"].as_array().unwrap().len(), &made["filters"]["kind"]), (50, &json!(["meeting"])));
    }

    async fn an_account_has_at_most_fifty_feeds(world: World) {
        let kotka = world.municipality("Kotka").await;
        let new = json!({"language": "fi"});
        let mut last = String::new();
        for _ in 0..50 {
            last = feed(&kotka.viewer, new.clone()).await.0;
        }
        kotka.viewer.post("/api/v1/calendar-feeds", new.clone()).await.refused(409, "calendar_feed.too_many");
        assert_eq!(kotka.viewer.all("/api/v1/calendar-feeds").await.len(), 50);
        let page = kotka.viewer.get("/api/v1/calendar-feeds?limit=20").await.expect(200);
        let next = format!("/api/v1/calendar-feeds?limit=20&cursor={}", page["next"].as_str().unwrap());
        let more = kotka.viewer.get(&next).await.expect(200);
        assert_eq!((page["items"].as_array().unwrap().len(), more["items"].as_array().unwrap().len()), (20, 20));
        kotka.editor.get(&next).await.refused(400, "request.bad_cursor");
        feed(&kotka.editor, new.clone()).await;
        assert_eq!(kotka.viewer.delete(&last).await.status, 204);
        feed(&kotka.viewer, new).await;
    }
}
