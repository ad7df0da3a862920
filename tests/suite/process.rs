//! The program itself: two processes on one database.

use reqwest::Method;
use serde_json::json;
use std::path::Path;
use yhteen_tests::both;
use yhteen_tests::process::Process;

both! {
    async fn two_processes_serve_one_database(world: World) {
        let program = Path::new(env!("CARGO_BIN_EXE_yhteen-server"));
        let mut first = Process::start(program, &world.database, &world.base);
        let second = Process::start(program, &world.database, &world.base);
        first.ready().await;
        second.ready().await;
        let token = {
            // The processes go by the machine's clock, the world by its own: a token of today.
            let app = world.app();
            #[allow(clippy::disallowed_methods, reason = "the processes have the machine's clock")]
            let now = chrono::Utc::now();
            let scopes = [yhteen_domain::roles::TokenScope::OrganisationsWrite];
            let grant = yhteen_http::auth::keys::Grant::new(world.principal(&world.operator), &scopes);
            app.keys.issue(&grant, uuid::Uuid::now_v7(), now).unwrap()
        };
        let one = yhteen_tests::Caller::new(&first.base, Some(token.clone()));
        let two = one.at(&second.base);
        for number in 0..20 {
            let send = |caller: &yhteen_tests::Caller| {
                let body = json!({"name": {"fi": format!("Järjestö {number}")}, "kind": "ngo"});
                let request = caller.request(Method::POST, "/api/v1/organisations");
                let request = request.header("idempotency-key", format!("key {number}")).json(&body);
                let caller = caller.clone();
                async move { caller.send(request).await.expect(201) }
            };
            let (here, there) = tokio::join!(send(&one), send(&two));
            assert_eq!(here["id"], there["id"]);
        }
        first.kill();
        let left = yhteen_tests::Caller::new(&second.base, None);
        assert_eq!(left.all("/api/v1/organisations").await.len(), 20);
    }
}
