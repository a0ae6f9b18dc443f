"""What people think of videos: kept, found again, changed and deleted by many at once."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from runway_core.domain import ArtifactState, Task, TaskStatus
from runway_core.people import Actor, Right
from runway_core.store import Change, Mark, Review, Store, TaskQuery
from tests.builders import NOW, artifact, new_task

MIA = Actor(id="mia", name="mia", rights=frozenset({Right.LOOK, Right.MAKE}))
BO = Actor(id="bo", name="bo", rights=frozenset({Right.LOOK, Right.MAKE}))
WORDS = st.lists(st.text("aıİ狐é b", max_size=4), max_size=4).map(tuple)


def _made(store: Store, prompt: str, *, ended: bool = True) -> Task:
    new = new_task(prompt=prompt)
    assert store.tasks.add(new)
    if ended:
        done = TaskStatus.SUCCEEDED
        store.tasks.move(
            new.id, [TaskStatus.QUEUED], now=NOW, status=done, next_at=None, finished_at=NOW
        )
    found = store.tasks.get(new.id)
    assert found is not None
    return found


def _found(store: Store, **query: object) -> list[str]:
    return [t.request.prompt for t in store.tasks.page(TaskQuery.model_validate(query)).tasks]


def test_marks_tags_and_notes_are_found_again(store: Store) -> None:
    fox, owl = _made(store, "a fox"), _made(store, "an owl")
    change = Change(mark=Mark.KEEP, add=("Spring 2027", "夜景"), note="too dark at the end")
    assert store.reviews.change([fox.id], change, NOW) == 1
    review = Review(mark=Mark.KEEP, note="too dark at the end", tags=("Spring 2027", "夜景"))
    assert store.reviews.of([fox.id, owl.id, "nothing"]) == {fox.id: review, owl.id: Review()}
    by = ({"mark": "keep"}, {"tag": "SPRING 2027"}, {"text": "dark"}, {"text": "夜景"})
    for query in (*by, {"mark": "keep", "tag": "夜景", "text": "fox spring"}):
        assert _found(store, **query) == ["a fox"], query
    assert _found(store, mark="reject") == _found(store, mark="keep", text="owl") == []
    assert store.reviews.tags() == ["Spring 2027", "夜景"]

    store.reviews.change([fox.id], Change(unmark=True, drop=("spring 2027",), note=""), NOW)
    assert store.reviews.of([fox.id]) == {fox.id: Review(tags=("夜景",))}
    assert _found(store, mark="keep") == _found(store, tag="spring 2027") == []
    assert _found(store, text="dark") == []
    assert _found(store, text="fox") == _found(store, tag="夜景") == ["a fox"]
    assert store.reviews.tags() == ["夜景"]


def test_a_note_can_be_changed_any_number_of_times(store: Store) -> None:
    fox = _made(store, "a fox")
    for note in ("first words", "other ones", "", "words again"):
        store.reviews.change([fox.id], Change(note=note), NOW)
        for word in ("first", "other", "again"):
            assert bool(_found(store, text=word)) == (word in note), (note, word)
        assert _found(store, text="fox") == ["a fox"]


def test_an_id_that_comes_later_is_found_beside_the_note(store: Store) -> None:
    new = new_task(prompt="a fox")
    store.tasks.add(new)
    store.reviews.change([new.id], Change(note="my note"), NOW)
    store.tasks.move(new.id, [TaskStatus.QUEUED], now=NOW, remote_id="Remote-77")
    assert _found(store, text="fox remote-77 note") == ["a fox"]


@given(old=WORDS, add=WORDS, drop=WORDS)
def test_tags_are_held_once_whatever_their_spelling(
    old: tuple[str, ...], add: tuple[str, ...], drop: tuple[str, ...]
) -> None:
    from runway_core.store.search import folded

    before = Change(add=old).made_to(Review())
    after = Change(add=add, drop=drop).made_to(before)
    kept = [folded(tag) for tag in after.tags]
    assert len(kept) == len(set(kept))
    gone = {folded(tag) for tag in drop}
    assert set(kept) == {folded(tag) for tag in (*before.tags, *add)} - gone


def test_only_ones_own_are_changed_and_deleted(store: Store) -> None:
    hers = _made(store.acting_as(MIA), "hers")
    store.acting_as(MIA).tasks.share(hers.id, True)
    his = _made(store.acting_as(BO), "his")
    bo = store.acting_as(BO)
    assert bo.reviews.change([hers.id, his.id], Change(mark=Mark.REJECT, add=("x",)), NOW) == 1
    assert bo.reviews.of([hers.id, his.id])[hers.id] == Review()
    assert list(bo.reviews.hide([hers.id, his.id], NOW)) == [his.id]
    assert store.acting_as(MIA).reviews.tags() == []
    store.acting_as(MIA).tasks.share(hers.id, False)
    store.acting_as(MIA).reviews.change([hers.id], Change(mark=Mark.KEEP, add=("x",)), NOW)
    assert bo.reviews.of([hers.id]) == {}
    assert _found(bo, tag="x") == _found(bo, mark="keep") == []
    assert _found(store.acting_as(MIA), tag="x") == ["hers"]


def test_many_are_deleted_but_for_what_is_still_open(store: Store) -> None:
    done = [_made(store, f"take {n}") for n in range(30)]
    store.tasks.attach(done[0].id, [artifact()], now=NOW)
    waiting = _made(store, "waiting", ended=False)
    saving = _made(store, "saving")
    store.tasks.move(
        saving.id,
        [TaskStatus.SUCCEEDED],
        now=NOW,
        next_at=NOW,
        artifact_state=ArtifactState.DOWNLOADING,
    )
    gone = store.reviews.hide([*(t.id for t in done), waiting.id, saving.id, "nothing"], NOW)
    assert set(gone) == {task.id for task in done}
    assert gone[done[0].id] == [artifact()]
    assert set(_found(store)) == {"waiting", "saving"}
    assert store.reviews.hide([task.id for task in done], NOW) == {}
