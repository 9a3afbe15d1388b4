//! The pages that need no script, as browsers get them: the ways in, and what went wrong.

use reqwest::{Method, Response, StatusCode};
use serde_json::Value;

use crate::house::House;
use crate::visitor::Visitor;

/// What the first admin fills in.
const FIRST_ADMIN: &str =
    "name=Sara&email=sara%40example.org&password=four+plain+words+here&language=en";

fn cookies(answer: &Response) -> Vec<&str> {
    let cookies = answer.headers().get_all("set-cookie").iter();
    cookies.map(|cookie| cookie.to_str().unwrap()).collect()
}

fn location(answer: &Response) -> &str {
    assert_eq!(answer.status(), StatusCode::SEE_OTHER);
    answer.headers()["location"].to_str().unwrap()
}

#[tokio::test]
async fn only_the_button_uses_a_link_up() {
    let house = House::open("").await;
    let visitor = Visitor::of(&house);
    let link = visitor.link().await;
    for method in [Method::HEAD, Method::GET, Method::GET] {
        let looked = visitor.send(visitor.request(method, &link)).await;
        assert_eq!(looked.status(), StatusCode::OK);
        assert!(!looked.headers().contains_key("set-cookie"));
        assert_eq!(looked.headers()["cache-control"], "no-store");
    }
    let page = visitor.page(&format!("{link}?lang=fa")).await;
    assert!(
        page.contains("dir=\"rtl\"") && page.contains("method=\"post\""),
        "{page}"
    );
    let short = FIRST_ADMIN.replace("four+plain+words+here", "short");
    for (lang, cause) in [
        ("fa-IR,fa;q=0.9,en;q=0.5", "پذیرفته نشد"),
        ("en-GB", "is not allowed"),
    ] {
        let form = visitor.form(&link).body(short.clone());
        let refused = visitor.send(form.header("accept-language", lang)).await;
        assert_eq!(refused.status(), StatusCode::UNPROCESSABLE_ENTITY);
        let id = refused.headers()["x-request-id"]
            .to_str()
            .unwrap()
            .to_owned();
        let page = refused.text().await.unwrap();
        assert!(page.contains(cause) && page.contains(&id), "{page}");
    }
    let pressed = visitor.send(visitor.form(&link).body(FIRST_ADMIN)).await;
    assert_eq!(location(&pressed), "/");
    let [access, refresh, look] = cookies(&pressed)[..] else {
        panic!("{:?}", pressed.headers())
    };
    for (cookie, name) in [(access, "__Host-dabir_at="), (refresh, "__Host-dabir_rt=")] {
        let says = |word| cookie.contains(word);
        assert!(cookie.starts_with(name) && says("; Secure"), "{cookie}");
        assert!(
            says("; HttpOnly") && says("; SameSite=Strict") && says("; Path=/;"),
            "{cookie}"
        );
    }
    assert!(look.starts_with("dabir_look=lang=en; Path=/;"), "{look}");
    for request in [visitor.form(&link), visitor.request(Method::GET, &link)] {
        let again = visitor.send(request).await;
        assert_eq!(again.status(), StatusCode::NOT_FOUND);
        let page = again.text().await.unwrap();
        assert!(page.contains("dabir admin link"), "{page}");
    }
}

#[tokio::test]
async fn who_signs_in_comes_back_to_where_they_were_going_and_to_no_other_house() {
    let house = House::open("").await;
    house.person("sara", "operator").await;
    let stranger = Visitor::of(&house);
    let page = stranger.page("/meetings/none?state=running&lang=fa").await;
    assert!(
        page.contains("name=\"next\" value=\"/meetings/none?state=running\""),
        "{page}"
    );
    let page = stranger.page("/sign-in?next=%2F%2Fevil.example").await;
    assert!(page.contains("name=\"next\" value=\"/\""), "{page}");
    let page = stranger.page("/sign-in?next=/%22%3E%3Cscript%3E").await;
    assert!(!page.contains("<script"), "{page}");

    let fields = "email=sara%40example.org&password=four+plain+words+here&next=";
    for (next, goes_to) in [
        (
            "%2Fmeetings%2Fnone%3Fstate%3Drunning",
            "/meetings/none?state=running",
        ),
        ("%2F%2Fevil.example", "/"),
        ("https%3A%2F%2Fevil.example", "/"),
        ("%2F%5Cevil.example", "/"),
        ("%2F%09%2Fevil.example", "/"),
        ("%2Fx%0D%0ASet-Cookie%3A+a%3Db", "/"),
        ("", "/"),
    ] {
        let signed = stranger.form("/sign-in").body(format!("{fields}{next}"));
        let signed = stranger.send(signed).await;
        assert_eq!(location(&signed), goes_to, "{next}");
        assert_eq!(cookies(&signed).len(), 3, "{:?}", signed.headers());
    }
    let mut known = Visitor::of(&house);
    known.keep(&stranger.send(stranger.form("/sign-in").body(fields)).await);
    for (address, goes_to) in [
        ("/sign-in?next=%2Fports", "/ports"),
        ("/sign-in?next=%2F%2Fevil.example", "/"),
        ("/sign-in", "/"),
    ] {
        assert_eq!(location(&known.get(address).await), goes_to);
    }
}

#[tokio::test]
async fn a_wrong_password_is_said_beside_the_form_which_keeps_the_rest() {
    let house = House::open("").await;
    house.person("sara", "operator").await;
    let stranger = Visitor::of(&house);
    let wrong = "email=sara%40example.org%22%3E&password=not+hers+at+all&next=%2Fports";
    let sent = || stranger.form("/sign-in?lang=fa").body(wrong);
    let answer = stranger.send(sent()).await;
    assert_eq!(answer.status(), StatusCode::UNAUTHORIZED);
    assert!(!answer.headers().contains_key("set-cookie"));
    let page = answer.text().await.unwrap();
    for part in [
        "role=\"alert\"",
        "گذرواژه درست نیست",
        "value=\"sara@example.org&quot;&gt;\"",
        "value=\"/ports\"",
        "action=\"/sign-in?lang=fa\"",
    ] {
        assert!(page.contains(part), "no {part} in {page}");
    }
    assert!(!page.contains("not hers"), "{page}");
    let program = sent().send().await.unwrap();
    assert_eq!(program.json::<Value>().await.unwrap()["code"], "auth.wrong");
}

#[tokio::test]
async fn one_reads_on_in_the_language_that_one_chose_or_that_one_s_account_has() {
    let house = House::open("").await;
    house.person("sara", "operator").await;
    let mut stranger = Visitor::of(&house);
    let fields = "email=sara%40example.org&password=four+plain+words+here";
    let mut check = async |cookie: &str, path: &str, look: Option<&str>| {
        stranger.cookie = cookie.to_owned();
        let signed = stranger.send(stranger.form(path).body(fields)).await;
        let noted = cookies(&signed)
            .get(2)
            .map(|c| c.split(';').next().unwrap().to_owned());
        assert_eq!(noted.as_deref(), look, "{path} with {cookie}");
    };
    check("", "/sign-in", Some("dabir_look=lang=fa")).await;
    check("", "/sign-in?lang=en", Some("dabir_look=lang=en")).await;
    check("dabir_look=lang=en&theme=dark", "/sign-in", None).await;
    check(
        "dabir_look=lang=en&theme=dark",
        "/sign-in?lang=fa",
        Some("dabir_look=lang=fa&theme=dark"),
    )
    .await;
}

#[tokio::test]
async fn whatever_goes_wrong_for_a_person_is_a_page_and_for_a_program_a_problem() {
    let house = House::open("").await;
    let (stranger, owner) = (
        Visitor::of(&house),
        Visitor::with_role(&house, "admin").await,
    );
    let forged = owner
        .request(Method::POST, "/sign-out")
        .header("sec-fetch-site", "cross-site");
    let get = |path| owner.request(Method::GET, path);
    for (visitor, request, status, code) in [
        (
            &owner,
            owner.form("/sign-in").body("nmae=x"),
            422,
            "request.body",
        ),
        (&owner, forged, 403, "auth.forgery"),
        (&owner, owner.form("/start/none"), 404, "auth.link"),
        (&stranger, get("/rooms/none/"), 404, "meetings.not_found"),
        (&stranger, get("/nowhere"), 404, "request.path"),
        (&stranger, get("/pages/nothing.css"), 404, "request.path"),
        (&owner, get("/assets/nothing.js"), 404, "request.path"),
    ] {
        let program = request
            .try_clone()
            .unwrap()
            .header("cookie", &visitor.cookie);
        let answer = program.send().await.unwrap();
        assert_eq!(answer.status(), status, "{code}");
        assert_eq!(answer.json::<Value>().await.unwrap()["code"], code);
        let answer = visitor.send(request).await;
        assert_eq!(answer.status(), status, "{code}");
        let page = answer.text().await.unwrap();
        assert!(page.contains("<h1>") && page.contains(code), "{page}");
    }
    let api = owner.send(get("/api/v1/meetings/none")).await;
    assert_eq!(api.headers()["content-type"], "application/problem+json");
}

#[tokio::test]
async fn whatever_a_page_links_to_is_there() {
    let house = House::open("").await;
    let visitor = Visitor::of(&house);
    let page = visitor.page("/").await;
    let files: Vec<&str> = page
        .split('"')
        .filter(|text| text.starts_with("/pages/") && text.contains('.'))
        .collect();
    assert_eq!(files.len(), 3, "icon and two styles: {files:?}");
    for file in files {
        assert_eq!(visitor.get(file).await.status(), StatusCode::OK, "{file}");
    }
}
