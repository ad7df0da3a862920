//! The legal calendar.

use serde_json::json;
use yhteen_tests::both;

both! {
    async fn legal_force_is_computed_for_anyone(world: World) {
        let anyone = world.anonymous();
        for (regime, published, notice, last, force) in [
            ("municipal_board", "2026-03-02", "2026-03-09", "2026-03-23", "2026-03-24"),
            ("municipal_council", "2026-03-02", "2026-03-09", "2026-04-08", "2026-04-09"),
            ("municipal_board", "2026-11-27", "2026-12-04", "2026-12-18", "2026-12-19"),
            ("municipal_council", "2026-11-19", "2026-11-26", "2026-12-28", "2026-12-29"),
        ] {
            let at = format!("/api/v1/legal-effect?regime={regime}&minutes_published_on={published}");
            let effect = anyone.get(&at).await.expect(200);
            let dates = ["notice_on", "last_day", "legal_force_on"].map(|name| effect[name].as_str().unwrap());
            assert_eq!(dates, [notice, last, force], "{regime} {published}");
            assert_eq!(effect["regime"], regime);
            let steps = effect["steps"].as_array().unwrap();
            assert!(steps.iter().all(|it| ["fi", "sv", "en"].iter().all(|lang| it["text"][lang].is_string())));
            assert_eq!(steps.last().unwrap()["on"], force);
        }
        let none = anyone.get("/api/v1/legal-effect?regime=none&minutes_published_on=2026-03-02").await;
        assert_eq!(none.header("cache-control"), Some("public, max-age=86400"));
        let none = none.expect(200);
        assert_eq!((&none["legal_force_on"], &none["remedy"]), (&json!("2026-03-02"), &json!(null)));
    }

    async fn what_is_not_known_is_refused(world: World) {
        let anyone = world.anonymous();
        let at = "/api/v1/legal-effect?minutes_published_on=2018-01-01&regime=municipal_board";
        anyone.get(at).await.expect(200);
        let county = format!("{at}&organisation_kind=wellbeing_services_county");
        anyone.get(&county).await.refused(422, "legal.before_validity");
        for (query, status, code) in [
            ("regime=municipal_board&minutes_published_on=2017-05-31", 422, "legal.before_validity"),
            ("regime=municipal_board&minutes_published_on=1800-01-01", 422, "legal.out_of_range"),
            ("regime=municipal_board", 400, "request.bad_parameter"),
            ("minutes_published_on=2026-03-02", 400, "request.bad_parameter"),
            ("regime=x&minutes_published_on=2026-03-02", 400, "request.bad_parameter"),
            ("regime=none&minutes_published_on=2.3.2026", 400, "request.bad_parameter"),
            ("regime=none&minutes_published_on=2026-03-02&on=1", 400, "request.bad_parameter"),
        ] {
            anyone.get(&format!("/api/v1/legal-effect?{query}")).await.refused(status, code);
        }
        for query in ["", "year=x", "year=1899", "year=1991", "year=9001", "year=2026&year=2027", "jahr=2026"] {
            anyone.get(&format!("/api/v1/holidays?{query}")).await.refused(400, "request.bad_parameter");
        }
    }

    async fn the_holidays_of_a_year(world: World) {
        world.anonymous().get("/api/v1/holidays?year=1992").await.expect(200);
        let reply = world.anonymous().get("/api/v1/holidays?year=2026").await;
        assert_eq!(reply.header("cache-control"), Some("public, max-age=86400"));
        assert_eq!(reply.header("vary").filter(|vary| vary.to_lowercase().contains("authorization")), None);
        let etag = reply.header("etag").unwrap().to_owned();
        let known = world.anonymous().request(reqwest::Method::GET, "/api/v1/holidays?year=2026");
        assert_eq!(world.anonymous().send(known.header("if-none-match", etag)).await.status, 304);
        let holidays = reply.expect(200);
        let items = holidays["items"].as_array().unwrap();
        assert_eq!((items.len(), &holidays["year"]), (15, &json!(2026)));
        let name = json!({"fi": "pitkäperjantai", "sv": "långfredagen", "en": "Good Friday"});
        assert!(items.contains(&json!({"on": "2026-04-03", "name": name})), "{holidays}");
    }
}
