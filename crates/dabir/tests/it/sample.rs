//! Sample data: added once, live at once, and removed without a trace.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::house::{House, SOON};

const SAMPLE: &str = "/api/v1/sample";

async fn samples(house: &House) -> Vec<Value> {
    let all = house.get("/api/v1/meetings?limit=1000").await;
    let items = all["items"].as_array().unwrap().iter();
    items
        .filter(|item| item["source"] == "sample")
        .cloned()
        .collect()
}

/// The sample that is on, once its room runs.
async fn live(house: &House) -> Value {
    dabir_testing::eventually("a sample runs", SOON, async || {
        let samples = samples(house).await;
        samples.into_iter().find(|one| one["state"] == "running")
    })
    .await
}

#[tokio::test]
async fn sample_data_comes_once_and_goes_without_a_trace_after_a_restart_too() {
    let mut house = House::open("").await;
    let own = house.running_meeting("ours").await;
    assert_eq!(
        house.get(SAMPLE).await,
        json!({ "present": false, "meetings": 0 })
    );
    let (status, added) = house.send(Method::POST, SAMPLE, None).await;
    assert_eq!(status, StatusCode::CREATED);
    let count = added["meetings"].as_u64().unwrap();
    let (status, again) = house
        .send(Method::POST, SAMPLE, Some(json!({ "language": "en" })))
        .await;
    assert_eq!((status, &again), (StatusCode::OK, &added));
    let running = live(&house).await;
    house.info(running["port"].as_i64().unwrap()).await;
    assert_eq!(running["name"], "جلسهٔ هفتگی گروه ریاضی");

    let room = house.room(running["id"].as_str().unwrap());
    house.server().kill9();
    house.start(&[]);
    assert_eq!(house.get(SAMPLE).await["present"], true);
    assert!(room.is_alive(), "it was taken over");
    let ids: Vec<Value> = samples(&house)
        .await
        .iter()
        .map(|one| one["id"].clone())
        .collect();
    for _ in 0..2 {
        let (status, problem) = house.send(Method::DELETE, SAMPLE, None).await;
        assert_eq!(status, StatusCode::NO_CONTENT, "{problem}");
    }
    assert!(!room.is_alive());
    assert_eq!(house.get(SAMPLE).await["meetings"], 0);
    let left = house.get("/api/v1/meetings").await;
    assert_eq!(left["items"].as_array().unwrap().len(), 1);
    assert_eq!(left["items"][0]["id"], own["id"]);
    let ports = house.get("/api/v1/port/used").await;
    assert_eq!(ports["used_ports"], json!([own["port"]]));
    for id in &ids {
        assert!(!house.room_folder(id.as_str().unwrap()).exists());
    }
    let audited = |action: &str| {
        let path = format!("/api/v1/audit?action={action}&limit=100");
        let house = &house;
        async move { house.get(&path).await["items"].as_array().unwrap().len() as u64 }
    };
    assert_eq!(audited("sample.add").await, count);
    assert_eq!(audited("sample.remove").await, count);
}

#[tokio::test]
async fn samples_are_changed_like_meetings_of_one_s_own_and_go_all_the_same() {
    let house = House::open("").await;
    house.post(SAMPLE, json!({ "language": "en" })).await;
    let running = live(&house).await;
    assert_eq!(running["name"], "Weekly meeting of the mathematics group");
    let path = format!("/api/v1/meetings/{}", running["id"].as_str().unwrap());
    let (status, _) = house
        .send(Method::PATCH, &path, Some(json!({ "name": "Mine" })))
        .await;
    assert_eq!(status, StatusCode::OK);
    let (status, problem) = house
        .send(Method::POST, SAMPLE, Some(json!({ "language": "de" })))
        .await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{problem}");
    let (status, _) = house.send(Method::DELETE, SAMPLE, None).await;
    assert_eq!(status, StatusCode::NO_CONTENT);
    assert_eq!(samples(&house).await, [Value::Null; 0]);
}
