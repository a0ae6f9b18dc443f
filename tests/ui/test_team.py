"""The Team page: the first admin, people and what is done with them, their budgets, and the log."""

from __future__ import annotations

from decimal import Decimal

import pytest
from streamlit.testing.v1 import AppTest

from runway_core.domain import Period, TaskStatus
from runway_core.people import Person, Role
from runway_core.store import TaskQuery
from runway_core.studio import Studio
from runway_core.studio.audit import LogQuery
from tests.team import person as join
from tests.ui.becoming import Become, becoming, working_as
from tests.ui.conftest import Open, click, said
from tests.ui.test_history import record

GOOD = "a lantern over quiet water"
FILE = """
credentials:
  usernames:
    jsmith: {email: j@example.com, password: otter-velvet-canyon-flute, roles: [admin]}
    rbriggs: {email: r@example.com, password: '123', role: editor}
    Ada: {password: otter-velvet-canyon-flute, role: admin}
"""


@pytest.fixture
def become(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> Become:
    return becoming(studio, monkeypatch)


@pytest.fixture
def ada(studio: Studio, become: Become) -> Person:
    """The admin, signed in."""
    admin = join(studio, "Ada", Role.ADMIN)
    become(admin)
    return admin


def named(studio: Studio, name: str) -> Person:
    return studio.people.by_name(name)


def act(app: AppTest, person: Person, what: str) -> AppTest:
    app.menu_button(key=f"team.act.{person.id}").click(what).run()
    assert not app.exception
    return app


def password_shown(app: AppTest) -> str:
    (code,) = [element.value for element in app.code]
    return str(code)


# --- an open computer -----------------------------------------------------------------------------


def test_an_open_computer_explains_and_makes_the_first_admin(
    open_app: Open, studio: Studio
) -> None:
    made = record(studio, "before anybody signed in")
    app = open_app("team")
    assert "everybody has to sign in" in said(app)
    app.text_input(key="team.first.name").input("Ada").run()
    app.text_input(key="team.first.password").input("short").run()
    click(app, "team.first.add")
    assert "**Password** must have at least 12 characters" in said(app)
    assert app.text_input(key="team.first.name").value == "Ada"
    assert not studio.sign_in.needed()
    app.text_input(key="team.first.password").input(GOOD).run()
    click(app, "team.first.add")
    assert [t.value for t in app.title] == ["Sign in"]
    ada = studio.sign_in.check("ada", GOOD)
    assert ada.role is Role.ADMIN
    assert studio.tasks.get(made.id).owner_id == ada.id


def test_a_file_is_looked_at_first_and_then_brought_in(
    open_app: Open, studio: Studio, ada: Person
) -> None:
    app = open_app("team")
    app.text_area(key="team.import.text.0").input(FILE).run()
    click(app, "team.import.look")
    text = said(app)
    assert "2 people would be added:** jsmith, rbriggs" in text
    assert "As viewers, because their role is none of ours: rbriggs" in text
    assert "Can't sign in until you give them a password: rbriggs" in text
    assert "Here already, and not changed: Ada" in text
    assert [person.name for person in studio.people.all()] == ["Ada"]
    click(app, "team.import.sure")
    assert "2 people added." in " ".join(s.value for s in app.success)
    assert studio.sign_in.check("jsmith", "otter-velvet-canyon-flute").role is Role.ADMIN
    app.text_area(key="team.import.text.1").input("no: people").run()
    click(app, "team.import.look")
    assert "**The file** has no people" in said(app) and "Nobody was added" in said(app)


# --- people ---------------------------------------------------------------------------------------


def test_a_new_person_gets_a_password_that_is_shown_once(
    open_app: Open, studio: Studio, ada: Person
) -> None:
    app = open_app("team")
    app.text_input(key="team.add.0.name").input("ada").run()
    click(app, "team.add.0.save")
    assert "“ada” is taken" in said(app)
    assert app.text_input(key="team.add.0.name").value == "ada"
    app.text_input(key="team.add.0.name").input("Mia").run()
    click(app, "team.add.0.save")
    password = password_shown(app)
    assert "It is shown only now" in said(app)
    click(app, "team.made.done")
    assert password not in said(app.run()) and not app.code
    mia = studio.sign_in.check("Mia", password)
    assert mia.role is Role.MAKER
    assert "Mia" in said(app) and "never signed in" in said(app)


def test_roles_change_at_once_but_not_ones_own_without_a_question(
    open_app: Open, studio: Studio, ada: Person
) -> None:
    mia = join(studio, "Mia", Role.MAKER)
    app = open_app("team")
    role = f"team.role.{ada.id}"
    app.selectbox(key=role).select("viewer").run()
    assert "You will be a viewer, and no admin any more." in said(app)
    click(app, "team.sure")
    assert "One admin who can sign in has to stay" in " ".join(w.value for w in app.warning)
    click(app, "team.not_now")
    assert app.run().selectbox(key=role).value == "admin"
    app.selectbox(key=f"team.role.{mia.id}").select("admin").run()
    assert named(studio, "Mia").role is Role.ADMIN
    app.selectbox(key=role).select("viewer").run()
    click(app, "team.sure")
    assert named(studio, "Ada").role is Role.VIEWER
    assert "Add a person" not in said(app.run())


def test_disabling_asks_and_enabling_does_not(open_app: Open, studio: Studio, ada: Person) -> None:
    mia = join(studio, "Mia", Role.MAKER)
    app = act(open_app("team"), mia, "Disable")
    assert "is signed out at once" in said(app)
    click(app, "team.not_now")
    assert named(studio, "Mia").disabled_at is None
    click(act(app, mia, "Disable"), "team.sure")
    assert named(studio, "Mia").disabled_at is not None
    assert "Disabled" in said(app.run())
    act(app, mia, "Enable")
    assert named(studio, "Mia").disabled_at is None


def test_a_new_password_signs_out_and_is_shown_or_typed(
    open_app: Open, studio: Studio, ada: Person
) -> None:
    mia = join(studio, "Mia", Role.MAKER)
    code = studio.sign_in.code_for(mia, "b")
    token = studio.sign_in.complete(code, "b")
    app = click(act(open_app("team"), mia, "New password"), "team.sure")
    assert studio.sign_in.who(token) is None
    assert studio.sign_in.check("Mia", password_shown(app.run())).id == mia.id
    click(app, "team.made.done")
    act(app.run(), mia, "New password")
    app.segmented_control(key="team.password.how").select("Type one").run()
    app.text_input(key="team.password.password").input("12345").run()
    click(app, "team.sure")
    assert "**Password** must have at least 12" in said(app)
    app.text_input(key="team.password.password").input(GOOD).run()
    click(app, "team.sure")
    assert studio.sign_in.check("Mia", GOOD).id == mia.id
    assert not app.run().code


def test_who_is_no_admin_sees_names_and_roles_alone(
    open_app: Open, studio: Studio, ada: Person, become: Become
) -> None:
    studio.people.set_email(ada, "ada@example.com")
    mia, gone = join(studio, "Mia", Role.MAKER), join(studio, "Gone", Role.VIEWER)
    studio.people.disable(gone)
    become(mia)
    app = open_app("team", show="log")
    text = said(app)
    assert "**Ada**" in text and "**Mia** · you" in text and "Gone" not in text
    assert "ada@example.com" not in text and "Add a person" not in text
    assert not app.button and not app.selectbox and not app.menu_button


# --- budgets and the log --------------------------------------------------------------------------


def test_a_persons_budget_is_set_beside_that_of_all(
    open_app: Open, studio: Studio, ada: Person
) -> None:
    mia = join(studio, "Mia", Role.MAKER)
    sandbox = studio.connections.by_name("Sandbox")
    studio.budgets.set(sandbox, {Period.MONTH: Decimal(500)})
    record(working_as(studio, mia), "hers")
    app = act(open_app("team"), mia, "Budgets")
    own = f"team.budget.{mia.id}.sandbox"
    app.text_input(key=f"{own}.month.amount").input("100").run()
    click(app, f"{own}.save")
    (hers,) = studio.budgets.all(sandbox, mia.id)
    (everybodys,) = studio.budgets.all(sandbox)
    assert (hers.amount, everybodys.amount) == (Decimal(100), Decimal(500))
    used = studio.budgets.outlooks_of(sandbox, mia.id)[0].reserved
    assert f"{used} of 100 credits" in said(app)
    settings = open_app("settings")
    assert settings.text_input(key="settings.budget.sandbox.month.amount").value == "500"
    (entry, *_) = working_as(studio, ada).audit_log.page(LogQuery(act="budget set")).entries
    assert entry.detail == "100 credits a month, for Mia"


def test_the_log_is_filtered_paged_and_downloaded_without_formulas(
    open_app: Open, studio: Studio, ada: Person
) -> None:
    admin = working_as(studio, ada)
    for number in range(30):
        admin.people.audit("video shared", f"video {number}")
    task = record(admin, "a lighthouse | *bold*", status=TaskStatus.CANCELLED)
    admin.tasks.share(task.id, True)
    admin.connections.pause("sandbox", "a look at its prices")
    admin.people.audit("connection added", '=HYPERLINK("http://evil.test")', "@SUM(1)")
    app = open_app("team", show="log")
    (table,) = [m.value for m in app.markdown if m.value.startswith("| When")]
    rows = table.splitlines()
    assert len(rows) == 27 and "connection added" in rows[2]
    assert "| connection paused | Sandbox |" in rows[3]
    assert f"| [a lighthouse \\| \\*bold\\*](/history?task={task.id}) |" in rows[4]
    assert "video 29" in table and "video 1 |" not in table
    app.selectbox(key="team.log.act").select("video shared").run()
    (table,) = [m.value for m in app.markdown if m.value.startswith("| When")]
    assert "connection added" not in table
    app.selectbox(key="team.log.act").select("connection added").run()
    app.selectbox(key="team.log.person").select("Ada").run()
    (table,) = [m.value for m in app.markdown if m.value.startswith("| When")]
    assert table.count("\n") == 2
    lines = admin.audit_log.csv(LogQuery(person="Ada")).decode("utf-8-sig").splitlines()
    assert lines[0] == '"When (UTC)","Who","What","To what","Detail"'
    assert lines[1].endswith('''"'=HYPERLINK(""http://evil.test"")","'@SUM(1)"''')
    assert len([line for line in lines if "video shared" in line]) == 31


def test_another_persons_tasks_are_counted_in_nobody_elses_budget(
    studio: Studio, ada: Person
) -> None:
    mia, bo = join(studio, "Mia", Role.MAKER), join(studio, "Bo", Role.MAKER)
    sandbox = studio.connections.by_name("Sandbox")
    studio.budgets.set(sandbox, {Period.DAY: Decimal(10)}, person_id=bo.id)
    record(working_as(studio, mia), "hers")
    assert studio.budgets.outlooks_of(sandbox, bo.id)[0].reserved == 0
    assert working_as(studio, mia).tasks.page(TaskQuery()).total == 1
