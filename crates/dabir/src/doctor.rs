//! `dabir doctor`: looks for what usually goes wrong, and says what to do about it.

use std::fs;
use std::io;
use std::path::Path;
use std::process::Command;

use dabir_backup::{BackupConfig, Shelf};
use dabir_core::{Clock, Timestamp};
use dabir_db::{DataFolder, Db, Tables};
use dabir_ports::PortsConfig;
use rustix::fs::Access;
use serde::Serialize;

use crate::app::room_program;
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
        unit(&config.data_dir),
    ];
    findings.push(database(context).await);
    findings.extend(ports(&config.ports));
    findings.push(backups(
        &config.backup,
        &config.data_dir,
        Clock::system().now(),
    ));
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
    const WHAT: &str = "data folder";
    let shown = path.display();
    if !path.exists() {
        return fine(WHAT, format!("`{shown}` is made at the first start"));
    }
    match rustix::fs::access(path, Access::WRITE_OK | Access::EXEC_OK) {
        Ok(()) => fine(WHAT, format!("`{shown}` can be written")),
        Err(error) => wrong(WHAT, format!("`{shown}` cannot be written: {error}")),
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

/// A systemd unit that kills its whole group kills the rooms with the supervisor.
fn unit(data_dir: &Path) -> Finding {
    let unit = match DataFolder::holder(data_dir) {
        None => Unit::usual(),
        Some(pid) => {
            let groups = fs::read_to_string(format!("/proc/{pid}/cgroup")).unwrap_or_default();
            match Unit::of_groups(&groups) {
                Some(unit) => unit,
                None => return fine("systemd", format!("process {pid} runs outside of services")),
            }
        }
    };
    let told = unit.question().output().ok();
    let told = told.filter(|output| output.status.success());
    told.map_or_else(
        || fine("systemd", "it does not answer here"),
        |output| unit.judge(&String::from_utf8_lossy(&output.stdout)),
    )
}

/// The unit that the server runs in, or would.
#[derive(Debug, PartialEq, Eq)]
struct Unit {
    name: String,
    /// Of a person's own manager instead of the machine's.
    of_user: bool,
}

impl Unit {
    /// As installed by the guide.
    fn usual() -> Self {
        Self {
            name: "dabir.service".to_owned(),
            of_user: false,
        }
    }

    /// The service among `/proc/<pid>/cgroup`; the last part of a group's path names its unit.
    fn of_groups(groups: &str) -> Option<Self> {
        groups.lines().find_map(|line| {
            let (above, name) = line.rsplit_once('/')?;
            name.ends_with(".service").then(|| Self {
                name: name.to_owned(),
                of_user: above.contains("/user@"),
            })
        })
    }

    fn question(&self) -> Command {
        let mut command = Command::new("systemctl");
        if self.of_user {
            command.arg("--user");
        }
        command.args(["show", "--property=LoadState,KillMode", "--", &self.name]);
        command
    }

    fn judge(&self, told: &str) -> Finding {
        let name = &self.name;
        let value = |key| told.lines().find_map(|line| line.strip_prefix(key));
        if value("LoadState=") != Some("loaded") {
            return fine("systemd", format!("no {name} is installed"));
        }
        match value("KillMode=").unwrap_or_default() {
            "process" | "none" => fine("systemd", format!("{name} leaves the rooms alone")),
            other => wrong(
                "systemd",
                format!(
                    "{name} says KillMode={other}, so every restart of it ends the rooms; \
                     write KillMode=process and run `systemctl daemon-reload`"
                ),
            ),
        }
    }
}

/// Looks alone: only a start and `dabir migrate` change tables.
async fn database(context: &Context) -> Finding {
    let config = &context.loaded.config;
    match Db::look(config.database.url.expose(), &config.data_dir).await {
        Ok(None) => fine("database", "there is none yet; the first start makes it"),
        Ok(Some(tables)) => judge_tables(&tables),
        Err(error) => {
            let error = anyhow::Error::from(error);
            let causes: Vec<String> = error.chain().map(ToString::to_string).collect();
            wrong("database", causes.join(": "))
        }
    }
}

fn judge_tables(tables: &Tables) -> Finding {
    let kind = tables.kind;
    if !tables.unknown.is_empty() {
        let steps = tables.unknown.join(", ");
        let detail = format!("{kind} was changed by a newer Dabir ({steps}); install that one");
        return wrong("database", detail);
    }
    if !tables.pending.is_empty() {
        let steps = tables.pending.join(", ");
        let detail = format!("{kind} answers; the next start or `dabir migrate` applies {steps}");
        return warning("database", detail);
    }
    fine(
        "database",
        format!("{kind} answers and its tables are up to date"),
    )
}

/// Looks at the port file without its lock and without making it.
fn ports(config: &PortsConfig) -> Vec<Finding> {
    let shown = config.state.display();
    let file = match fs::read(&config.state) {
        Ok(text) => match serde_json::from_slice::<serde_json::Value>(&text) {
            Ok(state) => {
                let used = state["used_ports"].as_array().map_or(0, Vec::len);
                fine(
                    "ports",
                    format!("`{shown}` is readable; {used} ports are in use"),
                )
            }
            Err(error) => warning(
                "ports",
                format!("`{shown}` is damaged ({error}); the next start takes its newest backup"),
            ),
        },
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            fine("ports", format!("`{shown}` is made at the first start"))
        }
        Err(error) => wrong("ports", format!("`{shown}` cannot be read: {error}")),
    };
    let overlap = config.ephemeral_overlap();
    let overlap = overlap.map(|overlap| warning("ports", overlap.to_string()));
    std::iter::once(file).chain(overlap).collect()
}

/// A house whose backups are older than two of their intervals has a schedule that does not work.
fn backups(config: &BackupConfig, data_dir: &Path, now: Timestamp) -> Finding {
    const WHAT: &str = "backups";
    const MAKE: &str = "`dabir backup create` makes one and says what is wrong";
    let shelf = Shelf::new(config.folder(data_dir));
    if dabir_backup::is_half_restored(data_dir) {
        return wrong(
            WHAT,
            "a restore was cut off; run the same `dabir backup restore` again",
        );
    }
    let newest = match shelf.newest_verified_at(now) {
        Ok(newest) => newest,
        Err(error) => return wrong(WHAT, error.told()),
    };
    let Some(newest) = newest else {
        if !data_dir.join("secrets").exists() {
            return fine(WHAT, "there is nothing to back up yet");
        }
        return warning(WHAT, format!("there is no verified backup; {MAKE}"));
    };
    let age = now.duration_since(newest);
    let hours = age.as_hours();
    if age.unsigned_abs() > config.old_after() {
        return warning(
            WHAT,
            format!("the newest verified one is {hours} h old; {MAKE}"),
        );
    }
    fine(WHAT, format!("the newest verified one is {hours} h old"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_service_is_the_one_that_the_server_runs_in() {
        let unit = |name: &str, of_user| {
            Some(Unit {
                name: name.to_owned(),
                of_user,
            })
        };
        for (groups, found) in [
            ("0::/system.slice/meet.service", unit("meet.service", false)),
            (
                "12:pids:/\n1:name=systemd:/system.slice/dabir.service\n",
                unit("dabir.service", false),
            ),
            (
                "0::/user.slice/user-1000.slice/user@1000.service/app.slice/dabir.service",
                unit("dabir.service", true),
            ),
            (
                "0::/user.slice/user-1000.slice/user@1000.service/app.slice/term.scope",
                None,
            ),
            ("0::/", None),
            ("", None),
        ] {
            assert_eq!(Unit::of_groups(groups), found, "{groups}");
        }
    }

    #[test]
    fn a_unit_that_ends_the_rooms_is_wrong() {
        for (told, grade, word) in [
            ("KillMode=process\nLoadState=loaded", Grade::Fine, "alone"),
            (
                "KillMode=control-group\nLoadState=loaded",
                Grade::Wrong,
                "KillMode=process",
            ),
            (
                "KillMode=control-group\nLoadState=not-found",
                Grade::Fine,
                "no dabir.service",
            ),
        ] {
            let finding = Unit::usual().judge(told);
            assert_eq!(finding.grade, grade, "{told}");
            assert!(finding.detail.contains(word), "{}", finding.detail);
        }
    }

    #[test]
    fn pending_steps_are_named_and_a_newer_database_is_wrong() {
        let tables = |pending: &[&str], unknown: &[&str]| Tables {
            kind: "sqlite",
            pending: pending.iter().map(ToString::to_string).collect(),
            unknown: unknown.iter().map(ToString::to_string).collect(),
        };
        assert_eq!(judge_tables(&tables(&[], &[])).grade, Grade::Fine);
        let pending = judge_tables(&tables(&["m0002_people"], &[]));
        assert_eq!(pending.grade, Grade::Warning);
        assert!(pending.detail.contains("m0002_people"));
        assert_eq!(judge_tables(&tables(&[], &["m9"])).grade, Grade::Wrong);
    }
}
