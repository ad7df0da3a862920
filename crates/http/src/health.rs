//! Whether the service lives, and whether it can answer.

use crate::answer::cached;
use crate::app::App;
use crate::problem::Problem;
use actix_web::body::BoxBody;
use actix_web::{HttpRequest, HttpResponse, Responder, get, web::Data};
use serde::Serialize;
use std::sync::Arc;
use tokio::sync::watch;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use yhteen_domain::{Fault, Message, codes, message};

/// The operations on health.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config.service(get_liveness).service(get_readiness);
}

/// Set when the process is about to stop: it finishes what it has begun, and is ready for nothing new.
#[derive(Clone, Debug)]
pub struct Draining(Arc<watch::Sender<bool>>);

impl Default for Draining {
    fn default() -> Self {
        Self(Arc::new(watch::Sender::new(false)))
    }
}

impl Draining {
    /// From now on.
    pub fn begin(&self) {
        self.0.send_replace(true);
    }

    /// Whether it has begun.
    pub fn has_begun(&self) -> bool {
        *self.0.borrow()
    }

    /// Waits until it has begun: whoever waits for something else then stops waiting.
    pub async fn begun(&self) {
        // Its sender lives as long as this.
        drop(self.0.subscribe().wait_for(|begun| *begun).await);
    }
}

/// How the service is.
#[derive(Debug, Serialize, ToSchema)]
pub struct Health {
    /// `live` or `ready`.
    #[schema(examples("ready"))]
    status: &'static str,
}

/// It is of this moment: nobody keeps it.
impl Responder for Health {
    type Body = BoxBody;
    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        cached(&self, "no-store")
    }
}

/// Whether the process lives.
///
/// It answers as long as there is anyone to answer; a restart helps where it does not.
#[utoipa::path(tag = "Service", security(()), responses((status = 200, description = "It lives", body = Health)))]
#[get("/health/live")]
pub async fn get_liveness() -> Health {
    Health { status: "live" }
}

/// Whether the service can answer.
///
/// It is ready when its database answers and has every migration, and the process is not about to stop.
#[utoipa::path(tag = "Service", security(()), responses((status = 200, description = "It is ready", body = Health)))]
#[get("/health/ready")]
pub async fn get_readiness(request: HttpRequest, app: Data<App>) -> Result<Health, Problem> {
    let unavailable = |detail: Message| Problem(Fault::new(&codes::UNAVAILABLE, detail).retry_after(2));
    if request.app_data::<Draining>().is_some_and(Draining::has_begun) {
        return Err(unavailable(message!(
            fi: "Palvelu on pysähtymässä.",
            sv: "Tjänsten håller på att stanna.",
            en: "The service is stopping.",
        )));
    }
    app.store.ready().await.map_err(|error| {
        // Whatever the cause: this one cannot answer now, which is no defect of the question.
        log::warn!("not ready: {error}");
        unavailable(message!(
            fi: "Tietokanta ei ole valmis.",
            sv: "Databasen är inte redo.",
            en: "The database is not ready.",
        ))
    })?;
    Ok(Health { status: "ready" })
}
