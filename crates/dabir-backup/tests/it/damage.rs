//! A backup in which anything at all was changed is found out.

use std::fs;
use std::os::unix::fs::FileExt;
use std::path::Path;

use dabir_backup::{BackupError, BackupState, Course, Name, Verified, verify};
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use sha2::{Digest, Sha256};
use tokio_util::sync::CancellationToken;

use crate::house::{Rig, on_both};

/// Answers whether the file is taken for good.
async fn is_good(rig: &Rig, file: &Path) -> bool {
    match Verified::file(file, &rig.shelf(), &Course::unwatched()).await {
        Ok(_) => true,
        Err(BackupError::Damaged { .. } | BackupError::Newer { .. }) => false,
        Err(other) => panic!("{}", other.told()),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_byte_that_was_changed_anywhere_is_found() {
    let runtime = tokio::runtime::Handle::current();
    on_both(async |rig| {
        // What is large takes long in each of many turns.
        fs::remove_dir_all(rig.data_dir().join("rooms")).unwrap();
        fs::remove_dir_all(rig.data_dir().join("files/ab")).unwrap();
        let made = rig.back_up().await;
        let good = fs::read(rig.shelf().dir().join(&made.name)).unwrap();
        let file = rig.home.path().join("changed.tar.zst");
        fs::write(&file, &good).unwrap();
        assert!(is_good(&rig, &file).await);
        // Beside those by chance, the places where something else begins.
        let size = good.len();
        let edges = [
            0,
            4,
            5,
            6,
            size - 1,
            size - 8,
            size - 9,
            size - 17,
            size - 48,
            size - 49,
        ];
        let begin = manifest_begins(&good);
        let edges = edges.into_iter().chain(begin..begin + 9);
        let changed = fs::OpenOptions::new().write(true).open(&file).unwrap();
        for at in edges {
            changed.write_all_at(&[good[at] ^ 1], at as u64).unwrap();
            assert!(!is_good(&rig, &file).await, "byte {at} of {size}");
            changed.write_all_at(&[good[at]], at as u64).unwrap();
        }
        tokio::task::block_in_place(|| {
            let config = ProptestConfig {
                cases: 48,
                failure_persistence: None,
                ..Default::default()
            };
            let found = TestRunner::new(config).run(&(0..size, 1_u8..), |(at, by)| {
                changed.write_all_at(&[good[at] ^ by], at as u64).unwrap();
                let is_good = runtime.block_on(is_good(&rig, &file));
                changed.write_all_at(&[good[at]], at as u64).unwrap();
                prop_assert!(!is_good, "byte {at} of {size}");
                Ok(())
            });
            found.unwrap();
        });
        assert!(is_good(&rig, &file).await);
    })
    .await;
}

fn manifest_begins(bytes: &[u8]) -> usize {
    let magic = 0x184D_2A5D_u32.to_le_bytes();
    bytes
        .windows(4)
        .rposition(|window| window == magic)
        .unwrap()
}

#[tokio::test]
async fn a_file_that_was_cut_or_grew_is_found() {
    let rig = Rig::sqlite().await;
    let made = rig.back_up().await;
    let good = fs::read(rig.shelf().dir().join(&made.name)).unwrap();
    let file = rig.home.path().join("cut.tar.zst");
    for length in [0, 1, 47, 55, good.len() / 2, good.len() - 1] {
        fs::write(&file, &good[..length]).unwrap();
        assert!(!is_good(&rig, &file).await, "{length} bytes");
    }
    fs::write(&file, [&good[..], b"x"].concat()).unwrap();
    assert!(!is_good(&rig, &file).await);
    fs::write(&file, [b"x", &good[..]].concat()).unwrap();
    assert!(!is_good(&rig, &file).await);
}

#[tokio::test]
async fn a_damaged_one_is_kept_aside_with_the_reason_and_counts_no_more() {
    let rig = Rig::sqlite().await;
    let made = rig.back_up().await;
    let path = rig.shelf().dir().join(&made.name);
    let file = fs::OpenOptions::new().write(true).open(&path).unwrap();
    file.write_all_at(b"damage", 1_000).unwrap();
    let name: Name = made.name.parse().unwrap();
    let found = verify(&rig.shelf(), &name, &rig.clock, &Course::unwatched()).await;
    assert!(
        matches!(found, Err(BackupError::Damaged { .. })),
        "{found:?}"
    );
    assert!(!path.exists());
    let list = rig.shelf().list().unwrap();
    assert_eq!(list[0].state, BackupState::Failed);
    assert!(
        list[0].error.as_deref().unwrap().contains("damaged"),
        "{list:?}"
    );
    assert_eq!(
        rig.shelf().newest_verified_at(rig.clock.now()).unwrap(),
        None
    );
}

#[tokio::test]
async fn a_new_one_that_is_damaged_never_has_the_name_of_a_good_one() {
    let rig = Rig::sqlite().await;
    // More than is read ahead.
    let noise: Vec<u8> = (0..1_u64 << 18)
        .flat_map(|n| Sha256::digest(n.to_le_bytes())[..4].to_vec())
        .collect();
    rig.put("files/noise", noise);
    let shelf = rig.shelf();
    let dir = shelf.dir().to_owned();
    let damage = Course::new(CancellationToken::new(), move |_, stage| {
        if stage == "reading" {
            // Nothing can be kept aside, so that it is seen what it is called before that.
            let _ = fs::write(dir.join("failed"), "");
            let work = fs::read_dir(&dir).unwrap().flatten();
            for file in work.filter(|file| file.metadata().unwrap().len() > 1 << 20) {
                let file = fs::OpenOptions::new().write(true).open(file.path());
                file.unwrap().write_all_at(b"damage", 900_000).unwrap();
            }
        }
    });
    rig.house().back_up(&shelf, &damage).await.unwrap_err();
    let named = fs::read_dir(shelf.dir()).unwrap().flatten();
    let named = named.filter(|file| file.file_name().to_string_lossy().starts_with("dabir_"));
    assert_eq!(named.count(), 0);
}
