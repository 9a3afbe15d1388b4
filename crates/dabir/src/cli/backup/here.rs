//! Backups of the data folder of this machine.

use std::io::{self, BufRead, IsTerminal};
use std::path::{Path, PathBuf};

use dabir_backup::{BackupError, Course, House, Name, Order, Shelf, Verified};
use dabir_core::{Actor, ActorKind, Clock};
use dabir_db::{DataFolder, Db, audit};
use indicatif::{ProgressBar, ProgressStyle};
use tokio_util::sync::CancellationToken;

use super::words;
use crate::cli::{Context, Failure, Output};

pub(super) async fn create(context: &Context, to: Option<&Path>) -> Result<(), Failure> {
    let config = &context.loaded.config;
    let db = Db::open_as_is(config.database.url.expose(), &config.data_dir)
        .await
        .map_err(Failure::from_chain)?
        .ok_or(BackupError::Empty)?;
    let house = House {
        data_dir: config.data_dir.clone(),
        db: db.clone(),
        clock: Clock::system(),
        elsewhere: config.elsewhere(),
    };
    let (course, bar) = watched(context.output);
    let shelf = shelf(context);
    let made = match to {
        Some(to) => house.back_up_to(to, &shelf, &course).await,
        None => house.back_up(&shelf, &course).await,
    };
    bar.finish_and_clear();
    let made = made?;
    note(&db, &made.name, &house.clock, context.output).await;
    db.close().await;
    context.output.show(&made, words::made)
}

/// Writes to the audit that somebody took a backup at this machine. A database that cannot be written
/// can be backed up all the same.
async fn note(db: &Db, name: &str, clock: &Clock, output: Output) {
    let change = audit::Change {
        action: "backup.make",
        target_kind: "backup",
        target_id: name.to_owned(),
        target_name: name.to_owned(),
        ..audit::Change::default()
    };
    let by = Actor::here(ActorKind::Terminal, "dabir backup");
    let noted = async {
        let tx = db.write().await?;
        audit::append(&tx, clock.now(), &by, vec![change]).await?;
        tx.commit().await
    };
    if let Err(error) = noted.await {
        output.note(&format!("the audit does not have it: {error}"));
    }
}

pub(super) fn list(context: &Context) -> Result<(), Failure> {
    let list = shelf(context).list()?;
    context.output.show(&list, |list| words::list(list))
}

pub(super) async fn verify(context: &Context, name: &str) -> Result<(), Failure> {
    let shelf = shelf(context);
    let (course, bar) = watched(context.output);
    let verified = match find(&shelf, name)? {
        Found::OnShelf(name) => {
            dabir_backup::verify(&shelf, &name, &Clock::system(), &course).await
        }
        Found::File(path) => Verified::file(&path, &shelf, &course).await,
    };
    bar.finish_and_clear();
    context.output.show(&verified?, words::verified)
}

pub(super) async fn restore(context: &Context, name: &str, yes: bool) -> Result<(), Failure> {
    let config = &context.loaded.config;
    let shelf = shelf(context);
    let file = match find(&shelf, name)? {
        Found::OnShelf(name) => shelf.path(&name),
        Found::File(path) => path,
    };
    let folder = DataFolder::hold(&config.data_dir).map_err(Failure::from_chain)?;
    if !yes {
        ask(name, &config.data_dir)?;
    }
    let order = Order {
        file,
        name: name.to_owned(),
        url: config.database.url.expose().to_owned(),
        clock: Clock::system(),
        begin_room_anew: dabir_room::journal::begin_anew,
    };
    let (course, bar) = watched(context.output);
    let restored = dabir_backup::restore(folder, &shelf, order, &course).await;
    bar.finish_and_clear();
    let data_dir = config.data_dir.clone();
    context
        .output
        .show(&restored?, |restored| words::restored(restored, &data_dir))
}

/// Asks the person at the terminal; a script says `--yes`.
fn ask(name: &str, data_dir: &Path) -> Result<(), Failure> {
    let refused = |cause: &str| Failure::usage(cause, "add `--yes` to restore without being asked");
    if !io::stdin().is_terminal() {
        return Err(refused(
            "restoring changes everything, and nobody can be asked here",
        ));
    }
    let question = words::question(name, data_dir);
    crate::cli::output::print(&question)?;
    let mut answer = String::new();
    let read = io::stdin().lock().read_line(&mut answer);
    read.map_err(Failure::from_error)?;
    match answer.trim() {
        "yes" => Ok(()),
        _ => Err(refused("nothing was changed")),
    }
}

fn shelf(context: &Context) -> Shelf {
    let config = &context.loaded.config;
    Shelf::new(config.backup.folder(&config.data_dir))
}

enum Found {
    OnShelf(Name),
    File(PathBuf),
}

/// What a person means: a name of the list first, then a file.
fn find(shelf: &Shelf, text: &str) -> Result<Found, Failure> {
    if let Ok(name) = text.parse::<Name>()
        && shelf.open(&name).is_ok()
    {
        return Ok(Found::OnShelf(name));
    }
    let path = PathBuf::from(text);
    if path.is_file() {
        return Ok(Found::File(path));
    }
    Err(BackupError::NotFound(text.to_owned()).into())
}

/// Work whose bytes are shown to a person at a terminal.
fn watched(output: Output) -> (Course, ProgressBar) {
    let bar = if output.json {
        ProgressBar::hidden()
    } else {
        ProgressBar::no_length()
    };
    if let Ok(style) = ProgressStyle::with_template("{bytes} {msg}") {
        bar.set_style(style);
    }
    let shown = bar.clone();
    let course = Course::new(CancellationToken::new(), move |bytes, stage| {
        shown.set_position(bytes);
        shown.set_message(stage);
    });
    (course, bar)
}
