//! The audit's newest head, noted outside of the database: whoever shortens the audit there is
//! found out by the note.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use dabir_db::audit::{self, Entry, Filter, Head, Verdict};

use super::Accounts;
use crate::error::AccountError;

impl Accounts {
    /// Notes the newest head, unless it stands there already.
    ///
    /// # Errors
    /// When the database or the file does not do it.
    pub async fn note_audit_head(&self) -> Result<(), AccountError> {
        let head = audit::head(self.inner.db.read()).await?;
        let file = self.inner.heads_file.clone();
        let line = format!("{} {} {}\n", head.seq, head.hash, self.now());
        let noted = tokio::task::spawn_blocking(move || {
            let newest = read(&file)?.pop();
            if head.seq == 0 || newest == Some(head) {
                return Ok(());
            }
            append(&file, &line)
        });
        let noted = noted.await.map_err(io::Error::other);
        noted.flatten().map_err(|error| self.unreadable(&error))
    }

    /// Walks the whole audit, and compares it with every head that was noted.
    ///
    /// # Errors
    /// When the database or the file does not answer.
    pub async fn verify_audit(&self) -> Result<Verdict, AccountError> {
        let file = self.inner.heads_file.clone();
        let known = tokio::task::spawn_blocking(move || read(&file)).await;
        let known = known.map_err(io::Error::other).flatten();
        let known = known.map_err(|error| self.unreadable(&error))?;
        Ok(audit::verify(self.inner.db.read(), &known).await?)
    }

    /// The entries before `before` that pass the filter, the newest first.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn list_audit(
        &self,
        filter: &Filter,
        before: Option<i64>,
        limit: u64,
    ) -> Result<Vec<Entry>, AccountError> {
        Ok(audit::list(self.inner.db.read(), filter, before, limit).await?)
    }

    fn unreadable(&self, error: &io::Error) -> AccountError {
        let file = self.inner.heads_file.display();
        AccountError::Internal(format!("`{file}` cannot be used: {error}"))
    }
}

fn append(file: &Path, line: &str) -> io::Result<()> {
    let mut file = OpenOptions::new()
        .append(true)
        .create(true)
        .mode(0o600)
        .open(file)?;
    file.write_all(line.as_bytes())?;
    file.sync_all()
}

/// Every head that was noted; a line that a power cut left half is none.
fn read(file: &Path) -> io::Result<Vec<Head>> {
    let text = match fs::read_to_string(file) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
        other => other?,
    };
    let head = |line: &str| {
        let mut words = line.split(' ');
        let (seq, hash) = (words.next()?.parse().ok()?, words.next()?.to_owned());
        words.next().map(|_| Head { seq, hash })
    };
    Ok(text.lines().filter_map(head).collect())
}
