//! Somebody with a browser before a house: it keeps cookies, and goes nowhere by itself.

use reqwest::header::HeaderValue;
use reqwest::{Client, Method, RequestBuilder, Response, redirect};
use serde_json::Value;

use crate::house::{House, Session};

/// What a browser sends when a person follows a link or presses a button.
const BROWSER: &str = "text/html,application/xhtml+xml,*/*;q=0.8";

pub(crate) struct Visitor<'a> {
    house: &'a House,
    client: Client,
    pub(crate) cookie: String,
}

impl<'a> Visitor<'a> {
    pub(crate) fn of(house: &'a House) -> Self {
        let client = Client::builder()
            .redirect(redirect::Policy::none())
            .no_gzip();
        Self {
            house,
            client: client.build().unwrap(),
            cookie: String::new(),
        }
    }

    /// Somebody with this role, who is signed in.
    pub(crate) async fn with_role(house: &'a House, role: &str) -> Self {
        let session: Session = house.person(role, role).await;
        let mut visitor = Self::of(house);
        visitor.cookie = session.value().to_owned();
        visitor
    }

    /// Keeps cookies as a browser does.
    pub(crate) fn keep(&mut self, answer: &Response) {
        let cookies = answer.headers().get_all("set-cookie").iter();
        let pair = |cookie: &HeaderValue| {
            let text = cookie.to_str().unwrap();
            text.split(';').next().unwrap().to_owned()
        };
        self.cookie = cookies.map(pair).collect::<Vec<_>>().join("; ");
    }

    /// The path of a fresh link that signs in.
    pub(crate) async fn link(&self) -> String {
        let made = self.house.post("/api/v1/auth/links", Value::Null).await;
        let url = made["url"].as_str().unwrap();
        url.strip_prefix(self.house.url()).unwrap().to_owned()
    }

    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let url = format!("{}{path}", self.house.url());
        self.client.request(method, url)
    }

    pub(crate) fn form(&self, path: &str) -> RequestBuilder {
        let form = "application/x-www-form-urlencoded";
        self.request(Method::POST, path)
            .header("content-type", form)
            .header("sec-fetch-site", "same-origin")
    }

    pub(crate) async fn send(&self, request: RequestBuilder) -> Response {
        let request = request.header("cookie", &self.cookie);
        request.header("accept", BROWSER).send().await.unwrap()
    }

    pub(crate) async fn get(&self, path: &str) -> Response {
        self.send(self.request(Method::GET, path)).await
    }

    pub(crate) async fn page(&self, path: &str) -> String {
        self.get(path).await.text().await.unwrap()
    }
}
