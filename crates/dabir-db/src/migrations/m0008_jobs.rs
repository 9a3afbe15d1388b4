//! Background jobs: the jobs, what became of their attempts, their log lines; queues, schedules and
//! the workers that hold leases.

use sea_orm::ConnectionTrait;
use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    big_integer, big_integer_null, boolean, double_null, integer, integer_null, string,
    string_null, text, text_null,
};

#[derive(Debug, DeriveMigrationName)]
pub(super) struct Migration;

#[derive(DeriveIden)]
enum Job {
    Table,
    Id,
    Kind,
    Queue,
    State,
    Priority,
    Rank,
    RunAt,
    Args,
    UniqueKey,
    Lane,
    LaneLimit,
    MaxAttempts,
    Attempts,
    Errors,
    Crashes,
    WorkerId,
    Token,
    CancelAt,
    Progress,
    Checkpoint,
    Result,
    LastError,
    CreatedBy,
    CreatedAt,
    StartedAt,
    EndedAt,
}

#[derive(DeriveIden)]
enum JobAttempt {
    Table,
    Id,
    JobId,
    Attempt,
    Worker,
    Outcome,
    Error,
    StartedAt,
    EndedAt,
}

#[derive(DeriveIden)]
enum JobLog {
    Table,
    Id,
    JobId,
    Attempt,
    At,
    Level,
    Line,
}

#[derive(DeriveIden)]
enum JobQueue {
    Table,
    Name,
    Weight,
    MaxRunning,
    Rate,
    Tokens,
    TokensAt,
    PausedAt,
    PausedBy,
    PauseReason,
}

#[derive(DeriveIden)]
enum JobSchedule {
    Table,
    Name,
    Kind,
    Queue,
    Args,
    Every,
    Cron,
    Timezone,
    CatchUp,
    Enabled,
    NextAt,
    LastAt,
    LastJobId,
}

#[derive(DeriveIden)]
enum JobWorker {
    Table,
    Id,
    Host,
    Boot,
    Pid,
    StartTicks,
    Version,
    Slots,
    Beats,
    StartedAt,
    SeenAt,
}

/// What SeaORM's builder has no words for, in words that both databases have.
const INDEXES: [&str; 7] = [
    "CREATE INDEX job_waiting ON job (queue, rank, id) WHERE state = 'queued'",
    "CREATE INDEX job_due ON job (run_at) WHERE state = 'queued'",
    "CREATE INDEX job_held ON job (worker_id, id) WHERE state = 'running'",
    "CREATE UNIQUE INDEX job_unique ON job (unique_key) \
     WHERE unique_key IS NOT NULL AND state IN ('queued', 'running')",
    "CREATE INDEX job_ended ON job (ended_at) WHERE ended_at IS NOT NULL",
    "CREATE INDEX job_by_kind ON job (kind, id)",
    "CREATE INDEX job_by_state ON job (state, id)",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in [jobs(), attempts(), logs(), queues(), schedules(), workers()] {
            manager.create_table(table).await?;
        }
        for index in INDEXES {
            manager.get_connection().execute_unprepared(index).await?;
        }
        for (name, table) in [
            (
                "job_attempt_of",
                Index::create()
                    .table(JobAttempt::Table)
                    .col(JobAttempt::JobId)
                    .take(),
            ),
            (
                "job_log_of",
                Index::create()
                    .table(JobLog::Table)
                    .col(JobLog::JobId)
                    .take(),
            ),
        ] {
            let mut index = table;
            manager.create_index(index.name(name).take()).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in [
            Table::drop().table(JobWorker::Table).to_owned(),
            Table::drop().table(JobSchedule::Table).to_owned(),
            Table::drop().table(JobQueue::Table).to_owned(),
            Table::drop().table(JobLog::Table).to_owned(),
            Table::drop().table(JobAttempt::Table).to_owned(),
            Table::drop().table(Job::Table).to_owned(),
        ] {
            manager.drop_table(table).await?;
        }
        Ok(())
    }
}

fn jobs() -> TableCreateStatement {
    Table::create()
        .table(Job::Table)
        .col(big_integer(Job::Id).primary_key().auto_increment())
        .col(string(Job::Kind))
        .col(string(Job::Queue))
        .col(string(Job::State))
        .col(integer(Job::Priority))
        .col(big_integer(Job::Rank))
        .col(big_integer(Job::RunAt))
        .col(text(Job::Args))
        .col(string_null(Job::UniqueKey))
        .col(string_null(Job::Lane))
        .col(integer_null(Job::LaneLimit))
        .col(integer(Job::MaxAttempts))
        .col(integer(Job::Attempts).default(0))
        .col(integer(Job::Errors).default(0))
        .col(integer(Job::Crashes).default(0))
        .col(string_null(Job::WorkerId))
        .col(string_null(Job::Token))
        .col(big_integer_null(Job::CancelAt))
        .col(text_null(Job::Progress))
        .col(text_null(Job::Checkpoint))
        .col(text_null(Job::Result))
        .col(text_null(Job::LastError))
        .col(string(Job::CreatedBy))
        .col(big_integer(Job::CreatedAt))
        .col(big_integer_null(Job::StartedAt))
        .col(big_integer_null(Job::EndedAt))
        .to_owned()
}

/// What belongs to one job goes with it.
fn of_job<T: IntoIden + 'static>(
    table: T,
    column: impl IntoIden + 'static,
) -> ForeignKeyCreateStatement {
    ForeignKey::create()
        .from(table, column)
        .to(Job::Table, Job::Id)
        .on_delete(ForeignKeyAction::Cascade)
        .to_owned()
}

fn attempts() -> TableCreateStatement {
    Table::create()
        .table(JobAttempt::Table)
        .col(big_integer(JobAttempt::Id).primary_key().auto_increment())
        .col(big_integer(JobAttempt::JobId))
        .col(integer(JobAttempt::Attempt))
        .col(string_null(JobAttempt::Worker))
        .col(string(JobAttempt::Outcome))
        .col(text_null(JobAttempt::Error))
        .col(big_integer_null(JobAttempt::StartedAt))
        .col(big_integer(JobAttempt::EndedAt))
        .foreign_key(&mut of_job(JobAttempt::Table, JobAttempt::JobId))
        .to_owned()
}

fn logs() -> TableCreateStatement {
    Table::create()
        .table(JobLog::Table)
        .col(big_integer(JobLog::Id).primary_key().auto_increment())
        .col(big_integer(JobLog::JobId))
        .col(integer(JobLog::Attempt))
        .col(big_integer(JobLog::At))
        .col(string(JobLog::Level))
        .col(text(JobLog::Line))
        .foreign_key(&mut of_job(JobLog::Table, JobLog::JobId))
        .to_owned()
}

fn queues() -> TableCreateStatement {
    Table::create()
        .table(JobQueue::Table)
        .col(string(JobQueue::Name).primary_key())
        .col(integer(JobQueue::Weight))
        .col(integer_null(JobQueue::MaxRunning))
        .col(double_null(JobQueue::Rate))
        .col(double_null(JobQueue::Tokens))
        .col(big_integer_null(JobQueue::TokensAt))
        .col(big_integer_null(JobQueue::PausedAt))
        .col(string_null(JobQueue::PausedBy))
        .col(text_null(JobQueue::PauseReason))
        .to_owned()
}

fn schedules() -> TableCreateStatement {
    Table::create()
        .table(JobSchedule::Table)
        .col(string(JobSchedule::Name).primary_key())
        .col(string(JobSchedule::Kind))
        .col(string(JobSchedule::Queue))
        .col(text(JobSchedule::Args))
        .col(big_integer_null(JobSchedule::Every))
        .col(string_null(JobSchedule::Cron))
        .col(string(JobSchedule::Timezone))
        .col(string(JobSchedule::CatchUp))
        .col(boolean(JobSchedule::Enabled))
        .col(big_integer(JobSchedule::NextAt))
        .col(big_integer_null(JobSchedule::LastAt))
        .col(big_integer_null(JobSchedule::LastJobId))
        .to_owned()
}

fn workers() -> TableCreateStatement {
    Table::create()
        .table(JobWorker::Table)
        .col(string(JobWorker::Id).primary_key())
        .col(string(JobWorker::Host))
        .col(string(JobWorker::Boot))
        .col(big_integer(JobWorker::Pid))
        .col(big_integer(JobWorker::StartTicks))
        .col(string(JobWorker::Version))
        .col(integer(JobWorker::Slots))
        .col(big_integer(JobWorker::Beats))
        .col(big_integer(JobWorker::StartedAt))
        .col(big_integer(JobWorker::SeenAt))
        .to_owned()
}
