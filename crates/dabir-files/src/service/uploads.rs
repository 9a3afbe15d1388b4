//! Uploads: pieces that are durable before they are acknowledged, and the file that they become.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use dabir_core::encode::hex;
use dabir_core::{Actor, new_id};
use dabir_db::outbox::{self, Happening};
use dabir_db::stale;
use dabir_http::Identity;
use futures_util::{Stream, StreamExt, TryStreamExt, pin_mut, stream};
use serde_json::json;
use sha2::{Digest, Sha256};

use super::{Files, owner_of};
use crate::error::FilesError;
use crate::model::{Attachment, Chunk, File, FileState, NewUpload, Upload};
use crate::objects::{PIECE, StorageError, content_key, upload_folder};
use crate::service::analyse::analyse_job;
use crate::sniff::{LOOKED_AT, sniff};
use crate::{name, store};

/// An upload of which nothing comes is forgotten after this.
const EXPIRES: Duration = Duration::from_secs(24 * 3_600);
/// The most pieces of one: each is an object and a row.
const MAX_CHUNKS: usize = 10_000;

/// How far an upload is; with the file once it is one.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    pub upload: Upload,
    pub file: Option<File>,
}

/// What a piece is to be, as its sender says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Checksum {
    Sha1(Vec<u8>),
    Sha256(Vec<u8>),
}

impl Files {
    /// Begins an upload.
    ///
    /// # Errors
    /// When the file would be too large for the house or for a quota.
    pub async fn create_upload(
        &self,
        who: &Identity,
        new: NewUpload,
    ) -> Result<Upload, FilesError> {
        let (config, now) = (self.config(), self.shared.clock.now());
        if new.size > config.max_size() {
            return Err(FilesError::TooLarge(config.max_size()));
        }
        let upload = Upload {
            id: new_id(),
            name: name::clean(&new.name),
            owner_id: owner_of(who).to_owned(),
            owner_name: who.name.clone(),
            size: new.size,
            received: 0,
            chunks: 0,
            created_at: now,
            expires_at: now.saturating_add(EXPIRES).unwrap_or(now),
        };
        let tx = self.shared.db.write().await?;
        store::uploads::count_alone(&tx).await?;
        let of_person = store::uploads::used(&tx, Some(&upload.owner_id)).await?;
        refuse_beyond("you", config.quota_person(), of_person, new.size)?;
        let of_house = store::uploads::used(&tx, None).await?;
        refuse_beyond("the house", config.quota_house(), of_house, new.size)?;
        store::uploads::insert(&tx, &upload).await?;
        tx.commit().await?;
        Ok(upload)
    }

    /// How far an upload is. One that has all its bytes and is no file yet, because a server died
    /// meanwhile, becomes one now.
    ///
    /// # Errors
    /// When there is none, or it is another's.
    pub async fn find_upload(
        &self,
        by: &Actor,
        who: &Identity,
        id: &str,
    ) -> Result<Outcome, FilesError> {
        if let Some(upload) = self.upload_of(who, id).await? {
            return self.finish_if_whole(by, upload).await;
        }
        let file = self.held(who, id).await.map_err(|error| match error {
            FilesError::NotFound | FilesError::NotYours => FilesError::NoUpload,
            other => other,
        })?;
        Ok(Outcome {
            upload: Upload {
                id: file.id.clone(),
                name: file.name.clone(),
                owner_id: file.owner_id.clone(),
                owner_name: file.owner.clone(),
                size: file.size,
                received: file.size,
                chunks: 0,
                created_at: file.created_at,
                expires_at: file.created_at,
            },
            file: Some(file),
        })
    }

    /// Takes what comes next of an upload, from `offset` on. What is acknowledged is durable; when the
    /// line breaks, so is what had come.
    ///
    /// # Errors
    /// When the upload is elsewhere, has no room for it, or the body breaks off.
    pub async fn append<E: std::fmt::Display>(
        &self,
        by: &Actor,
        who: &Identity,
        id: &str,
        offset: u64,
        body: impl Stream<Item = Result<Bytes, E>>,
        checksum: Option<Checksum>,
    ) -> Result<Outcome, FilesError> {
        let upload = self.own_upload(who, id).await?;
        if upload.received != offset {
            let (at, asked) = (upload.received, offset);
            return Err(FilesError::Offset { at, asked });
        }
        let mut receiver = Receiver::new(self, upload, checksum);
        let received = receiver.receive(body).await;
        let ended = receiver.end(received.is_ok()).await;
        let upload = receiver.upload;
        received?;
        ended?;
        self.finish_if_whole(by, upload).await
    }

    /// Takes a whole file of at most `most` bytes.
    ///
    /// # Errors
    /// As [`Files::create_upload`] and [`Files::append`]; nothing of it is kept then.
    pub async fn take<E: std::fmt::Display>(
        &self,
        by: &Actor,
        who: &Identity,
        new: NewUpload,
        body: impl Stream<Item = Result<Bytes, E>>,
    ) -> Result<File, FilesError> {
        let id = self.create_upload(who, new).await?.id;
        let taken = self.append(by, who, &id, 0, body, None).await;
        let outcome = match taken {
            Ok(outcome) => outcome,
            Err(error) => {
                self.forget_upload(&id).await?;
                return Err(error);
            }
        };
        if let Some(file) = outcome.file {
            return Ok(file);
        }
        let tx = self.shared.db.write().await?;
        store::uploads::end_here(&tx, &id).await?;
        tx.commit().await?;
        let upload = self.own_upload(who, &id).await?;
        let outcome = self.finish_if_whole(by, upload).await?;
        outcome.file.ok_or(FilesError::NoUpload)
    }

    /// Takes a whole file for something that is only being made, and attaches it to that.
    ///
    /// # Errors
    /// As [`Files::take`].
    pub async fn take_for<E: std::fmt::Display>(
        &self,
        by: &Actor,
        who: &Identity,
        new: NewUpload,
        body: impl Stream<Item = Result<Bytes, E>>,
        to: &Attachment,
    ) -> Result<File, FilesError> {
        let file = self.take(by, who, new, body).await?;
        let tx = self.shared.db.write().await?;
        let now = self.shared.clock.now();
        store::files::attach(&tx, &file.id, to, now).await?;
        stale::mark(&tx, now, "file", &[&file.id]).await?;
        tx.commit().await?;
        Ok(file)
    }

    /// Gives an upload up.
    ///
    /// # Errors
    /// When there is none, or it is another's.
    pub async fn end_upload(&self, who: &Identity, id: &str) -> Result<(), FilesError> {
        let upload = self.own_upload(who, id).await?;
        self.forget_upload(&upload.id).await
    }

    /// Forgets an upload with all that has come of it.
    pub(super) async fn forget_upload(&self, id: &str) -> Result<(), FilesError> {
        let tx = self.shared.db.write().await?;
        let was_there = store::uploads::remove(&tx, id).await?;
        tx.commit().await?;
        if was_there {
            self.shared.objects.remove_all(&upload_folder(id)).await?;
            // A server may have died between the file's bytes and its row.
            self.shared.objects.remove(&content_key(id)).await?;
        }
        Ok(())
    }

    /// The upload with this id, if it is theirs and still goes on.
    async fn upload_of(&self, who: &Identity, id: &str) -> Result<Option<Upload>, FilesError> {
        let found = store::uploads::find(self.shared.db.read(), id).await?;
        let now = self.shared.clock.now();
        Ok(found.filter(|one| one.owner_id == owner_of(who) && one.expires_at > now))
    }

    async fn own_upload(&self, who: &Identity, id: &str) -> Result<Upload, FilesError> {
        let found = self.upload_of(who, id).await?;
        found.ok_or(FilesError::NoUpload)
    }

    pub(super) async fn finish_if_whole(
        &self,
        by: &Actor,
        upload: Upload,
    ) -> Result<Outcome, FilesError> {
        let file = if upload.received == upload.size {
            Some(self.finish(by, &upload).await?)
        } else {
            None
        };
        Ok(Outcome { upload, file })
    }

    /// Makes the file of an upload's pieces. Two servers may do this at once: one of them makes the row.
    async fn finish(&self, by: &Actor, upload: &Upload) -> Result<File, FilesError> {
        let (sha256, head) = match self.join(upload).await {
            Ok(joined) => joined,
            // Whoever was first has taken the pieces away.
            Err(error) => return self.made(&upload.id).await?.ok_or(error),
        };
        let now = self.shared.clock.now();
        let found = sniff(&head, &upload.name);
        let mut file = File {
            id: upload.id.clone(),
            name: upload.name.clone(),
            owner_id: upload.owner_id.clone(),
            owner: upload.owner_name.clone(),
            size: upload.size,
            sha256,
            media_type: found.media_type,
            kind: found.kind.to_owned(),
            mismatch: found.mismatch,
            state: match found.reader {
                Some(_) => FileState::Waiting,
                None => FileState::Stored,
            },
            error: None,
            thumbnail: false,
            job_id: None,
            version: 1,
            created_at: now,
            updated_at: now,
            deleted_at: None,
            fingerprint: None,
        };
        let tx = self.shared.db.write().await?;
        if !store::uploads::remove(&tx, &upload.id).await? {
            drop(tx);
            return self.made(&upload.id).await?.ok_or(FilesError::NoUpload);
        }
        if file.state == FileState::Waiting {
            let made = self
                .shared
                .jobs
                .enqueue(&tx, analyse_job(&file, by)?)
                .await?;
            file.job_id = Some(made.id);
        }
        store::files::insert(&tx, &file).await?;
        let facts = json!({ "name": file.name, "size": file.size, "media_type": file.media_type });
        self.note(&tx, by, "file.upload", &file, (None, Some(facts)))
            .await?;
        outbox::say(&tx, now, by, happening("file.uploaded", &file, Vec::new())).await?;
        tx.commit().await?;
        self.shared.jobs.wake();
        self.changed(&file, file.state);
        let emptied = self
            .shared
            .objects
            .remove_all(&upload_folder(&file.id))
            .await;
        if let Err(error) = emptied {
            tracing::warn!(%error, file.id, "pieces of an upload are left behind: {error}");
        }
        Ok(file)
    }

    async fn made(&self, id: &str) -> Result<Option<File>, FilesError> {
        Ok(store::files::find(self.shared.db.read(), id).await?)
    }

    /// Stores the pieces as one, and tells their hash and how they begin.
    async fn join(&self, upload: &Upload) -> Result<(String, Vec<u8>), FilesError> {
        let chunks = store::uploads::chunks(self.shared.db.read(), &upload.id).await?;
        // Another server has made the file meanwhile: its pieces are gone, and it must not be written over.
        if chunks.iter().map(|chunk| chunk.size).sum::<u64>() != upload.size {
            return Err(FilesError::NoUpload);
        }
        let objects = &self.shared.objects;
        let (mut sha256, mut head) = (Sha256::new(), Vec::new());
        let pieces = stream::iter(chunks)
            .then(|chunk| async move { objects.get(&chunk.object, None).await })
            .try_flatten()
            .inspect_ok(|bytes| {
                sha256.update(bytes);
                let room = LOOKED_AT.saturating_sub(head.len());
                head.extend_from_slice(&bytes[..bytes.len().min(room)]);
            })
            .boxed();
        objects.put_stream(&content_key(&upload.id), pieces).await?;
        Ok((hex(&sha256.finalize()), head))
    }
}

/// What happened to a file, for those whom it concerns.
pub(super) fn happening(event: &'static str, file: &File, concerns: Vec<String>) -> Happening {
    Happening {
        event,
        subject_kind: "file",
        subject_id: file.id.clone(),
        subject_name: file.name.clone(),
        data: json!({
            "id": file.id, "name": file.name, "size": file.size, "kind": file.kind,
            "media_type": file.media_type, "state": file.state, "error": file.error,
        }),
        concerns,
    }
}

fn refuse_beyond(whose: &'static str, quota: u64, used: u64, more: u64) -> Result<(), FilesError> {
    let left = quota.saturating_sub(used);
    if more > left {
        return Err(FilesError::Quota { whose, quota, left });
    }
    Ok(())
}

/// Takes the body of one request.
struct Receiver<'a> {
    files: &'a Files,
    upload: Upload,
    held: BytesMut,
    /// Pieces that are stored and not yet noted: with a checksum none counts before all have come.
    stored: Vec<Chunk>,
    at: u64,
    hasher: Option<Hasher>,
}

enum Hasher {
    Sha1(sha1::Sha1, Vec<u8>),
    Sha256(Sha256, Vec<u8>),
}

impl<'a> Receiver<'a> {
    fn new(files: &'a Files, upload: Upload, checksum: Option<Checksum>) -> Self {
        let hasher = checksum.map(|checksum| match checksum {
            Checksum::Sha1(expected) => Hasher::Sha1(sha1::Sha1::new(), expected),
            Checksum::Sha256(expected) => Hasher::Sha256(Sha256::new(), expected),
        });
        Self {
            files,
            at: upload.received,
            upload,
            held: BytesMut::new(),
            stored: Vec::new(),
            hasher,
        }
    }

    async fn receive<E: std::fmt::Display>(
        &mut self,
        body: impl Stream<Item = Result<Bytes, E>>,
    ) -> Result<(), FilesError> {
        pin_mut!(body);
        while let Some(bytes) = body.next().await {
            let bytes = bytes.map_err(|error| FilesError::BrokenOff(error.to_string()))?;
            let all = self.at + (self.held.len() + bytes.len()) as u64;
            if all > self.upload.size {
                return Err(FilesError::Beyond(self.upload.size));
            }
            self.hash(&bytes);
            self.held.extend_from_slice(&bytes);
            while self.held.len() >= PIECE {
                let piece = self.held.split_to(PIECE).freeze();
                self.put(piece).await?;
            }
        }
        Ok(())
    }

    fn hash(&mut self, bytes: &[u8]) {
        match &mut self.hasher {
            None => {}
            Some(Hasher::Sha1(hasher, _)) => hasher.update(bytes),
            Some(Hasher::Sha256(hasher, _)) => hasher.update(bytes),
        }
    }

    /// Keeps what is left. Of a body with a checksum all counts or nothing.
    async fn end(&mut self, is_whole: bool) -> Result<(), FilesError> {
        if self.hasher.is_some() && !is_whole {
            return self.give_up().await;
        }
        if !self.held.is_empty() {
            let piece = self.held.split().freeze();
            self.put(piece).await?;
        }
        let is_right = match self.hasher.take() {
            None => return Ok(()),
            Some(Hasher::Sha1(hasher, expected)) => hasher.finalize()[..] == expected[..],
            Some(Hasher::Sha256(hasher, expected)) => hasher.finalize()[..] == expected[..],
        };
        if is_right {
            return self.advance().await;
        }
        self.give_up().await?;
        Err(FilesError::Checksum)
    }

    async fn put(&mut self, piece: Bytes) -> Result<(), FilesError> {
        let count = usize::try_from(self.upload.chunks).unwrap_or(MAX_CHUNKS);
        if count + self.stored.len() >= MAX_CHUNKS {
            return Err(FilesError::TooManyPieces);
        }
        // Two who send the same piece at once store it under two names; one of them is noted.
        let object = format!(
            "{}/{}-{}",
            upload_folder(&self.upload.id),
            self.at,
            new_id()
        );
        let size = piece.len() as u64;
        self.files.shared.objects.put(&object, piece).await?;
        let start = self.at;
        self.stored.push(Chunk {
            start,
            size,
            object,
        });
        self.at += size;
        if self.hasher.is_some() {
            return Ok(());
        }
        self.advance().await
    }

    /// Notes what is stored: now it counts.
    async fn advance(&mut self) -> Result<(), FilesError> {
        let shared = &self.files.shared;
        let now = shared.clock.now();
        let expires_at = now.saturating_add(EXPIRES).unwrap_or(now);
        let tx = shared.db.write().await?;
        let (id, from) = (&self.upload.id, self.upload.received);
        let is_ours = store::uploads::advance(&tx, id, from, &self.stored, expires_at).await?;
        if !is_ours {
            drop(tx);
            self.give_up().await?;
            let found = store::uploads::find(shared.db.read(), &self.upload.id).await?;
            let at = found.ok_or(FilesError::NoUpload)?.received;
            return Err(FilesError::Offset { at, asked: from });
        }
        tx.commit().await?;
        self.upload.received = self.at;
        self.upload.chunks += i32::try_from(self.stored.len()).unwrap_or(i32::MAX);
        self.upload.expires_at = expires_at;
        self.stored.clear();
        Ok(())
    }

    /// Takes away what does not count.
    async fn give_up(&mut self) -> Result<(), FilesError> {
        self.held.clear();
        for chunk in self.stored.drain(..) {
            let removed: Result<(), StorageError> =
                self.files.shared.objects.remove(&chunk.object).await;
            removed?;
        }
        self.at = self.upload.received;
        Ok(())
    }
}
