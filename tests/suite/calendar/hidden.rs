//! What a reader may not see is in no calendar.

use super::*;

/// The town's part in an action that everyone sees: a body that is its own alone, and a narrow step on a public body.
struct Hidden {
    region: Region,
    action: String,
    narrow_body: String,
    private_body: String,
    /// What tells of the private body, its meeting and step.
    of_private: Vec<String>,
    /// What tells of the narrow step.
    of_narrow: Vec<String>,
}

impl Hidden {
    async fn new(world: &World) -> Self {
        let region = region(world).await;
        let at = region.draft("A1", "public").await;
        let (city, town) = (&region.city, &region.town);
        let private = body(town, json!({"fi": "Salasanalautakunta"}), "public").await;
        let narrow = body(town, json!({"fi": "Kaupunginhallitus"}), "public").await;
        let mut of_private = vec![private.clone(), "Salasana".to_owned(), "salasana".to_owned()];
        let mut of_narrow = vec!["Kapeusotsikko".to_owned()];
        let mut booked = Vec::new();
        for (body, title, visibility, location) in
            [(&private, "Salasanaotsikko", "action", "Salasanatalo"), (&narrow, "Kapeusotsikko", "narrow", "Talo")]
        {
            let new =
                json!({"starts_at": "2026-03-09T15:00:00Z", "location": location, "tags": [location.to_lowercase()]});
            let meeting = meeting(town, body, new).await;
            let step = json!({
                "body_id": body, "title": {"fi": title}, "function": "decision", "authoritative": true,
                "visibility": visibility
            });
            let step = id(&city.editor.post(&format!("{at}/decision-steps"), step).await.expect(201));
            booked.push((step, meeting));
        }
        of_private.extend([booked[0].0.clone(), booked[0].1.clone()]);
        of_narrow.push(booked[1].0.clone());
        city.editor.act(&format!("{at}:propose")).await.expect(200);
        for (step, meeting) in booked {
            let book = json!({"meeting_id": meeting});
            town.editor.post(&format!("/api/v1/decision-steps/{step}:book"), book).await.expect(200);
        }
        let hidden = json!({"visibility": "private"});
        town.admin.change(&format!("/api/v1/bodies/{private}"), hidden).await.expect(200);
        let action = at.rsplit('/').next().unwrap().to_owned();
        Self { region, action, narrow_body: narrow, private_body: private, of_private, of_narrow }
    }

    /// Calendars of all sorts.
    fn paths(&self) -> Vec<String> {
        let (programme, town) = (&self.region.programme, &self.region.town.id);
        let queries = [
            String::new(),
            format!("programme_id={programme}"),
            format!("action_id={}", self.action),
            format!("organisation_id={town}"),
            format!("body_id={}", self.private_body),
            "kind=legal_force".to_owned(),
        ];
        let of = |query: &String| [format!("/api/v1/calendar?{YEAR}&{query}"), format!("/api/v1/calendar.ics?{query}")];
        let things =
            [format!("programmes/{programme}"), format!("actions/{}", self.action), format!("organisations/{town}")];
        let files = things.map(|thing| format!("/api/v1/{thing}/calendar.ics"));
        queries.iter().flat_map(of).chain(files).collect()
    }
}

both! {
    async fn nobody_reads_what_it_may_not_see(world: World) {
        let hidden = Hidden::new(&world).await;
        let region = &hidden.region;
        for (name, reader, sees_narrow) in [
            ("everyone", world.anonymous(), false),
            ("the operator", world.operator.clone(), false),
            ("an outsider", region.outsider.admin.clone(), false),
            ("a member", region.county.admin.clone(), false),
            ("the accountable organisation", region.city.admin.clone(), true),
        ] {
            for path in hidden.paths() {
                let reply = reader.get(&path).await;
                assert_eq!(reply.status, 200, "{name} {path}: {}", reply.text);
                let text = reply.text.replace("\r\n ", "");
                // The filter is in no answer.
                for secret in hidden.of_private.iter().chain(hidden.of_narrow.iter().filter(|_| !sees_narrow)) {
                    assert!(!text.contains(secret), "{name} reads {secret} in {path}: {text}");
                }
            }
            let own = format!("/api/v1/bodies/{}/calendar.ics", hidden.private_body);
            reader.get(&own).await.refused(404, "request.not_found");
            let force = items(&reader, &format!("{YEAR}&kind=legal_force")).await;
            assert_eq!(force.len(), usize::from(sees_narrow), "{name}");
            // A body that has nothing there but a step which is narrow is not told of as one that decides on the action.
            let met = items(&reader, &format!("{YEAR}&kind=meeting&action_id={}", hidden.action)).await;
            assert_eq!(met.len(), usize::from(sees_narrow), "{name}: {met:?}");
            let met = items(&reader, &format!("{YEAR}&kind=meeting&body_id={}", hidden.narrow_body)).await;
            assert_eq!(met.len(), 1, "{name}: the body itself is public");
        }
        let town = &region.town.viewer;
        let all = town.get(&format!("/api/v1/calendar?{YEAR}")).await.text;
        for told in hidden.of_private.iter().filter(|word| *word != "salasana").chain(&hidden.of_narrow) {
            assert!(all.contains(told), "the town reads {told}: {all}");
        }
        assert_eq!(items(town, &format!("{YEAR}&kind=legal_force")).await.len(), 2);
        let file = town.get(&format!("/api/v1/bodies/{}/calendar.ics", hidden.private_body)).await.text;
        assert!(file.contains("salasanatalo") && file.contains("Salasanatalo"), "{file}");
    }

    async fn a_draft_and_its_decisions_are_for_whoever_sees_it(world: World) {
        let stage = Stage::new(&world).await;
        let Region { city, county, outsider, .. } = &stage.region;
        let at = stage.region.draft("A2", "private").await;
        let step = json!({"body_id": stage.council, "title": {"fi": "Luonnosotsikko"}, "function": "decision", "authoritative": true});
        let step = id(&city.editor.post(&format!("{at}/decision-steps"), step).await.expect(201));
        let on = json!({"on": "2026-05-05"});
        city.editor.post(&format!("/api/v1/decision-steps/{step}:record-legal-force"), on).await.expect(200);
        let id = at.rsplit('/').next().unwrap();
        for (reader, sees) in [(&city.viewer, true), (&county.admin, false), (&outsider.admin, false), (&world.anonymous(), false)] {
            let found = reader.get(&format!("/api/v1/calendar?{YEAR}")).await.text;
            assert_eq!(found.contains("Luonnosotsikko"), sees);
            assert_eq!(items(reader, &format!("{YEAR}&action_id={id}")).await.is_empty(), !sees);
            assert_eq!(reader.get(&format!("{at}/calendar.ics")).await.status.as_u16(), if sees { 200 } else { 404 });
        }
    }
}
