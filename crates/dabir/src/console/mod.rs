//! The console: one page whose script does the rest, and its files.
//!
//! Whoever is not signed in is asked to, here, and participants and writers are told where to go: the
//! page itself is for those who run the house or look on.

mod files;
mod page;

use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Extension, Router};
use dabir_http::{Identity, Problem, Role, Stranger};

use crate::app::App;
use crate::pages::{self, Look, Next, Reader, Secure};

/// The addresses that the page's own router knows; a test holds them against it.
const PATHS: [&str; 29] = [
    "/",
    "/meetings",
    "/meetings/{id}",
    "/clients",
    "/clients/{username}",
    "/ports",
    "/inbox",
    "/documents",
    "/documents/{id}",
    "/tasks",
    "/tasks/{id}",
    "/files",
    "/files/{id}",
    "/search",
    "/sync",
    "/sync/{name}",
    "/directory",
    "/directory/{directory}/{key}",
    "/webhooks",
    "/webhooks/{id}",
    "/jobs",
    "/jobs/{id}",
    "/schedules",
    "/users",
    "/audit",
    "/backups",
    "/settings",
    "/account",
    "/account/notifications",
];

pub(crate) fn routes() -> Router<App> {
    let files = Router::new().route("/assets/{name}", get(files::show_file));
    PATHS
        .into_iter()
        .fold(files, |router, path| router.route(path, get(show_console)))
}

async fn show_console(
    _: Stranger,
    (reader, look): (Reader, Look),
    secure: Secure,
    uri: Uri,
    headers: HeaderMap,
    identity: Option<Extension<Identity>>,
) -> Result<Response, Problem> {
    match identity {
        None => Ok(stranger(reader, &secure, &Next::of(&uri), &headers)),
        Some(Extension(identity)) if has_console(identity.role) => {
            page::console(StatusCode::OK, reader, &look, &identity)
        }
        Some(Extension(identity)) => Ok(pages::welcome(reader, &identity.name).into_response()),
    }
}

/// What stands at an address that nothing knows: the console says so in its own frame, to those who
/// have it, and everybody else gets the problem.
pub(crate) async fn show_nothing(
    reader: Reader,
    look: Look,
    identity: Option<Extension<Identity>>,
    request: Request,
) -> Result<Response, Problem> {
    let is_look = matches!(*request.method(), Method::GET | Method::HEAD);
    let readable = is_look && pages::is_for_people(&request);
    match identity {
        Some(Extension(identity)) if readable && has_console(identity.role) => {
            page::console(StatusCode::NOT_FOUND, reader, &look, &identity)
        }
        _ => Err(Problem::not_found(
            "request.path",
            "there is nothing at this path",
        )),
    }
}

/// Whether the console has a section for this role.
fn has_console(role: Role) -> bool {
    role != Role::Participant
}

/// The way in. Browsers send a session's cookies with no step that another site began, so somebody
/// who followed a link from there looks like a stranger; the same step, begun here, tells.
fn stranger(reader: Reader, secure: &Secure, next: &Next, headers: &HeaderMap) -> Response {
    let mut response = pages::ask_to_sign_in(reader, secure, next).into_response();
    let from_elsewhere = headers
        .get("sec-fetch-site")
        .is_some_and(|site| site == "cross-site");
    let again = HeaderValue::from_str(&format!("0;url={}", next.sign_in()));
    if let (true, Ok(again)) = (from_elsewhere, again) {
        response.headers_mut().insert(header::REFRESH, again);
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROUTER: &str = include_str!("../../../../web/src/app/router.tsx");

    #[test]
    fn the_server_and_the_page_know_the_same_addresses() {
        // `path: '/meetings/$id',`
        let theirs = ROUTER
            .split("path: '")
            .skip(1)
            .filter_map(|rest| rest.split('\'').next());
        let mut theirs: Vec<String> = theirs.map(in_our_words).collect();
        let mut ours = PATHS.map(str::to_owned).to_vec();
        theirs.sort();
        ours.sort();
        assert_eq!(ours, theirs, "add it to `PATHS` and to tests/it/roles.txt");
    }

    /// `/meetings/$id` is `/meetings/{id}`.
    fn in_our_words(path: &str) -> String {
        let part = |part: &str| match part.strip_prefix('$') {
            Some(name) => format!("{{{name}}}"),
            None => part.to_owned(),
        };
        path.split('/').map(part).collect::<Vec<_>>().join("/")
    }

    #[test]
    fn whoever_came_from_another_site_is_looked_at_once_more() {
        let refresh = |site: Option<&str>| {
            let site = site.map(|site| ("sec-fetch-site".parse().unwrap(), site.parse().unwrap()));
            let headers: HeaderMap = site.into_iter().collect();
            let uri = Uri::from_static("/meetings?state=running");
            let reader = Reader::of(&uri, &headers);
            let answer = stranger(reader, &Secure::default(), &Next::of(&uri), &headers);
            let again = answer.headers().get(header::REFRESH)?;
            Some(again.to_str().unwrap().to_owned())
        };
        let again = "0;url=/sign-in?next=%2Fmeetings%3Fstate%3Drunning";
        assert_eq!(refresh(Some("cross-site")).as_deref(), Some(again));
        for here in [None, Some("none"), Some("same-origin"), Some("same-site")] {
            assert_eq!(refresh(here), None, "{here:?}");
        }
    }
}
