//! A real Django as the source of meetings.

use dabir_core::Clock;
use dabir_testing::{Fault, FaultyUpstream, NewMeeting, Upstream, UpstreamOptions, eventually};
use serde_json::{Value, json};
use tokio::sync::watch;

use crate::house::{House, SOON};

fn config(upstream: &Upstream, more: &str) -> String {
    format!(
        "[meetings]\npoll_interval = \"100ms\"\n{more}\n[meetings.django]\nurl = \"{}\"\ntoken = \"{}\"\n",
        upstream.url(),
        upstream.token()
    )
}

fn meeting(name: &str, port: Option<u32>) -> NewMeeting {
    NewMeeting {
        name: name.to_owned(),
        date_time: Clock::system().now().to_string(),
        port: port.map(|port| u16::try_from(port).unwrap()),
        is_running: true,
    }
}

/// Waits until the meeting that Django calls `id` is in this state.
async fn state(house: &House, id: i64, state: &str) -> Value {
    eventually(
        &format!("django's {id} becomes {state}"),
        SOON,
        async || {
            let (_, meeting) = house
                .send(
                    reqwest::Method::GET,
                    &format!("/api/v1/meetings/{id}"),
                    None,
                )
                .await;
            (meeting["state"] == state).then_some(meeting)
        },
    )
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_django_lists_runs_on_the_port_that_it_names() {
    let upstream = Upstream::start(UpstreamOptions {
        needs_token: true,
        etags: true,
        page_size: None,
    });
    let mut house = House::furnished(&config(&upstream, ""));
    let id = upstream.create(&meeting("Sprint Planning", Some(house.port(5))));
    house.start(&[]);
    let running = state(&house, id, "running").await;
    assert_eq!(running["port"], house.port(5));
    assert_eq!(
        (&running["source"], &running["external_id"]),
        (&json!("django"), &json!(id.to_string()))
    );
    eventually("unchanged lists cost a 304", SOON, async || {
        (upstream.counts().not_modified > 3).then_some(())
    })
    .await;

    upstream.update(id, &json!({ "is_running": false }));
    state(&house, id, "ended").await;
    upstream.update(id, &json!({ "is_running": true }));
    state(&house, id, "running").await;

    house
        .post(&format!("/api/v1/meetings/{id}/stop"), Value::Null)
        .await;
    state(&house, id, "ended").await;
    house.post("/api/v1/meetings/refresh", Value::Null).await;
    assert_eq!(
        house.meeting(&id.to_string()).await["state"],
        "ended",
        "the operator's word holds"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn all_pages_count_and_a_wrong_token_is_said() {
    let upstream = Upstream::start(UpstreamOptions {
        needs_token: true,
        etags: false,
        page_size: Some(2),
    });
    for n in 0..5 {
        upstream.create(&meeting(&format!("m{n}"), None));
    }
    let house = House::open(&config(&upstream, "")).await;
    let status = house.post("/api/v1/meetings/refresh", Value::Null).await;
    assert_eq!(
        (&status["ok"], &status["meetings"]),
        (&json!(true), &json!(5))
    );

    let wrong = config(&upstream, "").replace(upstream.token(), "wrong");
    let other = House::open(&wrong).await;
    let status = other.post("/api/v1/meetings/refresh", Value::Null).await;
    assert!(
        status["last_error"].as_str().unwrap().contains("token"),
        "{status}"
    );
    assert_eq!(
        (&status["last_error_code"], &status["last_error_facts"]),
        (&json!("source.status"), &json!({ "status": 401 }))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn meetings_go_on_while_django_is_away() {
    let mut upstream = Upstream::start(UpstreamOptions::default());
    let id = upstream.create(&meeting("steady", None));
    let mut house = House::open(&config(&upstream, "")).await;
    let running = state(&house, id, "running").await;
    upstream.stop();
    let status = house.post("/api/v1/meetings/refresh", Value::Null).await;
    assert_eq!(status["ok"], false);
    assert_eq!(house.meeting(&id.to_string()).await["pid"], running["pid"]);
    house.server().kill9();
    house.start(&[]);
    assert_eq!(
        state(&house, id, "running").await["pid"],
        running["pid"],
        "and through a restart"
    );
    upstream.resume();
    eventually("it answers again", SOON, async || {
        let status = house.post("/api/v1/meetings/refresh", Value::Null).await;
        (status["ok"] == true).then_some(())
    })
    .await;
    assert_eq!(house.meeting(&id.to_string()).await["pid"], running["pid"]);
}

/// Passes connections on to whatever address is set, and cuts them when that changes.
struct Switch {
    port: u16,
    target: watch::Sender<String>,
}

impl Switch {
    async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (target, current) = watch::channel(String::new());
        tokio::spawn(async move {
            while let Ok((mut from, _)) = listener.accept().await {
                let mut current = current.clone();
                tokio::spawn(async move {
                    let address = current.borrow_and_update().clone();
                    let Ok(mut to) = tokio::net::TcpStream::connect(address).await else {
                        return;
                    };
                    tokio::select! {
                        _ = tokio::io::copy_bidirectional(&mut from, &mut to) => {}
                        _ = current.changed() => {}
                    }
                });
            }
        });
        Self { port, target }
    }

    /// Leads to the server of this address from now on, and answers the address through us.
    fn lead_to(&self, url: &str) -> String {
        let (address, path) = url
            .strip_prefix("http://")
            .unwrap()
            .split_once('/')
            .unwrap();
        self.target.send_replace(address.to_owned());
        format!("http://127.0.0.1:{}/{path}", self.port)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_fault_of_a_source_stops_a_running_meeting() {
    let upstream = Upstream::start(UpstreamOptions::default());
    let id = upstream.create(&meeting("untroubled", None));
    let switch = Switch::start().await;
    let through = switch.lead_to(&upstream.url());
    let slow = config(&upstream, "")
        .replace("100ms", "10m")
        .replace(&upstream.url(), &through);
    let house = House::open(&format!("{slow}timeout = \"300ms\"\n")).await;
    let running = state(&house, id, "running").await;
    // Those that begin well are told apart from the list that runs here by nothing.
    let fatal = |fault: &Fault| !fault.whole_list_ok && fault.poll == 1;
    let faults: Vec<Fault> = FaultyUpstream::all().into_iter().filter(fatal).collect();
    assert!(faults.len() >= 40, "there are only {}", faults.len());
    for fault in &faults {
        let faulty = FaultyUpstream::start(fault);
        switch.lead_to(&faulty.url());
        let status = house.post("/api/v1/meetings/refresh", Value::Null).await;
        assert_eq!(status["ok"], false, "{}: {status}", fault.name);
        let now = house.meeting(&id.to_string()).await;
        let kept = now["state"] == "running" || now["state"] == "held";
        assert!(
            kept && now["pid"] == running["pid"],
            "{}: {now}",
            fault.name
        );
    }
    switch.lead_to(&upstream.url());
    house.post("/api/v1/meetings/refresh", Value::Null).await;
    assert_eq!(state(&house, id, "running").await["pid"], running["pid"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn many_that_vanish_at_once_are_held_until_polls_agree() {
    let upstream = Upstream::start(UpstreamOptions::default());
    let ids: Vec<i64> = (0..3)
        .map(|n| upstream.create(&meeting(&format!("v{n}"), None)))
        .collect();
    // Far apart, so that only the polls asked for here are counted.
    let slow = config(&upstream, "").replace("100ms", "10m");
    let house = House::open(&slow).await;
    for id in &ids {
        state(&house, *id, "running").await;
    }
    ids.iter().for_each(|id| upstream.delete(*id));
    house.post("/api/v1/meetings/refresh", Value::Null).await;
    for id in &ids {
        state(&house, *id, "held").await;
    }
    let plan = house.get("/api/v1/meetings/plan").await;
    assert!(
        plan["steps"][0]["reason"]
            .as_str()
            .unwrap()
            .contains("1 of 3 polls"),
        "{plan}"
    );
    house
        .post(&format!("/api/v1/meetings/{}/stop", ids[0]), Value::Null)
        .await;
    state(&house, ids[0], "ended").await;
    for _ in 0..2 {
        house.post("/api/v1/meetings/refresh", Value::Null).await;
    }
    for id in &ids {
        state(&house, *id, "ended").await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_port_out_of_range_fails_and_is_named() {
    let upstream = Upstream::start(UpstreamOptions::default());
    let id = upstream.create(&meeting("privileged", Some(22)));
    let house = House::open(&config(&upstream, "")).await;
    let failed = state(&house, id, "failed").await;
    assert!(
        failed["last_error"]
            .as_str()
            .unwrap()
            .contains("port 22 is outside"),
        "{failed}"
    );
}
