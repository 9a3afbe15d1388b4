//! The owner's way in: a link that works once, and the button on its page that uses it up.
//!
//! Opening the link changes nothing. Chat programs, mail scanners and browsers fetch links before
//! anybody clicks them, and would otherwise take the way in for themselves.

use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;
use dabir_http::{Path, Problem};

use super::page::{Page, Reader};
use crate::app::App;

pub(super) async fn ask_to_sign_in(
    reader: Reader,
    State(app): State<App>,
    Path(key): Path<String>,
) -> Result<Page, Problem> {
    if !app.accounts.is_good_link(&key) {
        return Err(spent());
    }
    let heading = reader.pick("ورود به دبیر", "Sign in to Dabir");
    let text = reader.pick(
        "این پیوند یک بار کار می‌کند. دکمه را در همان مرورگری بزنید که می‌خواهید با آن کار کنید.",
        "This link works once. Press the button in the browser that you want to work with.",
    );
    let button = reader.pick("ورود", "Sign in");
    let lang = reader.tag();
    let body = format!(
        "<form class=\"jadval\" method=\"post\" action=\"?lang={lang}\"><h1>{heading}</h1><p>{text}</p>\
         <button class=\"btn wide\">{button}</button></form>"
    );
    Ok(Page {
        reader,
        title: reader.pick("ورود", "Sign in"),
        here: "",
        body,
    })
}

pub(super) async fn sign_in(
    reader: Reader,
    State(app): State<App>,
    Path(key): Path<String>,
) -> Result<impl IntoResponse, Problem> {
    let cookie = app.accounts.sign_in(&key).ok_or_else(spent)?;
    Ok(([(header::SET_COOKIE, cookie)], reader.back_home()))
}

fn spent() -> Problem {
    Problem::not_found(
        "auth.link",
        "this link was used already or is too old; make a new one with `dabir admin link`",
    )
}
