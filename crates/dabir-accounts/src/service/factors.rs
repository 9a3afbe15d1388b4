//! Second factors: codes from an authenticator, and the recovery codes for who lost it.

use dabir_core::id::random_text;
use dabir_core::{Actor, Secret};
use serde::Serialize;
use utoipa::ToSchema;

use super::{Accounts, Turn, about, users};
use crate::error::AccountError;
use crate::keys::hash;
use crate::store::totps::{self, Totp};
use crate::totp;

/// A factor that is not on until a first code proves that it arrived.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct NewFactor {
    /// To type into an authenticator.
    pub secret: String,
    /// The same for a picture to scan.
    pub uri: String,
}

/// Ten codes, each for one sign-in without the authenticator.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct RecoveryCodes {
    /// Shown once.
    pub recovery_codes: Vec<String>,
}

const RECOVERY_CODES: usize = 10;
/// Fifty bits.
const RECOVERY_LENGTH: usize = 10;

impl Accounts {
    /// Begins a second factor.
    ///
    /// # Errors
    /// When one is on already.
    pub async fn begin_factor(&self, by: &Actor, user_id: &str) -> Result<NewFactor, AccountError> {
        let turn = self.turn().await?;
        let user = users::find(&turn.tx, user_id).await?;
        if totps::find(&turn.tx, user_id)
            .await?
            .is_some_and(|totp| totp.is_on)
        {
            return Err(AccountError::State(
                "a second factor is on already; remove it first",
            ));
        }
        let key = totp::new_key();
        let sealed = self.inner.keys.seal(&key, user_id);
        let unsealed = || AccountError::Internal("the secret cannot be sealed".to_owned());
        let factor = Totp {
            user_id: user_id.to_owned(),
            sealed: sealed.ok_or_else(unsealed)?,
            is_on: false,
            last_step: 0,
            recovery_hashes: Vec::new(),
        };
        totps::save(&turn.tx, &factor).await?;
        let _turn = turn
            .commit(by, vec![about("user.factor_begin", &user)])
            .await?;
        Ok(NewFactor {
            secret: totp::base32(&key),
            uri: totp::uri(&key, &user.email),
        })
    }

    /// Turns a second factor on by its first code.
    ///
    /// # Errors
    /// When there is none that waits for it, or the code is wrong.
    pub async fn confirm_factor(
        &self,
        by: &Actor,
        user_id: &str,
        code: &str,
    ) -> Result<RecoveryCodes, AccountError> {
        self.limited("account", self.inner.attempts.take(user_id))?;
        let turn = self.turn().await?;
        let user = users::find(&turn.tx, user_id).await?;
        let waiting = totps::find(&turn.tx, user_id)
            .await?
            .filter(|totp| !totp.is_on);
        let mut factor = waiting.ok_or(AccountError::State("no second factor waits for a code"))?;
        let step = totp::step_of(&self.unsealed(&factor)?, code, turn.now, factor.last_step);
        factor.last_step = step.ok_or(AccountError::Unconfirmed)?;
        factor.is_on = true;
        let codes: Vec<String> = (0..RECOVERY_CODES)
            .map(|_| random_text(RECOVERY_LENGTH))
            .collect();
        factor.recovery_hashes = codes.iter().map(|code| hash(code)).collect();
        totps::save(&turn.tx, &factor).await?;
        let _turn = turn
            .commit(by, vec![about("user.factor_on", &user)])
            .await?;
        Ok(RecoveryCodes {
            recovery_codes: codes,
        })
    }

    /// Removes one's second factor.
    ///
    /// # Errors
    /// When there is none, or the password is wrong.
    pub async fn remove_factor(
        &self,
        by: &Actor,
        user_id: &str,
        password: &Secret,
    ) -> Result<(), AccountError> {
        let user = self.user(user_id).await?;
        self.check_password(&user, password).await?;
        let turn = self.turn().await?;
        let none = AccountError::State("there is no second factor");
        totps::find(&turn.tx, user_id).await?.ok_or(none)?;
        totps::delete(&turn.tx, user_id).await?;
        let _turn = turn
            .commit(by, vec![about("user.factor_off", &user)])
            .await?;
        Ok(())
    }

    /// Whether somebody's second factor is on.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn has_factor(&self, user_id: &str) -> Result<bool, AccountError> {
        let factor = totps::find(self.inner.db.read(), user_id).await?;
        Ok(factor.is_some_and(|factor| factor.is_on))
    }

    /// Uses a code up, for whoever has a second factor.
    pub(super) async fn check_code(
        &self,
        turn: &Turn<'_>,
        user_id: &str,
        code: Option<&str>,
    ) -> Result<(), AccountError> {
        let factor = totps::find(&turn.tx, user_id).await?;
        let Some(mut factor) = factor.filter(|factor| factor.is_on) else {
            return Ok(());
        };
        let code = code.ok_or(AccountError::CodeNeeded)?;
        let tries = (user_id, "code");
        self.limited("guesses", self.inner.failures.look(tries))?;
        let key = self.unsealed(&factor)?;
        let recovery = hash(&code.trim().to_lowercase());
        let left = factor.recovery_hashes.len();
        if let Some(step) = totp::step_of(&key, code, turn.now, factor.last_step) {
            factor.last_step = step;
        } else {
            factor.recovery_hashes.retain(|hash| *hash != recovery);
            if factor.recovery_hashes.len() == left {
                self.count_failure(tries);
                return Err(AccountError::WrongCode);
            }
        }
        totps::save(&turn.tx, &factor).await?;
        Ok(())
    }

    fn unsealed(&self, factor: &Totp) -> Result<Vec<u8>, AccountError> {
        let plain = self.inner.keys.unseal(&factor.sealed, &factor.user_id);
        let lost = "a second factor was sealed with another key than secrets/sealing.key";
        plain.ok_or_else(|| AccountError::Internal(lost.to_owned()))
    }
}
