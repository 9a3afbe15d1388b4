//! Accounts over HTTP: the door before every route, and the API of people, sessions, tokens and the
//! audit.

mod cookies;
mod door;
mod auth;
mod factors;
mod sessions;
mod tokens;
mod users;
mod audit;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use dabir_http::Problem;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes as paths;

use crate::service::{Accounts, Device};

pub use cookies::{SetCookies, forget};
pub use door::{Door, authenticate};

/// The API of accounts.
pub fn routes() -> OpenApiRouter<Accounts> {
    OpenApiRouter::new()
        .routes(paths!(auth::register))
        .routes(paths!(auth::log_in))
        .routes(paths!(auth::log_out))
        .routes(paths!(auth::refresh_session))
        .routes(paths!(auth::get_me, auth::change_me))
        .routes(paths!(auth::change_password))
        .routes(paths!(auth::create_link))
        .routes(paths!(auth::get_link))
        .routes(paths!(auth::accept_link))
        .routes(paths!(auth::reset_password))
        .routes(paths!(factors::begin_factor, factors::remove_factor))
        .routes(paths!(factors::confirm_factor))
        .routes(paths!(
            sessions::list_sessions,
            sessions::end_other_sessions
        ))
        .routes(paths!(sessions::end_session))
        .routes(paths!(tokens::list_tokens, tokens::create_token))
        .routes(paths!(tokens::delete_token))
        .routes(paths!(users::list_users, users::create_user))
        .routes(paths!(
            users::get_user,
            users::change_user,
            users::delete_user
        ))
        .routes(paths!(users::block_user))
        .routes(paths!(users::unblock_user))
        .routes(paths!(users::create_reset_link))
        .routes(paths!(users::sign_out_user))
        .routes(paths!(audit::list_audit))
        .routes(paths!(audit::export_audit))
        .routes(paths!(audit::verify_audit))
}

impl<S: Sync> FromRequestParts<S> for Device {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        Ok(Self {
            agent: door::agent(&parts.headers),
        })
    }
}
