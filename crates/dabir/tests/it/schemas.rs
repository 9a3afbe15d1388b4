//! The API under requests that nobody would think of, made by schemathesis from its own document:
//! no answer is our fault, and each is as the document says.

use std::fs;
use std::process::Command;

use dabir_testing::python;
use serde_json::{Value, json};

use crate::house::House;

const CONFIG: &str = include_str!("schemas.toml");
const HOOKS: &str = include_str!("schemas.py");

/// A house where nobody is too fast, with one of each thing.
async fn furnished() -> (House, Vec<String>) {
    let house = House::open("[limits.stranger]\nper_second = 100000\nburst = 100000\n").await;
    house.person("writer", "writer").await;
    let user = house.get("/api/v1/users/writer@example.org").await;
    let meeting = house.running_meeting("board").await;
    let token = json!({ "name": "script", "user": "writer@example.org" });
    let token = house.post("/api/v1/tokens", token).await;
    let sessions = house.get("/api/v1/sessions?user=writer@example.org").await;
    let webhook = json!({ "url": "https://hooks.invalid/", "events": ["task.completed"] });
    let webhook = house.post("/api/v1/webhooks", webhook).await;
    let things = [&user, &meeting, &token, &sessions["items"][0], &webhook];
    let id = |thing: &Value| thing["id"].as_str().unwrap().to_owned();
    (house, things.map(id).to_vec())
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_is_asked_is_answered_as_the_document_says() {
    let (house, ids) = furnished().await;
    let config = house.path().join("schemathesis.toml");
    fs::write(
        &config,
        format!("{CONFIG}\n[dictionaries]\nids = {{ values = {ids:?} }}\n"),
    )
    .unwrap();
    fs::write(house.path().join("schemas.py"), HOOKS).unwrap();
    let asked = Command::new(python().with_file_name("st"))
        .current_dir(house.path())
        .arg("--config-file")
        .arg(&config)
        .args(["run", "--no-color", "--warnings", "off", "--header"])
        .arg(format!("Authorization: Bearer {}", house.token()))
        .arg(format!("{}/api/openapi.json", house.url()))
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&asked.stdout);
    let errors = String::from_utf8_lossy(&asked.stderr);
    assert!(asked.status.success(), "{told}\n{errors}");
    // A run that skipped what it could not read would succeed as well.
    let tested = told
        .lines()
        .find_map(|line| line.trim().strip_prefix("Tested: "));
    let document = house.get("/api/openapi.json").await;
    let paths = document["paths"].as_object().unwrap().values();
    let operations: usize = paths.map(|path| path.as_object().unwrap().len()).sum();
    assert_eq!(tested, Some(operations.to_string().as_str()), "{told}");
    assert_eq!(house.get("/health").await["status"], "ok");
}
