//! The console as browsers get it from the server: who sees it, what stands in it, its files.

use reqwest::{Method, Response, StatusCode};
use serde_json::{Value, json};

use crate::house::House;
use crate::visitor::Visitor;

const CONSOLE: &str = "id=\"boot\"";
const ADDRESSES: [&str; 4] = ["/", "/meetings?state=running", "/meetings/none", "/ports"];

fn header<'a>(answer: &'a Response, name: &str) -> &'a str {
    let value = answer.headers().get(name);
    value.map_or("", |value| value.to_str().unwrap())
}

/// The addresses of all files that a page names.
fn files_of(page: &str) -> Vec<&str> {
    let mut files: Vec<&str> = page
        .split('"')
        .filter(|text| text.starts_with("/assets/"))
        .collect();
    files.sort_unstable();
    files.dedup();
    files
}

/// What the page tells its script.
fn boot_of(page: &str) -> Value {
    let (_, boot) = page.split_once("id=\"boot\">").expect(page);
    serde_json::from_str(boot.split_once("</script>").unwrap().0).unwrap()
}

#[tokio::test]
async fn the_console_is_for_whoever_works_here() {
    let house = House::open("").await;
    for role in ["admin", "operator", "auditor", "writer"] {
        let visitor = Visitor::with_role(&house, role).await;
        for address in ADDRESSES {
            let answer = visitor.get(address).await;
            assert_eq!(answer.status(), StatusCode::OK, "{role} at {address}");
            let boot = boot_of(&answer.text().await.unwrap());
            let user = json!({ "name": format!("The {role}"), "role": role });
            assert_eq!(
                boot,
                json!({ "user": user, "version": env!("CARGO_PKG_VERSION") })
            );
        }
    }
    let participant = Visitor::with_role(&house, "participant").await;
    for address in ADDRESSES {
        let page = participant.page(address).await;
        let greeted = page.contains("The participant");
        assert!(greeted && page.contains("/sign-out"), "{page}");
        assert!(!page.contains(CONSOLE), "{page}");
    }
    let stranger = Visitor::of(&house);
    for address in ADDRESSES {
        let page = stranger.page(address).await;
        assert!(
            page.contains("action=\"/sign-in\"") && !page.contains(CONSOLE),
            "{page}"
        );
    }
}

#[tokio::test]
async fn an_address_that_nothing_knows_is_not_found_in_the_console_s_frame_or_without_it() {
    let house = House::open("").await;
    let viewer = Visitor::with_role(&house, "auditor").await;
    let participant = Visitor::with_role(&house, "participant").await;
    let stranger = Visitor::of(&house);
    for (visitor, framed) in [(&viewer, true), (&participant, false), (&stranger, false)] {
        let answer = visitor.get("/nowhere/at/all").await;
        assert_eq!(answer.status(), StatusCode::NOT_FOUND);
        let page = answer.text().await.unwrap();
        assert_eq!(page.contains(CONSOLE), framed, "{page}");
    }
    for path in [
        "/nowhere",
        "/api/v1/nowhere",
        "/api/nowhere",
        "/assets/nowhere.js",
    ] {
        let program = viewer.request(Method::GET, path);
        let program = program
            .header("cookie", &viewer.cookie)
            .send()
            .await
            .unwrap();
        assert_eq!(program.status(), StatusCode::NOT_FOUND);
        assert_eq!(
            header(&program, "content-type"),
            "application/problem+json",
            "{path}"
        );
    }
    let api = viewer.get("/api/v1/nowhere").await;
    assert_eq!(header(&api, "content-type"), "application/problem+json");
    let posted = viewer.send(viewer.form("/nowhere")).await;
    assert_eq!(posted.status(), StatusCode::NOT_FOUND);
    assert!(!posted.text().await.unwrap().contains(CONSOLE));
}

#[tokio::test]
async fn the_page_is_strict_and_kept_nowhere() {
    let house = House::open("").await;
    let visitor = Visitor::with_role(&house, "operator").await;
    let answer = visitor.get("/meetings/none").await;
    for (name, value) in [
        ("content-type", "text/html; charset=utf-8"),
        ("cache-control", "no-store"),
        ("vary", "accept-language, cookie"),
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "no-referrer"),
        ("cross-origin-opener-policy", "same-origin"),
        (
            "permissions-policy",
            "camera=(), microphone=(), geolocation=()",
        ),
        (
            "content-security-policy",
            "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; \
             img-src 'self' data:; connect-src 'self'; manifest-src 'self'; base-uri 'none'; \
             form-action 'self'; frame-ancestors 'none'",
        ),
    ] {
        assert_eq!(header(&answer, name), value, "{name}");
    }
    let length = header(&answer, "content-length").to_owned();
    let head = visitor.request(Method::HEAD, "/meetings/none");
    let head = visitor.send(head).await;
    assert_eq!(header(&head, "content-length"), length);
    assert_eq!(head.text().await.unwrap(), "");
}

#[tokio::test]
async fn the_page_speaks_the_language_of_the_cookie_and_else_of_the_browser() {
    let house = House::open("").await;
    let visitor = Visitor::with_role(&house, "operator").await;
    let check = async |cookie: &str, accepted: &str, html: &str| {
        let cookie = format!("{}; {cookie}", visitor.cookie);
        let request = visitor.request(Method::GET, "/").header("cookie", cookie);
        let answer = request.header("accept-language", accepted).send().await;
        let page = answer.unwrap().text().await.unwrap();
        assert!(page.contains(html), "no {html} in {page}");
    };
    let (fa, en) = (
        "<html lang=\"fa\" dir=\"rtl\"",
        "<html lang=\"en\" dir=\"ltr\"",
    );
    check(
        "a=b",
        "fa-IR,fa;q=0.9",
        &format!("{fa} data-theme=\"auto\">"),
    )
    .await;
    check("a=b", "de, en-GB", en).await;
    check(
        "dabir_look=theme=dark&lang=fa",
        "en",
        &format!("{fa} data-theme=\"dark\">"),
    )
    .await;
    check(
        "dabir_look=theme=%22%3E&lang=%22%3E",
        "en",
        &format!("{en} data-theme=\"auto\">"),
    )
    .await;
}

#[tokio::test]
async fn a_name_stays_a_name_in_the_page() {
    let house = House::open("").await;
    let mut visitor = Visitor::with_role(&house, "operator").await;
    let name = "</script><b>مریم";
    let answer = visitor
        .request(Method::PATCH, "/api/v1/auth/me")
        .header("sec-fetch-site", "same-origin")
        .json(&json!({ "name": name }));
    let answer = visitor.send(answer).await;
    assert_eq!(answer.status(), StatusCode::OK);
    visitor.cookie = house
        .sign_in("operator@example.org")
        .await
        .value()
        .to_owned();
    let page = visitor.page("/").await;
    assert!(!page.contains("<b>"), "{page}");
    assert_eq!(boot_of(&page)["user"]["name"], name);
}

#[tokio::test]
async fn every_file_of_the_page_is_there_for_ever_in_the_coding_that_was_asked_for() {
    let house = House::open("").await;
    let visitor = Visitor::with_role(&house, "operator").await;
    let page = visitor.page("/").await;
    let files = files_of(&page);
    assert!(files.len() > 3, "{files:?}");
    let get = async |method: Method, file: &str, accepted: &str| {
        let request = visitor.request(method, file);
        let answer = request.header("accept-encoding", accepted).send().await;
        let answer = answer.unwrap();
        assert_eq!(answer.status(), StatusCode::OK, "{file}");
        let kept = header(&answer, "cache-control");
        assert_eq!(kept, "public, max-age=31536000, immutable", "{file}");
        assert_eq!(header(&answer, "vary"), "accept-encoding", "{file}");
        assert_eq!(header(&answer, "x-content-type-options"), "nosniff");
        answer
    };
    for file in files {
        let plain = get(Method::GET, file, "identity").await;
        assert_eq!(header(&plain, "content-encoding"), "", "{file}");
        let kind = match file.rsplit_once('.').unwrap().1 {
            "js" => "text/javascript; charset=utf-8",
            "css" => "text/css; charset=utf-8",
            "svg" => "image/svg+xml",
            _ => "font/woff2",
        };
        assert_eq!(header(&plain, "content-type"), kind, "{file}");
        for (accepted, coding) in [("gzip, deflate, br, zstd", "br"), ("gzip", "gzip")] {
            // A font is compressed as it is.
            let coding = if kind == "font/woff2" { "" } else { coding };
            let packed = get(Method::GET, file, accepted).await;
            assert_eq!(header(&packed, "content-encoding"), coding, "{file}");
            let length = header(&packed, "content-length").to_owned();
            let head = get(Method::HEAD, file, accepted).await;
            assert_eq!(header(&head, "content-length"), length, "{file}");
        }
    }
}
