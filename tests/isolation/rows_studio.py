"""For each public function of the studio: how it is called, and who may."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from runway_core.domain import MediaKind, Period, TaskStatus, TaskUpdate
from runway_core.people import Role
from runway_core.pricing import Wish
from runway_core.store import Mark, Session, TaskQuery
from runway_core.studio import Studio
from runway_core.studio.adopting import Found
from runway_core.studio.audit import LogQuery
from runway_core.studio.batch_rows import Checked, Usual
from runway_core.studio.notices import Choice
from runway_core.studio.prompt_lists import Line
from tests.builders import NOW, artifact, estimate, request
from tests.isolation.world import World

Call = Callable[[Any, World], Any]


class Row(NamedTuple):
    """Who may call a function: ``y`` yes, ``n`` not allowed, ``0`` as if it were not there."""

    may: str
    """One sign each for owner, teammate, viewer, admin, disabled, anonymous."""
    call: Call


EVERYBODY = "yyyynn"
MAKERS = "yynynn"
ADMINS = "nnnynn"
NOBODY = "nnnnnn"
"""Only the program itself."""
SEEN = "y00ynn"
"""Whoever may see the owner's."""
CHANGED = "y0nynn"
"""Whoever may change the owner's."""
OWN = "yyyynn"
"""Each only their own, so all may call it."""


NO_HTTP: Any = None
"""No request is made: whether the gate opens is the question."""
HOUR = timedelta(hours=1)
TODAY = NOW.date()
PASSWORD = "seven quiet foxes in the snow"


def row(may: str, call: Callable[[Studio, World], Any]) -> Row:
    return Row(may, call)


STUDIO: dict[str, Row] = {
    # --- videos ---
    "tasks.get": row(SEEN, lambda s, w: s.tasks.get(w.finished.id)),
    "tasks.by_token": row(SEEN, lambda s, w: s.tasks.by_token(w.token)),
    "tasks.page": row(SEEN, lambda s, w: s.tasks.page(TaskQuery(text=f"{w.finished.id}"))),
    "tasks.events": row(SEEN, lambda s, w: s.tasks.events(w.finished.id)),
    "exchanges.of": row(SEEN, lambda s, w: s.exchanges.of(w.finished.id)),
    "exchanges.ticket": row(SEEN, lambda s, w: s.exchanges.ticket(w.finished.id)),
    "exchanges.document": row(SEEN, lambda s, w: s.exchanges.document(w.finished.id)),
    "notices.open_ids": row(OWN, lambda s, w: s.notices.open_ids()),
    "notices.choice": row(OWN, lambda s, w: s.notices.choice()),
    "notices.choose": row(OWN, lambda s, w: s.notices.choose(Choice(sound=True))),
    "tasks.cancel": row(CHANGED, lambda s, w: s.tasks.cancel(w.queued.id)),
    "tasks.delete": row(CHANGED, lambda s, w: s.tasks.delete(w.finished.id)),
    "tasks.fetch_again": row(CHANGED, lambda s, w: s.tasks.fetch_again(w.finished.id)),
    "tasks.adopt": row(CHANGED, lambda s, w: s.tasks.adopt(w.uncertain.id, "found-1")),
    "tasks.send_again": row(CHANGED, lambda s, w: s.tasks.send_again(w.uncertain.id)),
    "tasks.write_off": row(CHANGED, lambda s, w: s.tasks.write_off(w.uncertain.id)),
    "tasks.share": row(CHANGED, lambda s, w: s.tasks.share(w.finished.id, True)),
    "tasks.check_id": row(CHANGED, lambda s, w: s.tasks.check_id(w.uncertain, "found-1")),
    "tasks.others_share": row(EVERYBODY, lambda s, w: s.tasks.others_share()),
    "tasks.count_open": row(OWN, lambda s, w: s.tasks.count_open()),
    "tasks.submit": row(
        MAKERS, lambda s, w: s.tasks.submit(request(), connection=w.connection, token="new")
    ),
    "tasks.spec": row(
        EVERYBODY,
        lambda s, w: s.tasks.spec(w.connection, "gen4.5", request().capability),
    ),
    "tasks.check": row(EVERYBODY, lambda s, w: s.tasks.check(request(), w.connection)),
    "tasks.asked": row(EVERYBODY, lambda s, w: s.tasks.asked(request())),
    "tasks.estimate": row(EVERYBODY, lambda s, w: _estimate(s, w)),
    "line.place": row(SEEN, lambda s, w: s.line.place(w.queued)),
    "line.move": row(CHANGED, lambda s, w: s.line.move(w.queued.id, -1)),
    "line.typical": row(EVERYBODY, lambda s, w: s.line.typical("openai-hk", "gen4.5")),
    "pricing.offers": row(EVERYBODY, lambda s, w: s.pricing.offers(Wish(models=("gen4.5",)))),
    "pricing.offers_of": row(EVERYBODY, lambda s, w: s.pricing.offers_of(Wish(), [])),
    "pricing.pace": row(EVERYBODY, lambda s, w: s.pricing.pace(w.connection, "gen4.5")),
    "pricing.schedule": row(
        EVERYBODY, lambda s, w: s.pricing.schedule(w.connection, {"gen4_turbo": 2}, takes=HOUR)
    ),
    "pricing.price_list": row(
        EVERYBODY,
        lambda s, w: s.pricing.price_list("a fox", w.connection, Wish(models=("gen4_turbo",))),
    ),
    "pricing.curves": row(EVERYBODY, lambda s, w: s.pricing.curves(Wish(), [], [5])),
    "currencies.reporting": row(EVERYBODY, lambda s, w: s.currencies.reporting()),
    "currencies.in_currency": row(EVERYBODY, lambda s, w: s.currencies.in_currency("EUR")),
    "currencies.valued": row(EVERYBODY, lambda s, w: s.currencies.valued()),
    "currencies.choose": row(ADMINS, lambda s, w: s.currencies.choose("EUR")),
    "doubts.count": row(OWN, lambda s, w: s.doubts.count()),
    "doubts.evidence": row(SEEN, lambda s, w: s.doubts.evidence(w.uncertain)),
    "adopting.known": row(SEEN, lambda s, w: s.adopting.known(w.connection, w.remote_id)),
    "adopting.was_here": row(  # or it would be followed twice
        EVERYBODY, lambda s, w: s.adopting.was_here(w.connection, w.remote_id)
    ),
    "adopting.adopt": row(MAKERS, lambda s, w: s.adopting.adopt(w.connection, "elsewhere-1")),
    "adopting.settle": row(CHANGED, lambda s, w: s.adopting.settle(w.uncertain, "found-1")),
    "adopting.record": row(MAKERS, lambda s, w: s.adopting.record(w.connection, _found())),
    "importing.load": row(MAKERS, lambda s, w: s.importing.load(b"[]", connection=w.connection)),
    # --- reviews, and many videos at once ---
    "reviews.of": row(SEEN, lambda s, w: s.reviews.of([w.finished.id])),
    "reviews.chosen": row(SEEN, lambda s, w: [t.id for t in s.reviews.chosen([w.finished.id])]),
    "reviews.mark": row(CHANGED, lambda s, w: s.reviews.mark([w.finished.id], Mark.KEEP)),
    "reviews.note": row(CHANGED, lambda s, w: s.reviews.note(w.finished.id, "hers")),
    "reviews.tag": row(CHANGED, lambda s, w: s.reviews.tag([w.finished.id], add=["a"])),
    "reviews.tags": row(OWN, lambda s, w: s.reviews.tags()),
    "reviews.delete": row(CHANGED, lambda s, w: s.reviews.delete([w.finished.id])),
    "reviews.csv": row(SEEN, lambda s, w: s.reviews.csv([w.finished.id])),
    "reviews.views": row(OWN, lambda s, w: s.reviews.views()),
    "reviews.keep_view": row(MAKERS, lambda s, w: s.reviews.keep_view("mine", {})),
    "reviews.forget_view": row(MAKERS, lambda s, w: s.reviews.forget_view("mine")),
    "repeating.priced": row("y0nynn", lambda s, w: _ids(s.repeating.priced([w.finished.id]))),
    "repeating.submit": row(
        "y0nynn", lambda s, w: _ids(s.repeating.submit([w.finished.id], "token"))
    ),
    # --- batches ---
    "tasks.prepare": row(
        MAKERS, lambda s, w: s.tasks.prepare(request(), connection=w.connection, token="new")
    ),
    "tasks.check_ready": row(EVERYBODY, lambda s, w: s.tasks.check_ready(w.connection)),
    "lists.check": row(EVERYBODY, lambda s, w: _checked(s, w)),
    "lists.admission": row(EVERYBODY, lambda s, w: s.lists.admission(w.connection, [estimate()])),
    "lists.draft": row(OWN, lambda s, w: s.lists.draft()),
    "lists.save_draft": row(MAKERS, lambda s, w: s.lists.save_draft({"text": "mine"})),
    "batches.made": row(SEEN, lambda s, w: s.batches.made(f"batch {w.batch.id}")),
    "batches.make": row(
        MAKERS,
        lambda s, w: s.batches.make("new", _checked(s, w), connection=w.connection, name=""),
    ),
    "batches.get": row(SEEN, lambda s, w: s.batches.get(w.batch.id)),
    "batches.page": row(OWN, lambda s, w: s.batches.page()),
    "batches.progress": row(SEEN, lambda s, w: s.batches.progress(w.batch.id)),
    "batches.rows": row(SEEN, lambda s, w: s.batches.rows(w.batch.id)),
    "batches.csv": row(SEEN, lambda s, w: s.batches.csv(w.batch.id, lambda _task, _n: "")),
    "batches.held": row(EVERYBODY, lambda s, w: s.batches.held(w.batch)),
    "batches.pause": row(CHANGED, lambda s, w: s.batches.pause(w.batch.id)),
    "batches.resume": row(CHANGED, lambda s, w: s.batches.resume(w.batch.id)),
    "batches.stop": row(CHANGED, lambda s, w: s.batches.stop(w.batch.id)),
    "batches.once_more": row(SEEN, lambda s, w: s.batches.once_more(w.batch.id)),
    "batches.retry": row(CHANGED, lambda s, w: s.batches.retry(w.batch.id, [])),
    "feeding.feed": row(NOBODY, lambda s, w: s.feeding.feed()),
    # --- files and drafts ---
    "assets.get": row(SEEN, lambda s, w: s.assets.get(w.asset)),
    "assets.path": row(SEEN, lambda s, w: s.assets.path(w.asset).name),
    "assets.preview": row(
        SEEN, lambda s, w: len(s.assets.preview(w.asset, ratio="1:1", focus=(0.5, 0.5)))
    ),
    "assets.wire_uri": row(SEEN, lambda s, w: len(s.assets.wire_uri(w.frame, ratio="1:1"))),
    "assets.data_uri": row(SEEN, lambda s, w: s.assets.data_uri(w.asset)),
    "assets.add": row(
        MAKERS, lambda s, w: s.assets.add(io.BytesIO(b"no picture"), filename="a.png")
    ),
    "assets.add_artifact": row(
        MAKERS, lambda s, w: s.assets.add_artifact(artifact(), filename="a.mp4", field="video")
    ),
    "drafts.load": row(OWN, lambda s, w: s.drafts.load()),
    "drafts.save": row(MAKERS, lambda s, w: s.drafts.save({"prompt": "mine"})),
    "assets.add_last_frame": row(
        MAKERS, lambda s, w: s.assets.add_last_frame(artifact(), filename="a", field="frames.first")
    ),
    "assets.newest": row(OWN, lambda s, w: s.assets.newest((MediaKind.IMAGE,))),
    "shelf.drafts": row(OWN, lambda s, w: s.shelf.drafts()),
    "shelf.prompts": row(OWN, lambda s, w: s.shelf.prompts()),
    "shelf.unfinished": row(OWN, lambda s, w: s.shelf.unfinished()),
    "shelf.used_prompts": row(OWN, lambda s, w: s.shelf.used_prompts()),
    "shelf.keep_draft": row(MAKERS, lambda s, w: s.shelf.keep_draft("mine", {})),
    "shelf.keep_prompt": row(MAKERS, lambda s, w: s.shelf.keep_prompt("mine", "a fox")),
    "shelf.set_aside": row(MAKERS, lambda s, w: s.shelf.set_aside("mine", {})),
    "shelf.forget": row(MAKERS, lambda s, w: s.shelf.forget("draft", "the owner's")),
    "comparing.finished": row(
        SEEN, lambda s, w: [one.id for one in s.comparing.finished(f"{w.finished.id}")]
    ),
    "comparing.chosen": row(SEEN, lambda s, w: s.comparing.chosen([w.finished.id])),
    "outlines.create": row(MAKERS, lambda s, w: s.outlines.create(request(), w.connection).url),
    # --- connections ---
    "connections.all": row(EVERYBODY, lambda s, w: s.connections.all()),
    "connections.get": row(EVERYBODY, lambda s, w: s.connections.get(w.connection.id)),
    "connections.by_name": row(EVERYBODY, lambda s, w: s.connections.by_name("Our relay")),
    "connections.profile": row(EVERYBODY, lambda s, w: s.connections.profile(w.connection).id),
    "connections.address": row(EVERYBODY, lambda s, w: s.connections.address("openai-hk")),
    "connections.root": row(EVERYBODY, lambda s, w: s.connections.root(w.connection)),
    "connections.add": row(ADMINS, lambda s, w: _add_connection(s)),
    "connections.change": row(
        ADMINS,
        lambda s, w: s.connections.change(
            w.connection.id, name="renamed", base_url=w.connection.base_url
        ),
    ),
    "connections.set_prices": row(
        ADMINS,
        lambda s, w: s.connections.set_prices(
            w.connection.id, unit_price=Decimal(5), unit="point", worth="0.1 USD"
        ),
    ),
    "connections.mended": row(ADMINS, lambda s, w: s.connections.mended(w.connection.id)),
    "connections.refused": row(ADMINS, lambda s, w: s.connections.refused(w.connection, "why")),
    "connections.pause": row(ADMINS, lambda s, w: s.connections.pause(w.connection.id, "why")),
    "connections.resume": row(ADMINS, lambda s, w: s.connections.resume(w.connection.id)),
    "connections.remove": row(ADMINS, lambda s, w: s.connections.remove(w.connection.id)),
    "connections.key": row(ADMINS, lambda s, w: s.connections.key(w.connection)),
    "connections.open": row(MAKERS, lambda s, w: s.connections.open(w.connection, NO_HTTP)),
    "connections.provider": row(
        MAKERS,
        lambda s, w: s.connections.provider(w.connection, NO_HTTP, root="https://a.test", key="k"),
    ),
    "connections.allow_sandbox": row(MAKERS, lambda s, w: s.connections.allow_sandbox(NO_HTTP)),
    "doctor.examine": row(ADMINS, lambda s, w: s.doctor.examine(w.connection)),
    # --- spending and balances ---
    "spending.by": row(OWN, lambda s, w: s.spending.by("day")),
    "spending.report": row(OWN, lambda s, w: s.spending.report("model")),
    "spending.scoreboard": row(OWN, lambda s, w: s.spending.scoreboard()),
    "spending.entries": row(SEEN, lambda s, w: s.spending.entries(w.finished.id)),
    "spending.csv": row(OWN, lambda s, w: s.spending.csv()),
    "usage.tellers": row(ADMINS, lambda s, w: s.usage.tellers()),
    "usage.ask": row(ADMINS, lambda s, w: s.usage.ask(w.connection)),
    "usage.compare": row(ADMINS, lambda s, w: s.usage.compare(w.connection, TODAY, TODAY)),
    "recount.differences": row(NOBODY, lambda s, w: s.recount.differences()),
    "recount.mend": row(NOBODY, lambda s, w: s.recount.mend()),
    "spending.learnt": row(EVERYBODY, lambda s, w: s.spending.learnt(w.connection)),
    "balances.set_alert": row(
        ADMINS, lambda s, w: s.balances.set_alert(w.connection, Decimal(5)).alert_below
    ),
    "balances.ask": row(ADMINS, lambda s, w: s.balances.ask(w.connection)),
    "balances.asks": row(ADMINS, lambda s, w: s.balances.asks()),
    "balances.low": row(EVERYBODY, lambda s, w: s.balances.low()),
    "balances.available": row(EVERYBODY, lambda s, w: s.balances.available(w.connection)),
    "balances.admit": row(EVERYBODY, lambda s, w: s.balances.admit(w.connection, [estimate()])),
    # --- budgets ---
    "budgets.set": row(
        ADMINS, lambda s, w: s.budgets.set(w.connection, {Period.DAY: Decimal(100)})
    ),
    "budgets.remove": row(ADMINS, lambda s, w: s.budgets.remove(w.connection, Period.DAY)),
    "budgets.unit": row(EVERYBODY, lambda s, w: s.budgets.unit(None)),
    "budgets.all": row(EVERYBODY, lambda s, w: s.budgets.all(w.connection)),
    "budgets.outlooks": row(EVERYBODY, lambda s, w: s.budgets.outlooks(w.connection, estimate())),
    "budgets.outlooks_of": row(
        ADMINS, lambda s, w: s.budgets.outlooks_of(w.connection, w.person.id)
    ),
    "budgets.check_again": row(MAKERS, lambda s, w: s.budgets.check_again(w.uncertain)),
    # --- the log of acts ---
    "audit_log.page": row(ADMINS, lambda s, w: s.audit_log.page(LogQuery())),
    "audit_log.people": row(ADMINS, lambda s, w: s.audit_log.people()),
    "audit_log.acts": row(ADMINS, lambda s, w: s.audit_log.acts()),
    "audit_log.last_seen": row(ADMINS, lambda s, w: s.audit_log.last_seen()),
    "audit_log.csv": row(ADMINS, lambda s, w: s.audit_log.csv(LogQuery())),
    "people.roster": row(EVERYBODY, lambda s, w: s.people.roster()),
    # --- providers' calls ---
    "callbacks.address": row(EVERYBODY, lambda s, w: s.callbacks.address()),
    "callbacks.set_address": row(ADMINS, lambda s, w: s.callbacks.set_address("")),
    "callbacks.url_for": row(EVERYBODY, lambda s, w: s.callbacks.url_for(w.finished)),
    "callbacks.can_call": row(EVERYBODY, lambda s, w: s.callbacks.can_call(w.connection)),
    "callbacks.signs": row(EVERYBODY, lambda s, w: s.callbacks.signs(w.connection)),
    "callbacks.test": row(ADMINS, lambda s, w: s.callbacks.test()),
    "callbacks.secrets": row(ADMINS, lambda s, w: s.callbacks.secrets(w.connection.id)),
    "callbacks.opened": row(NOBODY, lambda s, w: s.callbacks.opened(w.connection.id, None)),
    "callbacks.add_secret": row(
        ADMINS, lambda s, w: s.callbacks.add_secret(w.connection.id, "a-secret-1")
    ),
    "callbacks.forget_secrets": row(
        ADMINS, lambda s, w: s.callbacks.forget_secrets(w.connection.id)
    ),
    "callbacks.subject": row(NOBODY, lambda s, w: s.callbacks.subject("openai-hk", "token")),
    # --- hosts and master keys ---
    "hosts.all": row(EVERYBODY, lambda s, w: s.hosts.all()),
    "hosts.name": row(EVERYBODY, lambda s, w: s.hosts.name("https://relay.invalid")),
    "hosts.check": row(EVERYBODY, lambda s, w: s.hosts.check("https://relay.invalid")),
    "hosts.allow": row(ADMINS, lambda s, w: s.hosts.allow("https://other.invalid")),
    "hosts.forbid": row(ADMINS, lambda s, w: s.hosts.forbid("https://relay.invalid")),
    "keys.all": row(ADMINS, lambda s, w: len(s.keys.all())),
    "keys.prepare": row(ADMINS, lambda s, w: s.keys.prepare()),
    "keys.rotate": row(ADMINS, lambda s, w: s.keys.rotate().resealed),
    "keys.forget": row(ADMINS, lambda s, w: s.keys.forget()),
    # --- people ---
    "people.names": row(EVERYBODY, lambda s, w: s.people.names()),
    "people.me": row(OWN, lambda s, w: s.people.me()),
    "people.own_sessions": row(OWN, lambda s, w: s.people.own_sessions()),
    "people.end_session": row("y000nn", lambda s, w: s.people.end_session(_session(w))),
    "people.sign_out_elsewhere": row(OWN, lambda s, w: s.people.sign_out_elsewhere(keep="")),
    "people.set_own_password": row(
        OWN, lambda s, w: s.people.set_own_password("not the present one", PASSWORD)
    ),
    "people.share": row(OWN, lambda s, w: s.people.share(True)),
    "people.all": row(ADMINS, lambda s, w: s.people.all()),
    "people.by_name": row(ADMINS, lambda s, w: s.people.by_name("owner")),
    "people.add": row(
        ADMINS, lambda s, w: s.people.add("newcomer", role=Role.VIEWER, password=PASSWORD)
    ),
    "people.disable": row(ADMINS, lambda s, w: s.people.disable(w.person)),
    "people.enable": row(ADMINS, lambda s, w: s.people.enable(w.person)),
    "people.set_role": row(ADMINS, lambda s, w: s.people.set_role(w.person, Role.VIEWER)),
    "people.set_email": row(ADMINS, lambda s, w: s.people.set_email(w.person, "a@b.test")),
    "people.reset_password": row(ADMINS, lambda s, w: s.people.reset_password(w.person, PASSWORD)),
    "people.sign_out": row(ADMINS, lambda s, w: s.people.sign_out(w.person)),
    "people.import_yaml": row(
        ADMINS, lambda s, w: s.people.import_yaml("credentials: {usernames: {}}")
    ),
    # Whoever signs in is nobody yet, so the program does it for them.
    "sign_in.needed": row(NOBODY, lambda s, w: s.sign_in.needed()),
    "sign_in.check": row(NOBODY, lambda s, w: s.sign_in.check("owner", "wrong")),
    "sign_in.by_email": row(NOBODY, lambda s, w: s.sign_in.by_email("a@b.test")),
    "sign_in.code_for": row(NOBODY, lambda s, w: s.sign_in.code_for(w.person, "browser")),
    "sign_in.complete": row(NOBODY, lambda s, w: s.sign_in.complete("code", "browser")),
    "sign_in.who": row(NOBODY, lambda s, w: s.sign_in.who("token")),
    "sign_in.sign_out": row(NOBODY, lambda s, w: s.sign_in.sign_out("token")),
    "sign_in.set_up": row(NOBODY, lambda s, w: s.sign_in.set_up("token", "first", PASSWORD)),
    "sign_in.setup_token": row(NOBODY, lambda s, w: s.sign_in.setup_token()),
    "sign_in.setup_fits": row(NOBODY, lambda s, w: s.sign_in.setup_fits("token")),
    "calls.receive": row(NOBODY, lambda s, w: s.calls.receive([])),
    "calls.take_over": row(NOBODY, lambda s, w: s.calls.take_over(w.uncertain)),
}


def _ids(found: Any) -> Any:
    return [one.task.id for one in found]


def _estimate(studio: Studio, world: World) -> Any:
    wish = request()
    spec = studio.tasks.spec(world.connection, wish.model, wish.capability)
    return studio.tasks.estimate(world.connection, spec, studio.tasks.asked(wish))


def _checked(studio: Studio, world: World) -> Checked:
    line = Line(row=1, prompt="a fox", image="https://a.example/fox.png")
    return studio.lists.check([line], world.connection, Usual(model="gen4_turbo"))


def _add_connection(studio: Studio) -> Any:
    return studio.connections.add("another", profile="openai-hk", key="hk-0123456789").name


def _session(world: World) -> Session:
    times = {"created_at": NOW, "seen_at": NOW, "expires_at": NOW}
    return Session(id=world.session, person_id=world.person.id, browser="", **times)


def _found() -> Found:
    return Found(
        remote_id="found-2",
        update=TaskUpdate(status=TaskStatus.RUNNING),
        request=request(),
        event="found",
        next_look=NOW,
    )
