//! Actions: led by one organisation, carried out by those who commit themselves.

use crate::programmes::active;
use serde_json::{Value, json};
use yhteen_tests::caller::id;
use yhteen_tests::{Caller, Organisation, World, both};

/// A programme with its founder, which coordinates it, two members and an outsider.
pub(crate) struct Region {
    pub(crate) programme: String,
    pub(crate) county: Organisation,
    pub(crate) city: Organisation,
    pub(crate) town: Organisation,
    pub(crate) outsider: Organisation,
}

pub(crate) async fn region(world: &World) -> Region {
    let county = world.organisation("Hyvinvointialue", "wellbeing_services_county").await;
    let (city, town) = (world.municipality("Kouvola").await, world.municipality("Kotka").await);
    let outsider = world.municipality("Helsinki").await;
    let at = active(&county, &[&city, &town]).await;
    let programme = at.rsplit('/').next().unwrap().to_owned();
    Region { programme, county, city, town, outsider }
}

impl Region {
    /// What the city says of a new action.
    pub(crate) fn plan(&self, code: &str, visibility: &str) -> Value {
        json!({
            "programme_id": self.programme,
            "organisation_id": self.city.id,
            "code": code,
            "title": {"fi": "Perhekeskus"},
            "visibility": visibility
        })
    }

    /// A draft of the city's: its path.
    pub(crate) async fn draft(&self, code: &str, visibility: &str) -> String {
        let made = self.city.editor.post("/api/v1/actions", self.plan(code, visibility)).await.expect(201);
        format!("/api/v1/actions/{}", id(&made))
    }

    async fn invite(&self, at: &str, organisation: &Organisation, roles: &[&str]) -> String {
        let body = json!({"organisation_id": organisation.id, "roles": roles});
        self.city.editor.post(&format!("{at}/participants"), body).await.expect(201);
        format!("{at}/participants/{}", organisation.id)
    }

    /// Who sees the action, by name.
    async fn sees(&self, world: &World, at: &str) -> String {
        let readers: [(&str, Caller); 5] = [
            ("city", self.city.viewer.clone()),
            ("town", self.town.viewer.clone()),
            ("coordinator", self.county.admin.clone()),
            ("member", self.county.viewer.clone()),
            ("everyone", world.anonymous()),
        ];
        let mut names = Vec::new();
        for (name, reader) in readers {
            let found = reader.get(at).await.status == 200;
            let listed = reader.all("/api/v1/actions").await.iter().any(|action| at.ends_with(&id(action)));
            assert_eq!(found, listed, "what {name} finds is what it sees in the list");
            names.extend(found.then_some(name));
        }
        names.join(" ")
    }
}

async fn act(caller: &Caller, at: &str, verb: &str) -> Value {
    caller.act(&format!("{at}:{verb}")).await.expect(200)
}

fn commitment(action: &Value, organisation: &Organisation) -> Value {
    let participants = action["participants"].as_array().unwrap();
    participants.iter().find(|it| it["organisation_id"] == organisation.id.as_str()).unwrap()["commitment"].clone()
}

both! {
    async fn whoever_creates_an_action_is_accountable_and_committed(world: World) {
        let region = region(&world).await;
        let (city, plan) = (&region.city, region.plan("A1", "participants"));
        let reply = city.editor.post("/api/v1/actions", plan.clone()).await;
        let at = reply.header("location").unwrap().to_owned();
        let etag = reply.header("etag").unwrap().to_owned();
        let made = reply.expect(201);
        assert_eq!((&made["status"], &made["version"], &made["start_gate"]), (&json!("draft"), &json!(1), &json!("decided")));
        assert_eq!(made["accountable_id"], city.id.as_str());
        let participants = made["participants"].as_array().unwrap();
        assert_eq!(participants.len(), 1);
        assert_eq!((&participants[0]["roles"], &participants[0]["commitment"]), (&json!(["accountable"]), &json!("committed")));
        let now = city.editor.get(&at).await;
        assert_eq!(now.header("etag").unwrap(), etag);
        assert_eq!(now.expect(200), made);
        let known = city.editor.request(reqwest::Method::GET, &at).header("if-none-match", &etag);
        assert_eq!(city.editor.send(known).await.status, 304);

        let permissions = &made["permissions"];
        for can in ["edit", "delete", "propose", "cancel"] {
            assert_eq!(permissions[can], true, "{can}");
        }
        for cannot in ["agree", "start", "complete", "hold", "resume", "commit", "withdraw"] {
            assert_eq!(permissions[cannot], false, "{cannot}");
        }
        assert_eq!(city.viewer.get(&at).await.expect(200)["permissions"]["edit"], false);
        city.editor.post("/api/v1/actions", plan.clone()).await.refused(409, "request.already_exists");
        city.reporter.post("/api/v1/actions", plan.clone()).await.refused(403, "auth.forbidden");
        region.town.editor.post("/api/v1/actions", plan.clone()).await.refused(403, "auth.forbidden");
        world.anonymous().post("/api/v1/actions", plan).await.refused(401, "auth.unauthenticated");
    }

    async fn an_action_is_not_hidden_from_whoever_is_committed_to_it(world: World) {
        let region = region(&world).await;
        let (city, town) = (&region.city, &region.town);
        let at = region.draft("A1", "participants").await;
        let part = region.invite(&at, town, &["funding"]).await;
        town.editor.act(&format!("{part}:commit")).await.expect(200);
        let refused = city.editor.change(&at, json!({"visibility": "private"})).await.refused(409, "action.committed");
        assert_eq!(refused["errors"].as_array().unwrap().len(), 1);
        assert_eq!(refused["errors"][0]["pointer"], "/visibility");
        assert_eq!(refused["errors"][0]["detail"], "Kotka is committed to the action.");
        // Only it can say that it takes part no more.
        town.editor.act(&format!("{part}:withdraw")).await.expect(200);
        city.editor.change(&at, json!({"visibility": "private"})).await.expect(200);
    }

    async fn the_right_to_invite_comes_before_whom(world: World) {
        let region = region(&world).await;
        let at = region.draft("A1", "participants").await;
        region.invite(&at, &region.town, &["funding"]).await;
        let body = json!({"organisation_id": region.outsider.id, "roles": ["funding"]});
        let ask = |caller: &Caller| {
            let (caller, at, body) = (caller.clone(), format!("{at}/participants"), body.clone());
            async move { caller.post(&at, body).await }
        };
        ask(&region.town.editor).await.refused(403, "auth.forbidden");
        ask(&region.city.viewer).await.refused(403, "auth.forbidden");
        ask(&region.city.editor).await.refused(422, "request.invalid");
    }

    async fn what_cannot_be_is_refused_with_its_place(world: World) {
        let region = region(&world).await;
        let nothing = "00000000-0000-7000-8000-000000000000";
        let with = |name: &str, value: Value| {
            let mut body = region.plan("A1", "public");
            body[name] = value;
            body
        };
        for (body, pointer, code) in [
            (with("title", json!({})), "/title", "no_language"),
            (with("code", json!("-")), "/code", "bad_code"),
            (with("visibility", json!("secret")), "/visibility", "not_in_vocabulary"),
            (with("start_gate", json!("proposed")), "/start_gate", "not_in_vocabulary"),
            (with("target_groups", json!(["age_0_6", "all"])), "/target_groups/1", "not_in_vocabulary"),
            (with("tags", json!(["Big"])), "/tags/0", "bad_tag"),
            (with("area", json!(["28"])), "/area/0", "bad_municipality_code"),
            (with("status", json!("agreed")), "/status", "unknown_member"),
            (with("ends_on", json!("2026-02-30")), "/ends_on", "bad_value"),
            (with("programme_id", json!(nothing)), "/programme_id", "unknown_reference"),
            (with("goals", json!([nothing])), "/goals/0", "unknown_reference"),
        ] {
            let refused = region.city.editor.post("/api/v1/actions", body).await.refused(422, "request.invalid");
            let place = &refused["errors"][0];
            assert_eq!((place["pointer"].as_str(), place["code"].as_str()), (Some(pointer), Some(code)), "{refused}");
        }
        let mut dates = with("starts_on", json!("2026-03-01"));
        dates["ends_on"] = json!("2026-02-28");
        let refused = region.city.editor.post("/api/v1/actions", dates).await.refused(422, "request.invalid");
        assert_eq!(refused["errors"][0]["pointer"], "/ends_on");
        let mut foreign = region.plan("A1", "public");
        foreign["organisation_id"] = json!(region.outsider.id);
        let refused = region.outsider.editor.post("/api/v1/actions", foreign).await.refused(422, "request.invalid");
        assert_eq!(refused["errors"][0]["code"], "not_a_member");
        assert!(region.city.editor.all("/api/v1/actions").await.is_empty());
    }

    async fn a_closed_programme_takes_no_new_actions(world: World) {
        let region = region(&world).await;
        let at = region.draft("A1", "public").await;
        region.county.admin.act(&format!("/api/v1/programmes/{}:close", region.programme)).await.expect(200);
        region.city.editor.post("/api/v1/actions", region.plan("A2", "public")).await.refused(409, "programme.closed");
        act(&region.city.editor, &at, "propose").await;
    }

    async fn who_sees_what(world: World) {
        let region = region(&world).await;
        for (visibility, draft, proposed) in [
            ("private", "city", "city coordinator"),
            ("participants", "city town", "city town coordinator"),
            ("partners", "city town", "city town coordinator member"),
            ("public", "city town", "city town coordinator member everyone"),
        ] {
            let at = region.draft(&format!("A-{visibility}"), visibility).await;
            let town = region.invite(&at, &region.town, &["supporting"]).await;
            assert_eq!(region.sees(&world, &at).await, draft, "a draft, {visibility}");
            act(&region.city.editor, &at, "propose").await;
            assert_eq!(region.sees(&world, &at).await, proposed, "proposed, {visibility}");
            if visibility == "participants" {
                region.town.editor.act(&format!("{town}:decline")).await.expect(200);
                assert_eq!(region.sees(&world, &at).await, "city coordinator", "after it has declined");
                region.town.editor.act(&format!("{town}:commit")).await.refused(404, "request.not_found");
            }
            region.outsider.editor.act(&format!("{at}:cancel")).await.refused(
                if visibility == "public" { 403 } else { 404 },
                if visibility == "public" { "auth.forbidden" } else { "request.not_found" },
            );
        }
    }

    async fn a_cancelled_draft_stays_with_those_who_saw_it(world: World) {
        let region = region(&world).await;
        let at = region.draft("A1", "public").await;
        region.invite(&at, &region.town, &["supporting"]).await;
        let cancelled = act(&region.city.editor, &at, "cancel").await;
        assert_eq!((&cancelled["status"], &cancelled["held_status"]), (&json!("cancelled"), &json!("draft")));
        assert_eq!(region.sees(&world, &at).await, "city town");
    }

    async fn an_action_goes_from_draft_to_completion(world: World) {
        let region = region(&world).await;
        let (city, town) = (&region.city.editor, &region.town.editor);
        let at = region.draft("A1", "partners").await;
        let part = region.invite(&at, &region.town, &["implementing"]).await;
        city.act(&format!("{at}:agree")).await.refused(409, "action.wrong_status");
        act(city, &at, "propose").await;
        let missing = city.act(&format!("{at}:agree")).await.refused(409, "action.not_committed");
        assert_eq!(missing["errors"].as_array().unwrap().len(), 1);
        assert_eq!(missing["errors"][0]["detail"], "Kotka has not answered its invitation yet.");
        // The organisation by its name, in the reader's language.
        let asked = city.request(reqwest::Method::POST, &format!("{at}:agree")).header("accept-language", "fi");
        let missing = city.send(asked).await.refused(409, "action.not_committed");
        assert_eq!(missing["errors"][0]["detail"], "Kotka ei ole vielä vastannut kutsuun.");
        town.act(&format!("{part}:commit")).await.expect(200);
        for verb in ["agree", "start", "hold", "resume", "complete", "cancel"] {
            town.act(&format!("{at}:{verb}")).await.refused(403, "auth.forbidden");
        }
        let stale = city.request(reqwest::Method::POST, &format!("{at}:agree")).header("if-match", "\"1\"");
        city.send(stale).await.refused(412, "request.precondition_failed");
        let agreed = act(city, &at, "agree").await;
        assert_eq!((&agreed["status"], &agreed["permissions"]["start"]), (&json!("agreed"), &json!(true)));

        let fixed = city.change(&at, json!({"code": "B9", "title": {"fi": "Uusi"}})).await.refused(409, "action.fixed");
        assert_eq!(fixed["errors"][0]["pointer"], "/code");
        city.change(&at, json!({"code": "A1", "title": {"fi": "Uusi"}, "starts_on": "2026-02-01"})).await.expect(200);
        let held = act(city, &at, "hold").await;
        assert_eq!((&held["status"], &held["held_status"]), (&json!("on_hold"), &json!("agreed")));
        assert_eq!(act(city, &at, "resume").await["status"], "agreed");
        let started = act(city, &at, "start").await;
        assert_eq!((&started["status"], &started["started_on"]), (&json!("in_progress"), &json!("2026-01-15")));
        act(city, &at, "hold").await;
        assert_eq!(act(city, &at, "resume").await["status"], "in_progress");
        let completed = act(city, &at, "complete").await;
        assert_eq!((&completed["status"], &completed["ended_on"]), (&json!("completed"), &json!("2026-01-15")));

        city.change(&at, json!({"title": {"fi": "Myöhässä"}})).await.refused(409, "action.closed");
        city.act(&format!("{at}:cancel")).await.refused(409, "action.closed");
        town.act(&format!("{part}:withdraw")).await.refused(409, "action.closed");
        let permissions = city.get(&at).await.expect(200)["permissions"].clone();
        assert!(permissions.as_object().unwrap().values().all(|can| *can == false), "{permissions}");
    }

    async fn only_the_invited_organisation_answers_for_itself(world: World) {
        let region = region(&world).await;
        let (city, town) = (&region.city.editor, &region.town.editor);
        let at = region.draft("A1", "participants").await;
        let part = region.invite(&at, &region.town, &["implementing", "funding"]).await;
        let again = json!({"organisation_id": region.town.id, "roles": ["consulted"]});
        let invitations = format!("{at}/participants");
        let refused = city.post(&invitations, again.clone()).await.refused(409, "participant.already_invited");
        assert_eq!(refused["errors"][0]["pointer"], "/organisation_id");
        for verb in ["commit", "decline", "withdraw"] {
            city.act(&format!("{part}:{verb}")).await.refused(403, "auth.forbidden");
        }
        region.town.reporter.act(&format!("{part}:commit")).await.refused(403, "auth.forbidden");
        town.act(&format!("{part}:withdraw")).await.refused(409, "participant.wrong_commitment");
        let seen = town.get(&part).await.expect(200);
        let can = json!({"edit": false, "delete": false, "commit": true, "decline": true, "withdraw": false});
        assert_eq!(seen["permissions"], can);
        assert_eq!(town.get(&at).await.expect(200)["permissions"]["commit"], true);
        let committed = town.act(&format!("{part}:commit")).await.expect(200);
        assert_eq!((&committed["commitment"], &committed["answered_at"]), (&json!("committed"), &json!("2026-01-15T10:00:00Z")));
        town.act(&format!("{part}:commit")).await.refused(409, "participant.wrong_commitment");
        town.act(&format!("{part}:decline")).await.refused(409, "participant.wrong_commitment");
        city.delete(&part).await.refused(409, "participant.wrong_commitment");

        // Another role is another question.
        let changed = city.change(&part, json!({"roles": ["funding"]})).await.expect(200);
        assert_eq!((&changed["commitment"], &changed["answered_at"]), (&json!("invited"), &Value::Null));
        town.change(&part, json!({"roles": ["consulted"]})).await.refused(403, "auth.forbidden");
        city.change(&part, json!({"roles": ["accountable"]})).await.refused(422, "request.invalid");
        city.change(&part, json!({"roles": []})).await.refused(422, "request.invalid");
        town.act(&format!("{part}:commit")).await.expect(200);

        // It may withdraw, and be asked again.
        town.act(&format!("{part}:withdraw")).await.expect(200);
        town.get(&at).await.refused(404, "request.not_found");
        assert_eq!(commitment(&city.get(&at).await.expect(200), &region.town), "withdrawn");
        city.delete(&part).await.refused(409, "participant.wrong_commitment");
        city.post(&invitations, again).await.expect(201);
        assert_eq!(town.get(&part).await.expect(200)["roles"], json!(["consulted"]));
        city.delete(&part).await.expect(204);
        city.get(&part).await.refused(404, "request.not_found");
        town.get(&at).await.refused(404, "request.not_found");
        assert_eq!(city.all(&invitations).await.len(), 1);

        let own = format!("{at}/participants/{}", region.city.id);
        city.act(&format!("{own}:withdraw")).await.refused(409, "participant.accountable");
        city.delete(&own).await.refused(409, "participant.accountable");
        let both = city.change(&own, json!({"roles": ["accountable", "implementing"]})).await.expect(200);
        assert_eq!(both["commitment"], "committed");
    }

    async fn only_those_who_carry_out_the_programme_are_invited(world: World) {
        let region = region(&world).await;
        let at = region.draft("A1", "public").await;
        let observer = world.municipality("Hamina").await;
        let membership = json!({"role": "observer", "joined_on": "2026-01-01"});
        let programme = format!("/api/v1/programmes/{}", region.programme);
        observer.join(&region.county.admin, &programme, membership).await;
        for (organisation, roles, pointer, code) in [
            (&region.outsider, json!(["funding"]), "/organisation_id", "not_a_member"),
            (&observer, json!(["funding"]), "/organisation_id", "observer"),
            (&region.town, json!(["accountable"]), "/roles", "accountable"),
            (&region.town, json!([]), "/roles", "empty"),
            (&region.town, json!(["owner"]), "/roles/0", "not_in_vocabulary"),
        ] {
            let body = json!({"organisation_id": organisation.id, "roles": roles});
            let refused = region.city.editor.post(&format!("{at}/participants"), body).await;
            let refused = refused.refused(422, "request.invalid");
            let place = &refused["errors"][0];
            assert_eq!((place["pointer"].as_str(), place["code"].as_str()), (Some(pointer), Some(code)), "{refused}");
        }
        act(&region.city.editor, &at, "propose").await;
        let body = json!({"organisation_id": region.county.id, "roles": ["funding"]});
        region.town.editor.post(&format!("{at}/participants"), body).await.refused(403, "auth.forbidden");
    }

    async fn who_has_lost_the_role_is_not_given_a_kept_answer_again(world: World) {
        let region = region(&world).await;
        let at = region.draft("A1", "participants").await;
        let parts = [region.invite(&at, &region.town, &["supporting"]).await, region.invite(&at, &region.county, &["supporting"]).await];
        let ask = async |caller: &Caller, path: &str, body: Value| {
            caller.send(caller.request(reqwest::Method::POST, path).header("idempotency-key", path).json(&body)).await
        };
        let give = async |owner: &Organisation, roles: &[&str]| {
            let roles: Vec<_> = roles.iter().map(|role| json!({"organisation_id": owner.id, "role": role})).collect();
            let editor = format!("/api/v1/clients/{}", world.principal(&owner.editor));
            owner.admin.change(&editor, json!({"roles": roles})).await.expect(200);
        };
        let new = json!({"programme_id": region.programme, "organisation_id": region.city.id,
            "code": "A2", "title": {"fi": "Toimenpide"}, "visibility": "public"});
        let asked = [
            (&region.city, "/api/v1/actions".to_owned(), new),
            (&region.city, format!("{at}:propose"), json!({})),
            (&region.town, format!("{}:commit", parts[0]), json!({})),
            (&region.town, format!("{}:withdraw", parts[0]), json!({})),
            (&region.county, format!("{}:decline", parts[1]), json!({})),
        ];
        for (owner, path, body) in &asked {
            let first = ask(&owner.editor, path, body.clone()).await;
            assert!(first.status.is_success(), "{path}: {}", first.text);
            assert_eq!(ask(&owner.editor, path, body.clone()).await.text, first.text);
        }
        for roles in [&["viewer"][..], &[]] {
            for owner in [&region.city, &region.town, &region.county] {
                give(owner, roles).await;
            }
            for (owner, path, body) in &asked {
                let again = ask(&owner.editor, path, body.clone()).await;
                assert!([403, 404].contains(&again.status.as_u16()), "{path}: {}", again.text);
                // Where the caller still sees what it is about, the operation itself says the same.
                if owner.id == region.city.id && !roles.is_empty() {
                    again.refused(403, "auth.forbidden");
                }
            }
        }
        for owner in [&region.city, &region.town, &region.county] {
            give(owner, &["editor"]).await;
        }
        for (owner, path, body) in &asked {
            assert!(ask(&owner.editor, path, body.clone()).await.status.is_success(), "{path}");
        }
    }

    async fn a_repeated_answer_is_given_again_even_to_who_sees_no_more(world: World) {
        let region = region(&world).await;
        let at = region.draft("A1", "participants").await;
        let part = region.invite(&at, &region.town, &["supporting"]).await;
        let decline = || {
            let request = region.town.editor.request(reqwest::Method::POST, &format!("{part}:decline"));
            region.town.editor.send(request.header("idempotency-key", "no"))
        };
        let first = decline().await.expect(200);
        assert_eq!(decline().await.expect(200), first);
        region.town.editor.act(&format!("{part}:decline")).await.refused(404, "request.not_found");
    }

    async fn a_draft_can_be_deleted_and_a_proposal_not(world: World) {
        let region = region(&world).await;
        let city = &region.city.editor;
        let at = region.draft("A1", "public").await;
        region.invite(&at, &region.town, &["supporting"]).await;
        region.town.editor.delete(&at).await.refused(403, "auth.forbidden");
        let unread = city.request(reqwest::Method::DELETE, &at);
        city.send(unread).await.refused(428, "request.precondition_required");
        city.delete(&at).await.expect(204);
        city.get(&at).await.refused(404, "request.not_found");
        let again = region.draft("A1", "public").await;
        act(city, &again, "propose").await;
        city.delete(&again).await.refused(409, "action.wrong_status");
    }

    async fn an_action_serves_goals_of_its_programme(world: World) {
        let region = region(&world).await;
        let goals = format!("/api/v1/programmes/{}/goals", region.programme);
        let mut ids = Vec::new();
        for code in ["1", "2"] {
            let body = json!({"code": code, "title": {"fi": "Tavoite"}});
            ids.push(id(&region.county.admin.post(&goals, body).await.expect(201)));
        }
        let city = &region.city.editor;
        let at = region.draft("A1", "public").await;
        let served = city.change(&at, json!({"goals": [ids[1], ids[0]]})).await.expect(200);
        assert_eq!(served["goals"], json!(ids));
        let twice = city.change(&at, json!({"goals": [ids[1], ids[1]]})).await.refused(422, "request.invalid");
        assert_eq!(twice["errors"][0]["pointer"], "/goals/1");
        assert_eq!(city.all(&format!("/api/v1/actions?goal_id={}", ids[0])).await.len(), 1);
        city.change(&at, json!({"goals": [ids[1]]})).await.expect(200);
        assert!(city.all(&format!("/api/v1/actions?goal_id={}", ids[0])).await.is_empty());
        assert_eq!(city.get(&at).await.expect(200)["goals"], json!([ids[1]]));
        // A goal stands for all that is below it.
        let above = json!({"parent_id": ids[0]});
        region.county.admin.change(&format!("/api/v1/goals/{}", ids[1]), above).await.expect(200);
        for (sort, goal) in ids.iter().flat_map(|goal| ["id", "starts_on", "-updated_at"].map(|sort| (sort, goal))) {
            assert_eq!(city.all(&format!("/api/v1/actions?sort={sort}&goal_id={goal}")).await.len(), 1, "{sort} {goal}");
        }
    }

    async fn a_list_is_filtered_and_read_page_by_page_in_each_order(world: World) {
        let region = region(&world).await;
        let city = &region.city.editor;
        let mut paths = Vec::new();
        for (number, starts_on) in
            [Value::Null, json!("2026-05-01"), json!("2026-03-01"), Value::Null, json!("2026-05-01")].iter().enumerate()
        {
            let at = region.draft(&format!("A{number}"), "public").await;
            city.change(&at, json!({"starts_on": starts_on})).await.expect(200);
            paths.push(at);
        }
        let codes = |items: &[Value]| items.iter().map(|item| item["code"].as_str().unwrap().to_owned()).collect::<Vec<_>>();
        for (sort, expected) in [
            ("id", ["A0", "A1", "A2", "A3", "A4"]),
            ("starts_on", ["A2", "A1", "A4", "A0", "A3"]),
            ("-starts_on", ["A4", "A1", "A2", "A3", "A0"]),
            ("updated_at", ["A0", "A1", "A2", "A3", "A4"]),
            ("-updated_at", ["A4", "A3", "A2", "A1", "A0"]),
        ] {
            for limit in [1, 2, 3, 5] {
                let mut found = Vec::new();
                let mut cursor = String::new();
                loop {
                    let page = city.get(&format!("/api/v1/actions?sort={sort}&limit={limit}{cursor}")).await.expect(200);
                    found.extend(page["items"].as_array().unwrap().iter().cloned());
                    match page["next"].as_str() {
                        Some(next) => cursor = format!("&cursor={next}"),
                        None => break,
                    }
                }
                assert_eq!(codes(&found), expected, "{sort} by {limit}");
            }
        }
        let thin = city.get("/api/v1/actions?limit=1").await.expect(200);
        assert!(thin["items"][0].get("participants").is_none());
        assert_eq!(thin["items"][0]["accountable_id"], region.city.id.as_str());
        let full = city.get("/api/v1/actions?limit=1&include=participants").await.expect(200);
        assert_eq!(full["items"][0]["participants"].as_array().unwrap().len(), 1);

        act(city, &paths[0], "propose").await;
        act(city, &paths[1], "cancel").await;
        region.invite(&paths[2], &region.town, &["supporting"]).await;
        let (city_id, town_id, programme) = (&region.city.id, &region.town.id, &region.programme);
        for (filter, expected) in [
            ("status=proposed", vec!["A0"]),
            ("status=proposed&status=cancelled", vec!["A0", "A1"]),
            (&format!("organisation_id={town_id}"), vec!["A2"]),
            (&format!("accountable_id={town_id}"), vec![]),
            (&format!("accountable_id={city_id}&status=proposed"), vec!["A0"]),
            (&format!("programme_id={programme}&starts_from=2026-05-01"), vec!["A1", "A4"]),
            ("starts_to=2026-03-01&sort=starts_on", vec!["A2"]),
            ("visibility=private", vec![]),
            ("updated_since=2026-01-15T10:00:01Z", vec![]),
        ] {
            assert_eq!(codes(&city.all(&format!("/api/v1/actions?{filter}")).await), expected, "{filter}");
        }
        assert_eq!(codes(&world.anonymous().all("/api/v1/actions").await), ["A0"]);
        let unknown = city.get("/api/v1/actions?state=draft").await.refused(400, "request.bad_parameter");
        assert_eq!(unknown["detail"], "There is no parameter state; did you mean status?");
        for bad in ["sort=title", "limit=0", "status=done", "include=reports", "cursor=x", "starts_from=soon"] {
            assert_eq!(city.get(&format!("/api/v1/actions?{bad}")).await.status, 400, "{bad}");
        }
    }
}
