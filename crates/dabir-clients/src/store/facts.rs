//! What is known of names: three tables, read and written together.

use std::collections::BTreeMap;

use sea_orm::{ConnectionTrait, DbErr, QueryResult, Value};

use super::{ROWS, execute, insert, millis, query, query_names, time, time_if_any, tuples};
use crate::model::{Facts, Order, OrderKind, Place, PlaceState, Profile, Source};
use crate::name::Username;

/// How one name stood before a change and stands after it.
#[derive(Debug)]
pub(crate) struct Changed {
    pub(crate) username: Username,
    pub(crate) before: Facts,
    pub(crate) after: Facts,
}

impl Changed {
    /// Whether something else is known of the client than before.
    pub(crate) fn is_renewed(&self) -> bool {
        self.before.profile != self.after.profile
    }
}

const CLIENT: &str = "SELECT username, name, source, photo, room, pipeline, available, last_seen, \
                      version, created_at, updated_at FROM client";
const ORDER: &str = "SELECT username, kind, reason, until, \"by\", at, version FROM client_order";
const PRESENCE: &str = "SELECT username, place, state, since, heartbeat_at FROM client_presence";

type Known = BTreeMap<Username, Facts>;

/// Everything that is known.
pub(crate) async fn all(db: &impl ConnectionTrait) -> Result<Known, DbErr> {
    let clients = query(db, CLIENT, []).await?;
    let orders = query(db, ORDER, []).await?;
    let presence = query(db, PRESENCE, []).await?;
    known(&clients, &orders, &presence)
}

/// What is known of these names; nothing of the others.
pub(crate) async fn of(db: &impl ConnectionTrait, names: &[&str]) -> Result<Known, DbErr> {
    let ask = async |sql: &str| {
        query_names(db, &format!("{sql} WHERE username IN {{names}}"), names).await
    };
    known(
        &ask(CLIENT).await?,
        &ask(ORDER).await?,
        &ask(PRESENCE).await?,
    )
}

fn known(
    clients: &[QueryResult],
    orders: &[QueryResult],
    presence: &[QueryResult],
) -> Result<Known, DbErr> {
    let mut known = Known::new();
    for row in clients {
        read_client(row, at(&mut known, row)?)?;
    }
    for row in orders {
        read_order(row, at(&mut known, row)?)?;
    }
    for row in presence {
        let facts = at(&mut known, row)?;
        facts.places.push(place(row)?);
    }
    for facts in known.values_mut() {
        facts
            .places
            .sort_by(|one, other| one.place.cmp(&other.place));
    }
    Ok(known)
}

fn at<'a>(known: &'a mut Known, row: &QueryResult) -> Result<&'a mut Facts, DbErr> {
    let name: String = row.try_get("", "username")?;
    Ok(known.entry(Username::kept(&name)).or_default())
}

fn read_client(row: &QueryResult, facts: &mut Facts) -> Result<(), DbErr> {
    let source: String = row.try_get("", "source")?;
    let photo: Option<String> = row.try_get("", "photo")?;
    facts.profile = Some(Profile {
        name: row.try_get("", "name")?,
        source: source.parse().unwrap_or(Source::Hand),
        photo: photo.and_then(|photo| serde_json::from_str(&photo).ok()),
        room: row.try_get("", "room")?,
        pipeline: row.try_get("", "pipeline")?,
        is_available: row.try_get("", "available")?,
        created_at: time(row, "created_at")?,
        updated_at: time(row, "updated_at")?,
    });
    facts.last_seen = time_if_any(row, "last_seen")?;
    facts.version = facts.version.max(row.try_get("", "version")?);
    Ok(())
}

fn read_order(row: &QueryResult, facts: &mut Facts) -> Result<(), DbErr> {
    let order = Order {
        reason: row.try_get("", "reason")?,
        // One that cannot be read never comes: the order holds.
        until: time_if_any(row, "until").unwrap_or(None),
        by: row.try_get("", "by")?,
        at: time(row, "at")?,
    };
    let kind: String = row.try_get("", "kind")?;
    *match kind.as_str() {
        "pause" => &mut facts.pause,
        "close" => &mut facts.close,
        // A word that nobody wrote keeps out.
        _ => &mut facts.block,
    } = Some(Box::new(order));
    facts.version = facts.version.max(row.try_get("", "version")?);
    Ok(())
}

fn place(row: &QueryResult) -> Result<Place, DbErr> {
    let place: String = row.try_get("", "place")?;
    let state: String = row.try_get("", "state")?;
    Ok(Place {
        place: place.into(),
        state: match state.as_str() {
            "connected" => PlaceState::Connected,
            _ => PlaceState::Lost,
        },
        since: time(row, "since")?,
        heartbeat_at: time_if_any(row, "heartbeat_at")?,
    })
}

/// Brings the tables from how names stood to how they stand.
pub(crate) async fn save(tx: &impl ConnectionTrait, changed: &[Changed]) -> Result<(), DbErr> {
    save_clients(tx, changed).await?;
    for kind in OrderKind::ALL {
        save_orders(tx, changed, kind).await?;
    }
    save_presence(tx, changed).await
}

async fn save_clients(tx: &impl ConnectionTrait, changed: &[Changed]) -> Result<(), DbErr> {
    let is_other = |one: &&Changed| {
        let facts = |facts: &Facts| (facts.version, facts.last_seen);
        one.before.profile != one.after.profile || facts(&one.before) != facts(&one.after)
    };
    let rows = changed.iter().filter(is_other).filter_map(client_row);
    insert(
        tx,
        "INSERT INTO client (username, name, source, photo, room, pipeline, available, last_seen, \
         version, created_at, updated_at)",
        11,
        rows.collect(),
        "ON CONFLICT (username) DO UPDATE SET name = excluded.name, photo = excluded.photo, \
         room = excluded.room, pipeline = excluded.pipeline, available = excluded.available, \
         last_seen = excluded.last_seen, version = excluded.version, \
         updated_at = excluded.updated_at",
    )
    .await?;
    let gone = changed
        .iter()
        .filter(|one| one.before.profile.is_some() && one.after.profile.is_none());
    delete(tx, "client WHERE username IN {names}", gone).await
}

fn client_row(one: &Changed) -> Option<Vec<Value>> {
    let known = one.after.profile.as_ref()?;
    let photo = known.photo.as_ref();
    Some(vec![
        one.username.as_str().into(),
        known.name.as_str().into(),
        known.source.as_str().into(),
        photo
            .and_then(|photo| serde_json::to_string(photo).ok())
            .into(),
        known.room.clone().into(),
        known.pipeline.clone().into(),
        known.is_available.into(),
        millis(one.after.last_seen),
        one.after.version.into(),
        known.created_at.as_millisecond().into(),
        known.updated_at.as_millisecond().into(),
    ])
}

async fn save_orders(
    tx: &impl ConnectionTrait,
    changed: &[Changed],
    kind: OrderKind,
) -> Result<(), DbErr> {
    let is_other = |one: &&Changed| one.before.order(kind) != one.after.order(kind);
    // Where no client has the version, the orders have it.
    let is_newer = |one: &&Changed| {
        is_other(one) || (one.after.profile.is_none() && one.before.version != one.after.version)
    };
    let row = |one: &Changed| {
        let order = one.after.order(kind)?;
        Some(vec![
            one.username.as_str().into(),
            kind.as_str().into(),
            order.reason.as_str().into(),
            millis(order.until),
            order.by.as_str().into(),
            order.at.as_millisecond().into(),
            one.after.version.into(),
        ])
    };
    insert(
        tx,
        "INSERT INTO client_order (username, kind, reason, until, \"by\", at, version)",
        7,
        changed.iter().filter(is_newer).filter_map(row).collect(),
        "ON CONFLICT (username, kind) DO UPDATE SET reason = excluded.reason, \
         until = excluded.until, \"by\" = excluded.\"by\", at = excluded.at, \
         version = excluded.version",
    )
    .await?;
    let lifted = changed
        .iter()
        .filter(is_other)
        .filter(|one| one.after.order(kind).is_none());
    let which = format!(
        "client_order WHERE kind = '{}' AND username IN {{names}}",
        kind.as_str()
    );
    delete(tx, &which, lifted).await
}

async fn save_presence(tx: &impl ConnectionTrait, changed: &[Changed]) -> Result<(), DbErr> {
    let rows = changed.iter().flat_map(|one| {
        let new = one.after.places.iter();
        new.filter(|place| !one.before.places.contains(place))
            .map(|place| presence_row(&one.username, place))
    });
    insert(
        tx,
        "INSERT INTO client_presence (username, place, state, since, heartbeat_at)",
        5,
        rows.collect(),
        "ON CONFLICT (username, place) DO UPDATE SET state = excluded.state, \
         since = excluded.since, heartbeat_at = excluded.heartbeat_at",
    )
    .await?;
    for (place, names) in left(changed) {
        for names in names.chunks(ROWS) {
            let sql = format!(
                "DELETE FROM client_presence WHERE username IN {} AND place = ${}",
                tuples(1, names.len()),
                names.len() + 1
            );
            let values = names.iter().copied().chain([place]);
            execute(tx, sql, values.map(Value::from)).await?;
        }
    }
    Ok(())
}

fn presence_row(username: &Username, place: &Place) -> Vec<Value> {
    let state = match place.state {
        PlaceState::Connected => "connected",
        PlaceState::Lost => "lost",
    };
    vec![
        username.as_str().into(),
        (*place.place).into(),
        state.into(),
        place.since.as_millisecond().into(),
        millis(place.heartbeat_at),
    ]
}

/// Who left which place.
fn left(changed: &[Changed]) -> BTreeMap<&str, Vec<&str>> {
    let mut left: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for one in changed {
        let is_there = |place: &Place| one.after.places.iter().any(|now| now.place == place.place);
        for place in one.before.places.iter().filter(|place| !is_there(place)) {
            let names = left.entry(&place.place).or_default();
            names.push(one.username.as_str());
        }
    }
    left
}

async fn delete<'a>(
    tx: &impl ConnectionTrait,
    which: &str,
    changed: impl Iterator<Item = &'a Changed>,
) -> Result<(), DbErr> {
    let names: Vec<&str> = changed.map(|one| one.username.as_str()).collect();
    query_names(tx, &format!("DELETE FROM {which}"), &names).await?;
    Ok(())
}
