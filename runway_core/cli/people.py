"""``person``: who is in the team and what each may do. Passwords are read from the environment or typed unseen."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Any

import typer

from runway_core.cli.output import Json, opened, print_json
from runway_core.errors import ConfigError, InvalidInputError, Problem
from runway_core.people import Person, Role
from runway_core.studio import Studio
from runway_core.studio.people_file import BYTES_MOST

app = typer.Typer(help="The people of a team.", no_args_is_help=True, rich_markup_mode=None)
Name = Annotated[str, typer.Argument(help="The name they sign in with.")]
TheirRole = Annotated[Role, typer.Option(help="What they may do.")]
PasswordEnv = Annotated[str, typer.Option(help="Environment variable that holds the password.")]
Email = Annotated[str, typer.Option(help="By which a sign-in service knows them.")]


@app.command()
def add(
    name: Name,
    role: TheirRole,
    password_env: PasswordEnv = "",
    email: Email = "",
    as_json: Json = False,
) -> None:
    """Add somebody; the first one must be an admin. From then on the app asks everybody to sign in."""
    with opened(as_json=as_json) as studio:
        password = _password(password_env)
        person = studio.people.add(name, role=role, password=password, email=email)
        _show(person, as_json=as_json)


@app.command(name="list")
def list_(as_json: Json = False) -> None:
    """Show everybody, disabled people too."""
    with opened(as_json=as_json) as studio:
        people = studio.people.all()
        if as_json:
            print_json([_fields(person) for person in people])
            return
        for person in people:
            typer.echo(_line(person))
        if not people:
            typer.echo("Nobody has been added. Whoever can use this computer may do everything.")


@app.command()
def disable(name: Name, as_json: Json = False) -> None:
    """Shut somebody out at once, in open tabs too. Their videos stay."""
    with opened(as_json=as_json) as studio:
        studio.people.disable(studio.people.by_name(name))
        _show_again(name, studio, as_json=as_json)


@app.command()
def enable(name: Name, as_json: Json = False) -> None:
    """Let somebody sign in again."""
    with opened(as_json=as_json) as studio:
        studio.people.enable(studio.people.by_name(name))
        _show_again(name, studio, as_json=as_json)


@app.command(name="set-role")
def set_role(
    name: Name,
    role: Annotated[Role, typer.Argument(help="What they may do from now on.")],
    as_json: Json = False,
) -> None:
    """Let somebody do more or less, from their next click on."""
    with opened(as_json=as_json) as studio:
        studio.people.set_role(studio.people.by_name(name), role)
        _show_again(name, studio, as_json=as_json)


@app.command(name="sign-out")
def sign_out(name: Name, as_json: Json = False) -> None:
    """Sign somebody out everywhere."""
    with opened(as_json=as_json) as studio:
        ended = studio.people.sign_out(studio.people.by_name(name))
        if as_json:
            print_json({"name": name, "ended": ended})
        else:
            typer.echo(f"Signed out of {ended} browser{'' if ended == 1 else 's'}.")


@app.command()
def password(name: Name, password_env: PasswordEnv = "", as_json: Json = False) -> None:
    """Give somebody a new password, and sign them out everywhere."""
    with opened(as_json=as_json) as studio:
        found = studio.people.by_name(name)
        studio.people.reset_password(found, _password(password_env))
        _show_again(name, studio, as_json=as_json)


@app.command(name="import")
def import_(
    file: Annotated[Path, typer.Argument(help="A streamlit-authenticator file (YAML).")],
    as_json: Json = False,
) -> None:
    """Bring in the people of a streamlit-authenticator file, with their passwords. Nobody here is changed."""
    with opened(as_json=as_json) as studio:
        found = studio.people.import_yaml(_text(file)).model_dump(mode="json")
        if as_json:
            print_json(found)
            return
        for what, names in found.items():
            if names:
                typer.echo(f"{what.replace('_', ' ')}: {', '.join(names)}")


def _text(file: Path) -> str:
    try:
        with file.open("rb") as opened_file:
            return opened_file.read(BYTES_MOST + 1).decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or "it is not text"
        raise InvalidInputError(
            Problem("file", f"can't be read: {why}."), hint="Nobody was added."
        ) from None


def _password(variable: str) -> str:
    """The password that a variable holds, or one that is typed twice."""
    if not variable:
        typed: str = typer.prompt("Password", hide_input=True, confirmation_prompt=True, err=True)
        return typed
    found = os.environ.get(variable, "")
    if not found:
        raise ConfigError(
            f"The environment variable {variable} is empty or not set.",
            hint="Put the password into it. Nothing was changed.",
        )
    return found


def _show_again(name: str, studio: Studio, *, as_json: bool) -> None:
    _show(studio.people.by_name(name), as_json=as_json)


def _show(person: Person, *, as_json: bool) -> None:
    if as_json:
        print_json(_fields(person))
    else:
        typer.echo(_line(person))


def _fields(person: Person) -> dict[str, Any]:
    return person.model_dump(mode="json")


def _line(person: Person) -> str:
    state = "" if person.disabled_at is None else "  disabled"
    email = f"  {person.email}" if person.email else ""
    return f"{person.name}  {person.role.value}{email}{state}"
