//! The pages of the house as browsers get them: the way in, the forms, the times, the errors.

use reqwest::{Client, Method, RequestBuilder, Response, StatusCode, redirect};
use serde_json::{Value, json};

use crate::house::House;

/// What a browser sends when a person follows a link or presses a button.
const BROWSER: &str = "text/html,application/xhtml+xml,*/*;q=0.8";

/// What the first admin fills in.
const FIRST_ADMIN: &str =
    "name=Sara&email=sara%40example.org&password=four+plain+words+here&language=en";

struct Visitor<'a> {
    house: &'a House,
    client: Client,
    cookie: String,
}

impl<'a> Visitor<'a> {
    fn of(house: &'a House) -> Self {
        let client = Client::builder().redirect(redirect::Policy::none());
        Self {
            house,
            client: client.build().unwrap(),
            cookie: String::new(),
        }
    }

    /// The first admin, who made themselves by the owner's link.
    async fn signed_in(house: &'a House) -> Self {
        let mut visitor = Self::of(house);
        let link = visitor.link().await;
        let answer = visitor.send(visitor.form(&link).body(FIRST_ADMIN)).await;
        assert_eq!(answer.status(), StatusCode::SEE_OTHER);
        visitor.keep(&answer);
        visitor
    }

    /// Keeps cookies as a browser does.
    fn keep(&mut self, answer: &Response) {
        let cookies = answer.headers().get_all("set-cookie").iter();
        let pair = |cookie: &reqwest::header::HeaderValue| {
            let text = cookie.to_str().unwrap();
            text.split(';').next().unwrap().to_owned()
        };
        self.cookie = cookies.map(pair).collect::<Vec<_>>().join("; ");
    }

    /// The path of a fresh link that signs in.
    async fn link(&self) -> String {
        let made = self.house.post("/api/v1/auth/links", Value::Null).await;
        let url = made["url"].as_str().unwrap();
        url.strip_prefix(self.house.url()).unwrap().to_owned()
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let url = format!("{}{path}", self.house.url());
        self.client.request(method, url)
    }

    fn form(&self, path: &str) -> RequestBuilder {
        let form = "application/x-www-form-urlencoded";
        self.request(Method::POST, path)
            .header("content-type", form)
            .header("sec-fetch-site", "same-origin")
    }

    async fn send(&self, request: RequestBuilder) -> Response {
        let request = request.header("cookie", &self.cookie);
        request.header("accept", BROWSER).send().await.unwrap()
    }

    async fn page(&self, path: &str) -> String {
        let answer = self.send(self.request(Method::GET, path)).await;
        answer.text().await.unwrap()
    }
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
    let refused = visitor.send(visitor.form(&link).body(short)).await;
    assert_eq!(refused.status(), StatusCode::UNPROCESSABLE_ENTITY);
    let form = visitor.form(&format!("{link}?lang=fa"));
    let pressed = visitor.send(form.body(FIRST_ADMIN)).await;
    assert_eq!(pressed.status(), StatusCode::SEE_OTHER);
    assert_eq!(pressed.headers()["location"], "/?lang=fa");
    for (cookie, name) in pressed
        .headers()
        .get_all("set-cookie")
        .iter()
        .zip(["__Host-dabir_at=", "__Host-dabir_rt="])
    {
        let cookie = cookie.to_str().unwrap();
        let says = |word| cookie.contains(word);
        assert!(cookie.starts_with(name) && says("; Secure"), "{cookie}");
        assert!(
            says("; HttpOnly") && says("; SameSite=Strict") && says("; Path=/;"),
            "{cookie}"
        );
    }
    for request in [visitor.form(&link), visitor.request(Method::GET, &link)] {
        let again = visitor.send(request).await;
        assert_eq!(again.status(), StatusCode::NOT_FOUND);
        let page = again.text().await.unwrap();
        assert!(page.contains("dabir admin link"), "{page}");
    }
}

#[tokio::test]
async fn a_form_that_fails_says_why_in_the_reader_s_language() {
    let house = House::open("").await;
    let visitor = Visitor::signed_in(&house).await;
    let empty = |lang| {
        let form = visitor.form("/home/meetings").body("name=+");
        form.header("accept-language", lang)
    };
    for (lang, cause) in [
        ("fa-IR,fa;q=0.9,en;q=0.5", "این نام پذیرفته نشد"),
        ("en-GB", "This name was not accepted"),
    ] {
        let answer = visitor.send(empty(lang)).await;
        assert_eq!(answer.status(), StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(answer.headers()["content-type"], "text/html; charset=utf-8");
        let id = answer.headers()["x-request-id"]
            .to_str()
            .unwrap()
            .to_owned();
        let page = answer.text().await.unwrap();
        assert!(page.contains(cause) && page.contains(&id), "{page}");
    }
    let program = empty("fa").header("cookie", &visitor.cookie);
    let answer = program.send().await.unwrap();
    assert_eq!(answer.headers()["content-type"], "application/problem+json");
    let problem: Value = answer.json().await.unwrap();
    assert_eq!(problem["code"], "meetings.invalid");
}

#[tokio::test]
async fn whatever_goes_wrong_for_a_person_is_a_page_and_for_a_program_a_problem() {
    let house = House::open("").await;
    let (stranger, owner) = (Visitor::of(&house), Visitor::signed_in(&house).await);
    let forged = owner
        .request(Method::POST, "/home/meetings")
        .header("sec-fetch-site", "cross-site");
    let get = |path| owner.request(Method::GET, path);
    for (visitor, request, status, code) in [
        (
            &owner,
            owner.form("/home/meetings").body("nmae=x"),
            422,
            "request.body",
        ),
        (
            &owner,
            owner.form("/home/meetings/none/stop"),
            404,
            "meetings.not_found",
        ),
        (
            &owner,
            owner.form("/home/meetings/none/enter"),
            404,
            "meetings.not_found",
        ),
        (&owner, forged, 403, "auth.forgery"),
        (
            &stranger,
            stranger.form("/home/meetings").body("name=x"),
            401,
            "auth.required",
        ),
        (&stranger, get("/rooms/none/"), 404, "meetings.not_found"),
        (&stranger, get("/nowhere"), 404, "request.path"),
        (&stranger, get("/home/nothing.css"), 404, "request.path"),
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
async fn times_are_those_of_the_configured_zone_in_both_languages() {
    let house = House::open("[meetings]\ntimezone = \"America/New_York\"\n").await;
    let new = json!({ "name": "far", "date_time": "2199-01-01T10:00:00Z" });
    house.post("/api/v1/meetings", new).await;
    let visitor = Visitor::signed_in(&house).await;
    let en = visitor.page("/?lang=en").await;
    assert!(en.contains(">Tuesday 1 January 2199, 05:00<"), "{en}");
    let fa = visitor.page("/?lang=fa").await;
    assert!(fa.contains("ساعت ۰۵:۰۰<"), "{fa}");
    assert!(en.contains("America/New_York") && fa.contains("America/New_York"));
}

#[tokio::test]
async fn whatever_a_page_links_to_is_there() {
    let house = House::open("").await;
    let visitor = Visitor::of(&house);
    let page = visitor.page("/").await;
    let files: Vec<&str> = page
        .split('"')
        .filter(|text| text.starts_with("/home/") && text.contains('.'))
        .collect();
    assert_eq!(files.len(), 3, "icon and two styles: {files:?}");
    for file in files {
        let answer = visitor.send(visitor.request(Method::GET, file)).await;
        assert_eq!(answer.status(), StatusCode::OK, "{file}");
    }
}

#[tokio::test]
async fn buttons_keep_the_language_that_was_chosen() {
    let house = House::open("").await;
    let visitor = Visitor::signed_in(&house).await;
    let made = visitor.form("/home/meetings?lang=fa").body("name=first");
    let made = visitor.send(made).await;
    assert_eq!(made.headers()["location"], "/?lang=fa");
    let listed = house.get("/api/v1/meetings").await;
    let id = listed["items"][0]["id"].as_str().unwrap();
    house.state_of(id, "running").await;
    let page = visitor.page("/?lang=fa").await;
    let action = format!("/home/meetings/{id}/enter?lang=fa");
    assert!(page.contains(&action), "{page}");
    let entered = visitor.send(visitor.form(&action)).await;
    let location = entered.headers()["location"].to_str().unwrap();
    assert!(
        location.contains(&format!("/rooms/{id}/?lang=fa#token=")),
        "{location}"
    );
}
