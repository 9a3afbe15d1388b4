//! `dabir doctor`: looks for what usually goes wrong, and says what to do about it.

use std::fs;
use std::path::Path;

use dabir_db::Db;
use serde::Serialize;

use crate::app::{open_ports, room_program};
use crate::cli::{Context, Failure};

/// One thing that was looked at.
#[derive(Debug, Serialize)]
struct Finding {
    what: &'static str,
    grade: Grade,
    detail: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum Grade {
    Fine,
    /// It works, and could be better.
    Warning,
    /// It does not work.
    Wrong,
}

/// Looks at everything, and fails when something does not work.
pub(crate) async fn run(context: &Context) -> Result<(), Failure> {
    let config = &context.loaded.config;
    let mut findings = vec![
        data_folder(&config.data_dir),
        file_system(&config.data_dir),
        room_server(),
        pidfd(),
        descriptors(),
        unit(),
    ];
    findings.push(database(context).await);
    findings.extend(ports(context).await);
    let wrong = findings
        .iter()
        .filter(|finding| finding.grade == Grade::Wrong)
        .count();
    context.output.show(&findings, |findings| {
        findings
            .iter()
            .map(|finding| {
                let mark = match finding.grade {
                    Grade::Fine => "ok     ",
                    Grade::Warning => "warning",
                    Grade::Wrong => "WRONG  ",
                };
                format!("{mark}  {:<12} {}\n", finding.what, finding.detail)
            })
            .collect()
    })?;
    if wrong == 0 {
        return Ok(());
    }
    Err(Failure::failed(
        format!("{wrong} of {} checks failed", findings.len()),
        "mend them and look again",
    ))
}

fn fine(what: &'static str, detail: impl Into<String>) -> Finding {
    Finding {
        what,
        grade: Grade::Fine,
        detail: detail.into(),
    }
}

fn warning(what: &'static str, detail: impl Into<String>) -> Finding {
    Finding {
        what,
        grade: Grade::Warning,
        detail: detail.into(),
    }
}

fn wrong(what: &'static str, detail: impl Into<String>) -> Finding {
    Finding {
        what,
        grade: Grade::Wrong,
        detail: detail.into(),
    }
}

fn data_folder(path: &Path) -> Finding {
    let made = dabir_db::private_dir(path).and_then(|()| {
        let probe = path.join(".doctor");
        fs::write(&probe, b"x")?;
        fs::remove_file(probe)
    });
    match made {
        Ok(()) => fine(
            "data folder",
            format!("`{}` can be written", path.display()),
        ),
        Err(error) => wrong(
            "data folder",
            format!("`{}` cannot be written: {error}", path.display()),
        ),
    }
}

/// Locks and SQLite's write-ahead log do not work over a network.
fn file_system(path: &Path) -> Finding {
    const NFS: i64 = 0x6969;
    const SMB: i64 = 0xFE53_4D42;
    const CIFS: i64 = 0xFF53_4D42;
    match rustix::fs::statfs(path) {
        #[expect(
            clippy::unnecessary_cast,
            reason = "the field's type differs between machines"
        )]
        Ok(stat) if [NFS, SMB, CIFS].contains(&(stat.f_type as i64)) => wrong(
            "file system",
            "the data folder lies on a network share, where locks cannot be trusted",
        ),
        Ok(_) => fine("file system", "local"),
        Err(error) => warning("file system", format!("it cannot be examined: {error}")),
    }
}

fn room_server() -> Finding {
    match room_program() {
        Ok(path) => fine("room server", path.display().to_string()),
        Err(error) => wrong("room server", error.to_string()),
    }
}

fn pidfd() -> Finding {
    let me = rustix::process::getpid();
    match rustix::process::pidfd_open(me, rustix::process::PidfdFlags::empty()) {
        Ok(_) => fine("processes", "the kernel gives pidfds"),
        Err(error) => wrong(
            "processes",
            format!("the kernel gives no pidfds ({error}); Linux 5.10 or later is needed"),
        ),
    }
}

fn descriptors() -> Finding {
    let limit = rustix::process::getrlimit(rustix::process::Resource::Nofile).maximum;
    match limit {
        Some(limit) if limit < 8_192 => {
            let rooms = limit / 4;
            warning(
                "open files",
                format!("at most {limit}, enough for about {rooms} rooms; raise LimitNOFILE"),
            )
        }
        Some(limit) => fine("open files", format!("at most {limit}")),
        None => fine("open files", "no limit"),
    }
}

/// A systemd unit that kills its whole group would kill the rooms with the supervisor.
fn unit() -> Finding {
    let group = fs::read_to_string("/proc/self/cgroup").unwrap_or_default();
    if group.contains("dabir.service") {
        return warning(
            "systemd",
            "this runs inside dabir.service; its unit must say KillMode=process",
        );
    }
    fine("systemd", "this command runs outside the service")
}

async fn database(context: &Context) -> Finding {
    let config = &context.loaded.config;
    match Db::open(config.database.url.expose(), &config.data_dir).await {
        Ok(db) => {
            let kind = db.kind();
            db.close().await;
            fine(
                "database",
                format!("{kind} answers and its tables are up to date"),
            )
        }
        Err(error) => {
            let error = anyhow::Error::from(error);
            let causes: Vec<String> = error.chain().map(ToString::to_string).collect();
            wrong("database", causes.join(": "))
        }
    }
}

async fn ports(context: &Context) -> Vec<Finding> {
    let clock = dabir_core::Clock::system();
    let ports = match open_ports(
        &context.loaded.config.ports,
        &clock,
        &dabir_core::Events::default(),
    ) {
        Ok(ports) => ports,
        Err(error) => return vec![wrong("ports", format!("{error:#}"))],
    };
    let mut findings = vec![match ports.free().await {
        Ok(free) if free.is_empty() => wrong("ports", "no port of the range is free"),
        Ok(free) => fine("ports", format!("{} are free", free.len())),
        Err(error) => wrong("ports", error.to_string()),
    }];
    if let Some(overlap) = ports.ephemeral_overlap() {
        findings.push(warning("ports", overlap.to_string()));
    }
    ports.stop();
    findings
}
