//! Tests that need a machine of their own: a disk that is full, limits that are reached, a user without
//! rights. Each runs once more in a process for which that is so.

use std::process::Command;

use dabir_testing::Running;

use crate::bench::SOON;

const INSIDE: &str = "DABIR_TEST_WORLD";
/// Set where such tests are known to be left out.
const NONE: &str = "DABIR_TEST_NO_WORLD";

/// What a test's process is to be like.
#[derive(Clone, Copy, Debug)]
pub(crate) enum World {
    /// Root of a system of its own as far as mounts and limits go.
    OwnRoot,
    /// Somebody whom the modes of files bind.
    Nobody,
}

impl World {
    /// Whether this process is in that world; if not, the test ran in one that is.
    pub(crate) fn is_here(self, test: &str) -> bool {
        if std::env::var_os(INSIDE).is_some() {
            return true;
        }
        if std::env::var_os(NONE).is_some() {
            return false;
        }
        let can_enter = self.enter("true").status().is_ok_and(|s| s.success());
        assert!(
            can_enter,
            "this machine lets nobody have {self:?}: test on another one, or set `{NONE}=1`"
        );
        let mut command = self.enter(&std::env::current_exe().unwrap().display().to_string());
        command
            .args([test, "--exact", "--nocapture"])
            .env(INSIDE, "1");
        let inner = Running::spawn(command);
        let result = inner.wait_for_line(SOON * 3, |line| line.starts_with("test result"));
        let said = inner.lines().join("\n");
        assert!(result.contains("ok. 1 passed"), "{said}");
        false
    }

    fn enter(self, program: &str) -> Command {
        let words: &[&str] = match self {
            Self::OwnRoot => &[
                "unshare",
                "--user",
                "--map-root-user",
                "--mount",
                "setpriv",
                "--pdeathsig",
                "KILL",
            ],
            Self::Nobody if !rustix::process::geteuid().is_root() => &["env"],
            Self::Nobody => &[
                "setpriv",
                "--bounding-set=-all",
                "--inh-caps=-all",
                "--pdeathsig",
                "KILL",
            ],
        };
        let mut command = Command::new(words[0]);
        command.args(&words[1..]).arg(program);
        command
    }
}

/// Runs a command that has to succeed.
pub(crate) fn run(words: &str) {
    let mut words = words.split(' ');
    let mut command = Command::new(words.next().unwrap());
    let output = command.args(words).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {said}");
}
