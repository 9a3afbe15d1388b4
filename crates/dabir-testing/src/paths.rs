//! Where the rigs find their files.

use std::path::{Path, PathBuf};

/// A file of this crate.
pub(crate) fn own(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// A file of the checkout.
pub(crate) fn checkout(path: &str) -> PathBuf {
    own("../..").join(path)
}

/// The Python that has Django, filelock and icalendar; `DABIR_TEST_PYTHON` names another one.
///
/// # Panics
/// When it is not installed.
#[must_use]
pub fn python() -> PathBuf {
    let python = std::env::var_os("DABIR_TEST_PYTHON")
        .map_or_else(|| checkout(".cache/venv/bin/python"), PathBuf::from);
    assert!(
        python.exists(),
        "{} is missing; run tools/setup-tests",
        python.display()
    );
    python
}
