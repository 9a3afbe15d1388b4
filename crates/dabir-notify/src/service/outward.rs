//! What leaves the house for people: mail, digests, text messages. All of it in jobs.

use std::time::Duration;

use dabir_core::Timestamp;
use dabir_jobs::{Backoff, HandlersBuilder, JobContext, JobError, Kind};
use sea_orm::DatabaseTransaction;
use serde::{Deserialize, Serialize};

use super::{Contact, Language, Notify};
use crate::choices::{Habits, Item, Offered};
use crate::error::NotifyError;
use crate::mail::{Letter, Mailer, Reader};
use crate::store::{choices, messages};
use crate::words::line;

/// A mail about one thing.
pub(crate) const MAIL: Kind<TellArgs> = Kind::new("mail.send", "mail")
    .max_attempts(ATTEMPTS)
    .backoff(PATIENCE)
    .timeout(LONGEST);
/// A mail about all that waits for somebody's digest.
pub(crate) const DIGEST: Kind<DigestArgs> = Kind::new("mail.digest", "mail")
    .max_attempts(ATTEMPTS)
    .backoff(PATIENCE)
    .timeout(LONGEST);
/// A text message.
pub(crate) const SMS: Kind<TellArgs> = Kind::new("sms.send", "mail")
    .max_attempts(ATTEMPTS)
    .backoff(PATIENCE)
    .timeout(LONGEST);

/// About half a day of tries.
const ATTEMPTS: i32 = 18;
const PATIENCE: Backoff = Backoff {
    first: Duration::from_secs(15),
    most: Duration::from_secs(3_600),
};
const LONGEST: Duration = Duration::from_secs(90);

/// How many text messages one person gets in an hour and in a day, at most.
const AN_HOUR: u64 = 5;
const A_DAY: u64 = 20;
const HOUR: Duration = Duration::from_secs(3_600);
const DAY: Duration = Duration::from_secs(86_400);

/// Whom to tell what.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct TellArgs {
    user: String,
    item: Item,
}

/// Whose digest is due.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct DigestArgs {
    user: String,
}

impl Notify {
    pub(super) fn handlers_outward(&self, handlers: HandlersBuilder) -> HandlersBuilder {
        let (mail, digest, sms) = (self.clone(), self.clone(), self.clone());
        handlers
            .on(&MAIL, move |ctx, args: TellArgs| {
                let mail = mail.clone();
                async move { mail.mail(&ctx, args).await }
            })
            .on(&DIGEST, move |ctx, args: DigestArgs| {
                let digest = digest.clone();
                async move { digest.digest(&ctx, &args.user).await }
            })
            .on(&SMS, move |ctx, args: TellArgs| {
                let sms = sms.clone();
                async move { sms.text(&ctx, args).await }
            })
    }

    /// The channels that this house has.
    pub(super) fn offered(&self) -> Offered {
        Offered {
            mail: self.shared.mailer.is_some(),
            sms: self.shared.gateway.is_some(),
        }
    }

    /// Has somebody get mail of something: at once, or with their next digest.
    pub(super) async fn mail_one(
        &self,
        tx: &DatabaseTransaction,
        user: &str,
        habits: &Habits,
        item: Item,
    ) -> Result<(), NotifyError> {
        let user = user.to_owned();
        let job = match habits.next_digest(self.now()) {
            None => MAIL.job(&TellArgs { user, item })?,
            Some(due_at) => {
                choices::wait(tx, &user, due_at, &item).await?;
                let key = format!("digest:{user}:{}", due_at.as_millisecond());
                DIGEST.job(&DigestArgs { user })?.unique(key).at(due_at)
            }
        };
        self.jobs().enqueue(tx, job).await?;
        Ok(())
    }

    /// Has somebody get a text message of something.
    pub(super) async fn text_one(
        &self,
        tx: &DatabaseTransaction,
        user: &str,
        item: Item,
    ) -> Result<(), NotifyError> {
        // One after the other: what they were sent counts.
        let lane = format!("sms:{user}");
        let user = user.to_owned();
        let job = SMS.job(&TellArgs { user, item })?.lane(lane, 1);
        self.jobs().enqueue(tx, job).await?;
        Ok(())
    }

    async fn mail(&self, ctx: &JobContext, args: TellArgs) -> Result<&'static str, JobError> {
        let id = format!("dabir.{}.{}", ctx.id(), args.item.at.as_millisecond());
        self.write_to(&args.user, &[args.item], &id).await
    }

    async fn digest(&self, ctx: &JobContext, user: &str) -> Result<&'static str, JobError> {
        let now = self.now();
        let (items, newest) = choices::waiting(self.db().read(), user, now).await?;
        if items.is_empty() {
            return Ok("nothing waits any more");
        }
        let id = format!("dabir.digest.{user}.{newest}");
        let done = self.write_to(user, &items, &id).await?;
        let tx = self.db().write().await?;
        ctx.lease().save(&tx, &()).await?;
        choices::went_out(&tx, user, newest, now).await?;
        tx.commit().await?;
        Ok(done)
    }

    async fn write_to(
        &self,
        user: &str,
        items: &[Item],
        id: &str,
    ) -> Result<&'static str, JobError> {
        let Some(mailer) = &self.shared.mailer else {
            return Err(JobError::retry("mail is not set up where this job ran"));
        };
        let Some(contact) = self.contact(user).await? else {
            return Ok("they are not here any more");
        };
        let reader = Reader::new(&contact);
        let reader = reader.ok_or_else(|| JobError::fail("their address is none"))?;
        let letter = Letter::of(items, reader.language, &self.shared.house);
        mailer.send(&reader, &letter, id).await?;
        Ok("sent")
    }

    async fn contact(&self, user: &str) -> Result<Option<Contact>, JobError> {
        let mut found = self.shared.people.find(&[user.to_owned()]).await?;
        Ok(found.pop())
    }

    async fn text(&self, ctx: &JobContext, args: TellArgs) -> Result<&'static str, JobError> {
        let Some(gateway) = &self.shared.gateway else {
            let why = "text messages are not set up where this job ran";
            return Err(JobError::retry(why));
        };
        let Some(contact) = self.contact(&args.user).await? else {
            return Ok("they are not here any more");
        };
        let users = [args.user.clone()];
        let habits = choices::habits(self.db().read(), &users).await?;
        let phone = habits
            .get(&args.user)
            .and_then(|habits| habits.phone.as_deref());
        let Some(phone) = phone else {
            return Ok("they have no number any more");
        };
        if self.has_had_enough(&args.user).await? {
            return Ok("they have had enough messages for now");
        }
        let text = line(&args.item, contact.language);
        gateway
            .send(&self.shared.gateway_client, phone, &text)
            .await?;
        let tx = self.db().write().await?;
        ctx.lease().save(&tx, &()).await?;
        messages::note(&tx, &args.user, self.now()).await?;
        tx.commit().await?;
        Ok("sent")
    }

    async fn has_had_enough(&self, user: &str) -> Result<bool, JobError> {
        let now = self.now();
        let ago = |span: Duration| now.saturating_sub(span).unwrap_or(Timestamp::MIN);
        let db = self.db().read();
        let hour = messages::since(db, user, ago(HOUR)).await?;
        let day = messages::since(db, user, ago(DAY)).await?;
        Ok(hour >= AN_HOUR || day >= A_DAY)
    }

    /// Sends a letter that says only that letters come, and waits for the server's answer.
    ///
    /// # Errors
    /// When mail is not set up, the address is none, or the server does not take it.
    pub async fn test_mail(&self, to: &str, language: Language) -> Result<(), NotifyError> {
        let mailer: &Mailer = self.shared.mailer.as_ref().ok_or(NotifyError::NoMail)?;
        let contact = Contact {
            id: String::new(),
            name: String::new(),
            email: to.to_owned(),
            language,
        };
        let reader = Reader::new(&contact);
        let wrong = || NotifyError::invalid("to", "write an address such as `sara@example.org`");
        let letter = Letter::test(language, &self.shared.house);
        let id = format!("dabir.test.{}", dabir_core::new_id());
        let sent = mailer.send(&reader.ok_or_else(wrong)?, &letter, &id).await;
        sent.map_err(|refused| NotifyError::Mail(refused.why))
    }
}
