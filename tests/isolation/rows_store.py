"""For each public function of the store: how it is called, and who may."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

from runway_core.domain import Budget, MediaKind, Period, TaskStatus
from runway_core.people import LOCAL, Person, Role
from runway_core.pricing import Reporting, Tally
from runway_core.store import (
    BatchRow,
    Cell,
    CellQuery,
    Change,
    Limits,
    Mark,
    Session,
    Store,
    TaskQuery,
)
from runway_core.store.sealed import SealedValue
from runway_core.store.workers import Worker
from tests.builders import NOW, artifact, connection, estimate, exchange, new_task, request
from tests.isolation.rows_studio import (
    ADMINS,
    CHANGED,
    EVERYBODY,
    MAKERS,
    NOBODY,
    OWN,
    SEEN,
    Row,
)
from tests.isolation.world import World

HOUR = timedelta(hours=1)
TODAY = NOW.date()
ANY = Limits(running=1)


def row(may: str, call: Callable[[Store, World], Any]) -> Row:
    return Row(may, call)


STORE: dict[str, Row] = {
    # --- tasks ---
    "tasks.get": row(SEEN, lambda s, w: s.tasks.get(w.finished.id)),
    "tasks.by_token": row(SEEN, lambda s, w: s.tasks.by_token(w.token)),
    "tasks.page": row(SEEN, lambda s, w: s.tasks.page(TaskQuery(text=w.finished.id))),
    "tasks.others_share": row(EVERYBODY, lambda s, w: s.tasks.others_share()),
    "tasks.count_open": row(OWN, lambda s, w: s.tasks.count_open()),
    "tasks.owner_of": row(  # that an id is taken is told to all, or it would be followed twice
        EVERYBODY, lambda s, w: s.tasks.owner_of("relay-1", w.remote_id)
    ),
    "tasks.spans": row(EVERYBODY, lambda s, w: s.tasks.spans("openai-hk", "gen4.5")),
    "tasks.add": row(MAKERS, lambda s, w: s.tasks.add(new_task("new"))),
    "tasks.add_known": row(
        MAKERS,
        lambda s, w: s.tasks.add_known(
            new_task("known"), now=NOW, status=TaskStatus.RUNNING, remote_id="r-9", event="found"
        ),
    ),
    "tasks.show_again": row(
        CHANGED, lambda s, w: s.tasks.show_again(_hidden(s, w), now=NOW, event="back")
    ),
    "tasks.move": row(
        CHANGED,
        lambda s, w: s.tasks.move(w.queued.id, [TaskStatus.QUEUED], now=NOW, note="moved"),
    ),
    "tasks.share": row(CHANGED, lambda s, w: s.tasks.share(w.finished.id, True)),
    "tasks.hide": row(CHANGED, lambda s, w: _hide(s, w)),
    "tasks.open_ones": row(NOBODY, lambda s, w: s.tasks.open_ones()),
    "tasks.oldest_overdue": row(ADMINS, lambda s, w: s.tasks.oldest_overdue(NOW + HOUR)),
    "tasks.put_off": row(NOBODY, lambda s, w: s.tasks.put_off([])),
    "tasks.attach": row(NOBODY, lambda s, w: s.tasks.attach(w.queued.id, [artifact()], now=NOW)),
    "journal.events": row(SEEN, lambda s, w: s.journal.events(w.finished.id)),
    "exchanges.of": row(SEEN, lambda s, w: s.exchanges.of(w.finished.id)),
    "exchanges.keep_last": row(
        NOBODY, lambda s, w: s.exchanges.keep_last(w.finished.id, exchange())
    ),
    "exchanges.prune": row(NOBODY, lambda s, w: s.exchanges.prune(NOW)),
    "notices.open_ids": row(OWN, lambda s, w: s.notices.open_ids(limit=9)),
    "own_preferences.get": row(OWN, lambda s, w: s.own_preferences.get("a")),
    "own_preferences.set": row(OWN, lambda s, w: s.own_preferences.set("a", "b")),
    "journal.newest": row(ADMINS, lambda s, w: s.journal.newest()),
    "doubts.count": row(OWN, lambda s, w: s.doubts.count()),
    "doubts.beside": row(
        EVERYBODY,
        lambda s, w: s.doubts.beside(w.finished.id, "relay-1", since=NOW, until=NOW + HOUR),
    ),
    # --- reviews ---
    "reviews.of": row(SEEN, lambda s, w: s.reviews.of([w.finished.id])),
    "reviews.change": row(
        CHANGED, lambda s, w: s.reviews.change([w.finished.id], Change(mark=Mark.KEEP), NOW)
    ),
    "reviews.tags": row(OWN, lambda s, w: s.reviews.tags()),
    "reviews.hide": row(CHANGED, lambda s, w: len(s.reviews.hide([w.finished.id], NOW))),
    # --- money ---
    "ledger.of": row(SEEN, lambda s, w: s.ledger.of(w.finished.id)),
    "ledger.after": row(
        OWN, lambda s, w: s.ledger.after(0, CellQuery(), until=NOW + HOUR, limit=9)
    ),
    "usage.of": row(ADMINS, lambda s, w: s.usage.of("relay-1", TODAY, TODAY)),
    "usage.reads": row(ADMINS, lambda s, w: s.usage.reads()),
    "usage.ask": row(ADMINS, lambda s, w: s.usage.ask("relay-1", NOW)),
    "usage.claim": row(NOBODY, lambda s, w: s.usage.claim("relay-1", None, NOW)),
    "usage.keep": row(NOBODY, lambda s, w: s.usage.keep("relay-1", TODAY, TODAY, [], NOW)),
    "usage.fail": row(NOBODY, lambda s, w: s.usage.fail("relay-1", "no answer")),
    "usage.used_here": row(NOBODY, lambda s, w: s.usage.used_here("relay-1", TODAY, TODAY)),
    "recount.differences": row(NOBODY, lambda s, w: s.recount.differences()),
    "recount.rebuild": row(NOBODY, lambda s, w: s.recount.rebuild()),
    "tallies.cells": row(OWN, lambda s, w: s.tallies.cells(CellQuery())),
    "history.waits": row(OWN, lambda s, w: s.history.waits(w.connection, "gen4.5", CellQuery())),
    "history.last_failure": row(OWN, lambda s, w: s.history.last_failure(_cell(w))),
    "history.sent": row(NOBODY, lambda s, w: s.history.sent("relay-1")),
    "history.unbooked": row(NOBODY, lambda s, w: s.history.unbooked("relay-1", "credit", NOW)),
    # --- the line ---
    "line.standing": row(SEEN, lambda s, w: s.line.standing(w.queued.id, ANY)),
    "line.move": row(CHANGED, lambda s, w: s.line.move(w.queued.id, -1, NOW)),
    "line.wake_next": row(ADMINS, lambda s, w: s.line.wake_next("relay-1", NOW)),
    "line.refusal": row(NOBODY, lambda s, w: s.line.refusal(w.queued.id, ANY, now=NOW)),
    "line.start": row(NOBODY, lambda s, w: s.line.start(w.queued.id, ANY, attempts=1, now=NOW)),
    "line.take": row(NOBODY, lambda s, w: s.line.take("relay-1", Limits(per_minute=9), now=NOW)),
    "plans.load": row(EVERYBODY, lambda s, w: s.plans.load("relay-1", now=NOW + HOUR)),
    "plans.past": row(EVERYBODY, lambda s, w: s.plans.past("openai-hk", "gen4.5")),
    # --- batches ---
    "batches.add": row(MAKERS, lambda s, w: _add_batch(s, w)),
    "batches.by_token": row(SEEN, lambda s, w: s.batches.by_token(f"batch {w.batch.id}")),
    "batches.get": row(SEEN, lambda s, w: s.batches.get(w.batch.id)),
    "batches.page": row(OWN, lambda s, w: s.batches.page(offset=0, limit=9)),
    "batches.rows": row(SEEN, lambda s, w: s.batches.rows(w.batch.id)),
    "batches.stands": row(SEEN, lambda s, w: [x[1:] for x in s.batches.stands([w.batch.id])]),
    "batches.waiting": row(SEEN, lambda s, w: s.batches.waiting(w.batch.id)),
    "batches.halt": row(CHANGED, lambda s, w: s.batches.halt(w.batch.id, "stopped", NOW)),
    "batches.resume": row(CHANGED, lambda s, w: _resume(s, w)),
    "batches.again": row(CHANGED, lambda s, w: _again(s, w)),
    "feeding.hungry": row(NOBODY, lambda s, w: s.feeding.hungry()),
    "feeding.costs": row(SEEN, lambda s, w: s.feeding.costs(w.batch.id)),
    "feeding.unsent": row(OWN, lambda s, w: s.feeding.unsent(w.batch.id)),
    "feeding.next": row(SEEN, lambda s, w: _next(s, w)),
    "feeding.ask": row(CHANGED, lambda s, w: s.feeding.ask(_batch_row(w), new_task("asked"), NOW)),
    "feeding.refuse": row(CHANGED, lambda s, w: _refuse(s, w)),
    # --- files and drafts ---
    "assets.get": row(SEEN, lambda s, w: s.assets.get(w.asset)),
    "assets.add": row(MAKERS, lambda s, w: _add_asset(s, w)),
    "assets.newest": row(OWN, lambda s, w: s.assets.newest([MediaKind.IMAGE], offset=0, limit=5)),
    "shelf.all": row(OWN, lambda s, w: s.shelf.all("draft")),
    "shelf.put": row(MAKERS, lambda s, w: s.shelf.put("draft", "mine", {}, NOW)),
    "shelf.remove": row(MAKERS, lambda s, w: s.shelf.remove("draft", "the owner's")),
    "recent.prompts": row(OWN, lambda s, w: s.recent.prompts(limit=5)),
    "recent.finished": row(
        SEEN, lambda s, w: [one.id for one in s.recent.finished(w.finished.id, limit=5)]
    ),
    "drafts.get": row(OWN, lambda s, w: s.drafts.get()),
    "drafts.save": row(MAKERS, lambda s, w: s.drafts.save({}, NOW)),
    # --- connections and budgets ---
    "connections.all": row(EVERYBODY, lambda s, w: s.connections.all()),
    "connections.get": row(EVERYBODY, lambda s, w: s.connections.get("relay-1")),
    "connections.by_name": row(EVERYBODY, lambda s, w: s.connections.by_name("Our relay")),
    "connections.learnt": row(EVERYBODY, lambda s, w: s.connections.learnt("relay-1")),
    "connections.learn": row(MAKERS, lambda s, w: s.connections.learn("relay-1", "a", "b")),
    "connections.add": row(
        ADMINS, lambda s, w: s.connections.add(connection(id="2", name="two"), key_sealed=None)
    ),
    "connections.add_once": row(NOBODY, lambda s, w: s.connections.add_once(connection())),
    "connections.change": row(ADMINS, lambda s, w: s.connections.change("relay-1", name="x")),
    "connections.set_balance": row(
        ADMINS, lambda s, w: s.connections.set_balance("relay-1", Decimal(1), "credit", NOW)
    ),
    "connections.set_limits": row(
        ADMINS, lambda s, w: s.connections.set_limits("relay-1", (), NOW)
    ),
    "connections.spend": row(
        NOBODY, lambda s, w: s.connections.spend("relay-1", Decimal(1), "credit")
    ),
    "connections.pause": row(ADMINS, lambda s, w: s.connections.pause("relay-1", "why")),
    "connections.resume": row(ADMINS, lambda s, w: s.connections.resume("relay-1", NOW)),
    "connections.remove": row(ADMINS, lambda s, w: s.connections.remove("relay-1", NOW)),
    "connections.key_sealed": row(ADMINS, lambda s, w: s.connections.key_sealed("relay-1")),
    "connections.hook_secrets_sealed": row(
        ADMINS, lambda s, w: s.connections.hook_secrets_sealed("relay-1")
    ),
    "budgets.set": row(ADMINS, lambda s, w: s.budgets.set(_budget())),
    "budgets.of": row(EVERYBODY, lambda s, w: s.budgets.of("relay-1")),
    "budgets.remove": row(ADMINS, lambda s, w: s.budgets.remove("relay-1", Period.DAY)),
    "budgets.outlooks_of": row(
        ADMINS, lambda s, w: s.budgets.outlooks_of("relay-1", w.person.id, NOW)
    ),
    "budgets.outlooks": row(EVERYBODY, lambda s, w: s.budgets.outlooks("relay-1", NOW, estimate())),
    "balance_asks.all": row(ADMINS, lambda s, w: s.balance_asks.all()),
    "balance_asks.ask": row(ADMINS, lambda s, w: s.balance_asks.ask("relay-1", NOW)),
    "balance_asks.claim": row(NOBODY, lambda s, w: s.balance_asks.claim("relay-1", None, NOW)),
    "balance_asks.end": row(NOBODY, lambda s, w: s.balance_asks.end("relay-1", NOW)),
    "balance_asks.sent_since": row(NOBODY, lambda s, w: s.balance_asks.sent_since("relay-1", NOW)),
    "preferences.reporting": row(EVERYBODY, lambda s, w: s.preferences.reporting()),
    "preferences.set_reporting": row(
        ADMINS, lambda s, w: s.preferences.set_reporting(Reporting(currency="EUR"))
    ),
    "preferences.get": row(EVERYBODY, lambda s, w: s.preferences.get("a")),
    "preferences.set": row(ADMINS, lambda s, w: s.preferences.set("a", "b")),
    # --- the engine's own ---
    "pauses.found": row(NOBODY, lambda s, w: s.pauses.found("relay-1")),
    "pauses.begin": row(ADMINS, lambda s, w: s.pauses.begin("relay-1", "w", key_hint="", now=NOW)),
    "pauses.claim": row(NOBODY, lambda s, w: s.pauses.claim("relay-1", every=HOUR, now=NOW)),
    "pauses.lift": row(
        ADMINS, lambda s, w: s.pauses.lift("relay-1", now=NOW, floor=HOUR, for_good=True)
    ),
    "pauses.taken": row(ADMINS, lambda s, w: s.pauses.taken("relay-1")),
    "callbacks.called": row(NOBODY, lambda s, w: s.callbacks.called([w.queued.id])),
    "callbacks.note": row(NOBODY, lambda s, w: s.callbacks.note([], now=NOW)),
    "callbacks.told_id": row(NOBODY, lambda s, w: s.callbacks.told_id(w.uncertain.id)),
    "workers.beat": row(NOBODY, lambda s, w: s.workers.beat(_worker())),
    "workers.all": row(EVERYBODY, lambda s, w: s.workers.all()),
    "workers.leave": row(NOBODY, lambda s, w: s.workers.leave("w")),
    "workers.claim": row(NOBODY, lambda s, w: s.workers.claim("w")),
    # --- people ---
    "people.all": row(EVERYBODY, lambda s, w: s.people.all()),
    "people.get": row(EVERYBODY, lambda s, w: s.people.get(w.person.id)),
    "people.any": row(NOBODY, lambda s, w: s.people.any()),
    "people.known": row(NOBODY, lambda s, w: s.people.known(name="owner")),
    "people.add": row(ADMINS, lambda s, w: s.people.add(_newcomer(), password_hash="")),
    "people.change": row(ADMINS, lambda s, w: s.people.change(w.person.id, email="a@b.test")),
    "people.set_own": row(OWN, lambda s, w: s.people.set_own(password_hash="other")),
    "people.share": row(OWN, lambda s, w: s.people.share(True)),
    "people.own_hash": row(OWN, lambda s, w: s.people.own_hash()),
    "people.rehash": row(NOBODY, lambda s, w: s.people.rehash(w.person.id, old="", new="h")),
    "sealed.all": row(ADMINS, lambda s, w: s.sealed.all()),
    "sealed.replace": row(ADMINS, lambda s, w: s.sealed.replace(_sealed(), b"new")),
    "sessions.add_code": row(
        NOBODY,
        lambda s, w: s.sessions.add_code(
            "c", browser_hash="b", person_id=w.person.id, now=NOW, until=NOW + HOUR
        ),
    ),
    "sessions.use_code": row(
        NOBODY, lambda s, w: s.sessions.use_code("c", browser_hash="b", now=NOW)
    ),
    "sessions.add": row(NOBODY, lambda s, w: s.sessions.add(_session(w), token_hash="h2")),
    "sessions.find": row(NOBODY, lambda s, w: s.sessions.find("hash", idle=HOUR, now=NOW)),
    "sessions.end": row(NOBODY, lambda s, w: s.sessions.end("hash")),
    "sessions.own": row(OWN, lambda s, w: s.sessions.own(NOW)),
    "sessions.end_own": row("y000nn", lambda s, w: _end(s, w)),
    "sessions.end_of": row(ADMINS, lambda s, w: s.sessions.end_of(w.person.id)),
    "sessions.delayed_until": row(NOBODY, lambda s, w: s.sessions.delayed_until(["a"])),
    "sessions.admit": row(
        NOBODY, lambda s, w: s.sessions.admit({"a": 1}, first=HOUR, most=HOUR, now=NOW)
    ),
    "sessions.forgive": row(NOBODY, lambda s, w: s.sessions.forgive(wholly="a", once="b", now=NOW)),
    # Tries of nobody are logged too, so everybody may write.
    "audit.append": row("yyyyyy", lambda s, w: s.audit.append("act", "subject", NOW)),
    "audit.newest": row(ADMINS, lambda s, w: s.audit.newest()),
    "audit.count": row(ADMINS, lambda s, w: s.audit.count()),
    "audit.people": row(ADMINS, lambda s, w: s.audit.people()),
    "audit.acts": row(ADMINS, lambda s, w: s.audit.acts()),
    "audit.last_seen": row(ADMINS, lambda s, w: s.audit.last_seen()),
}


def _end(store: Store, world: World) -> int:
    return store.sessions.end_own(session_id=world.session)


def _hide(store: Store, world: World) -> bool:
    """Whether a task is gone afterwards, as its owner sees it."""
    store.tasks.hide(world.finished.id, NOW)
    with store.database.read() as sql:
        query = "SELECT deleted_at IS NOT NULL FROM tasks WHERE id = ?"
        found = sql.exec_driver_sql(query, (world.finished.id,)).scalar()
    return bool(found)


def _hidden(store: Store, world: World) -> str:
    """The owner's task, deleted by the program itself."""
    store.acting_as(LOCAL).tasks.hide(world.finished.id, NOW)
    return world.finished.id


def _add_asset(store: Store, world: World) -> None:
    asset = store.acting_as(LOCAL).assets.get(world.asset)
    if asset is not None:
        store.assets.add(asset)


def _add_batch(store: Store, world: World) -> bool:
    batch = world.batch.model_copy(update={"id": "new"})
    return store.batches.add(batch, [_batch_row(world)], token="new")


def _batch_row(world: World) -> BatchRow:
    """The one row of the owner's batch."""
    own = {"batch_id": world.batch.id, "position": 1, "row": 1, "attempt": 1}
    return BatchRow(**own, state="waiting", request=request(), estimate=estimate())


def _resume(store: Store, world: World) -> bool:
    store.acting_as(LOCAL).batches.halt(world.batch.id, "paused", NOW)
    return store.batches.resume(world.batch.id, NOW)


def _again(store: Store, world: World) -> int:
    store.acting_as(LOCAL).batches.halt(world.batch.id, "stopped", NOW)
    return store.batches.again(world.batch.id, [_batch_row(world)], NOW)


def _next(store: Store, world: World) -> list[BatchRow]:
    costs = store.acting_as(LOCAL).feeding.costs(world.batch.id)
    return store.feeding.next(world.batch.id, costs, 9)


def _refuse(store: Store, world: World) -> list[str]:
    """How the row stands afterwards."""
    store.feeding.refuse(_batch_row(world), "no", NOW)
    rows = store.acting_as(LOCAL).batches.rows(world.batch.id)
    return [row.state if row.state == "refused" else "" for row in rows] or [""]


def _sealed() -> SealedValue:
    return SealedValue(place="connections.key_sealed", value=b"old", row={"id": "relay-1"})


def _budget() -> Budget:
    return Budget(
        connection_id="relay-1",
        period=Period.DAY,
        amount=Decimal(5),
        unit="credit",
        hard=True,
        created_at=NOW,
    )


def _cell(world: World) -> Cell:
    tally = Tally(part="assumed", unit="credit", outcome="failed")
    return Cell("relay-1", NOW.date(), world.person.id, "gen4.5", tally)


def _worker() -> Worker:
    return Worker(id="w", host="h", pid=1, process_started="1", heartbeat_at=NOW)


def _newcomer() -> Person:
    return Person(id="p-new", name="newcomer", role=Role.VIEWER, created_at=NOW)


def _session(world: World) -> Session:
    times = {"created_at": NOW, "seen_at": NOW, "expires_at": NOW + HOUR}
    return Session(id="s-2", person_id=world.person.id, browser="", **times)
