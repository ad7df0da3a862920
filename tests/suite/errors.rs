//! Every error is a problem that names the culprit, and what was asked for in vain changes nothing.

use reqwest::Method;
use serde_json::json;
use yhteen_tests::both;

both! {
    async fn wrong_requests_are_problems_that_name_the_culprit(world: World) {
        let kotka = world.municipality("Kotka").await;
        let all = "/api/v1/organisations";
        let one = format!("{all}/{}", kotka.id);
        let before = world.anonymous().all(all).await;
        let operator = &world.operator;

        let new = |body: &str| operator.request(Method::POST, all).header("content-type", "application/json").body(body.to_owned());
        let change = |version: &str, body: &str| {
            let request = operator.request(Method::PATCH, &one).header("if-match", version);
            request.header("content-type", "application/merge-patch+json").body(body.to_owned())
        };
        let long = format!(r#"{{"name":{{"fi":"{}"}},"kind":"ngo"}}"#, "a".repeat(201));
        let huge = format!(r#"{{"name":{{"fi":"{}"}},"kind":"ngo"}}"#, "a".repeat(2 << 20));
        let table = [
            (operator.request(Method::GET, "/nowhere"), 404, "request.not_found", ""),
            (operator.request(Method::GET, &format!("{all}/x")), 404, "request.not_found", ""),
            (operator.request(Method::GET, &format!("{all}/00000000-0000-7000-8000-000000000000")), 404, "request.not_found", ""),
            (operator.request(Method::DELETE, &one), 405, "request.method_not_allowed", ""),
            (operator.request(Method::GET, &format!("{all}?limit=0")), 400, "request.bad_parameter", "?limit"),
            (operator.request(Method::GET, &format!("{all}?limit=x")), 400, "request.bad_parameter", "?limit"),
            (operator.request(Method::GET, &format!("{all}?limit=1&limit=2")), 400, "request.bad_parameter", "?limit"),
            (operator.request(Method::GET, &format!("{all}?kind=planet")), 400, "request.bad_parameter", "?kind"),
            (operator.request(Method::GET, &format!("{all}?limits=1")), 400, "request.bad_parameter", "?limits"),
            (operator.request(Method::GET, &format!("{all}?cursor=x")), 400, "request.bad_cursor", "?cursor"),
            (new("{"), 400, "request.unreadable", ""),
            (new(""), 400, "request.unreadable", ""),
            (new("{}"), 422, "request.invalid", "/name"),
            (new("[]"), 422, "request.invalid", ""),
            (new(r#"{"name":{},"kind":"ngo"}"#), 422, "request.invalid", "/name"),
            (new(r#"{"name":{"fi":" "},"kind":"ngo"}"#), 422, "request.invalid", "/name/fi"),
            (new(r#"{"name":{"fi":"a\u0000b"},"kind":"ngo"}"#), 422, "request.invalid", "/name/fi"),
            (new(&long), 422, "request.invalid", "/name/fi"),
            (new(&huge), 413, "request.too_large", ""),
            (new(r#"{"name":{"fi":"A"},"kind":"planet"}"#), 422, "request.invalid", "/kind"),
            (new(r#"{"name":{"fi":"A"},"kind":"ngo","colour":"red"}"#), 422, "request.invalid", "/colour"),
            (new(r#"{"name":{"fi":"A"},"kind":"ngo","business_id":"0161075-8"}"#), 422, "request.invalid", "/business_id"),
            (new(r#"{"name":{"fi":"A"},"kind":"ngo","municipality_code":"2866"}"#), 422, "request.invalid", "/municipality_code"),
            (new(r#"{"name":{"fi":"A"},"kind":"ngo","contact_email":"nobody"}"#), 422, "request.invalid", "/contact_email"),
            (new(r#"{"name":{"fi":"A"},"kind":"ngo","website":"ftp://a.example"}"#), 422, "request.invalid", "/website"),
            (new(r#"{"name":{"fi":"A"},"kind":"ngo","valid_from":"2026-02-30"}"#), 422, "request.invalid", "/valid_from"),
            (new(r#"{"name":{"fi":"A"},"kind":"ngo","valid_from":"2026-02-02","valid_to":"2026-02-01"}"#), 422, "request.invalid", "/valid_to"),
            (new(r#"{"name":{"fi":"A"},"kind":"ngo","parent_id":"x"}"#), 422, "request.invalid", "/parent_id"),
            (operator.request(Method::POST, all).body("{}"), 415, "request.unsupported_media_type", "content-type"),
            (operator.request(Method::POST, all).header("idempotency-key", "ä").json(&json!({})), 400, "request.unreadable", "Idempotency-Key"),
            (operator.request(Method::PATCH, &one).json(&json!({})), 428, "request.precondition_required", "if-match"),
            (change("\"9\"", "{}"), 412, "request.precondition_failed", ""),
            (change("seven", "{}"), 400, "request.unreadable", "if-match"),
            (change("*", r#"{"name":null}"#), 422, "request.invalid", "/name"),
            (change("*", r#"{"succeeded_on":"2026-01-01"}"#), 422, "request.invalid", "/succeeded_on"),
            (change("*", &format!(r#"{{"parent_id":"{}"}}"#, kotka.id)), 422, "request.invalid", "/parent_id"),
            (world.anonymous().request(Method::POST, all).json(&json!({})), 401, "auth.unauthenticated", ""),
            (world.anonymous().request(Method::GET, all).bearer_auth("x"), 401, "auth.unauthenticated", ""),
            (world.anonymous().request(Method::GET, all).header("authorization", "Basic eDp5"), 401, "auth.unauthenticated", ""),
        ];
        for (request, status, code, pointer) in table {
            let problem = operator.send(request).await.refused(status, code);
            let first = problem["errors"].get(0).map_or("", |place| place["pointer"].as_str().unwrap());
            assert_eq!(first, pointer, "{problem}");
            assert!(!problem["request_id"].as_str().unwrap().is_empty());
        }
        assert_eq!(world.anonymous().all(all).await, before);
    }

    async fn a_path_says_which_methods_it_takes(world: World) {
        let anyone = world.anonymous();
        let reply = anyone.send(anyone.request(Method::OPTIONS, "/api/v1/organisations")).await;
        assert_eq!((reply.status.as_u16(), reply.header("allow")), (204, Some("GET, HEAD, POST, OPTIONS")));
        let reply = anyone.send(anyone.request(Method::PUT, "/api/v1/organisations")).await;
        assert_eq!(reply.header("allow"), Some("GET, HEAD, POST, OPTIONS"));
        let head = anyone.send(anyone.request(Method::HEAD, "/api/v1/organisations")).await;
        assert_eq!((head.status.as_u16(), head.text.as_str()), (200, ""));
    }

    async fn labels_speak_the_language_of_the_caller(world: World) {
        let anyone = world.anonymous();
        for (languages, title) in [("fi", "Ei löydy"), ("de, sv;q=0.5, fi;q=0.1", "Finns inte"), ("de", "Not found")] {
            let request = anyone.request(Method::GET, "/nowhere").header("accept-language", languages);
            assert_eq!(anyone.send(request).await.refused(404, "request.not_found")["title"], title);
        }
    }
}
