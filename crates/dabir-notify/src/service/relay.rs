//! The relay: what happened is taken out of the outbox, and in the same transaction it is written who
//! has to hear it.

use dabir_core::id::random_text;
use dabir_db::outbox::{self, Said};
use sea_orm::DatabaseTransaction;
use serde_json::{Value, json};

use super::Notify;
use crate::catalogue::{EventType, matches};
use crate::error::NotifyError;
use crate::store::deliveries::{self, New};
use crate::store::webhooks::{self, Listener};

/// How much is taken at once.
const AT_ONCE: u32 = 50;

impl Notify {
    /// Tells of the oldest that happened. Answers whether there may be more.
    pub(crate) async fn relay(&self) -> Result<bool, NotifyError> {
        if outbox::is_empty(self.db().read()).await? {
            return Ok(false);
        }
        let tx = self.db().write().await?;
        let mut said = outbox::take(&tx, AT_ONCE).await?;
        self.add_keepers(&mut said).await?;
        self.tell_webhooks(&tx, &said).await?;
        let changed = self.tell_people(&tx, &said).await?;
        tx.commit().await?;
        self.jobs().wake();
        changed.iter().for_each(|user| self.publish(user));
        Ok(said.len() == AT_ONCE as usize)
    }

    /// Domains do not know who looks after the house.
    async fn add_keepers(&self, said: &mut [Said]) -> Result<(), NotifyError> {
        let for_keepers =
            |said: &&mut Said| EventType::find(&said.event).is_some_and(|event| event.keepers);
        let mut said = said.iter_mut().filter(for_keepers).peekable();
        if said.peek().is_none() {
            return Ok(());
        }
        let keepers = self.shared.people.admins().await?;
        said.for_each(|said| said.concerns.extend(keepers.iter().cloned()));
        Ok(())
    }

    /// Puts what happened into the line of every webhook that asked for it.
    async fn tell_webhooks(
        &self,
        tx: &DatabaseTransaction,
        said: &[Said],
    ) -> Result<(), NotifyError> {
        let said: Vec<Told<'_>> = said.iter().map(Told::of).collect();
        // One after the other, in the order of their ids: whoever locks more than one does it so.
        for listener in webhooks::listening(tx).await? {
            let wanted = said
                .iter()
                .filter(|told| asked(&listener.events, &told.said.event));
            let wanted: Vec<&Told<'_>> = wanted.collect();
            if !wanted.is_empty() {
                self.put_into_line(tx, &listener, &wanted).await?;
            }
        }
        Ok(())
    }

    async fn put_into_line(
        &self,
        tx: &DatabaseTransaction,
        listener: &Listener,
        wanted: &[&Told<'_>],
    ) -> Result<(), NotifyError> {
        let id = listener.id.as_str();
        // It may have been turned off since it was looked for.
        let Some(first) = webhooks::take_positions(tx, id, wanted.len() as i64).await? else {
            return Ok(());
        };
        let new = (first..).zip(wanted).map(|(position, told)| New {
            webhook_id: id,
            position,
            message_id: message_id(),
            event: &told.said.event,
            subject: &told.said.subject_name,
            body: &told.body,
            is_test: false,
        });
        deliveries::insert(tx, new.collect(), self.now()).await?;
        self.line_changed(tx, id, listener.is_on).await
    }
}

/// What happened, with what is sent of it.
struct Told<'a> {
    said: &'a Said,
    body: String,
}

impl<'a> Told<'a> {
    fn of(said: &'a Said) -> Self {
        Self {
            said,
            body: body_of(said).to_string(),
        }
    }
}

fn asked(patterns: &[String], event: &str) -> bool {
    patterns.iter().any(|pattern| matches(pattern, event))
}

/// Names a message for good.
pub(super) fn message_id() -> String {
    format!("msg_{}", random_text(26))
}

/// What is sent of it: what the domain says, with what it is about and who did it.
fn body_of(said: &Said) -> Value {
    let mut data = match &said.data {
        Value::Object(data) => data.clone(),
        Value::Null => serde_json::Map::new(),
        other => serde_json::Map::from_iter([("value".to_owned(), other.clone())]),
    };
    let subject = json!({
        "kind": said.subject_kind, "id": said.subject_id, "name": said.subject_name,
    });
    let by = json!({ "kind": said.by_kind, "id": said.by_id, "name": said.by_name });
    data.entry("subject").or_insert(subject);
    data.entry("by").or_insert(by);
    json!({ "type": said.event, "timestamp": said.at, "data": data })
}

#[cfg(test)]
mod tests {
    use dabir_core::ActorKind;

    use super::*;

    fn said(data: Value) -> Said {
        Said {
            seq: 1,
            at: "2026-11-22T09:00:00Z".parse().unwrap(),
            event: "task.completed".to_owned(),
            subject_kind: "task".to_owned(),
            subject_id: "t1".to_owned(),
            subject_name: "صورت‌جلسه".to_owned(),
            by_kind: ActorKind::User,
            by_id: "u1".to_owned(),
            by_name: "Sara".to_owned(),
            data,
            concerns: Vec::new(),
        }
    }

    #[test]
    fn a_body_has_what_the_domain_says_and_who_did_it() {
        let body = body_of(&said(json!({ "id": "t1", "by": "kept" })));
        assert_eq!(
            body,
            json!({
                "type": "task.completed", "timestamp": "2026-11-22T09:00:00Z",
                "data": {
                    "id": "t1", "by": "kept",
                    "subject": { "kind": "task", "id": "t1", "name": "صورت‌جلسه" },
                },
            })
        );
        let by = json!({ "kind": "user", "id": "u1", "name": "Sara" });
        assert_eq!(body_of(&said(Value::Null))["data"]["by"], by);
        assert_eq!(body_of(&said(json!(7)))["data"]["value"], 7);
    }
}
