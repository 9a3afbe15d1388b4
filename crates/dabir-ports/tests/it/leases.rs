//! Who gets a port and when it comes back.

use std::collections::BTreeSet;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::process::{Command, Stdio};
use std::time::Duration;

use dabir_core::{Event, Span};
use dabir_ports::{Paint, PickRequest, PortError, PortsConfig, wait};

use crate::child::Part;
use crate::support::{Bench, pick, until};

const LOCALHOST: std::net::IpAddr = std::net::IpAddr::V4(Ipv4Addr::LOCALHOST);

#[test]
fn the_lowest_free_port_is_picked_and_comes_back() {
    let bench = Bench::new(5);
    let ports = bench.open();
    let first = bench.first();
    assert_eq!(pick(&ports, "a"), first);
    assert_eq!(pick(&ports, "b"), first + 1);
    assert_eq!(wait(ports.release(None)).unwrap(), first + 1);
    assert!(matches!(
        wait(ports.release(None)),
        Err(PortError::NoneActive)
    ));
    wait(ports.release(Some(first))).unwrap();
    let again = wait(ports.release(Some(first))).unwrap_err();
    assert!(matches!(again, PortError::NotUsed { port } if port == first));
    assert_eq!(pick(&ports, "c"), first);
    let state = wait(ports.state()).unwrap();
    assert_eq!(state.change_count, 5);
    assert_eq!(state.port_usage[&first], 2);
    let moves: Vec<_> = state.history.iter().map(|h| (h.prev, h.new)).collect();
    let (one, two) = (Some(first), Some(first + 1));
    assert_eq!(moves, [(None, one), (one, two), (two, None), (None, one)]);
    assert_eq!(state.history[0].time, "1403/05/01 08:40 doshanbe");
}

#[test]
fn a_preferred_port_is_taken_when_it_is_free() {
    let bench = Bench::new(5);
    let ports = bench.open();
    let request = |preferred| PickRequest {
        preferred: Some(preferred),
        ..PickRequest::new("a")
    };
    let wanted = bench.first() + 3;
    assert_eq!(wait(ports.pick(request(wanted))).unwrap().port, wanted);
    assert_eq!(
        wait(ports.pick(request(wanted))).unwrap().port,
        bench.first()
    );
    let refused = wait(ports.pick(request(80))).unwrap_err().to_string();
    assert!(refused.contains("port 80 is outside"), "{refused}");
}

#[test]
fn a_port_of_a_stranger_is_skipped_until_it_is_free() {
    let bench = Bench::new(3);
    let ports = bench.open();
    let thief = TcpListener::bind((LOCALHOST, bench.first())).unwrap();
    assert_eq!(pick(&ports, "a"), bench.first() + 1);
    assert_eq!(wait(ports.free()).unwrap(), [bench.first() + 2]);
    assert_eq!(wait(ports.used()).unwrap(), [bench.first() + 1]);
    drop(thief);
    wait(ports.refresh()).unwrap();
    assert_eq!(pick(&ports, "b"), bench.first());
}

#[test]
fn a_refresh_finds_strangers_of_both_families() {
    let bench = Bench::new(3);
    let ports = bench.open();
    let four = TcpListener::bind(("127.0.0.1", bench.first()));
    let six = TcpListener::bind(("::1", bench.first() + 1));
    wait(ports.refresh()).unwrap();
    let strangers = usize::from(four.is_ok()) + usize::from(six.is_ok());
    assert_eq!(wait(ports.free()).unwrap().len(), 3 - strangers);
    let holder = wait(ports.holder(bench.first())).unwrap().unwrap();
    assert_eq!(holder.pid, Some(std::process::id()));
    assert_eq!(wait(ports.holder(bench.first() + 2)).unwrap(), None);
}

#[test]
fn when_all_are_taken_the_error_says_so_and_the_file_keeps_it() {
    let bench = Bench::new(2);
    let ports = bench.open();
    pick(&ports, "a");
    pick(&ports, "b");
    let error = wait(ports.pick(PickRequest::new("c"))).unwrap_err();
    assert!(matches!(error, PortError::Exhausted { used: 2, .. }));
    let json = bench.json();
    let told = json["last_error"].as_str().unwrap();
    assert!(told.contains("no free port"), "{told}");
    assert_eq!(json["last_error_time"], "1403/05/01 08:40 doshanbe");
}

#[test]
fn a_bound_port_already_listens() {
    let bench = Bench::new(2);
    let ports = bench.open();
    let (lease, listener) = wait(ports.pick_bound(PickRequest::new("a"), LOCALHOST)).unwrap();
    assert_eq!(listener.local_addr().unwrap().port(), lease.port);
    assert_eq!(lease.pid, Some(std::process::id()));
    // The connection stands before anybody accepts it.
    let mut client = TcpStream::connect((LOCALHOST, lease.port)).unwrap();
    client.write_all(b"x").unwrap();
    let mut byte = [0];
    listener.accept().unwrap().0.read_exact(&mut byte).unwrap();
    assert_eq!(&byte, b"x");
}

#[test]
fn an_address_of_another_machine_is_named_in_the_error() {
    let bench = Bench::new(2);
    let ports = bench.open();
    // Set aside for examples: no machine has it.
    let elsewhere = Ipv4Addr::new(192, 0, 2, 1).into();
    let error = wait(ports.pick_bound(PickRequest::new("a"), elsewhere)).unwrap_err();
    let address = format!("192.0.2.1:{}", bench.first());
    assert!(error.to_string().contains(&address), "{error}");
    assert_eq!(wait(ports.used()).unwrap(), [0u16; 0]);
    // Other programs learn the cause as well.
    let told = bench.json()["last_error"].as_str().unwrap().to_owned();
    assert_eq!(told, error.to_string());
    assert!(told.contains("Cannot assign requested address"), "{told}");
}

#[test]
fn a_release_without_a_port_leaves_ports_of_live_processes_alone() {
    let bench = Bench::new(8);
    let ports = bench.open();
    let request = || PickRequest::new("room");
    let (bound, _one) = wait(ports.pick_bound(request(), LOCALHOST)).unwrap();
    let exact = wait(ports.bind_exact(bench.first() + 4, request(), LOCALHOST));
    let (exact, _two) = exact.unwrap();
    let moved = pick(&ports, "a");
    wait(ports.transfer(moved, std::process::id(), "room")).unwrap();
    let error = wait(ports.release(None)).unwrap_err();
    assert!(matches!(error, PortError::NoneActive), "{error}");
    let plain = wait(ports.pick(PickRequest::for_this_process("seed"))).unwrap();
    let (later, _three) = wait(ports.pick_bound(request(), LOCALHOST)).unwrap();
    assert_eq!(bench.json()["current_port"], plain.port);
    assert_eq!(wait(ports.release(None)).unwrap(), plain.port);
    let mut rooms = [bound.port, exact.port, moved, later.port];
    rooms.sort_unstable();
    assert_eq!(wait(ports.used()).unwrap(), rooms);
}

#[test]
fn a_port_that_was_active_in_the_restored_state_is_not_when_a_process_has_it_now() {
    let bench = Bench::new(4);
    let ports = bench.open();
    let port = pick(&ports, "seed");
    bench.later(1);
    wait(ports.release(None)).unwrap();
    let (lease, _listener) = wait(ports.pick_bound(PickRequest::new("room"), LOCALHOST)).unwrap();
    assert_eq!(lease.port, port);
    let backup = wait(ports.backups()).unwrap().remove(0);
    wait(ports.restore_backup(backup)).unwrap();
    let error = wait(ports.release(None)).unwrap_err();
    assert!(matches!(error, PortError::NoneActive), "{error}");
}

#[test]
fn a_port_given_back_while_it_is_listened_on_is_not_free_in_the_file() {
    let bench = Bench::new(3);
    let ports = bench.open();
    let (lease, listener) = wait(ports.pick_bound(PickRequest::new("a"), LOCALHOST)).unwrap();
    wait(ports.release(Some(lease.port))).unwrap();
    let free = || bench.json()["free_ports"].clone();
    assert_eq!(free(), serde_json::json!([lease.port + 1, lease.port + 2]));
    drop(listener);
    wait(ports.refresh()).unwrap();
    assert_eq!(free()[0], lease.port);
}

#[test]
fn an_exact_port_is_had_or_its_holder_is_named() {
    let bench = Bench::new(4);
    let ports = bench.open();
    let exact = |port| wait(ports.bind_exact(port, PickRequest::new("room 7"), LOCALHOST));
    let (lease, _listener) = exact(bench.first() + 2).unwrap();
    assert_eq!(lease.port, bench.first() + 2);
    let taken = exact(lease.port).unwrap_err().to_string();
    assert!(taken.contains("`room 7`"), "{taken}");
    let stranger = TcpListener::bind((LOCALHOST, bench.first())).unwrap();
    let taken = exact(bench.first()).unwrap_err().to_string();
    let me = format!("process {}", std::process::id());
    assert!(taken.contains(&me), "{taken}");
    drop(stranger);
    exact(bench.first()).unwrap();
}

#[test]
fn the_port_of_a_killed_owner_returns() {
    let bench = Bench::new(1);
    let ports = bench.open();
    let mut owner = Part::start("owner", &bench);
    let port = owner.port();
    wait(ports.refresh()).unwrap();
    assert_eq!(wait(ports.used()).unwrap(), [port]);
    assert!(wait(ports.pick(PickRequest::new("a"))).is_err());
    owner.kill();
    // No refresh is needed: a pick that finds nothing looks for dead owners first.
    assert_eq!(pick(&ports, "a"), port);
}

#[test]
fn a_stranger_with_the_number_of_a_dead_owner_keeps_no_port() {
    let bench = Bench::new(1);
    let mut stranger = Command::new("sleep").arg("600").spawn().unwrap();
    let owned_by_stranger = PickRequest {
        pid: Some(stranger.id()),
        ..PickRequest::new("a")
    };
    let port = wait(bench.open().pick(owned_by_stranger)).unwrap().port;
    // The file as the dead owner left it: the same number, started at another time.
    let mut json = bench.json();
    let start_time = &mut json["leases"][port.to_string()]["start_time"];
    *start_time = (start_time.as_u64().unwrap() - 1).into();
    std::fs::write(bench.state(), json.to_string()).unwrap();
    let ports = bench.open();
    assert_eq!(wait(ports.used()).unwrap(), [0u16; 0]);
    stranger.kill().unwrap();
    stranger.wait().unwrap();
}

#[test]
fn a_zombie_owns_nothing() {
    let bench = Bench::new(1);
    let ports = bench.open();
    let mut child = Command::new("true").stdin(Stdio::null()).spawn().unwrap();
    let request = PickRequest {
        pid: Some(child.id()),
        ..PickRequest::new("a")
    };
    // The child may be a zombie already: then it is refused as an owner.
    let picked = wait(ports.pick(request));
    until("the dead child's port is free", || {
        wait(ports.refresh()).unwrap();
        wait(ports.used()).unwrap().is_empty()
    });
    drop(picked);
    child.wait().unwrap();
}

#[test]
fn a_lease_follows_its_port_to_another_process() {
    let bench = Bench::new(2);
    let ports = bench.open();
    let mut child = Command::new("sleep").arg("600").spawn().unwrap();
    let (lease, listener) = wait(ports.pick_bound(PickRequest::new("a"), LOCALHOST)).unwrap();
    let moved = wait(ports.transfer(lease.port, child.id(), "room 1")).unwrap();
    assert_eq!((moved.pid, moved.since), (Some(child.id()), lease.since));
    drop(listener);
    wait(ports.refresh()).unwrap();
    assert_eq!(wait(ports.used()).unwrap(), [lease.port]);
    child.kill().unwrap();
    child.wait().unwrap();
    wait(ports.refresh()).unwrap();
    assert_eq!(wait(ports.used()).unwrap(), [0u16; 0]);
    let gone = wait(ports.transfer(lease.port, child.id(), "room 1")).unwrap_err();
    assert!(matches!(gone, PortError::NoSuchProcess { .. }));
}

#[test]
fn a_lease_ends_when_its_time_is_up() {
    let bench = Bench::new(2);
    let ports = bench.open();
    let request = PickRequest {
        ttl: Some(Duration::from_secs(90)),
        ..PickRequest::new("a")
    };
    let lease = wait(ports.pick(request)).unwrap();
    assert_eq!(lease.expires.as_deref(), Some("1403/05/01 08:41 doshanbe"));
    bench.later(89);
    wait(ports.refresh()).unwrap();
    assert_eq!(wait(ports.used()).unwrap(), [lease.port]);
    bench.later(1);
    wait(ports.refresh()).unwrap();
    assert_eq!(wait(ports.used()).unwrap(), [0u16; 0]);
    assert_eq!(bench.json()["current_port"], serde_json::Value::Null);
}

#[test]
fn the_thread_refreshes_by_itself() {
    let mut bench = Bench::new(2);
    bench.config.refresh_interval = dabir_core::Span::from_millis(10);
    let ports = bench.open();
    let request = PickRequest {
        ttl: Some(Duration::from_secs(5)),
        ..PickRequest::new("a")
    };
    wait(ports.pick(request)).unwrap();
    bench.later(6);
    until("the lease is over", || {
        bench.json()["leases"].as_object().unwrap().is_empty()
    });
}

#[test]
fn other_numbers_hold_without_a_restart() {
    let bench = Bench::new(3);
    let ports = bench.open();
    for owner in ["a", "b"] {
        pick(&ports, owner);
    }
    let request = PickRequest {
        ttl: Some(Duration::from_secs(5)),
        ..PickRequest::new("c")
    };
    wait(ports.pick(request)).unwrap();
    bench.later(6);
    let config = PortsConfig {
        refresh_interval: Span::from_millis(10),
        history_max: 1,
        backup_keep: 1,
        ..bench.config.clone()
    };
    ports.adjust(config).unwrap();
    until("the thread that would sleep for an hour refreshes", || {
        bench.json()["leases"].as_object().unwrap().len() == 2
    });
    assert_eq!(wait(ports.history()).unwrap().len(), 1);
    assert_eq!(bench.json()["settings"]["history_max"], 1);
    assert_eq!(wait(ports.state()).unwrap().settings.history_max, 1);
    until("older backups go", || {
        wait(ports.backups()).unwrap().len() == 1
    });
    let refused = PortsConfig {
        backup_keep: 0,
        ..bench.config.clone()
    };
    let error = ports.adjust(refused).unwrap_err().to_string();
    assert!(error.contains("ports.backup_keep"), "{error}");
}

#[test]
fn what_happens_is_told_as_events_after_it_is_saved() {
    let bench = Bench::new(2);
    let mut heard = bench.options.events.subscribe(None).receiver;
    let ports = bench.open();
    let port = pick(&ports, "a");
    wait(ports.release(None)).unwrap();
    let first = heard.try_recv().unwrap().event;
    assert!(matches!(first, Event::PortPicked { port: p, ref owner } if p == port && owner == "a"));
    let second = heard.try_recv().unwrap().event;
    assert!(matches!(second, Event::PortReleased { port: p } if p == port));
}

#[test]
fn a_port_picked_for_someone_who_went_away_comes_back() {
    let bench = Bench::new(2);
    let ports = bench.open();
    let mut heard = bench.options.events.subscribe(None).receiver;
    let mut call = Box::pin(ports.pick(PickRequest::new("impatient")));
    let waker = std::task::Waker::noop();
    // Hold the lock, so that the call cannot be answered before it is given up.
    let lock = std::fs::File::open(bench.dir.path().join("ports.json.lock")).unwrap();
    lock.lock().unwrap();
    assert!(
        call.as_mut()
            .poll(&mut std::task::Context::from_waker(waker))
            .is_pending()
    );
    drop(call);
    lock.unlock().unwrap();
    until("the port is released", || {
        matches!(
            heard.try_recv().map(|e| e.event),
            Ok(Event::PortReleased { .. })
        )
    });
    assert_eq!(wait(ports.used()).unwrap(), [0u16; 0]);
}

#[test]
fn the_console_line_has_fixed_columns() {
    let bench = Bench::new(20);
    let ports = bench.open();
    let port = pick(&ports, "a");
    let line = wait(ports.console_line("PICK", "started.\n")).unwrap();
    let (low, high) = (port + 1, port + 19);
    let expected = format!(
        "[1403/05/01 08:40 doshanbe] | PICK       | Active:{port} | Free:[{low}...{high}](19) | Used:[{port}]            | Note:started.\\u{{a}}"
    );
    assert_eq!(line.show(Paint::Plain), expected);
}

#[test]
fn a_stopped_manager_says_so() {
    let bench = Bench::new(2);
    let ports = bench.open();
    let clone = ports.clone();
    ports.stop();
    assert!(matches!(wait(clone.state()), Err(PortError::Stopped)));
    clone.stop();
}

#[test]
fn the_end_does_not_wait_for_a_lock_that_others_keep() {
    let mut bench = Bench::new(2);
    bench.options.lock_timeout = Duration::from_secs(3600);
    let ports = bench.open();
    let lock = std::fs::File::open(bench.dir.path().join("ports.json.lock")).unwrap();
    lock.lock().unwrap();
    let mut asked = Box::pin(ports.pick(PickRequest::new("a")));
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    assert!(asked.as_mut().poll(&mut context).is_pending());
    ports.stop();
    let refused = wait(asked).unwrap_err();
    assert!(matches!(refused, PortError::Locked { .. }), "{refused}");
}

#[test]
fn threads_never_get_the_same_port() {
    let bench = Bench::new(64);
    let ports = bench.open();
    let picked: Vec<u16> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..8)
            .map(|_| scope.spawn(|| (0..8).map(|_| pick(&ports, "t")).collect::<Vec<_>>()))
            .collect();
        threads
            .into_iter()
            .flat_map(|t| t.join().unwrap())
            .collect()
    });
    assert_eq!(picked.iter().collect::<BTreeSet<_>>().len(), 64);
}
