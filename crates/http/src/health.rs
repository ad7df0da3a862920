//! Whether the service lives, and whether it can answer.

use crate::answer::Computed;
use crate::app::App;
use crate::problem::Problem;
use actix_web::{get, web::Data};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

/// The operations on health.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config.service(get_liveness).service(get_readiness);
}

/// How the service is.
#[derive(Debug, Serialize, ToSchema)]
pub struct Health {
    /// `live` or `ready`.
    #[schema(examples("ready"))]
    status: &'static str,
}

/// Whether the process lives.
///
/// It answers as long as there is anyone to answer; a restart helps where it does not.
#[utoipa::path(tag = "Service", security(()), responses((status = 200, description = "It lives", body = Health)))]
#[get("/health/live")]
pub async fn get_liveness() -> Computed<Health> {
    Computed(Health { status: "live" })
}

/// Whether the service can answer.
///
/// It is ready when its database answers and has every migration.
#[utoipa::path(tag = "Service", security(()), responses((status = 200, description = "It is ready", body = Health)))]
#[get("/health/ready")]
pub async fn get_readiness(app: Data<App>) -> Result<Computed<Health>, Problem> {
    app.store.ready().await?;
    Ok(Computed(Health { status: "ready" }))
}
