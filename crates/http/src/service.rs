//! The service as actix runs it: routes, documentation, and what is around them.

use crate::app::App;
use crate::client_address::TrustedProxies;
use crate::error_codes;
use crate::health::Draining;
use crate::middleware::{Around, Table};
use crate::openapi;
use actix_cors::Cors;
use actix_web::body::MessageBody;
use actix_web::dev::{ServiceFactory, ServiceRequest, ServiceResponse};
use actix_web::http::header;
use actix_web::{middleware::Compress, web};
use std::sync::Arc;
use utoipa_actix_web::AppExt;
use utoipa_swagger_ui::{Config, SwaggerUi, oauth};
use yhteen_domain::roles::TokenScope;
use yhteen_domain::vocabulary::Vocabulary;

/// What is made once and shared by all workers.
#[derive(Clone)]
pub struct Shared {
    /// The service.
    pub app: web::Data<App>,
    /// The document's paths and methods.
    table: Arc<Table>,
    document: Arc<utoipa::openapi::OpenApi>,
    /// Origins whose pages may call the service; any where empty.
    origins: Arc<Vec<String>>,
    proxies: TrustedProxies,
    draining: Draining,
}

impl Shared {
    /// Of one service.
    pub fn new(app: App, origins: Vec<String>) -> Self {
        let document = openapi::document();
        let table = Arc::new(Table::new(&document));
        Self {
            app: web::Data::new(app),
            table,
            document: Arc::new(document),
            origins: Arc::new(origins),
            proxies: TrustedProxies::default(),
            draining: Draining::default(),
        }
    }

    /// The same, which believes these proxies.
    #[must_use]
    pub fn behind(self, proxies: TrustedProxies) -> Self {
        Self { proxies, ..self }
    }

    /// The same, which is no longer ready once `draining` has begun.
    #[must_use]
    pub fn draining(self, draining: Draining) -> Self {
        Self { draining, ..self }
    }

    /// The actix application.
    pub fn actix(
        &self,
    ) -> actix_web::App<
        impl ServiceFactory<
            ServiceRequest,
            Config = (),
            Response = ServiceResponse<impl MessageBody + use<>>,
            Error = actix_web::Error,
            InitError = (),
        > + use<>,
    > {
        let ui = SwaggerUi::new("/docs/{_:.*}")
            .url("/openapi.json", (*self.document).clone())
            .config(
                Config::default()
                    // It would keep passwords and tokens in the browser's storage.
                    .persist_authorization(false)
                    .display_operation_id(true)
                    .display_request_duration(true)
                    .filter(true)
                    .doc_expansion("none")
                    .validator_url("none"),
            )
            .oauth(oauth::Config::new().scopes(TokenScope::ALL.iter().map(|scope| scope.as_str().into()).collect()));
        let (app, _) = actix_web::App::new()
            .into_utoipa_app()
            .openapi(openapi::base())
            .app_data(self.app.clone())
            .app_data(self.proxies.clone())
            .app_data(self.draining.clone())
            .configure(openapi::routes)
            .split_for_parts();
        app.service(web::redirect("/docs", "/docs/"))
            .route("/docs/errors", web::get().to(error_codes::page))
            .service(ui)
            .wrap(Around::new(Arc::clone(&self.table)))
            .wrap(Compress::default())
            .wrap(self.cors())
    }

    /// Tokens travel in a header, never in a cookie, so any page may ask: it has no more rights than its user gives it.
    fn cors(&self) -> Cors {
        let cors = Cors::default()
            .allowed_methods(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"])
            .allowed_headers([header::AUTHORIZATION, header::CONTENT_TYPE, header::IF_MATCH, header::IF_NONE_MATCH])
            .allowed_headers(["idempotency-key", "x-request-id", "accept-language"])
            .expose_headers(["etag", "location", "link", "x-request-id", "retry-after"])
            .block_on_origin_mismatch(false)
            .max_age(3600);
        if self.origins.is_empty() {
            return cors.allow_any_origin().send_wildcard();
        }
        self.origins.iter().fold(cors, |cors, origin| cors.allowed_origin(origin))
    }
}
