//! What a process gives up before it reads: time, memory, files, network, and other processes.
//!
//! Limits on resources and `no_new_privs` hold on every Linux. Seccomp takes away sockets, processes and
//! signals, and Landlock the file system and TCP; a kernel without one of them is told in the first line
//! of the answer.

use std::collections::BTreeMap;
use std::io;

use landlock::{
    ABI, Access, AccessFs, AccessNet, Ruleset, RulesetAttr, RulesetCreatedAttr, RulesetStatus,
    path_beneath_rules,
};
use rustix::process::{Resource, Rlimit, getpid, setrlimit};
use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter,
    SeccompRule,
};

/// Seconds of a processor.
const CPU_SECONDS: u64 = 30;
/// Addresses, in bytes: what is decoded stays far below.
const MEMORY: u64 = 768 << 20;
const OPEN_FILES: u64 = 64;
/// What poppler consists of, and what it looks up.
const OF_PROGRAMS: [&str; 6] = [
    "/usr",
    "/lib",
    "/lib64",
    "/bin",
    "/etc/ld.so.cache",
    "/etc/fonts",
];

/// Takes away what no reader needs. The words say what holds.
///
/// # Errors
/// When a limit cannot be set, without which nothing is read.
pub fn all() -> io::Result<Vec<String>> {
    let mut holds = limits()?;
    // The rules of Landlock come first: afterwards nothing is opened.
    holds.extend(landlock(false));
    holds.extend(seccomp(&OF_ALL));
    Ok(holds)
}

/// As [`all`], for a process that starts readers of PDFs and does nothing else before they end.
///
/// # Errors
/// As [`all`].
pub fn but_for_readers_of_pdfs() -> io::Result<Vec<String>> {
    let mut holds = limits()?;
    holds.extend(landlock(true));
    holds.extend(seccomp(&OF_STARTERS));
    Ok(holds)
}

/// As [`all`], for a process that is about to become a reader of PDFs.
pub(crate) fn as_reader_of_pdfs() -> io::Result<()> {
    limits()?;
    landlock(true);
    seccomp(&OF_READERS_OF_PDFS);
    Ok(())
}

fn limits() -> io::Result<Vec<String>> {
    let limits = [
        (Resource::Cpu, CPU_SECONDS),
        (Resource::As, MEMORY),
        (Resource::Nofile, OPEN_FILES),
        (Resource::Fsize, 0),
        (Resource::Core, 0),
    ];
    for (resource, most) in limits {
        let most = Rlimit {
            current: Some(most),
            maximum: Some(most),
        };
        setrlimit(resource, most)?;
    }
    rustix::thread::set_no_new_privs(true)?;
    Ok(vec!["rlimits".to_owned(), "no_new_privs".to_owned()])
}

/// No file, no TCP; with `programs` those may be run that stand with the system.
fn landlock(programs: bool) -> Option<String> {
    let rules = || -> Result<RulesetStatus, landlock::RulesetError> {
        let abi = ABI::V5;
        let paths: &[&str] = if programs { &OF_PROGRAMS } else { &[] };
        let read = AccessFs::from_read(abi);
        let ruleset = Ruleset::default()
            .handle_access(AccessFs::from_all(abi))?
            .handle_access(AccessNet::from_all(abi))?
            .create()?
            .add_rules(path_beneath_rules(paths, read))?
            .add_rules(path_beneath_rules(
                if programs {
                    &["/proc/self/exe"][..]
                } else {
                    &[]
                },
                AccessFs::Execute | AccessFs::ReadFile,
            ))?;
        Ok(ruleset.restrict_self()?.ruleset)
    };
    match rules() {
        Ok(RulesetStatus::FullyEnforced) => Some("landlock".to_owned()),
        Ok(RulesetStatus::PartiallyEnforced) => Some("landlock (in part)".to_owned()),
        Ok(RulesetStatus::NotEnforced) | Err(_) => None,
    }
}

/// Ways to others that no reader has.
const SOCKETS: [i64; 12] = [
    libc::SYS_socket,
    libc::SYS_connect,
    libc::SYS_bind,
    libc::SYS_listen,
    libc::SYS_accept4,
    libc::SYS_sendto,
    libc::SYS_sendmsg,
    libc::SYS_ptrace,
    libc::SYS_process_vm_readv,
    libc::SYS_process_vm_writev,
    libc::SYS_io_uring_setup,
    libc::SYS_bpf,
];

/// Further ones, and what reaches deeper into the system.
const MORE: [i64; 22] = [
    libc::SYS_socketpair,
    libc::SYS_accept,
    libc::SYS_sendmmsg,
    libc::SYS_pidfd_open,
    libc::SYS_pidfd_getfd,
    libc::SYS_pidfd_send_signal,
    libc::SYS_kill,
    libc::SYS_tkill,
    libc::SYS_rt_sigqueueinfo,
    libc::SYS_setsid,
    libc::SYS_setpgid,
    libc::SYS_io_uring_enter,
    libc::SYS_userfaultfd,
    libc::SYS_perf_event_open,
    libc::SYS_keyctl,
    libc::SYS_add_key,
    libc::SYS_unshare,
    libc::SYS_setns,
    libc::SYS_mount,
    libc::SYS_chroot,
    libc::SYS_personality,
    libc::SYS_memfd_create,
];

/// Other processes and threads.
const FORKS: &[i64] = &[
    libc::SYS_clone,
    libc::SYS_clone3,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_fork,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_vfork,
];

/// Other programs.
const PROGRAMS: [i64; 2] = [libc::SYS_execve, libc::SYS_execveat];

/// What each kind of process is refused.
const OF_ALL: [&[i64]; 4] = [&SOCKETS, &MORE, FORKS, &PROGRAMS];
const OF_STARTERS: [&[i64]; 1] = [&SOCKETS];
const OF_READERS_OF_PDFS: [&[i64]; 3] = [&SOCKETS, &MORE, FORKS];

fn seccomp(refused: &[&[i64]]) -> Option<String> {
    let filter = || -> Result<(), seccompiler::Error> {
        let calls = refused.concat().into_iter();
        let mut rules: BTreeMap<i64, Vec<SeccompRule>> =
            calls.map(|call| (call, Vec::new())).collect();
        // A process may end itself by a signal, and nobody else.
        let own = u64::from(getpid().as_raw_nonzero().get().unsigned_abs());
        let other = SeccompCondition::new(0, SeccompCmpArgLen::Dword, SeccompCmpOp::Ne, own)?;
        rules.insert(libc::SYS_tgkill, vec![SeccompRule::new(vec![other])?]);
        let eperm = SeccompAction::Errno(libc::EPERM.unsigned_abs());
        let arch = std::env::consts::ARCH.try_into()?;
        let filter = SeccompFilter::new(rules, SeccompAction::Allow, eperm, arch)?;
        let program: BpfProgram = filter.try_into()?;
        seccompiler::apply_filter(&program)
    };
    filter().is_ok().then(|| "seccomp".to_owned())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// What a reader is refused, written a second time: whatever slips out of a list is missed here.
    const KNOWN: &[i64] = &[
        libc::SYS_socket,
        libc::SYS_socketpair,
        libc::SYS_connect,
        libc::SYS_bind,
        libc::SYS_listen,
        libc::SYS_accept,
        libc::SYS_accept4,
        libc::SYS_sendto,
        libc::SYS_sendmsg,
        libc::SYS_sendmmsg,
        libc::SYS_ptrace,
        libc::SYS_process_vm_readv,
        libc::SYS_process_vm_writev,
        libc::SYS_pidfd_open,
        libc::SYS_pidfd_getfd,
        libc::SYS_pidfd_send_signal,
        libc::SYS_kill,
        libc::SYS_tkill,
        libc::SYS_rt_sigqueueinfo,
        libc::SYS_setsid,
        libc::SYS_setpgid,
        libc::SYS_clone,
        libc::SYS_clone3,
        libc::SYS_bpf,
        libc::SYS_io_uring_setup,
        libc::SYS_io_uring_enter,
        libc::SYS_userfaultfd,
        libc::SYS_perf_event_open,
        libc::SYS_keyctl,
        libc::SYS_add_key,
        libc::SYS_unshare,
        libc::SYS_setns,
        libc::SYS_mount,
        libc::SYS_chroot,
        libc::SYS_personality,
        libc::SYS_memfd_create,
        #[cfg(target_arch = "x86_64")]
        libc::SYS_fork,
        #[cfg(target_arch = "x86_64")]
        libc::SYS_vfork,
    ];

    fn check(refused: &[&[i64]], expected: &[&[i64]]) {
        let [refused, expected] = [refused, expected].map(<[_]>::concat);
        let set = |calls: &[i64]| calls.iter().copied().collect::<BTreeSet<i64>>();
        assert_eq!(set(&refused), set(&expected));
        assert_eq!(refused.len(), expected.len(), "a call stands twice");
    }

    #[test]
    fn no_call_slips_out_of_what_is_refused() {
        check(&OF_ALL, &[KNOWN, &PROGRAMS]);
        check(&OF_READERS_OF_PDFS, &[KNOWN]);
        check(&OF_STARTERS, &[&SOCKETS]);
    }
}
