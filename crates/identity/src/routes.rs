//! Every route of the identity platform, in one screen.

use std::sync::Arc;

use axum::Router;
use axum::middleware::map_response;
use axum::routing::{MethodRouter, get, post};

use crate::Identity;
use crate::cors;
use crate::edge::{Edge, Handler};
use crate::endpoints::{
    admin_consent, authorize, change_password, device_authorization, device_sign_in, error,
    instance_discovery, keys, logout, metadata_endpoints, openid_configuration, token, user_realm,
    userinfo,
};

/// The routes. They begin with a tenant (id, verified domain, `common` or `organizations`), so the
/// router can be merged with others whose first segments are fixed.
pub fn router(identity: Identity) -> Router {
    let edge = Edge::new(Arc::new(identity));
    let read = |handler: Handler| -> MethodRouter { get(edge.serve(handler)) };
    let write = |handler: Handler| -> MethodRouter { post(edge.serve(handler)) };
    let page =
        |handler: Handler| -> MethodRouter { get(edge.serve(handler)).post(edge.serve(handler)) };
    let from_any_origin = |route: MethodRouter| -> MethodRouter {
        let route = route.options(edge.serve(cors::preflight));
        route.layer(map_response(cors::add))
    };
    Router::new()
        // Discovery
        .route(
            "/{tenant}/v2.0/.well-known/openid-configuration",
            read(openid_configuration::v2),
        )
        .route(
            "/{tenant}/.well-known/openid-configuration",
            read(openid_configuration::v1),
        )
        .route("/{tenant}/discovery/v2.0/keys", read(keys::get))
        .route("/{tenant}/discovery/keys", read(keys::get))
        .route(
            "/{tenant}/discovery/instance",
            read(instance_discovery::get),
        )
        .route("/{tenant}/userrealm/{user}", read(user_realm::get))
        .route("/metadata/endpoints", read(metadata_endpoints::get))
        // Terraform's provider asks with two slashes.
        .route("//metadata/endpoints", read(metadata_endpoints::get))
        // Tokens
        .route(
            "/{tenant}/oauth2/v2.0/token",
            from_any_origin(write(token::v2)),
        )
        .route("/{tenant}/oauth2/token", from_any_origin(write(token::v1)))
        .route(
            "/{tenant}/oauth2/v2.0/devicecode",
            write(device_authorization::v2),
        )
        .route(
            "/{tenant}/oauth2/devicecode",
            write(device_authorization::v1),
        )
        // Who signed in
        .route("/oidc/userinfo", from_any_origin(page(userinfo::answer)))
        // Pages
        .route("/{tenant}/oauth2/v2.0/authorize", page(authorize::v2))
        .route("/{tenant}/oauth2/authorize", page(authorize::v1))
        .route("/{tenant}/oauth2/deviceauth", page(device_sign_in::page))
        .route("/devicelogin", page(device_sign_in::page))
        .route("/changepassword", page(change_password::page))
        .route("/error", read(error::get))
        .route("/{tenant}/v2.0/adminconsent", page(admin_consent::v2))
        .route("/{tenant}/adminconsent", page(admin_consent::v1))
        .route("/{tenant}/oauth2/v2.0/logout", read(logout::get))
        .route("/{tenant}/oauth2/logout", read(logout::get))
}
