//! Passwords: which are allowed, and how they are kept and compared.
//!
//! One hash takes 64 MiB and a good part of a second of one core, by intent. So no more run at once
//! than there are cores, few wait, and the rest are asked to come back.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use argon2::password_hash::phc::PasswordHash;
use argon2::{Algorithm, Argon2, Params, PasswordHasher as _, PasswordVerifier as _, Version};
use dabir_core::Secret;
use dabir_core::id::random_bytes;
use dabir_core::text::ascii_digits;
use tokio::sync::Semaphore;

use crate::error::AccountError;

/// What one hash costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cost {
    pub memory_kib: u32,
    pub passes: u32,
}

impl Default for Cost {
    fn default() -> Self {
        Self {
            memory_kib: 64 * 1_024,
            passes: 3,
        }
    }
}

/// Hashes passwords, a few at a time.
#[derive(Debug)]
pub(crate) struct Hasher {
    cost: Cost,
    /// Those who hash.
    cores: Arc<Semaphore>,
    /// Those who hash or wait.
    places: Arc<Semaphore>,
    count: Arc<AtomicU64>,
}

/// How a password compares with what is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Compared {
    Wrong,
    Right,
    /// Right, and kept at another cost than new ones are.
    Outdated,
}

/// How many may wait for a core.
const WAITING: usize = 32;
/// Bytes; what is longer costs time to no use.
const ALLOWED: std::ops::RangeInclusive<usize> = 10..=256;
/// Words that people put digits behind and take for a password.
const COMMON: &str = include_str!("common_passwords.txt");
/// A number of fewer digits is a birthday, a telephone or an identity number.
const SAFE_NUMBER: usize = 16;

impl Hasher {
    pub(crate) fn new(cost: Cost) -> Self {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Self {
            cost,
            cores: Arc::new(Semaphore::new(cores)),
            places: Arc::new(Semaphore::new(cores + WAITING)),
            count: Arc::default(),
        }
    }

    /// How many hashes were computed.
    pub(crate) fn count(&self) -> u64 {
        self.count.load(Ordering::Relaxed)
    }

    /// The password in the form that is kept.
    pub(crate) async fn hash(&self, password: &Secret) -> Result<String, AccountError> {
        let (argon, password) = (argon(self.cost)?, password.clone());
        self.work(move || {
            let hashed =
                argon.hash_password_with_salt(password.expose().as_bytes(), &random_bytes::<16>());
            hashed.map(|hash| hash.to_string()).map_err(internal)
        })
        .await?
    }

    /// Compares; when nothing is kept it takes as long, and the answer is wrong.
    pub(crate) async fn compare(
        &self,
        password: &Secret,
        kept: Option<&str>,
    ) -> Result<Compared, AccountError> {
        let Cost { memory_kib, passes } = self.cost;
        let is_known = kept.is_some();
        let kept = kept.map_or_else(|| of_nobody(self.cost), str::to_owned);
        let (argon, password) = (argon(self.cost)?, password.clone());
        let right = self
            .work(move || {
                let kept = PasswordHash::new(&kept).map_err(internal)?;
                let outdated = Params::try_from(&kept)
                    .is_ok_and(|params| (params.m_cost(), params.t_cost()) != (memory_kib, passes));
                let right = argon
                    .verify_password(password.expose().as_bytes(), &kept)
                    .is_ok();
                Ok::<_, AccountError>((right, outdated))
            })
            .await??;
        Ok(match right {
            (true, false) if is_known => Compared::Right,
            (true, true) if is_known => Compared::Outdated,
            _ => Compared::Wrong,
        })
    }

    /// Runs `hash` on a thread of its own when it is its turn.
    async fn work<T: Send + 'static>(
        &self,
        hash: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, AccountError> {
        let place = Arc::clone(&self.places)
            .try_acquire_owned()
            .map_err(|_| AccountError::Busy)?;
        let core = Arc::clone(&self.cores)
            .acquire_owned()
            .await
            .map_err(internal)?;
        self.count.fetch_add(1, Ordering::Relaxed);
        tokio::task::spawn_blocking(move || {
            let done = hash();
            // Held until here: who hung up leaves a hash that still runs.
            drop((core, place));
            done
        })
        .await
        .map_err(internal)
    }
}

/// What stands for the password of somebody who has none.
fn of_nobody(Cost { memory_kib, passes }: Cost) -> String {
    let (salt, hash) = ("A".repeat(22), "A".repeat(43));
    format!("$argon2id$v=19$m={memory_kib},t={passes},p=1${salt}${hash}")
}

fn argon(cost: Cost) -> Result<Argon2<'static>, AccountError> {
    let params = Params::new(cost.memory_kib, cost.passes, 1, None).map_err(internal)?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

fn internal(error: impl std::fmt::Display) -> AccountError {
    AccountError::Internal(error.to_string())
}

/// Refuses a password that is soon guessed.
pub(crate) fn check(password: &Secret, name: &str, email: &str) -> Result<(), AccountError> {
    let text = password.expose();
    let problem = if !ALLOWED.contains(&text.len()) {
        "a password has 10 to 256 bytes"
    } else if is_common(text) {
        "this is among the first that anybody tries; take several words"
    } else if names(name, email).any(|word| text.to_lowercase().contains(&word)) {
        "a password does not contain the name or the e-mail address"
    } else {
        return Ok(());
    };
    Err(AccountError::invalid("password", problem))
}

fn is_common(text: &str) -> bool {
    let text = ascii_digits(&text.to_lowercase());
    let is_number = text.len() < SAFE_NUMBER && text.bytes().all(|byte| byte.is_ascii_digit());
    let mut different: Vec<char> = text.chars().collect();
    different.sort_unstable();
    different.dedup();
    let bare = text.trim_matches(|c: char| !c.is_alphabetic());
    let known = |word: &str| COMMON.lines().any(|common| common == word);
    is_number || different.len() < 4 || known(bare) || known(&text)
}

/// Words that everybody knows of a person.
fn names(name: &str, email: &str) -> impl Iterator<Item = String> {
    let who = email.split('@').next().unwrap_or_default();
    let words = [name.to_lowercase(), who.to_lowercase()];
    words.into_iter().filter(|word| word.chars().count() >= 4)
}

#[cfg(test)]
mod tests {
    use argon2::password_hash::Error;

    use super::*;

    const CHEAP: Cost = Cost {
        memory_kib: 8,
        passes: 1,
    };

    #[test]
    fn what_anybody_tries_first_is_refused() {
        let check = |password: &str| {
            check(
                &Secret::new(password),
                "Sara Karimi",
                "s.karimi@example.org",
            )
            .is_ok()
        };
        for bad in [
            "short",
            "1234567890",
            "۱۲۳۴۵۶۷۸۹۰",
            "09121234567",
            "aaaaaaaaaaaa",
            "Password123!",
            "qwertyuiop",
            "ضصثقفغعهخح",
            "رمزعبور۱۲۳",
            "dabir123456",
            "the sara karimi one",
            "s.karimi2026",
        ] {
            assert!(!check(bad), "{bad}");
        }
        assert!(!check(&"x1y2z3".repeat(50)), "too long");
        for good in ["four plain words here", "گربه روی دیوار سبز", "kT9#vv2!xQ"] {
            assert!(check(good), "{good}");
        }
    }

    #[tokio::test]
    async fn a_right_password_is_known_and_an_old_cost_is_noticed() {
        let (cheap, dear) = (Hasher::new(CHEAP), Hasher::new(Cost { passes: 2, ..CHEAP }));
        let (right, wrong) = (Secret::new("right"), Secret::new("wrong"));
        let kept = cheap.hash(&right).await.unwrap();
        assert!(kept.starts_with("$argon2id$v=19$m=8,t=1,p=1$"), "{kept}");
        let kept = Some(kept.as_str());
        assert_eq!(cheap.compare(&right, kept).await.unwrap(), Compared::Right);
        assert_eq!(cheap.compare(&wrong, kept).await.unwrap(), Compared::Wrong);
        assert_eq!(
            dear.compare(&right, kept).await.unwrap(),
            Compared::Outdated
        );
    }

    #[tokio::test]
    async fn an_unknown_person_costs_as_much_as_a_wrong_password() {
        let hasher = Hasher::new(CHEAP);
        let password = Secret::new("whatever it is");
        let compared = hasher.compare(&password, None).await.unwrap();
        assert_eq!((compared, hasher.count()), (Compared::Wrong, 1));
        // And that hash is computed to its end: it is well-formed, of the same cost, and wrong.
        let kept = of_nobody(CHEAP);
        let kept = PasswordHash::new(&kept).unwrap();
        let params = Params::try_from(&kept).unwrap();
        assert_eq!((params.m_cost(), params.t_cost()), (8, 1));
        let compared = argon(CHEAP).unwrap().verify_password(b"any", &kept);
        assert_eq!(compared, Err(Error::PasswordInvalid));
    }

    #[tokio::test]
    async fn who_finds_no_place_is_asked_to_come_back() {
        let hasher = Hasher::new(CHEAP);
        let places = u32::try_from(hasher.places.available_permits()).unwrap();
        let _all = hasher.places.acquire_many(places).await.unwrap();
        let refused = hasher.hash(&Secret::new("x")).await.unwrap_err();
        assert!(matches!(refused, AccountError::Busy));
    }
}
