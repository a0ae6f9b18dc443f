"""For each public function of the studio: how it is called, and who may."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from runway_core.domain import Period, TaskStatus, TaskUpdate
from runway_core.people import Role
from runway_core.pricing import Wish
from runway_core.store import Session, TaskQuery
from runway_core.studio import Studio
from runway_core.studio.adopting import Found
from runway_core.studio.audit import LogQuery
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
PASSWORD = "seven quiet foxes in the snow"


def row(may: str, call: Callable[[Studio, World], Any]) -> Row:
    return Row(may, call)


STUDIO: dict[str, Row] = {
    # --- videos ---
    "tasks.get": row(SEEN, lambda s, w: s.tasks.get(w.finished.id)),
    "tasks.by_token": row(SEEN, lambda s, w: s.tasks.by_token(w.token)),
    "tasks.page": row(SEEN, lambda s, w: s.tasks.page(TaskQuery(text=f"{w.finished.id}"))),
    "tasks.events": row(SEEN, lambda s, w: s.tasks.events(w.finished.id)),
    "tasks.exchanges": row(SEEN, lambda s, w: s.tasks.exchanges(w.finished.id)),
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
    "currencies.reporting": row(EVERYBODY, lambda s, w: s.currencies.reporting()),
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
    "spending.scoreboard": row(OWN, lambda s, w: s.spending.scoreboard()),
    "spending.entries": row(SEEN, lambda s, w: s.spending.entries(w.finished.id)),
    "spending.csv": row(OWN, lambda s, w: s.spending.csv()),
    "spending.learnt": row(EVERYBODY, lambda s, w: s.spending.learnt(w.connection)),
    "balances.set_alert": row(
        ADMINS, lambda s, w: s.balances.set_alert(w.connection, Decimal(5)).alert_below
    ),
    "balances.low": row(EVERYBODY, lambda s, w: s.balances.low()),
    "balances.available": row(EVERYBODY, lambda s, w: s.balances.available(w.connection)),
    "balances.admit": row(EVERYBODY, lambda s, w: s.balances.admit(w.connection, [estimate()])),
    # --- budgets ---
    "budgets.set": row(
        ADMINS, lambda s, w: s.budgets.set(w.connection, {Period.DAY: Decimal(100)})
    ),
    "budgets.remove": row(ADMINS, lambda s, w: s.budgets.remove(w.connection, Period.DAY)),
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


def _estimate(studio: Studio, world: World) -> Any:
    wish = request()
    spec = studio.tasks.spec(world.connection, wish.model, wish.capability)
    return studio.tasks.estimate(world.connection, spec, studio.tasks.asked(wish))


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
