//! Everything served, at one origin: Graph, identity, the status page.

use std::sync::Arc;

use axum::Router;
use syncline_graph_api::{Api, GraphSettings};
use syncline_identity::Identity;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;

use super::observe::{Observer, observe};
use super::{body_deadline, operations, portal};
use crate::app::App;

/// `figures`: whether `/metrics` is answered here to this machine.
pub fn router(app: &Arc<App>, figures: bool) -> Router {
    let api = Arc::new(api(app));
    let identity = Identity::new(
        Arc::clone(&app.store),
        Arc::clone(&app.access),
        Arc::clone(&app.clock),
        Arc::clone(&app.ids),
        syncline_identity::Settings {
            device_codes_of_a_network: app.settings.device_codes_per_address,
            ..syncline_identity::Settings::default()
        },
    );
    let forms = Arc::clone(&identity.forms);
    // What no router knows is a misspelt Graph path more often than anything else (`/V1.0`, `//v1.0`).
    let misspelt = Router::new()
        .fallback(syncline_graph_api::handle)
        .with_state(Arc::clone(&api));
    syncline_graph_api::router(Arc::clone(&api))
        .merge(syncline_identity::router(identity))
        .merge(portal::router(Arc::clone(app), api, forms))
        .merge(operations::public_router(app, figures))
        .merge(misspelt)
        .layer(CompressionLayer::new())
        .layer(CatchPanicLayer::new())
        .layer(axum::middleware::from_fn(body_deadline::set))
        .layer(axum::middleware::from_fn_with_state(
            Observer::new(app),
            observe,
        ))
}

/// The Graph face.
pub(super) fn api(app: &App) -> Api {
    Api::new(
        Arc::clone(&app.store),
        Arc::clone(&app.access),
        app.runner.clone(),
        Arc::clone(&app.clock),
        Arc::clone(&app.ids),
        GraphSettings {
            public_url: app.settings.public_url.clone(),
            strict_graph: app.settings.strict_graph,
            graph_throttling: app.settings.graph_throttling,
            expression_length: app.settings.expression_length,
        },
    )
}
