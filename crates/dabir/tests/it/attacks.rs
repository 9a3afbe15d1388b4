//! What a page elsewhere can make the browser of somebody who is signed in send: nothing of it
//! changes anything, and nothing of it is answered with what is here.

use reqwest::{Method, RequestBuilder, StatusCode};
use serde_json::{Value, json};

use crate::house::{House, PASSWORD, Session};

/// A request of the browser, with what it says of the page that made it ask.
fn forged(
    house: &House,
    method: Method,
    path: &str,
    headers: &[(&str, Option<&str>)],
) -> RequestBuilder {
    let request = house.request(method, path);
    let said = headers
        .iter()
        .filter_map(|(name, value)| Some((name, (*value)?)));
    said.fold(request, |request, (name, value)| {
        request.header(*name, value)
    })
}

/// Status and problem code.
async fn outcome(request: RequestBuilder) -> (StatusCode, String) {
    let answer = request.send().await.unwrap();
    let status = answer.status();
    let opens = [
        "access-control-allow-origin",
        "access-control-allow-credentials",
    ];
    for header in opens {
        assert!(!answer.headers().contains_key(header), "{header}");
    }
    let problem: Value = answer.json().await.unwrap_or_default();
    let code = problem["code"].as_str().unwrap_or_default().to_owned();
    (status, code)
}

fn is_forgery((status, code): &(StatusCode, String)) -> bool {
    (*status, code.as_str()) == (StatusCode::FORBIDDEN, "auth.forgery")
}

async fn name(house: &House, who: &Session) -> String {
    let me = house.send_as(who, Method::GET, "/api/v1/auth/me", None);
    me.await.1["name"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn only_our_own_pages_change_something_whatever_the_headers_say() {
    let house = House::open("").await;
    let admin = house.person("admin", "admin").await;
    let own = house.url().to_owned();
    let port: u16 = own.rsplit(':').next().unwrap().parse().unwrap();
    let other_port = format!("http://127.0.0.1:{}", port - 1);
    let other_scheme = own.replacen("http", "https", 1);
    let no_port = "http://127.0.0.1".to_owned();
    let upper = own.to_uppercase();
    let longer = format!("{own}.evil.example");
    let origins = [
        None,
        Some(own.as_str()),
        Some(&other_port),
        Some(&other_scheme),
        Some(&no_port),
        Some(&upper),
        Some(&longer),
        Some("null"),
        Some(""),
        Some("https://evil.example"),
    ];
    let sites = [
        None,
        Some("same-origin"),
        Some("same-site"),
        Some("cross-site"),
        Some("none"),
        Some("Same-Origin"),
        Some(""),
    ];
    let mut expected = name(&house, &admin).await;
    for (at, site) in sites.into_iter().enumerate() {
        for (of, origin) in origins.into_iter().enumerate() {
            let headers = [("sec-fetch-site", site), ("origin", origin)];
            let new = format!("Name {at} {of}");
            let request = forged(&house, Method::PATCH, "/api/v1/auth/me", &headers);
            let request = admin.on(request).json(&json!({ "name": new }));
            let answer = outcome(request).await;
            let ours = match site {
                Some(site) => site == "same-origin",
                None => origin == Some(&own),
            };
            let what = format!("{headers:?}: {answer:?}");
            if ours {
                assert_eq!(answer.0, StatusCode::OK, "{what}");
                expected = new;
            } else {
                assert!(is_forgery(&answer), "{what}");
            }
            assert_eq!(name(&house, &admin).await, expected, "{what}");
        }
    }
}

#[tokio::test]
async fn nobody_is_signed_in_or_out_by_a_page_elsewhere() {
    let house = House::open("").await;
    let admin = house.person("admin", "admin").await;
    for site in ["same-site", "cross-site", "none"] {
        let headers = [("sec-fetch-site", Some(site))];
        for path in [
            "/api/v1/auth/login",
            "/api/v1/auth/logout",
            "/sign-in",
            "/sign-out",
        ] {
            let request = forged(&house, Method::POST, path, &headers);
            let login = json!({ "email": "admin@example.org", "password": PASSWORD });
            let request = match path.starts_with("/api") {
                true => request.json(&login),
                false => request
                    .header("content-type", "application/x-www-form-urlencoded")
                    .body("email=admin%40example.org&password=four+plain+words+here"),
            };
            // With the cookies of whoever is signed in, and of nobody.
            for request in [admin.on(request.try_clone().unwrap()), request] {
                let answer = request.send().await.unwrap();
                assert_eq!(answer.status(), StatusCode::FORBIDDEN, "{site} {path}");
                assert!(
                    !answer.headers().contains_key("set-cookie"),
                    "{site} {path}"
                );
            }
        }
    }
    assert_eq!(name(&house, &admin).await, "The admin");
}

#[tokio::test]
async fn a_page_elsewhere_is_not_even_answered_what_it_cannot_read() {
    let house = House::open("").await;
    let admin = house.person("admin", "admin").await;
    let paths = [
        "/api/v1/users",
        "/api/v1/audit/export",
        "/api/v1/events",
        "/api/v1/port/state",
    ];
    for path in paths {
        for site in ["same-site", "cross-site"] {
            for mode in ["no-cors", "cors", "navigate", "websocket"] {
                let headers = [
                    ("sec-fetch-site", Some(site)),
                    ("sec-fetch-mode", Some(mode)),
                    ("upgrade", (mode == "websocket").then_some("websocket")),
                ];
                for method in [Method::GET, Method::HEAD] {
                    let request = admin.on(forged(&house, method.clone(), path, &headers));
                    let (status, _) = outcome(request).await;
                    assert_eq!(status, StatusCode::FORBIDDEN, "{method} {path} {headers:?}");
                }
            }
        }
        for site in [None, Some("none"), Some("same-origin")] {
            let headers = [("sec-fetch-site", site)];
            let request = admin.on(forged(&house, Method::GET, path, &headers));
            let status = request.send().await.unwrap().status();
            assert_eq!(status, StatusCode::OK, "{path} {site:?}");
        }
    }
    // A program has no cookie, and may run in any page that was given its token.
    let token = Session::of_token(&house.token());
    let headers = [("sec-fetch-site", Some("cross-site"))];
    let request = token.on(forged(&house, Method::GET, "/api/v1/users", &headers));
    assert_eq!(outcome(request).await.0, StatusCode::OK);
}

#[tokio::test]
async fn no_form_s_body_is_taken_with_a_cookie() {
    let house = House::open("").await;
    let operator = house.person("operator", "operator").await;
    let headers = [("sec-fetch-site", Some("same-origin"))];
    for kind in [
        "text/plain",
        "text/plain; charset=application/json",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=application/json",
    ] {
        let request = forged(&house, Method::POST, "/api/v1/meetings", &headers);
        let request = operator.on(request).header("content-type", kind);
        let (status, _) = outcome(request.body("{\"name\":\"forged\"}")).await;
        assert_eq!(status, StatusCode::UNSUPPORTED_MEDIA_TYPE, "{kind}");
    }
    let meetings = house.get("/api/v1/meetings").await;
    assert_eq!(meetings["items"].as_array().unwrap().len(), 0);
}

#[tokio::test]
async fn a_table_is_taken_with_a_cookie_from_our_own_pages_alone() {
    let house = House::open("").await;
    let operator = house.person("operator", "operator").await;
    let import = async |site: &'static str, kind: &str, host: Option<&'static str>| {
        let headers = [("sec-fetch-site", Some(site)), ("origin", host)];
        let path = "/api/v1/clients/import";
        let request = forged(&house, Method::POST, path, &headers);
        let request = operator.on(request).header("content-type", kind);
        outcome(request.body("username\nali\n")).await.0
    };
    let evil = Some("https://evil.example");
    for kind in [
        "text/csv",
        "text/plain",
        "application/x-www-form-urlencoded",
    ] {
        for site in ["cross-site", "same-site", "none"] {
            assert_eq!(
                import(site, kind, evil).await,
                StatusCode::FORBIDDEN,
                "{site} {kind}"
            );
        }
    }
    let refused = StatusCode::UNSUPPORTED_MEDIA_TYPE;
    assert_eq!(import("same-origin", "text/plain", None).await, refused);
    let clients = house.get("/api/v1/clients").await;
    assert_eq!(clients["totals"]["all"], 0);
    assert_eq!(
        import("same-origin", "text/csv", None).await,
        StatusCode::OK
    );
    // What only looks changes nothing, and is the same by a link.
    let path = "/api/v1/clients/analytics?format=csv";
    let link = forged(
        &house,
        Method::GET,
        path,
        &[("sec-fetch-site", Some("none"))],
    );
    assert_eq!(outcome(operator.on(link)).await.0, StatusCode::OK);
}

#[tokio::test]
async fn no_other_origin_is_told_that_it_may_ask() {
    let house = House::open("").await;
    let headers = [
        ("origin", Some("https://evil.example")),
        ("access-control-request-method", Some("DELETE")),
        (
            "access-control-request-headers",
            Some("authorization, content-type"),
        ),
    ];
    for path in [
        "/api/v1/sessions",
        "/api/v1/users",
        "/api/openapi.json",
        "/",
    ] {
        let (status, _) = outcome(forged(&house, Method::OPTIONS, path, &headers)).await;
        assert!(!status.is_success(), "{path}: {status}");
    }
    for path in ["/api/v1/users", "/health", "/"] {
        let answer = forged(&house, Method::GET, path, &[]).send().await.unwrap();
        let policy = &answer.headers()["cross-origin-resource-policy"];
        assert_eq!(policy, "same-origin", "{path}");
    }
}

#[tokio::test]
async fn whoever_looks_at_a_link_ahead_takes_nothing_away() {
    let house = House::open("").await;
    let made = house.post("/api/v1/auth/links", Value::Null).await;
    let url = made["url"].as_str().unwrap();
    let path = url.strip_prefix(house.url()).unwrap();
    let key = path.rsplit('/').next().unwrap();
    let ahead = [
        ("sec-purpose", Some("prefetch;prerender")),
        ("user-agent", Some("TelegramBot (like TwitterBot)")),
    ];
    for method in [Method::HEAD, Method::GET, Method::OPTIONS] {
        for path in [path.to_owned(), format!("/api/v1/auth/links/{key}")] {
            let request = forged(&house, method.clone(), &path, &ahead);
            request.send().await.unwrap();
        }
    }
    let new = json!({
        "key": key, "name": "Owner", "email": "owner@example.org",
        "password": "seven quiet rivers", "language": "en",
    });
    let accept = async || {
        let request = house.request(Method::POST, "/api/v1/auth/accept");
        let answer = request.json(&new).send().await.unwrap();
        answer.status()
    };
    assert_eq!(accept().await, StatusCode::OK);
    assert_eq!(accept().await, StatusCode::NOT_FOUND, "it works once");
}
