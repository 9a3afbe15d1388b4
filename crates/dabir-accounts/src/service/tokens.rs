//! Tokens for programs.

use dabir_core::id::random_text;
use dabir_core::{Actor, Timestamp, new_id};
use dabir_db::audit::Change;
use dabir_http::{Identity, Role, Scope};
use serde::Serialize;
use utoipa::ToSchema;

use super::{Accounts, users};
use crate::error::AccountError;
use crate::keys::hash;
use crate::model::{NewToken, TokenView, User, name_problem};
use crate::store;

/// A token at the only moment when it is told.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct NewTokenView {
    #[serde(flatten)]
    pub token: TokenView,
    /// Keep it now: nobody can look it up later.
    #[schema(example = "dabir_…")]
    pub secret: String,
}

/// 260 bits.
const KEY_LENGTH: usize = 52;

impl Accounts {
    /// Makes a token, for the caller or, when an admin asks, for whom `new` names.
    ///
    /// # Errors
    /// When its scopes are more than its owner may, or its name is not allowed.
    pub async fn create_token(
        &self,
        by: &Actor,
        caller: &Identity,
        new: NewToken,
    ) -> Result<NewTokenView, AccountError> {
        let name = new.name.trim().to_owned();
        if let Some(problem) = name_problem(&name) {
            return Err(AccountError::invalid("name", problem));
        }
        let owner = self.owner(caller, new.user.as_deref()).await?;
        let turn = self.turn().await?;
        let user = users::find(&turn.tx, &owner.id).await?;
        let ends = new.expires.map(|span| turn.now.saturating_add(span.get()));
        let token = TokenView {
            id: new_id(),
            user_id: user.id.clone(),
            name,
            scopes: bounded(user.role, new.scopes)?,
            created_at: turn.now,
            expires_at: ends.map(|at| at.unwrap_or(Timestamp::MAX)),
            used_at: None,
        };
        let secret = format!("dabir_{}", random_text(KEY_LENGTH));
        store::tokens::insert(&turn.tx, &token, &hash(&secret)).await?;
        let created = change("token.create", &token, true);
        let _turn = turn.commit(by, vec![created]).await?;
        self.inner
            .live
            .add_token(hash(&secret), token.clone(), &user);
        Ok(NewTokenView { token, secret })
    }

    /// Somebody's tokens, the newest first.
    ///
    /// # Errors
    /// When the caller may not see another's.
    pub async fn list_tokens(
        &self,
        caller: &Identity,
        user: Option<&str>,
    ) -> Result<Vec<TokenView>, AccountError> {
        let owner = self.owner(caller, user).await?;
        let tokens = store::tokens::list(self.inner.db.read(), Some(&owner.id)).await?;
        Ok(tokens.into_iter().map(|(_, token)| token).collect())
    }

    /// Revokes a token; one of `owner`'s, when an owner is named.
    ///
    /// # Errors
    /// When there is none, or it is another's.
    pub async fn delete_token(
        &self,
        by: &Actor,
        id: &str,
        owner: Option<&str>,
    ) -> Result<(), AccountError> {
        let none = AccountError::NotFound("token");
        if id.contains('\0') {
            return Err(none);
        }
        let turn = self.turn().await?;
        let token = store::tokens::find(&turn.tx, id).await?;
        let token = token.filter(|token| owner.is_none_or(|owner| token.user_id == owner));
        let token = token.ok_or(none)?;
        store::tokens::delete(&turn.tx, id).await?;
        let deleted = change("token.delete", &token, false);
        let _turn = turn.commit(by, vec![deleted]).await?;
        self.inner.live.end_tokens(|live| live.id == id);
        Ok(())
    }

    pub(super) async fn note_use(&self, id: &str, now: Timestamp) {
        let noted = async {
            let tx = self.inner.db.write().await?;
            store::tokens::touch(&tx, id, now).await?;
            tx.commit().await
        };
        // What the caller asked for does not depend on it.
        if let Err(error) = noted.await {
            tracing::warn!(%error, token.id = id, "a token's use was not noted: {error}");
        }
    }

    /// Whose things are meant: another's only by an admin.
    pub(super) async fn owner(
        &self,
        caller: &Identity,
        named: Option<&str>,
    ) -> Result<User, AccountError> {
        match (named, caller.user_id.as_deref()) {
            (None, Some(own)) => self.user(own).await,
            (None, None) => Err(AccountError::invalid(
                "user",
                "the installation's token is nobody's; name a person",
            )),
            (Some(word), _) if caller.role == Role::Admin => self.user_by_word(word).await,
            (Some(_), _) => Err(AccountError::OthersThings),
        }
    }
}

/// The scopes of a new token: those that were asked for, and no more than the role has.
fn bounded(role: Role, asked: Option<Vec<Scope>>) -> Result<Vec<Scope>, AccountError> {
    let allowed = role.scopes();
    let mut scopes = asked.unwrap_or_else(|| allowed.to_vec());
    if scopes.iter().all(|scope| allowed.contains(scope)) {
        scopes.dedup();
        return Ok(scopes);
    }
    let words: Vec<&str> = allowed.iter().map(|scope| scope.as_str()).collect();
    Err(AccountError::Scope(words.join(", ")))
}

fn change(action: &'static str, token: &TokenView, is_made: bool) -> Change {
    let shown = serde_json::json!({
        "user": token.user_id, "scopes": token.scopes, "expires_at": token.expires_at,
    });
    Change {
        action,
        target_kind: "token",
        target_id: token.id.clone(),
        target_name: token.name.clone(),
        before: (!is_made).then(|| shown.clone()),
        after: is_made.then_some(shown),
    }
}
