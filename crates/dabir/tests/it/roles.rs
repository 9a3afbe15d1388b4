//! Who may call what: every operation, as every role, against the table in `roles.txt`.

use std::collections::BTreeSet;

use reqwest::{Client, Method, StatusCode};
use serde_json::{Value, json};

use crate::house::{House, Session};

const TABLE: &str = include_str!("roles.txt");
const ROLES: [&str; 5] = ["participant", "writer", "auditor", "operator", "admin"];
/// A stranger, the roles, and an admin's token that may read.
const COLUMNS: usize = ROLES.len() + 2;
const ADMIN: usize = ROLES.len();

/// What a refusal says; whatever else is answered was let in.
type Refusal = (StatusCode, &'static str);
const UNKNOWN: Refusal = (StatusCode::UNAUTHORIZED, "auth.required");
const FORBIDDEN: Refusal = (StatusCode::FORBIDDEN, "auth.forbidden");
const REVOKED: Refusal = (StatusCode::UNAUTHORIZED, "auth.token");

/// What people do about themselves, and no token for them.
const FOR_PEOPLE: [(&str, &str); 13] = [
    ("PATCH", "/api/v1/auth/me"),
    ("POST", "/api/v1/auth/password"),
    ("DELETE", "/api/v1/auth/totp"),
    ("POST", "/api/v1/auth/totp"),
    ("POST", "/api/v1/auth/totp/confirm"),
    ("DELETE", "/api/v1/sessions"),
    ("GET", "/api/v1/notifications"),
    ("GET", "/api/v1/notifications/choices"),
    ("PUT", "/api/v1/notifications/choices"),
    ("GET", "/api/v1/notifications/count"),
    ("POST", "/api/v1/notifications/seen"),
    ("DELETE", "/api/v1/notifications/{id}"),
    ("POST", "/api/v1/notifications/{id}/snooze"),
];

struct Row {
    method: Method,
    path: &'static str,
    let_in: Vec<bool>,
}

fn rows() -> Vec<Row> {
    let lines = TABLE.lines().filter(|line| !line.starts_with('#'));
    let row = |line: &'static str| {
        let mut words = line.split_whitespace();
        Row {
            method: words.next().unwrap().parse().unwrap(),
            path: words.next().unwrap(),
            let_in: words.map(|word| word == "y").collect(),
        }
    };
    lines.map(row).collect()
}

#[tokio::test]
async fn every_operation_has_a_row_and_every_row_of_the_api_an_operation() {
    let house = House::open("").await;
    let document = house.get("/api/openapi.json").await;
    let mut operations = BTreeSet::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        for method in methods.as_object().unwrap().keys() {
            operations.insert(format!("{} {path}", method.to_uppercase()));
        }
    }
    let rows: BTreeSet<String> = rows()
        .iter()
        .filter(|row| row.path.starts_with("/api/v1/"))
        .map(|row| format!("{} {}", row.method, row.path))
        .collect();
    let missing: Vec<_> = operations
        .iter()
        .filter(|operation| operation.contains(" /api/v1/") && !rows.contains(*operation))
        .collect();
    assert!(missing.is_empty(), "without a row: {missing:?}");
    let stale: Vec<_> = rows.difference(&operations).collect();
    assert!(stale.is_empty(), "no such operation: {stale:?}");
}

/// Somebody who calls every operation.
struct Caller {
    name: &'static str,
    key: Option<Session>,
    /// How a row's operation refuses them.
    refusal: Box<RefusalOf>,
}

type RefusalOf = dyn Fn(&Row) -> Option<Refusal>;

impl Caller {
    /// Somebody who has a column in the table.
    fn of_column(column: usize, name: &'static str, key: Option<Session>) -> Self {
        let refusal = if column == 0 { UNKNOWN } else { FORBIDDEN };
        let refusal = move |row: &Row| (!row.let_in[column]).then_some(refusal);
        let refusal = Box::new(refusal);
        Self { name, key, refusal }
    }
}

/// Those of the table, and those that follow from it.
async fn callers(house: &House) -> Vec<Caller> {
    let mut callers = vec![Caller::of_column(0, "stranger", None)];
    for (column, role) in (1..).zip(ROLES) {
        let person = house.person(role, role).await;
        callers.push(Caller::of_column(column, role, Some(person)));
    }
    let reader = token(house, json!(["read"])).await;
    let reader = Session::of_token(reader["secret"].as_str().unwrap());
    callers.push(Caller::of_column(COLUMNS - 1, "reader", Some(reader)));
    let ended = house.sign_in("admin@example.org").await;
    let signed_out = house.send_as(&ended, Method::POST, "/api/v1/auth/logout", None);
    assert_eq!(signed_out.await.0, StatusCode::NO_CONTENT);
    callers.push(Caller::of_column(0, "an ended session", Some(ended)));
    callers.push(Caller {
        name: "the owner's token",
        key: Some(Session::of_token(&house.token())),
        refusal: Box::new(|row| {
            let is_for_people = FOR_PEOPLE.contains(&(row.method.as_str(), row.path));
            let may = row.let_in[ADMIN] && !is_for_people;
            (!may).then_some(FORBIDDEN)
        }),
    });
    callers.push(Caller {
        name: "a revoked token",
        key: Some(revoked(house).await),
        refusal: Box::new(|_| Some(REVOKED)),
    });
    callers
}

async fn token(house: &House, scopes: Value) -> Value {
    let token = json!({ "name": "script", "user": "admin@example.org", "scopes": scopes });
    house.post("/api/v1/tokens", token).await
}

async fn revoked(house: &House) -> Session {
    let token = token(house, json!(["admin"])).await;
    let path = format!("/api/v1/tokens/{}", token["id"].as_str().unwrap());
    let revoked = house.send(Method::DELETE, &path, None).await;
    assert_eq!(revoked.0, StatusCode::NO_CONTENT);
    Session::of_token(token["secret"].as_str().unwrap())
}

#[tokio::test]
async fn every_operation_lets_in_whom_the_table_names() {
    let house = House::open("[limits.stranger]\nper_second = 1000\nburst = 1000\n").await;
    let callers = callers(&house).await;
    let client = Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .unwrap();
    let mut wrong = Vec::new();
    // Signing out comes last, because it ends what the others need.
    let ends = ["/api/v1/auth/logout", "/sign-out"];
    let (ends, others): (Vec<Row>, Vec<Row>) =
        rows().into_iter().partition(|row| ends.contains(&row.path));
    for row in others.iter().chain(&ends) {
        assert_eq!(row.let_in.len(), COLUMNS, "{}", row.path);
        for Caller { name, key, refusal } in &callers {
            let (status, code) = call((&house, &client), key.as_ref(), row).await;
            let answer = (status, code.as_str());
            // An answer to HEAD has no words.
            let is = |refusal: &Refusal| match row.method {
                Method::HEAD => status == refusal.0,
                _ => answer == *refusal,
            };
            let right = match refusal(row) {
                Some(refusal) => is(&refusal),
                None => ![UNKNOWN, FORBIDDEN, REVOKED].iter().any(is) && !status.is_server_error(),
            };
            if !right {
                wrong.push(format!("{} {} as {name}: {answer:?}", row.method, row.path));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Calls an operation about nothing that exists, without a body.
async fn call(
    (house, client): (&House, &Client),
    caller: Option<&Session>,
    row: &Row,
) -> (StatusCode, String) {
    let mut path = String::new();
    for part in row.path.split_inclusive('}') {
        let (before, variable) = part.split_once('{').unwrap_or((part, ""));
        path += before;
        path += if variable.is_empty() { "" } else { "none" };
    }
    let mut request = client
        .request(row.method.clone(), format!("{}{path}", house.url()))
        .header("sec-fetch-site", "same-origin");
    if let Some(caller) = caller {
        request = caller.on(request);
    }
    let response = request.send().await.unwrap();
    let status = response.status();
    if status.is_success() {
        // A stream of events has no end to wait for.
        return (status, String::new());
    }
    let problem: Value = response.json().await.unwrap_or_default();
    (
        status,
        problem["code"].as_str().unwrap_or_default().to_owned(),
    )
}

#[tokio::test]
async fn what_is_another_s_is_not_there_and_what_is_one_s_own_is() {
    let house = House::open("").await;
    let (writer, other) = (
        house.person("writer", "writer").await,
        house.person("other", "writer").await,
    );
    let admin = house.person("admin", "admin").await;
    let ask = async |who: &Session, method: Method, path: &str| {
        house.send_as(who, method, path, None).await
    };
    for kind in ["sessions", "tokens"] {
        let path = format!("/api/v1/{kind}");
        if kind == "tokens" {
            for (who, name) in [(&writer, "one"), (&writer, "two")] {
                let new = Some(json!({ "name": name }));
                let (status, _) = house.send_as(who, Method::POST, &path, new).await;
                assert_eq!(status, StatusCode::CREATED);
            }
        } else {
            house.sign_in("writer@example.org").await;
        }
        let (_, listed) = ask(&writer, Method::GET, &path).await;
        let ids: Vec<String> = listed["items"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|item| item["current"] != true)
            .map(|item| format!("{path}/{}", item["id"].as_str().unwrap()))
            .collect();
        let named = format!("{path}?user=writer@example.org");
        assert_eq!(
            ask(&other, Method::GET, &named).await.0,
            StatusCode::FORBIDDEN
        );
        assert_eq!(ask(&admin, Method::GET, &named).await.0, StatusCode::OK);
        assert_eq!(
            ask(&other, Method::DELETE, &ids[0]).await.0,
            StatusCode::NOT_FOUND
        );
        assert_eq!(
            ask(&writer, Method::DELETE, &ids[0]).await.0,
            StatusCode::NO_CONTENT
        );
        assert_eq!(
            ask(&writer, Method::DELETE, &ids[0]).await.0,
            StatusCode::NOT_FOUND
        );
        if let Some(second) = ids.get(1) {
            assert_eq!(
                ask(&admin, Method::DELETE, second).await.0,
                StatusCode::NO_CONTENT
            );
        }
    }
}
