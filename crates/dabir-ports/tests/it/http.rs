//! The endpoints with the bodies that existing programs know.

use axum::Router;
use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use dabir_core::Clock;
use dabir_db::Db;
use dabir_db::audit::{self, Entry, Filter};
use dabir_http::{Identity, Role};
use dabir_ports::{PortAudit, PortManager, PortsApi};
use http_body_util::BodyExt;
use serde_json::{Value, json};
use tokio::runtime::Runtime;
use tower::ServiceExt;

use crate::support::{Bench, pick};

struct Client {
    router: Router,
    audit: PortAudit,
    runtime: Runtime,
    _folder: tempfile::TempDir,
    role: Option<Role>,
}

fn runtime() -> Runtime {
    let mut builder = tokio::runtime::Builder::new_current_thread();
    builder.enable_all().build().unwrap()
}

impl Client {
    /// What the audit says was done, the newest first.
    fn audited(&self) -> Vec<String> {
        let filter = Filter::default();
        let entries = audit::list(self.audit.db.read(), &filter, None, 10);
        let entries = self.runtime.block_on(entries).unwrap();
        let told =
            |entry: Entry| format!("{} {} {}", entry.actor_id, entry.action, entry.target_id);
        entries.into_iter().map(told).collect()
    }

    fn new(ports: &PortManager) -> Self {
        let (router, _) = dabir_ports::routes().split_for_parts();
        let folder = tempfile::tempdir().unwrap();
        let runtime = runtime();
        let audit = PortAudit {
            db: runtime.block_on(Db::open("", folder.path())).unwrap(),
            clock: Clock::system(),
        };
        let ports = ports.clone();
        Self {
            router: router.with_state(PortsApi {
                ports,
                audit: audit.clone(),
            }),
            audit,
            runtime,
            _folder: folder,
            role: Some(Role::Operator),
        }
    }

    fn send(&self, method: &str, path: &str, body: Option<Value>) -> (StatusCode, Value) {
        let mut request = Request::builder()
            .method(method)
            .uri(format!("/api/v1/port/{path}"));
        if body.is_some() {
            request = request.header(header::CONTENT_TYPE, "application/json");
        }
        let body = body.map_or_else(Body::empty, |body| Body::from(body.to_string()));
        let mut request = request.body(body).unwrap();
        if let Some(role) = self.role {
            let caller = Identity::of("sara", role);
            request.extensions_mut().insert(caller);
        }
        self.runtime.block_on(async {
            let response = self.router.clone().oneshot(request).await.unwrap();
            let status = response.status();
            let bytes = response.into_body().collect().await.unwrap().to_bytes();
            (status, serde_json::from_slice(&bytes).unwrap())
        })
    }

    fn get(&self, path: &str) -> Value {
        let (status, body) = self.send("GET", path, None);
        assert_eq!(status, StatusCode::OK, "{path}: {body}");
        body
    }

    /// Status and code of a refusal.
    fn refused(&self, method: &str, path: &str, body: Option<Value>) -> (u16, String) {
        let (status, body) = self.send(method, path, body);
        (status.as_u16(), body["code"].as_str().unwrap().to_owned())
    }
}

/// The state without what the file does not have.
fn without_instants(mut state: Value) -> Value {
    let whole = state.as_object_mut().unwrap();
    for key in ["last_checked_at", "last_error_at", "timezone"] {
        assert!(whole.remove(key).is_some(), "{key}");
    }
    for change in state["history"].as_array_mut().unwrap() {
        change.as_object_mut().unwrap().remove("at");
    }
    for lease in state["leases"].as_object_mut().unwrap().values_mut() {
        lease.as_object_mut().unwrap().remove("since_at");
    }
    state
}

#[test]
fn each_endpoint_answers_with_the_known_body() {
    let bench = Bench::new(3);
    let ports = bench.open();
    let client = Client::new(&ports);
    let first = bench.first();
    let (status, body) = client.send("POST", "pick", None);
    assert_eq!(
        (status, body),
        (StatusCode::OK, json!({"status": "success", "port": first}))
    );
    assert_eq!(
        client.get("free"),
        json!({"free_ports": [first + 1, first + 2]})
    );
    assert_eq!(client.get("used"), json!({"used_ports": [first]}));
    let time = "1403/05/01 08:40 doshanbe";
    let at = "2024-07-22T08:40:00Z";
    let change = json!({"time": time, "prev": null, "new": first, "at": at});
    assert_eq!(client.get("history"), json!({ "history": [change] }));
    let name = "ports_20240722_084000.json";
    let size = std::fs::metadata(bench.dir.path().join("backups").join(name)).unwrap();
    assert_eq!(
        client.get("backup/list"),
        json!({
            "backups": [name],
            "files": [{"name": name, "at": at, "size_bytes": size.len()}],
        })
    );
    assert_eq!(client.get("log/json"), json!({"status": "ok"}));
    let state = client.get("state");
    let lease = &state["leases"][first.to_string()];
    assert_eq!(
        (&lease["owner"], &lease["since_at"]),
        (&json!("sara"), &json!(at))
    );
    let mut file = bench.json();
    file["last_checked"] = state["last_checked"].clone();
    assert_eq!(without_instants(state), file, "the rest is as in the file");
    let (_, body) = client.send("POST", "release", None);
    assert_eq!(body, json!({"status": "success"}));
}

#[test]
fn a_pick_may_say_who_for_how_long_and_which() {
    let bench = Bench::new(3);
    let ports = bench.open();
    let client = Client::new(&ports);
    let wanted = bench.first() + 1;
    let me = std::process::id();
    let body = json!({"owner": "room", "pid": me, "preferred": wanted, "ttl": "10m"});
    let (_, body) = client.send("POST", "pick", Some(body));
    assert_eq!(body["port"], wanted);
    let lease = &client.get("state")["leases"][wanted.to_string()];
    assert_eq!(
        (&lease["owner"], &lease["pid"]),
        (&json!("room"), &json!(me))
    );
    let (status, _) = client.send("POST", "release", Some(json!({"port": wanted})));
    assert_eq!(status, StatusCode::OK);
}

#[test]
fn bad_requests_are_refused_by_name() {
    let bench = Bench::new(1);
    let ports = bench.open();
    let client = Client::new(&ports);
    let check = |path: &str, body: Value, status: u16, code: &str| {
        let refused = client.refused("POST", path, Some(body.clone()));
        assert_eq!(refused, (status, code.to_owned()), "{path} {body}");
    };
    check("pick", json!({"ttl": "soon"}), 422, "request.body");
    check("pick", json!({"port": 1}), 422, "request.body");
    check("pick", json!({"owner": ""}), 422, "request.body");
    check("pick", json!({"pid": u32::MAX}), 422, "request.body");
    check("pick", json!({"preferred": 80}), 422, "request.body");
    check("release", json!({"port": -1}), 422, "request.body");
    check("release", json!({"port": 80}), 404, "ports.not_used");
    check("release", json!({}), 409, "ports.none_active");
    check(
        "backup/restore",
        json!({"filename": "../../etc/passwd"}),
        404,
        "ports.no_such_backup",
    );
    pick(&ports, "a");
    check("pick", json!({}), 409, "ports.exhausted");
}

#[test]
fn backups_are_downloaded_by_listed_names_only() {
    let bench = Bench::new(2);
    let ports = bench.open();
    let client = Client::new(&ports);
    pick(&ports, "a");
    let name = client.get("backup/list")["backups"][0]
        .as_str()
        .unwrap()
        .to_owned();
    let state = client.get(&format!("backup/download?filename={name}"));
    assert_eq!(state["used_ports"], json!([]));
    for name in ["..%2Fports.json", "ports.json", "%00", ""] {
        let path = format!("backup/download?filename={name}");
        let refused = client.refused("GET", &path, None);
        assert_eq!(refused, (404, "ports.no_such_backup".to_owned()), "{name}");
    }
    assert_eq!(client.refused("GET", "backup/download", None).0, 400);
    let (status, _) = client.send("POST", "backup/restore", Some(json!({"filename": name})));
    assert_eq!(status, StatusCode::OK);
    assert_eq!(client.audited()[0], format!("sara port.restore {name}"));
}

#[test]
fn auditors_only_look_and_others_do_not_even_that() {
    let bench = Bench::new(2);
    let ports = bench.open();
    let mut client = Client::new(&ports);
    client.role = Some(Role::Auditor);
    client.get("state");
    assert_eq!(client.refused("POST", "pick", None).0, 403);
    assert_eq!(client.refused("POST", "release", None).0, 403);
    client.role = Some(Role::Writer);
    assert_eq!(client.refused("GET", "free", None).0, 403);
    client.role = None;
    assert_eq!(client.refused("GET", "state", None).0, 401);
}

#[test]
fn operations_are_documented_under_their_names() {
    let (_, api) = dabir_ports::routes().split_for_parts();
    let ids: Vec<_> = api
        .paths
        .paths
        .values()
        .flat_map(|item| [&item.get, &item.post].into_iter().flatten())
        .filter_map(|operation| operation.operation_id.clone())
        .collect();
    assert_eq!(ids.len(), 10);
    assert!(ids.contains(&"pick_port".to_owned()), "{ids:?}");
}

#[test]
fn metrics_tell_what_happened() {
    let bench = Bench::new(3);
    let ports = bench.open();
    let mut registry = prometheus_client::registry::Registry::default();
    ports.register_metrics(&mut registry);
    pick(&ports, "a");
    let mut text = String::new();
    prometheus_client::encoding::text::encode(&mut text, &registry).unwrap();
    for line in [
        "dabir_ports_free 2",
        "dabir_ports_used 1",
        "dabir_ports_leases 1",
        "dabir_ports_picks_total 1",
        "dabir_ports_corrupt_files_total 0",
    ] {
        assert!(text.lines().any(|l| l == line), "{line} in\n{text}");
    }
}
