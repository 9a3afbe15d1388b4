//! Signing in and out, one's own account, and links that work once.

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use dabir_core::{ActorKind, Secret};
use dabir_http::{
    Admin, By, Identity, Json, Path, Person, Problem, Role, Scope, SignedIn as SignedInCaller,
    Stranger,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::cookies::{self, SetCookies};
use crate::error::AccountError;
use crate::model::{Acceptance, Language, LinkView, MePatch, UserView};
use crate::service::{Accounts, Device, Login, SignedIn};

/// The caller.
#[derive(Serialize, ToSchema)]
pub(super) struct Me {
    /// The person's id, or the token's.
    id: String,
    /// `user` or `token`.
    #[schema(value_type = String, example = "user")]
    kind: ActorKind,
    name: String,
    role: Role,
    /// What of the role's rights the caller has.
    scopes: Vec<Scope>,
    session_id: Option<String>,
    /// `null` for the installation's own token.
    user: Option<UserView>,
    second_factor: bool,
}

/// Somebody who makes an account.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Registration {
    email: String,
    name: String,
    #[schema(value_type = String)]
    password: Secret,
    #[serde(default)]
    language: Language,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Credentials {
    email: String,
    #[schema(value_type = String)]
    password: Secret,
    /// When a second factor is on: from the authenticator, or a recovery code.
    code: Option<String>,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct PasswordChange {
    /// May be left out within a quarter of an hour after a sign-in by the owner's link.
    #[schema(value_type = Option<String>)]
    current: Option<Secret>,
    #[schema(value_type = String)]
    new: Secret,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct PasswordReset {
    key: String,
    #[schema(value_type = String)]
    password: Secret,
}

/// A way in, to be handed over.
#[derive(Serialize, ToSchema)]
pub(super) struct LinkUrl {
    /// Works once; opening it uses nothing up.
    pub(super) url: String,
}

type SignedInAnswer = (SetCookies, Json<UserView>);

fn answer(signed: SignedIn) -> SignedInAnswer {
    (signed.cookies(), Json(signed.user))
}

/// Make one's own account, where that is allowed.
#[utoipa::path(
    post, path = "/api/v1/auth/register", tag = "accounts", request_body = Registration,
    responses(
        (status = 201, body = UserView),
        (status = 403, body = Problem, description = "`auth.closed`: accounts are made by invitation"),
        (status = 409, body = Problem), (status = 422, body = Problem),
    ),
)]
pub(super) async fn register(
    _: Stranger,
    By(by): By,
    State(accounts): State<Accounts>,
    Json(new): Json<Registration>,
) -> Result<(StatusCode, Json<UserView>), Problem> {
    let user = accounts
        .register(&by, new.email, new.name, new.password, new.language)
        .await?;
    Ok((StatusCode::CREATED, Json(user)))
}

/// Sign in; the answer sets the session's cookies.
#[utoipa::path(
    post, path = "/api/v1/auth/login", tag = "accounts", request_body = Credentials,
    responses(
        (status = 200, body = UserView),
        (status = 401, body = Problem, description = "`auth.wrong`, `auth.code_needed` or `auth.code`"),
        (status = 403, body = Problem, description = "`auth.blocked`"),
        (status = 429, body = Problem), (status = 503, body = Problem),
    ),
)]
pub(super) async fn log_in(
    _: Stranger,
    By(by): By,
    State(accounts): State<Accounts>,
    device: Device,
    Json(credentials): Json<Credentials>,
) -> Result<SignedInAnswer, Problem> {
    let login = Login {
        email: credentials.email,
        password: credentials.password,
        code: credentials.code,
    };
    Ok(answer(accounts.sign_in(&by, &login, device).await?))
}

/// Sign out: the session ends, with all that it has open.
#[utoipa::path(
    post, path = "/api/v1/auth/logout", tag = "accounts",
    responses((status = 204, description = "Also when nobody was signed in")),
)]
pub(super) async fn log_out(
    _: Stranger,
    By(by): By,
    State(accounts): State<Accounts>,
    headers: HeaderMap,
) -> Result<(StatusCode, SetCookies), Problem> {
    let token = cookies::find(&headers, cookies::ACCESS);
    if let Some(session) = token.and_then(|token| accounts.session_of(token)) {
        match accounts.end_session(&by, &session, None).await {
            Ok(()) | Err(AccountError::NotFound(_)) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok((StatusCode::NO_CONTENT, super::forget()))
}

/// Go on with a session whose access token is too old.
#[utoipa::path(
    post, path = "/api/v1/auth/refresh", tag = "accounts",
    responses(
        (status = 200, body = UserView),
        (status = 401, body = Problem, description = "`auth.session`: sign in"),
    ),
)]
pub(super) async fn refresh_session(
    _: Stranger,
    By(by): By,
    State(accounts): State<Accounts>,
    headers: HeaderMap,
) -> Result<SignedInAnswer, Problem> {
    let token = cookies::find(&headers, cookies::REFRESH).ok_or(AccountError::NoSession)?;
    Ok(answer(accounts.refresh(&by, token).await?))
}

/// See who one is.
#[utoipa::path(
    get, path = "/api/v1/auth/me", tag = "accounts",
    responses((status = 200, body = Me), (status = 401, body = Problem)),
)]
pub(super) async fn get_me(
    SignedInCaller(caller): SignedInCaller,
    State(accounts): State<Accounts>,
) -> Result<Json<Me>, Problem> {
    Ok(Json(me(&accounts, caller).await?))
}

async fn me(accounts: &Accounts, caller: Identity) -> Result<Me, AccountError> {
    let (user, second_factor) = match &caller.user_id {
        Some(id) => (
            Some(accounts.get_user(id).await?),
            accounts.has_factor(id).await?,
        ),
        None => (None, false),
    };
    Ok(Me {
        id: caller.id,
        kind: caller.kind,
        name: caller.name,
        role: caller.role,
        scopes: match caller.session_id {
            Some(_) => caller.role.scopes().to_vec(),
            None => caller.scopes,
        },
        session_id: caller.session_id,
        user,
        second_factor,
    })
}

/// Change one's own name and language, and how one likes the pages.
#[utoipa::path(
    patch, path = "/api/v1/auth/me", tag = "accounts", request_body = MePatch,
    responses((status = 200, body = UserView), (status = 401, body = Problem), (status = 422, body = Problem)),
)]
pub(super) async fn change_me(
    person: Person,
    By(by): By,
    State(accounts): State<Accounts>,
    Json(patch): Json<MePatch>,
) -> Result<Json<UserView>, Problem> {
    let changed = accounts.change_me(&by, &person.user_id, patch);
    Ok(Json(changed.await?))
}

/// Set a new password. Every session ends, and a new one begins here.
#[utoipa::path(
    post, path = "/api/v1/auth/password", tag = "accounts", request_body = PasswordChange,
    responses(
        (status = 200, body = UserView), (status = 401, body = Problem),
        (status = 403, body = Problem, description = "`auth.password`: the current one is wrong"),
        (status = 422, body = Problem), (status = 429, body = Problem),
    ),
)]
pub(super) async fn change_password(
    person: Person,
    By(by): By,
    State(accounts): State<Accounts>,
    device: Device,
    Json(change): Json<PasswordChange>,
) -> Result<SignedInAnswer, Problem> {
    let current = change.current.as_ref();
    let changed = accounts.change_password(&by, &person.session_id, current, &change.new, device);
    Ok(answer(changed.await?))
}

/// Make a link for the owner of the house, which works once, within a quarter of an hour.
#[utoipa::path(
    post, path = "/api/v1/auth/links", tag = "accounts",
    responses((status = 201, body = LinkUrl), (status = 401, body = Problem), (status = 403, body = Problem)),
)]
pub(super) async fn create_link(
    _: Admin,
    By(by): By,
    State(accounts): State<Accounts>,
) -> Result<(StatusCode, Json<LinkUrl>), Problem> {
    let url = accounts.make_start_link(&by).await?;
    Ok((StatusCode::CREATED, Json(LinkUrl { url })))
}

/// See what a link is for; looking uses nothing up.
#[utoipa::path(
    get, path = "/api/v1/auth/links/{key}", tag = "accounts", params(("key" = String, Path)),
    responses((status = 200, body = LinkView), (status = 404, body = Problem)),
)]
pub(super) async fn get_link(
    _: Stranger,
    State(accounts): State<Accounts>,
    Path(key): Path<String>,
) -> Result<Json<LinkView>, Problem> {
    Ok(Json(accounts.look_at_link(&key).await?))
}

/// Accept an invitation, or become the first admin; signs in.
#[utoipa::path(
    post, path = "/api/v1/auth/accept", tag = "accounts", request_body = Acceptance,
    responses(
        (status = 200, body = UserView), (status = 404, body = Problem), (status = 422, body = Problem),
    ),
)]
pub(super) async fn accept_link(
    _: Stranger,
    By(by): By,
    State(accounts): State<Accounts>,
    device: Device,
    Json(acceptance): Json<Acceptance>,
) -> Result<SignedInAnswer, Problem> {
    Ok(answer(accounts.accept(&by, &acceptance, device).await?))
}

/// Set the password that a link allows to set. Every session of its person ends.
#[utoipa::path(
    post, path = "/api/v1/auth/reset", tag = "accounts", request_body = PasswordReset,
    responses((status = 204), (status = 404, body = Problem), (status = 422, body = Problem)),
)]
pub(super) async fn reset_password(
    _: Stranger,
    By(by): By,
    State(accounts): State<Accounts>,
    Json(reset): Json<PasswordReset>,
) -> Result<StatusCode, Problem> {
    accounts
        .reset_password(&by, &reset.key, &reset.password)
        .await?;
    Ok(StatusCode::NO_CONTENT)
}
