//! Sources: those of the file, those made over the API, and those that every house has.

use std::borrow::Cow;
use std::collections::BTreeMap;

use dabir_core::{Actor, Span, Timestamp};
use dabir_db::audit;
use dabir_http::FieldError;
use dabir_http::egress::Given;
use dabir_jobs::{CatchUp, NewSchedule, Timing};
use sea_orm::DatabaseTransaction;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

use super::{DUE, DueArgs, Syncs};
use crate::error::SyncError;
use crate::model::{Run, Status};
use crate::source::{MARK, Source, SourceKind, predefined};
use crate::store::sources::Kept;
use crate::store::{findings, runs, sources, table};

/// Where a source stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = SourceOrigin)]
pub enum Origin {
    /// In the configuration file: here only its switch can be changed.
    File,
    /// Made over the API, or predefined and changed there.
    Api,
    /// Predefined, and as it was.
    Builtin,
}

/// A source and where it stands.
#[derive(Clone, Debug)]
pub struct Found {
    pub source: Source,
    pub origin: Origin,
}

/// How a source does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = SourceHealth)]
pub enum Health {
    /// It was never synced.
    Never,
    Running,
    Healthy,
    /// Its last run did not go well.
    Failing,
    /// Its last success is longer ago than two of its intervals.
    Late,
    /// It is not synced by itself.
    Off,
}

/// A source as the API shows it: without secrets.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct SourceView {
    #[serde(flatten)]
    #[schema(value_type = Shown)]
    pub source: Source,
    pub origin: Origin,
    pub health: Health,
    /// How many partitions its lists make; `null` when a list comes from a table.
    pub partitions_count: Option<u64>,
    /// How many rows its table has that are not gone.
    pub rows: u64,
    /// How many rows wait in quarantine.
    pub quarantined: u64,
    pub last_run: Option<Run>,
    pub last_success_at: Option<Timestamp>,
    /// When it is synced by itself next.
    pub next_at: Option<Timestamp>,
}

/// How [`SourceView`] documents its source: as what is sent in, only that more may stand beside it.
struct Shown;

impl PartialSchema for Shown {
    fn schema() -> RefOr<Schema> {
        let mut schema = Source::schema();
        if let RefOr::T(Schema::Object(object)) = &mut schema {
            object.additional_properties = None;
        }
        schema
    }
}

impl ToSchema for Shown {
    fn name() -> Cow<'static, str> {
        "ShownSource".into()
    }

    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        Source::schemas(schemas);
    }
}

impl Found {
    /// Who gave its addresses.
    #[must_use]
    pub fn given(&self) -> Given {
        match self.origin {
            Origin::File => Given::InFile,
            Origin::Api | Origin::Builtin => Given::ByApi,
        }
    }
}

impl Syncs {
    /// The source of this name, with its secrets.
    ///
    /// # Errors
    /// When there is none, or its secrets cannot be read.
    pub async fn source(&self, name: &str) -> Result<Found, SyncError> {
        let kept = sources::find(self.db().read(), name).await?;
        self.merge(name, kept)?.ok_or(SyncError::NotFound("source"))
    }

    /// Every source, with its secrets; those whose secrets cannot be read have marks in their place.
    pub(crate) async fn all_sources(&self) -> Result<Vec<Found>, SyncError> {
        let kept = sources::all(self.db().read()).await?;
        let mut kept: BTreeMap<String, Kept> = kept
            .into_iter()
            .map(|kept| (kept.name.clone(), kept))
            .collect();
        let in_file = self.shared.in_file.iter().map(|source| source.name.clone());
        let mut names: Vec<String> = in_file.chain(kept.keys().cloned()).collect();
        names.extend(predefined().into_iter().map(|source| source.name));
        names.sort();
        names.dedup();
        let mut all = Vec::new();
        for name in names {
            let kept = kept.remove(&name);
            match self.merge(&name, kept.clone()) {
                Ok(found) => all.extend(found),
                Err(SyncError::Sealed(_)) => all.extend(kept.and_then(without_secrets)),
                Err(error) => return Err(error),
            }
        }
        Ok(all)
    }

    /// The file has the first word, then what was made here, then what is predefined.
    fn merge(&self, name: &str, kept: Option<Kept>) -> Result<Option<Found>, SyncError> {
        let in_file = self
            .shared
            .in_file
            .iter()
            .find(|source| source.name == name);
        if let Some(source) = in_file {
            let mut source = source.clone();
            if let Some(kept) = kept {
                source.enabled = kept.enabled.unwrap_or(source.enabled);
                let interval = kept.interval.and_then(|text| text.parse().ok());
                source.interval = interval.unwrap_or(source.interval);
            }
            let origin = Origin::File;
            return Ok(Some(Found { source, origin }));
        }
        if let Some(kept) = kept
            && kept.spec.is_some()
        {
            return self.unseal(&kept).map(Some);
        }
        let builtin = predefined().into_iter().find(|source| source.name == name);
        let origin = Origin::Builtin;
        Ok(builtin.map(|source| Found { source, origin }))
    }

    /// Whether this process has the key that secrets of sources are sealed with. One that opens is
    /// enough: others may be of a key that was lost.
    ///
    /// # Errors
    /// When there are some and none opens, or the database fails.
    pub async fn check_seals(&self) -> Result<(), SyncError> {
        let mut kept = sources::all(self.db().read()).await?;
        kept.retain(|kept| kept.sealed.is_some());
        let lost = |kept: &Kept| self.unseal(kept).err();
        match kept.iter().map(lost).collect::<Option<Vec<_>>>() {
            Some(mut errors) if !errors.is_empty() => Err(errors.swap_remove(0)),
            _ => Ok(()),
        }
    }

    fn unseal(&self, kept: &Kept) -> Result<Found, SyncError> {
        let lost = || SyncError::Sealed(kept.name.clone());
        let sealed = kept.sealed.as_deref().unwrap_or_default();
        let plain = self.shared.sealer.unseal(sealed, &owner(&kept.name));
        let taken = plain.and_then(|plain| serde_json::from_slice(&plain).ok());
        let taken: Vec<(String, Value)> = taken.ok_or_else(lost)?;
        let found = without_secrets(kept.clone()).ok_or_else(lost)?;
        Ok(Found {
            source: found.source.with_secrets(taken),
            ..found
        })
    }

    fn seal(&self, source: &Source) -> Result<Kept, SyncError> {
        let (masked, taken) = source.without_secrets();
        let plain = serde_json::to_vec(&taken).unwrap_or_default();
        let sealed = self.shared.sealer.seal(&plain, &owner(&source.name));
        Ok(Kept {
            name: source.name.clone(),
            spec: serde_json::to_string(&masked).ok(),
            sealed: Some(sealed.ok_or_else(|| SyncError::Sealed(source.name.clone()))?),
            enabled: None,
            interval: None,
        })
    }

    /// Every source as it may be shown.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn list_sources(&self) -> Result<Vec<SourceView>, SyncError> {
        self.settle().await?;
        let mut views = Vec::new();
        for found in self.all_sources().await? {
            views.push(self.view(found).await?);
        }
        Ok(views)
    }

    /// One source as it may be shown.
    ///
    /// # Errors
    /// When there is none of this name.
    pub async fn get_source(&self, name: &str) -> Result<SourceView, SyncError> {
        self.settle().await?;
        self.view(self.find_source(name).await?).await
    }

    /// One source, as far as it can be had without its secrets.
    pub(super) async fn find_source(&self, name: &str) -> Result<Found, SyncError> {
        let all = self.all_sources().await?;
        let found = all.into_iter().find(|found| found.source.name == name);
        found.ok_or(SyncError::NotFound("source"))
    }

    async fn view(&self, found: Found) -> Result<SourceView, SyncError> {
        let db = self.db().read();
        let source = &found.source;
        let last_run = runs::last(db, &source.name).await?;
        let rows = self.count_rows(source, last_run.as_ref()).await?;
        let last_success_at = runs::last_success(db, &source.name, None).await?;
        let schedule = match source.enabled {
            true => self
                .jobs()
                .get_schedule(&schedule_name(&source.name))
                .await
                .ok(),
            false => None,
        };
        Ok(SourceView {
            health: self.health(source, last_run.as_ref(), last_success_at),
            partitions_count: partitions_count(source),
            rows,
            quarantined: findings::count_quarantined(db, &source.name).await?,
            last_run: last_run.map(|run| self.timed(run)),
            last_success_at,
            next_at: schedule
                .filter(|schedule| schedule.spec.enabled)
                .map(|schedule| schedule.next_at),
            origin: found.origin,
            source: source.masked(),
        })
    }

    /// How many rows its table has. A large table is not counted again before a run changed it.
    async fn count_rows(&self, source: &Source, last: Option<&Run>) -> Result<u64, SyncError> {
        let db = self.db().read();
        let state = last.map(|run| (run.id, run.status, run.counts));
        if let Some(rows) = self.counted().get(&source.name, state) {
            return Ok(rows);
        }
        let is_ours = table::owner(db, &source.table).await?.as_ref() == Some(&source.name);
        let rows = match is_ours {
            true => table::count(db, &source.table).await?,
            false => 0,
        };
        self.counted().put(&source.name, state, rows);
        Ok(rows)
    }

    pub(crate) fn health(
        &self,
        source: &Source,
        last: Option<&Run>,
        success: Option<Timestamp>,
    ) -> Health {
        match last.map(|run| run.status) {
            Some(Status::Pending | Status::Running) => Health::Running,
            Some(Status::Failed) => Health::Failing,
            _ if !source.enabled => Health::Off,
            None => Health::Never,
            Some(_) if self.is_late(source, success) => Health::Late,
            Some(_) => Health::Healthy,
        }
    }

    /// Whether a source that is synced by itself has not been for two of its intervals.
    pub(crate) fn is_late(&self, source: &Source, success: Option<Timestamp>) -> bool {
        let limit = source.interval.get() * 2;
        source.enabled
            && success.is_some_and(|at| {
                at.saturating_add(limit)
                    .is_ok_and(|limit| limit < self.now())
            })
    }

    /// Makes a source.
    ///
    /// # Errors
    /// When there is one of this name, or something in it is not allowed.
    pub async fn create_source(&self, by: &Actor, source: Source) -> Result<SourceView, SyncError> {
        let taken = self.all_sources().await?;
        let taken = taken.iter().find(|found| found.source.name == source.name);
        if taken.is_some_and(|found| found.origin != Origin::Builtin) {
            return Err(SyncError::Exists(source.name));
        }
        self.check(&source).await?;
        let change = change("source.create", &source.name, None, Some(&source));
        self.keep(by, &source, change).await?;
        self.get_source(&source.name).await
    }

    /// Changes a source: `patch` is merged into what is shown of it, `null` removes a key, and a mark
    /// in place of a secret leaves it as it is.
    ///
    /// # Errors
    /// When there is none, something is not allowed, or it stands in the file.
    pub async fn patch_source(
        &self,
        by: &Actor,
        name: &str,
        patch: Value,
    ) -> Result<SourceView, SyncError> {
        let found = self.find_source(name).await?;
        if found.origin == Origin::File {
            return self.switch(by, found.source, &patch).await;
        }
        let (masked, taken) = found.source.without_secrets();
        let mut merged = serde_json::to_value(&masked).unwrap_or_default();
        merge_patch(&mut merged, patch);
        let wanted: Source = serde_json::from_value(merged)
            .map_err(|e| SyncError::invalid("body", e.to_string()))?;
        if wanted.name != name {
            return Err(SyncError::invalid("name", "a source keeps its name"));
        }
        // A secret is kept for the address that it was given for, or a new address could ask for it.
        let wanted = match hosts(&wanted) == hosts(&found.source) {
            true => wanted.with_secrets(taken),
            false => wanted,
        };
        self.check(&wanted).await?;
        let change = change("source.change", name, Some(&found.source), Some(&wanted));
        self.keep(by, &wanted, change).await?;
        self.get_source(name).await
    }

    /// Changes the switch of a source that stands in the file.
    async fn switch(
        &self,
        by: &Actor,
        before: Source,
        patch: &Value,
    ) -> Result<SourceView, SyncError> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Switch {
            enabled: Option<bool>,
            interval: Option<Span>,
        }
        let Ok(switch) = Switch::deserialize(patch) else {
            return Err(SyncError::InFile(before.name));
        };
        let mut after = before.clone();
        after.enabled = switch.enabled.unwrap_or(after.enabled);
        after.interval = switch.interval.unwrap_or(after.interval);
        refuse(after.problems())?;
        let kept = Kept {
            name: after.name.clone(),
            spec: None,
            sealed: None,
            enabled: Some(after.enabled),
            interval: Some(after.interval.to_string()),
        };
        let change = change("source.change", &after.name, Some(&before), Some(&after));
        self.keep_row(by, &kept, &after, change).await?;
        self.get_source(&after.name).await
    }

    /// Removes a source that was made over the API. Its table and its runs stay; a predefined source
    /// is as it was at first.
    ///
    /// # Errors
    /// When there is none, it is being synced, or it stands in the file.
    pub async fn delete_source(&self, by: &Actor, name: &str) -> Result<(), SyncError> {
        let found = self.find_source(name).await?;
        match found.origin {
            Origin::Api => {}
            Origin::File => return Err(SyncError::InFile(name.to_owned())),
            Origin::Builtin => {
                let what = format!("`{name}` is predefined and cannot be removed");
                return Err(SyncError::State(what));
            }
        }
        self.refuse_while_running(name).await?;
        let tx = self.db().write().await?;
        sources::delete(&tx, name).await?;
        findings::forget_cursors(&tx, name).await?;
        self.jobs()
            .remove_schedule(&tx, &schedule_name(name))
            .await?;
        let change = change("source.delete", name, Some(&found.source), None);
        audit::append(&tx, self.now(), by, vec![change]).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Brings the schedules to what the sources say: at each start, as the file may have changed.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn put_schedules(&self) -> Result<(), SyncError> {
        let all = self.all_sources().await?;
        let tx = self.db().write().await?;
        for found in &all {
            self.put_schedule(&tx, &found.source).await?;
        }
        for schedule in self.jobs().schedules().await? {
            let source = schedule.spec.name.strip_prefix(SCHEDULE);
            let is_known = |name| all.iter().any(|found| found.source.name == name);
            if source.is_some_and(|name| !is_known(name)) {
                self.jobs()
                    .remove_schedule(&tx, &schedule.spec.name)
                    .await?;
            }
        }
        tx.commit().await?;
        Ok(())
    }

    async fn put_schedule(
        &self,
        tx: &DatabaseTransaction,
        source: &Source,
    ) -> Result<(), SyncError> {
        let name = schedule_name(&source.name);
        if !source.enabled {
            return Ok(self.jobs().remove_schedule(tx, &name).await?);
        }
        let args = DueArgs {
            source: source.name.clone(),
        };
        let schedule = NewSchedule {
            name,
            kind: DUE.name.to_owned(),
            queue: DUE.queue.to_owned(),
            args: serde_json::to_value(args).unwrap_or_default(),
            timing: Timing::Every(source.interval),
            timezone: "UTC".to_owned(),
            catch_up: CatchUp::Once,
            enabled: true,
        };
        Ok(self.jobs().put_schedule(tx, &schedule).await?)
    }

    async fn check(&self, source: &Source) -> Result<(), SyncError> {
        if source.kind == SourceKind::Command {
            let why = "a command may only stand in the configuration file: whoever writes it runs programs here";
            return Err(SyncError::invalid("kind", why));
        }
        let mut problems = source.problems();
        let addresses = [
            (
                "request.url",
                source.request.as_ref().map(|request| &request.url),
            ),
            ("login.url", source.login.as_ref().map(|login| &login.url)),
        ];
        for (key, url) in addresses {
            if let Some(url) = url
                && let Err(error) = self.egress().check(Given::ByApi, url)
            {
                problems.push((key.to_owned(), error.to_string()));
            }
        }
        let marks = source.without_secrets().1;
        let is_mark = |secret: &(String, Value)| secret.1 == MARK;
        problems.extend(marks.into_iter().filter(is_mark).map(|(pointer, _)| {
            let key = pointer.trim_start_matches('/').replace('/', ".");
            (
                key,
                "write the secret itself: there is none to keep for this address".to_owned(),
            )
        }));
        refuse(problems)?;
        let owner = table::owner(self.db().read(), &source.table).await?;
        let is_taken = match &owner {
            Some(owner) => *owner != source.name,
            None => table::exists(self.db().read(), &source.table).await?,
        };
        if is_taken {
            let why = format!(
                "there is a table `{}` already, and it is not this source's",
                source.table
            );
            return Err(SyncError::invalid("table", why));
        }
        Ok(())
    }

    async fn keep(
        &self,
        by: &Actor,
        source: &Source,
        change: audit::Change,
    ) -> Result<(), SyncError> {
        self.keep_row(by, &self.seal(source)?, source, change).await
    }

    async fn keep_row(
        &self,
        by: &Actor,
        kept: &Kept,
        source: &Source,
        change: audit::Change,
    ) -> Result<(), SyncError> {
        let tx = self.db().write().await?;
        let before = sources::find(&tx, &kept.name).await?;
        sources::put(&tx, kept, self.now()).await?;
        if before.is_none_or(|before| asks_otherwise(&before, kept)) {
            // What was asked for before says nothing about what is asked for now.
            findings::forget_cursors(&tx, &kept.name).await?;
        }
        self.put_schedule(&tx, source).await?;
        audit::append(&tx, self.now(), by, vec![change]).await?;
        tx.commit().await?;
        self.jobs().wake();
        Ok(())
    }
}

const SCHEDULE: &str = "sync:";

fn schedule_name(source: &str) -> String {
    format!("{SCHEDULE}{source}")
}

/// Whom a source's secrets are sealed for.
fn owner(source: &str) -> String {
    format!("sync_source:{source}")
}

fn without_secrets(kept: Kept) -> Option<Found> {
    let source = serde_json::from_str(&kept.spec?).ok()?;
    let origin = Origin::Api;
    Some(Found { source, origin })
}

fn refuse(problems: Vec<(String, String)>) -> Result<(), SyncError> {
    if problems.is_empty() {
        return Ok(());
    }
    let fields = problems.into_iter();
    Err(SyncError::Invalid(
        fields
            .map(|(field, detail)| FieldError { field, detail })
            .collect(),
    ))
}

fn partitions_count(source: &Source) -> Option<u64> {
    let mut count = 1_u64;
    for partition in source.partitions.values() {
        match partition {
            crate::source::Partition::List(values) => {
                count = count.saturating_mul(values.len() as u64);
            }
            crate::source::Partition::Query(_) => return None,
        }
    }
    Some(count)
}

/// Where its requests go: scheme, host and port of each.
fn hosts(source: &Source) -> [Option<String>; 2] {
    let host = |url: &str| {
        let url = reqwest::Url::parse(url).ok()?;
        Some(url.origin().ascii_serialization())
    };
    [
        source
            .request
            .as_ref()
            .and_then(|request| host(&request.url)),
        source.login.as_ref().and_then(|login| host(&login.url)),
    ]
}

/// Whether a source is asked for something else than before; its switch does not matter.
fn asks_otherwise(before: &Kept, after: &Kept) -> bool {
    let parts = |kept: &Kept| {
        let found = without_secrets(kept.clone())?;
        let Source {
            request,
            body,
            key,
            table,
            incremental,
            ..
        } = found.source;
        Some((request, body, key, table, incremental))
    };
    parts(before) != parts(after)
}

/// RFC 7396.
fn merge_patch(target: &mut Value, patch: Value) {
    let Value::Object(patch) = patch else {
        *target = patch;
        return;
    };
    if !target.is_object() {
        *target = json!({});
    }
    for (name, value) in patch {
        match value {
            Value::Null => {
                target.as_object_mut().map(|map| map.remove(&name));
            }
            value => merge_patch(&mut target[&name], value),
        }
    }
}

fn change(
    action: &'static str,
    name: &str,
    before: Option<&Source>,
    after: Option<&Source>,
) -> audit::Change {
    let facts = |source: &Source| serde_json::to_value(source.masked()).unwrap_or_default();
    audit::Change {
        action,
        target_kind: "source",
        target_id: name.to_owned(),
        target_name: name.to_owned(),
        before: before.map(facts),
        after: after.map(facts),
    }
}
