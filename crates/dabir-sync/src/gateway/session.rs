//! The login of one run: one for all requests, again when the gateway forgets it.

use std::sync::atomic::{AtomicU64, Ordering};

use tokio::sync::Mutex;

use super::{Gateway, Trouble};

/// A token, and which login it came from.
#[derive(Clone, Debug)]
pub(crate) struct Pass {
    pub(super) login: u64,
    /// `None` for a source without login.
    pub(super) token: Option<String>,
}

/// So many logins in a row without a page end the run: more might lock the account.
const FRUITLESS: u64 = 3;

#[derive(Default)]
pub(crate) struct Session {
    held: Mutex<Held>,
    /// The last login with which a page came.
    worked: AtomicU64,
}

#[derive(Default)]
struct Held {
    login: u64,
    token: Option<String>,
    /// Why the gateway lets us in no more. Nobody asks again: that would lock the account.
    refused: Option<String>,
}

impl Session {
    /// What lets requests in. Those who come while somebody signs in wait for that one.
    pub(super) async fn pass(&self, gateway: &Gateway) -> Result<Pass, Trouble> {
        if gateway.source.login.is_none() {
            return Ok(Pass {
                login: 0,
                token: None,
            });
        }
        let mut held = self.held.lock().await;
        if let Some(why) = &held.refused {
            return Err(Trouble::Auth(why.clone()));
        }
        if held.token.is_none() {
            let signed_in = gateway.sign_in().await;
            if let Err(Trouble::Auth(why)) = &signed_in {
                held.refused = Some(why.clone());
            }
            held.token = Some(signed_in?);
            held.login += 1;
        }
        Ok(Pass {
            login: held.login,
            token: held.token.clone(),
        })
    }

    /// A page came with this pass.
    pub(super) fn worked(&self, pass: &Pass) {
        self.worked.fetch_max(pass.login, Ordering::Relaxed);
    }

    /// The gateway did not take this pass; says whether it was good for other pages. A few logins in a
    /// row with which nothing came are enough.
    pub(super) async fn refuse(&self, pass: &Pass, status: u16) -> Result<bool, Trouble> {
        let mut held = self.held.lock().await;
        let worked = self.worked.load(Ordering::Relaxed);
        if held.login == pass.login {
            if held.login >= worked + FRUITLESS && status == 401 {
                return Err(Trouble::Auth(
                    "the gateway takes the login and then refuses its token".to_owned(),
                ));
            }
            held.token = None;
        }
        Ok(worked >= pass.login)
    }
}
