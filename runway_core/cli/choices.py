"""Which of a profile's rows a command means, and its options as the values that the row asks for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Set

from runway_core.catalog import ModelSpec, OptionSpec, Profile, catalog
from runway_core.domain import Capability, Value
from runway_core.errors import InvalidInputError, Problem


def choose(
    profile: Profile, model: str, capability: Capability | None, given: Set[str] = frozenset()
) -> ModelSpec:
    """The row of a model that fits best what is given: frame positions and roles of files.

    Raises:
        InvalidInputError: the profile does not offer it; says what it does.
    """
    rows = [s for s in profile.specs if s.id == model and capability in (None, s.capability)]
    if not rows:
        return catalog().spec(profile.id, model, capability)
    return min(rows, key=lambda spec: _misfit(spec, given))


def _misfit(spec: ModelSpec, given: Set[str]) -> int:
    """How much is given that the row does not take, and how much it needs that is not given."""
    takes = {str(place) for place in spec.offered_positions()} | {str(m.role) for m in spec.media}
    needs = {str(m.role) for m in spec.media if m.least}
    if spec.frames_min:
        needs.add("first")
    return len(given - takes) + len(needs - given)


def parse_options(
    pairs: Iterable[str], find: Callable[[str], OptionSpec | None]
) -> dict[str, Value]:
    """``name=value`` pairs, each as the kind of value that its row asks for.

    A name that is not known is passed on: the check that follows says which there are.

    Raises:
        InvalidInputError: names each option that is wrong.
    """
    found: dict[str, Value] = {}
    problems = []
    for pair in pairs:
        name, equals, text = pair.partition("=")
        name = name.strip().replace("-", "_")
        if not equals or not name:
            problems.append(Problem("option", f"“{pair}” must be written as name=value."))
            continue
        option = find(name)
        found[name] = text if option is None else option.read(text)
        if option is not None and text and (wrong := option.problem(found[name])):
            problems.append(Problem(f"options.{name}", wrong))
    if problems:
        raise InvalidInputError(*problems)
    return found
