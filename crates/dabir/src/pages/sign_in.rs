//! The ways in: a password, and links that work once, for the first admin, for who was invited and
//! for who lost a password.
//!
//! Opening a link changes nothing. Chat programs, mail scanners and browsers fetch links before
//! anybody clicks them, and would otherwise take the way in for themselves.

use std::convert::Infallible;

use axum::extract::{FromRequestParts, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use dabir_accounts::model::{Acceptance, Language, LinkKind, LinkView};
use dabir_accounts::service::{Device, Login, SignedIn};
use dabir_core::Secret;
use dabir_core::encode::html;
use dabir_http::{By, Form, Identity, Path, Problem, Query, Stranger};
use dabir_room::page::Lang;
use serde::Deserialize;

use super::failure::{self, wants_page};
use super::next::Next;
use super::page::Page;
use super::reader::{Look, Reader};
use crate::app::App;

/// Whether a browser keeps our cookies, which it does over HTTPS and on this very machine.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Secure(bool);

impl<S: Sync> FromRequestParts<S> for Secure {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self(is_secure(&parts.headers)))
    }
}

/// Browsers tell where a request comes from (`Sec-Fetch-Mode`) to secure addresses alone.
fn is_secure(headers: &HeaderMap) -> bool {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let host = text(header::HOST.as_str()).unwrap_or_default();
    let here = ["localhost", "127.", "[::1]"];
    headers.contains_key("sec-fetch-mode")
        || text("x-forwarded-proto") == Some("https")
        || here.iter().any(|name| host.starts_with(name))
}

/// What a page for signing in says when that cannot work.
fn notice(reader: Reader, secure: &Secure) -> &'static str {
    if secure.0 {
        return "";
    }
    reader.pick(
        "<p class=\"st warn\"><i></i>برای ورود HTTPS لازم است: در این نشانی مرورگر نشست را نگه نمی‌دارد.</p>",
        "<p class=\"st warn\"><i></i>Signing in needs HTTPS: at this address the browser keeps no session.</p>",
    )
}

/// A try to sign in that did not work: what was written, and what to say about it.
struct Failed<'a> {
    email: &'a str,
    problem: &'a Problem,
}

/// The page for whoever is not signed in, and was going somewhere.
pub(crate) fn ask_to_sign_in(reader: Reader, secure: &Secure, next: &Next) -> Page {
    password_form(reader, secure, next, None)
}

fn password_form(
    reader: Reader,
    secure: &Secure,
    next: &Next,
    failed: Option<&Failed<'_>>,
) -> Page {
    let heading = reader.pick("ورود به دبیر", "Sign in to Dabir");
    let button = reader.pick("ورود", "Sign in");
    let lost = reader.pick(
        "گذرواژه‌ای ندارید یا آن را گم کرده‌اید؟ این فرمان روی سرور پیوندی برای ورود می‌سازد:",
        "No password, or lost it? This command on the server makes a link that signs in:",
    );
    let code = reader.pick(
        "کد دومرحله‌ای، اگر دارید",
        "Second-factor code, if you have one",
    );
    let body = format!(
        "<form class=\"jadval\" method=\"post\" action=\"/sign-in{}\"><h1>{heading}</h1>{}{}\
         <input type=\"hidden\" name=\"next\" value=\"{}\">{}{}{}\
         <button class=\"btn wide\">{button}</button>\
         <p class=\"muted\">{lost} <code>dabir admin link</code></p></form>",
        reader.kept(),
        notice(reader, secure),
        failed.map_or(String::new(), |failed| why_not(reader, failed.problem)),
        html(next.as_str()),
        email_field(reader, failed.map_or("", |failed| failed.email)),
        password_field(reader, "current-password"),
        field(
            "code",
            code,
            "text",
            "autocomplete=\"one-time-code\" dir=\"ltr\""
        ),
    );
    Page {
        reader,
        title: "",
        here: next.sign_in(),
        body,
    }
}

fn why_not(reader: Reader, problem: &Problem) -> String {
    let (cause, next) = failure::told(reader, problem);
    format!(
        "<div role=\"alert\"><p><span class=\"st bad\"><i></i>{cause}</span></p><p>{next}</p></div>"
    )
}

fn email_field(reader: Reader, value: &str) -> String {
    let label = reader.pick("نشانی ایمیل", "E-mail address");
    let more = format!(
        "required autocomplete=\"username\" dir=\"ltr\" value=\"{}\"",
        html(value)
    );
    field("email", label, "email", &more)
}

fn password_field(reader: Reader, which: &str) -> String {
    let label = reader.pick("گذرواژه", "Password");
    let more = format!("required dir=\"auto\" autocomplete=\"{which}\"");
    field("password", label, "password", &more)
}

fn field(name: &str, label: &str, kind: &str, more: &str) -> String {
    format!(
        "<label for=\"{name}\">{label}</label><input id=\"{name}\" name=\"{name}\" type=\"{kind}\" placeholder=\" \" {more}>"
    )
}

pub(super) async fn show_link(
    _: Stranger,
    reader: Reader,
    secure: Secure,
    State(app): State<App>,
    Path(key): Path<String>,
) -> Result<Page, Problem> {
    let link = app.accounts.look_at_link(&key).await?;
    let (title, text) = words(reader, link.kind);
    let body = format!(
        "<form class=\"jadval\" method=\"post\" action=\"{}\"><h1>{title}</h1><p>{text}</p>{}{}\
         <button class=\"btn wide\">{}</button></form>",
        reader.kept(),
        notice(reader, &secure),
        fields(reader, &link),
        match link.kind {
            LinkKind::Reset => reader.pick("ذخیره", "Save"),
            _ => reader.pick("ورود", "Sign in"),
        },
    );
    Ok(Page {
        reader,
        title,
        here: String::new(),
        body,
    })
}

fn words(reader: Reader, kind: LinkKind) -> (&'static str, &'static str) {
    let pick = |fa, en| reader.pick(fa, en);
    match kind {
        LinkKind::FirstRun => (
            pick("نخستین مدیر دبیر", "Dabir's first admin"),
            pick(
                "با این نشانی و گذرواژه وارد می‌شوید. گذرواژه دست‌کم ۱۰ نویسه دارد؛ چند واژه بهتر از یک واژه است.",
                "You sign in with this address and password. A password has at least 10 characters; several words are better than one.",
            ),
        ),
        LinkKind::Start => (
            pick("ورود به دبیر", "Sign in to Dabir"),
            pick(
                "این پیوند یک بار کار می‌کند. دکمه را در همان مرورگری بزنید که می‌خواهید با آن کار کنید.",
                "This link works once. Press the button in the browser that you want to work with.",
            ),
        ),
        LinkKind::Invite => (
            pick("به دبیر خوش آمدید", "Welcome to Dabir"),
            pick(
                "گذرواژه‌ای با دست‌کم ۱۰ نویسه برگزینید؛ چند واژه بهتر از یک واژه است.",
                "Choose a password of at least 10 characters; several words are better than one.",
            ),
        ),
        LinkKind::Reset => (
            pick("گذرواژهٔ تازه", "A new password"),
            pick(
                "گذرواژه‌ای با دست‌کم ۱۰ نویسه برگزینید. همهٔ نشست‌های شما به پایان می‌رسد.",
                "Choose a password of at least 10 characters. All your sessions end.",
            ),
        ),
    }
}

/// What there is to fill in.
fn fields(reader: Reader, link: &LinkView) -> String {
    let name = || {
        let known = html(link.name.as_deref().unwrap_or_default());
        let more = format!(
            "required maxlength=\"100\" dir=\"auto\" autocomplete=\"name\" value=\"{known}\""
        );
        field("name", reader.pick("نام", "Name"), "text", &more)
    };
    let password = || password_field(reader, "new-password");
    let email = || html(link.email.as_deref().unwrap_or_default());
    match link.kind {
        LinkKind::FirstRun => {
            language_field(reader) + &name() + &email_field(reader, "") + &password()
        }
        LinkKind::Start => String::new(),
        LinkKind::Invite => {
            let whose = format!("<p><bdi dir=\"ltr\">{}</bdi></p>", email());
            whose + &language_field(reader) + &name() + &password()
        }
        LinkKind::Reset => format!("<p><bdi dir=\"ltr\">{}</bdi></p>{}", email(), password()),
    }
}

fn language_field(reader: Reader) -> String {
    let label = reader.pick("زبان", "Language");
    let option = |tag: &str, word: &str| {
        let chosen = if tag == reader.tag() { " selected" } else { "" };
        format!("<option value=\"{tag}\"{chosen}>{word}</option>")
    };
    format!(
        "<label for=\"language\">{label}</label><select id=\"language\" name=\"language\">{}{}</select>",
        option("fa", "فارسی"),
        option("en", "English"),
    )
}

/// What a link's page sends; which of it is needed depends on the link.
#[derive(Deserialize)]
pub(super) struct LinkForm {
    #[serde(default)]
    name: String,
    email: Option<String>,
    #[serde(default)]
    password: Secret,
    #[serde(default)]
    language: Language,
}

pub(super) async fn use_link(
    _: Stranger,
    By(by): By,
    (reader, look): (Reader, Look),
    State(app): State<App>,
    device: Device,
    Path(key): Path<String>,
    Form(form): Form<LinkForm>,
) -> Result<Response, Problem> {
    let link = app.accounts.look_at_link(&key).await?;
    let first_page = Next::parse("/");
    match link.kind {
        LinkKind::Reset => {
            app.accounts
                .reset_password(&by, &key, &form.password)
                .await?;
            Ok(Redirect::to(&format!("/{}", reader.kept())).into_response())
        }
        LinkKind::Start => {
            let signed = app.accounts.sign_in_by_link(&by, &key, device).await?;
            Ok(lead_on(&signed, wish(reader), &look, &first_page))
        }
        LinkKind::FirstRun | LinkKind::Invite => {
            let lang = spoken(form.language);
            let acceptance = Acceptance {
                key,
                name: form.name,
                email: form.email,
                password: form.password,
                language: form.language,
            };
            let signed = app.accounts.accept(&by, &acceptance, device).await?;
            Ok(lead_on(&signed, Some(lang), &look, &first_page))
        }
    }
}

/// Keeps the session and leads on to where somebody was going. The pages there are in the language
/// that they chose, else in that of their account.
fn lead_on(signed: &SignedIn, chosen: Option<Lang>, look: &Look, next: &Next) -> Response {
    let mut response = (signed.cookies(), next.redirect()).into_response();
    let language = match chosen {
        None if look.has_language() => return response,
        None => spoken(signed.user.language),
        Some(chosen) => chosen,
    };
    let cookie = look.in_language(language);
    response.headers_mut().append(header::SET_COOKIE, cookie);
    response
}

fn spoken(language: Language) -> Lang {
    match language {
        Language::Fa => Lang::Fa,
        Language::En => Lang::En,
    }
}

#[derive(Deserialize)]
pub(super) struct FormQuery {
    #[serde(default)]
    next: String,
}

/// The form, for who came by its own address; who is signed in already goes on.
pub(super) async fn show_form(
    _: Stranger,
    reader: Reader,
    secure: Secure,
    identity: Option<axum::Extension<Identity>>,
    Query(query): Query<FormQuery>,
) -> Response {
    let next = Next::parse(&query.next);
    match identity {
        Some(_) => next.redirect().into_response(),
        None => ask_to_sign_in(reader, &secure, &next).into_response(),
    }
}

#[derive(Deserialize)]
pub(super) struct PasswordForm {
    email: String,
    password: Secret,
    #[serde(default)]
    code: String,
    #[serde(default)]
    next: String,
}

pub(super) async fn sign_in(
    _: Stranger,
    By(by): By,
    (reader, look, secure): (Reader, Look, Secure),
    headers: HeaderMap,
    State(app): State<App>,
    device: Device,
    Form(form): Form<PasswordForm>,
) -> Result<Response, Problem> {
    let next = Next::parse(&form.next);
    let login = Login {
        email: form.email,
        password: form.password,
        code: Some(form.code).filter(|code| !code.trim().is_empty()),
    };
    let problem = match app.accounts.sign_in(&by, &login, device).await {
        Ok(signed) => return Ok(lead_on(&signed, wish(reader), &look, &next)),
        Err(error) => Problem::from(error),
    };
    let status = StatusCode::from_u16(problem.status).unwrap_or_default();
    let refused = [StatusCode::UNAUTHORIZED, StatusCode::FORBIDDEN].contains(&status);
    if !refused || !wants_page(&headers) {
        return Err(problem);
    }
    let failed = Failed {
        email: &login.email,
        problem: &problem,
    };
    let again = password_form(reader, &secure, &next, Some(&failed));
    Ok((status, again).into_response())
}

/// The language that the address asked for.
fn wish(reader: Reader) -> Option<Lang> {
    reader.asked.then_some(reader.lang)
}

pub(super) async fn sign_out(
    _: Stranger,
    By(by): By,
    reader: Reader,
    State(app): State<App>,
    identity: Option<axum::Extension<Identity>>,
) -> Result<impl IntoResponse, Problem> {
    let session = identity.and_then(|identity| identity.0.session_id);
    if let Some(session) = session {
        app.accounts.end_session(&by, &session, None).await?;
    }
    let away = Redirect::to(&format!("/{}", reader.kept()));
    Ok((dabir_accounts::routes::forget(), away))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_browser_at_another_s_plain_address_is_told_that_it_keeps_no_session() {
        let check = |pairs: &[(&'static str, &'static str)]| {
            let pairs = pairs.iter().map(|(name, value)| {
                let name = header::HeaderName::from_static(name);
                (name, value.parse().unwrap())
            });
            is_secure(&pairs.collect())
        };
        assert!(check(&[("host", "localhost:8000")]) && check(&[("host", "127.0.0.1:8000")]));
        assert!(check(&[
            ("host", "meet.example"),
            ("sec-fetch-mode", "navigate")
        ]));
        assert!(check(&[
            ("host", "meet.example"),
            ("x-forwarded-proto", "https")
        ]));
        assert!(!check(&[("host", "192.0.2.7:8000")]));
    }
}
