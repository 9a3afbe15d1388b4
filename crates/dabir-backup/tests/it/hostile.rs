//! Archives that somebody made to harm.

use std::fs::{self, File};
use std::io::Write;

use dabir_backup::BackupError;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tar::{EntryType, Header};

use crate::house::Rig;

/// One entry, as it stands in the archive and as the manifest tells of it.
struct Item {
    path: &'static str,
    told: &'static str,
    kind: EntryType,
    content: Vec<u8>,
    told_size: u64,
}

impl Item {
    fn plain(path: &'static str) -> Self {
        Self {
            path,
            told: path,
            kind: EntryType::Regular,
            content: b"harm".to_vec(),
            told_size: 4,
        }
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A backup with right hashes and these entries.
fn forge(rig: &Rig, items: &[Item]) -> std::path::PathBuf {
    let mut tar = Vec::new();
    for item in items {
        let mut header = Header::new_gnu();
        let name = &mut header.as_old_mut().name;
        name[..item.path.len()].copy_from_slice(item.path.as_bytes());
        header.set_entry_type(item.kind);
        if item.kind != EntryType::Regular {
            header.as_old_mut().linkname[..11].copy_from_slice(b"/etc/passwd");
        }
        header.set_mode(0o644);
        header.set_size(item.content.len() as u64);
        header.set_cksum();
        tar.extend_from_slice(header.as_bytes());
        tar.extend_from_slice(&item.content);
        tar.resize(tar.len().next_multiple_of(512), 0);
    }
    tar.resize(tar.len() + 1_024, 0);
    let archive = zstd::encode_all(&tar[..], 3).unwrap();
    let files: Vec<Value> = items
        .iter()
        .map(|item| {
            let sha256 = hex(&Sha256::digest(&item.content));
            json!({ "path": item.told, "mode": 0o600, "size": item.told_size, "sha256": sha256 })
        })
        .collect();
    let manifest = json!({
        "format": 1, "version": "0.1.0", "made_at": "2026-11-21T18:25:02Z",
        "archive": { "size": archive.len(), "sha256": hex(&Sha256::digest(&archive)) },
        "database": { "kind": "sqlite", "steps": [], "tables": {} },
        "files": files, "left_out": [],
    });
    write(rig, &archive, manifest.to_string().as_bytes())
}

fn write(rig: &Rig, archive: &[u8], manifest: &[u8]) -> std::path::PathBuf {
    let path = rig.home.path().join("forged.tar.zst");
    let mut file = File::create(&path).unwrap();
    let rest = u32::try_from(manifest.len() + 48).unwrap();
    for bytes in [
        archive,
        &0x184D_2A5D_u32.to_le_bytes(),
        &rest.to_le_bytes(),
        manifest,
        &Sha256::digest(manifest),
        &(manifest.len() as u64).to_le_bytes(),
        b"DABIRBK1",
    ] {
        file.write_all(bytes).unwrap();
    }
    path
}

/// Tries to restore it, and answers why that was refused.
async fn refused(rig: &Rig, items: &[Item]) -> String {
    let file = forge(rig, items);
    let refused = rig.restore_file(&file).await;
    assert!(
        matches!(refused, Err(BackupError::Damaged { .. })),
        "{refused:?}"
    );
    let left: Vec<_> = fs::read_dir(rig.home.path()).unwrap().flatten().collect();
    assert_eq!(left.len(), 2, "the data folder and the forgery: {left:?}");
    refused.unwrap_err().told()
}

#[tokio::test]
async fn no_path_leads_out_of_the_folder() {
    let rig = Rig::bare();
    for path in [
        "../evil",
        "data/../../evil",
        "/tmp/evil",
        "data//tmp/evil",
        "data/./evil",
        "evil",
        "data/",
        "database/../../evil",
        "data/dabir.db",
        "data/backups/evil",
        "data/.restoring",
    ] {
        let why = refused(&rig, &[Item::plain(path)]).await;
        assert!(why.contains("no path of a backup"), "{path}: {why}");
    }
    // The manifest is honest, the archive is not.
    let item = Item {
        told: "data/good",
        ..Item::plain("../evil")
    };
    let why = refused(&rig, &[item]).await;
    assert!(why.contains("another file stands"), "{why}");
}

#[tokio::test]
async fn links_and_devices_are_refused() {
    let rig = Rig::bare();
    for kind in [
        EntryType::Symlink,
        EntryType::Link,
        EntryType::Char,
        EntryType::Fifo,
        EntryType::Directory,
        EntryType::XHeader,
        EntryType::GNULongLink,
    ] {
        let item = Item {
            kind,
            content: Vec::new(),
            told_size: 0,
            ..Item::plain("data/link")
        };
        let why = refused(&rig, &[item]).await;
        assert!(why.contains("no plain file"), "{kind:?}: {why}");
    }
}

#[tokio::test]
async fn nothing_larger_than_promised_is_written() {
    let rig = Rig::bare();
    let bomb = Item {
        content: vec![0; 64 << 20],
        told_size: 1_000,
        ..Item::plain("data/bomb")
    };
    let why = refused(&rig, &[bomb]).await;
    assert!(why.contains("another length"), "{why}");
    let long = Item {
        kind: EntryType::GNULongName,
        content: vec![b'a'; 64 << 20],
        ..Item::plain("data/long")
    };
    let why = refused(&rig, &[long]).await;
    assert!(why.contains("impossible length"), "{why}");
    let twice = [Item::plain("data/a"), Item::plain("data/a")];
    let file = forge(&rig, &twice);
    assert!(rig.restore_file(&file).await.is_err());
    let huge = Item {
        told_size: u64::MAX / 2,
        ..Item::plain("data/huge")
    };
    let file = forge(&rig, &[huge]);
    let full = rig.restore_file(&file).await;
    assert!(matches!(full, Err(BackupError::Full { .. })), "{full:?}");
    assert!(!rig.home.path().join("data.restoring").exists());
}

#[tokio::test]
async fn what_the_manifest_does_not_name_is_refused() {
    let rig = Rig::bare();
    let file = forge(&rig, &[Item::plain("data/a")]);
    let whole = fs::read(&file).unwrap();
    let at = whole
        .windows(4)
        .rposition(|w| w == 0x184D_2A5D_u32.to_le_bytes())
        .unwrap();
    let manifest = &whole[at + 8..whole.len() - 48];
    let mut told: Value = serde_json::from_slice(manifest).unwrap();
    told["files"] = json!([]);
    let file = write(&rig, &whole[..at], told.to_string().as_bytes());
    let why = rig.restore_file(&file).await.unwrap_err().told();
    assert!(why.contains("more files"), "{why}");
    told["format"] = json!(2);
    let file = write(&rig, &whole[..at], told.to_string().as_bytes());
    let newer = rig.restore_file(&file).await;
    assert!(matches!(newer, Err(BackupError::Newer { .. })), "{newer:?}");
}
