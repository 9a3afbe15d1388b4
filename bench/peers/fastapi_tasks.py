"""The tasks API on FastAPI and SQLAlchemy, as their documentation has one write it: pydantic at the door, functions that
FastAPI runs in its threads, a session of the pool for each request. Async sessions, tried on both databases, take more.

    fastapi_tasks.py                           makes the tables, somebody, and their token
    uvicorn fastapi_tasks:app --workers 2 …    serves

TASKS_URL: sqlite:///… or postgresql+psycopg2://…; TASKS_TOKEN: the token that is let in.

It checks, keeps and answers what Dabir does; what Dabir does besides is said in bench/rows/tasks.py.
"""

import base64
import contextlib
import hashlib
import os
import secrets
import time
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated

from fastapi import Depends, FastAPI, HTTPException, Query
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import JSON, BigInteger, ForeignKey, Index, Integer, create_engine, event, select, text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, sessionmaker
from sqlalchemy.orm.exc import StaleDataError

ME = "somebody"

# As many connections as Dabir has to PostgreSQL.
engine = create_engine(os.environ["TASKS_URL"], pool_size=16, max_overflow=0)
Sessions = sessionmaker(engine, expire_on_commit=False)


def set_sqlite(connection, _):
    """As durable as Dabir, and so patient that nobody is refused."""
    for setting in "journal_mode = WAL", "synchronous = FULL", "busy_timeout = 30000", "foreign_keys = ON":
        connection.execute(f"PRAGMA {setting}")


if engine.dialect.name == "sqlite":
    event.listen(engine, "connect", set_sqlite)

# What is kept.


class Base(DeclarativeBase):
    # SQLite counts up only what is called INTEGER.
    type_annotation_map = {list: JSON, int: BigInteger().with_variant(Integer, "sqlite")}


class User(Base):
    __tablename__ = "account"

    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]


class Token(Base):
    __tablename__ = "api_token"

    hash: Mapped[str] = mapped_column(primary_key=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("account.id"))


class Task(Base):
    """Times are milliseconds, as Dabir keeps them."""

    __tablename__ = "task"

    number: Mapped[int] = mapped_column(primary_key=True)
    id: Mapped[str] = mapped_column(unique=True)
    title: Mapped[str]
    description: Mapped[str]
    status: Mapped[str]
    priority: Mapped[str]
    assignees: Mapped[list]
    due: Mapped[str | None]
    labels: Mapped[list]
    checklist: Mapped[list]
    files: Mapped[list]
    documents: Mapped[list]
    meetings: Mapped[list]
    rank: Mapped[str]
    comments: Mapped[int] = mapped_column(default=0)
    version: Mapped[int] = mapped_column()
    created_at: Mapped[int]
    created_by_id: Mapped[str]
    created_by_name: Mapped[str]
    updated_at: Mapped[int]
    updated_by_id: Mapped[str]
    updated_by_name: Mapped[str]
    done_at: Mapped[int | None]
    deleted_at: Mapped[int | None]

    # Whoever changes a task that somebody else changed meanwhile is refused.
    __mapper_args__ = {"version_id_col": version}
    __table_args__ = (
        Index("task_rank", "status", "rank"),
        Index("task_due", "due", "number"),
        Index("task_updated", "updated_at", "number"),
        Index("task_priority", "priority", "number"),
        Index("task_living", "number", **dict.fromkeys(
            ("sqlite_where", "postgresql_where"), text("deleted_at IS NULL"),
        )),
    )

    @property
    def created_by(self):
        return {"id": self.created_by_id, "name": self.created_by_name}

    @property
    def updated_by(self):
        return {"id": self.updated_by_id, "name": self.updated_by_name}


# What is asked and answered.


class Status(StrEnum):
    TODO = "todo"
    DOING = "doing"
    REVIEW = "review"
    DONE = "done"


class Priority(StrEnum):
    NONE = "none"
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    URGENT = "urgent"


class Check(BaseModel):
    model_config = ConfigDict(extra="forbid")

    text: Annotated[str, Field(max_length=300)]
    done: bool = False


Title = Annotated[str, Field(min_length=1, max_length=300)]
Words = Annotated[list[Annotated[str, Field(max_length=50)]], Field(max_length=20)]


class NewTask(BaseModel):
    title: Title
    description: Annotated[str, Field(max_length=20_000)] = ""
    status: Status = Status.TODO
    priority: Priority = Priority.NONE
    assignees: Words = []
    due: date | datetime | None = None
    labels: Words = []
    checklist: Annotated[list[Check], Field(max_length=100)] = []
    files: Annotated[Words, Field(max_length=50)] = []
    documents: Words = []
    meetings: Words = []

    def columns(self, **which):
        """The values of the columns; a day or a moment is kept as it is written."""
        return self.model_dump(mode="json", **which)


class TaskPatch(NewTask):
    title: Title = ""
    version: int | None = None


class Named(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: str
    name: str


class TaskAnswer(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: str
    number: int
    title: str
    description: str
    status: Status
    priority: Priority
    assignees: list[str]
    due: str | None
    labels: list[str]
    checklist: list[Check]
    files: list[str]
    documents: list[str]
    meetings: list[str]
    rank: str
    comments: int
    version: int
    created_at: datetime
    created_by: Named
    updated_at: datetime
    updated_by: Named
    done_at: datetime | None
    deleted_at: datetime | None


class TaskDetail(TaskAnswer):
    people: list[Named]
    attachments: list[str] = []


class TaskPage(BaseModel):
    items: list[TaskAnswer]
    next_cursor: str | None
    people: list[Named]


# Who asks.

callers = {}


@contextlib.asynccontextmanager
async def lifespan(_):
    """Dabir knows the tokens by heart, so they are known by heart here too."""
    with Sessions() as session:
        tokens = select(Token.hash, User).join(User, User.id == Token.user_id)
        callers.update({token: user for token, user in session.execute(tokens)})
    yield
    engine.dispose()


def hashed(token):
    return hashlib.sha256(token.encode()).hexdigest()


async def signed_in(credentials: Annotated[HTTPAuthorizationCredentials, Depends(HTTPBearer())]):
    if user := callers.get(hashed(credentials.credentials)):
        return user
    raise HTTPException(401, "this token is not known")


Caller = Annotated[User, Depends(signed_in)]

# What is done.

app = FastAPI(lifespan=lifespan)


def now():
    return time.time_ns() // 1_000_000


def cursor_of(number):
    return base64.urlsafe_b64encode(str(number).encode()).decode()


def number_of(cursor):
    try:
        return int(base64.urlsafe_b64decode(cursor))
    except ValueError:
        raise HTTPException(400, "`cursor` is not the `next_cursor` of a page") from None


def living(session, id):
    task = session.scalar(select(Task).where(Task.id == id, Task.deleted_at.is_(None)))
    if not task:
        raise HTTPException(404, f"there is no task `{id}`")
    return task


def named(session, ids):
    return session.scalars(select(User).where(User.id.in_(ids))).all() if ids else []


def check_people(session, ids):
    known = {user.id for user in named(session, ids)}
    if unknown := [id for id in ids if id not in known]:
        raise HTTPException(422, f"nobody has the id `{unknown[0]}`")


def last_rank():
    """After all there are, without a look at them."""
    return f"{time.time_ns():x}"


def change(session, task, user, looked_at, values):
    if looked_at not in (None, task.version):
        raise HTTPException(409, "somebody else changed it")
    status = values.get("status", task.status)
    if status != task.status:
        values |= {"rank": last_rank(), "done_at": now() if status == Status.DONE else None}
    values |= {"updated_at": now(), "updated_by_id": user.id, "updated_by_name": user.name}
    for column, value in values.items():
        setattr(task, column, value)
    try:
        session.commit()
    except StaleDataError:
        raise HTTPException(409, "somebody else changed it") from None
    return task


@app.get("/api/v1/tasks")
def list_tasks(
    _: Caller, limit: Annotated[int, Query(ge=1, le=1000)] = 100, cursor: str | None = None,
) -> TaskPage:
    page = select(Task).where(Task.deleted_at.is_(None)).order_by(Task.number.desc()).limit(limit + 1)
    if cursor:
        page = page.where(Task.number < number_of(cursor))
    with Sessions() as session:
        tasks = session.scalars(page).all()
        people = named(session, {id for task in tasks[:limit] for id in task.assignees})
    next_cursor = cursor_of(tasks[limit - 1].number) if len(tasks) > limit else None
    return {"items": tasks[:limit], "next_cursor": next_cursor, "people": people}


@app.post("/api/v1/tasks", status_code=201)
def create_task(new: NewTask, user: Caller) -> TaskAnswer:
    at = now()
    task = Task(
        id=secrets.token_hex(8), rank=last_rank(), created_at=at, created_by_id=user.id, created_by_name=user.name,
        updated_at=at, updated_by_id=user.id, updated_by_name=user.name,
        done_at=at if new.status == Status.DONE else None, **new.columns(),
    )
    with Sessions() as session:
        check_people(session, new.assignees)
        session.add(task)
        session.commit()
    return task


@app.get("/api/v1/tasks/{id}")
def get_task(id: str, _: Caller) -> TaskDetail:
    with Sessions() as session:
        task = living(session, id)
        task.people = named(session, task.assignees)
    return task


@app.put("/api/v1/tasks/{id}")
def replace_task(id: str, new: NewTask, user: Caller) -> TaskAnswer:
    with Sessions() as session:
        task = living(session, id)
        check_people(session, set(new.assignees) - set(task.assignees))
        return change(session, task, user, None, new.columns())


@app.patch("/api/v1/tasks/{id}")
def change_task(id: str, patch: TaskPatch, user: Caller) -> TaskAnswer:
    with Sessions() as session:
        task = living(session, id)
        check_people(session, set(patch.assignees) - set(task.assignees))
        values = patch.columns(exclude_unset=True, exclude={"version"})
        return change(session, task, user, patch.version, values)


@app.delete("/api/v1/tasks/{id}", status_code=204)
def delete_task(id: str, user: Caller):
    with Sessions() as session:
        change(session, living(session, id), user, None, {"deleted_at": now()})


def make():
    Base.metadata.create_all(engine)
    with Sessions() as session:
        session.add(User(id=ME, name="Somebody"))
        session.flush()
        session.add(Token(hash=hashed(os.environ["TASKS_TOKEN"]), user_id=ME))
        session.commit()


if __name__ == "__main__":
    make()
