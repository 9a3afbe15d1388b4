//! The Django rig serves what real installations serve.

use dabir_testing::{NewMeeting, Upstream, UpstreamOptions};
use serde_json::json;

use crate::support::{PATIENCE, get, try_get};

fn planning() -> NewMeeting {
    NewMeeting {
        name: "جلسهٔ برنامه‌ریزی".to_owned(),
        date_time: "2025-06-01T14:00:00Z".to_owned(),
        port: Some(8082),
        is_running: false,
    }
}

#[test]
fn meetings_are_made_changed_and_deleted() {
    let upstream = Upstream::start(UpstreamOptions::default());
    let id = upstream.create(&planning());
    upstream.update(
        id,
        &json!({"is_running": true, "date_time": "2025-06-01T15:00:00Z"}),
    );
    let list = get(&upstream.url(), &[]).json();
    let expected = json!([{"id": id, "name": planning().name, "date_time": "2025-06-01T15:00:00Z",
        "port": 8082, "is_running": true}]);
    assert_eq!(list, expected);
    upstream.delete(id);
    assert_eq!(get(&upstream.url(), &[]).json(), json!([]));
    assert_eq!(upstream.counts().requests, 2);
}

#[test]
fn pages_tokens_and_etags_can_be_had_together() {
    let upstream = Upstream::start(UpstreamOptions {
        needs_token: true,
        page_size: Some(2),
        etags: true,
    });
    for _ in 0..3 {
        upstream.create(&planning());
    }
    assert_eq!(get(&upstream.url(), &[]).status, 401);
    let token = format!("Authorization: Token {}", upstream.token());
    let page = get(&upstream.url(), &[&token]);
    assert_eq!(page.json()["results"].as_array().unwrap().len(), 2);
    let next = page.json()["next"].as_str().unwrap().to_owned();
    assert_eq!(
        get(&next, &[&token]).json()["results"]
            .as_array()
            .unwrap()
            .len(),
        1
    );
    let known = format!("If-None-Match: {}", page.header("etag").unwrap());
    assert_eq!(get(&upstream.url(), &[&token, &known]).status, 304);
    let counts = upstream.counts();
    assert_eq!(
        (
            counts.requests,
            counts.ok,
            counts.not_modified,
            counts.unauthorized
        ),
        (4, 2, 1, 1)
    );
}

#[test]
fn a_stopped_upstream_comes_back_on_its_port_with_its_meetings() {
    let mut upstream = Upstream::start(UpstreamOptions::default());
    let url = upstream.url();
    upstream.create(&planning());
    upstream.stop();
    assert!(try_get(&url, &[], PATIENCE).is_err());
    upstream.resume();
    assert_eq!(upstream.url(), url);
    assert_eq!(get(&url, &[]).json().as_array().unwrap().len(), 1);
}
