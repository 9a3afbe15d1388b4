//! The one `unsafe` call of this crate: handing a pidfd to the runtime's poller.
#![expect(
    unsafe_code,
    reason = "tokio's only constructor that is not deprecated is unsafe"
)]

use std::io;
use std::os::fd::OwnedFd;

use tokio::io::Interest;
use tokio::io::unix::AsyncFd;

/// Lets the runtime wait for `pidfd` to become readable.
pub(super) fn register(pidfd: OwnedFd) -> io::Result<AsyncFd<OwnedFd>> {
    // SAFETY: the poller must be given the same open descriptor from registration to drop. An
    // `OwnedFd` owns its descriptor, always answers with it, and is owned by the `AsyncFd`.
    let registered = unsafe { AsyncFd::register_with_interest(pidfd, Interest::READABLE) };
    registered.map_err(|error| error.into_parts().1)
}
