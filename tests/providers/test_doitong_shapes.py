"""How a picture is sent to Doitong, whose pages show three ways: when the next one may follow."""

from __future__ import annotations

import pytest

from runway_core.errors import (
    AuthenticationError,
    DeskError,
    InsufficientCreditsError,
    InvalidRequestError,
    NoAnswerError,
    PermissionDeniedError,
    ProviderError,
    RateLimitError,
    ServerError,
    UnexpectedReplyError,
)
from runway_core.providers.base import Forgetful
from tests.http.raw_server import Connection, RawServer, Request, answer
from tests.providers.doitong_calls import (
    CALLBACK,
    KEY,
    PICTURE,
    Doitong,
    bodies,
    failed,
    keys,
    made,
    picture,
    said,
    sent_input,
    submit,
    undefined,
)


def test_another_shape_follows_only_a_refusal_of_this_one_and_is_remembered() -> None:
    memory = Forgetful()
    with RawServer(
        Doitong({'"imageUrl"': undefined("imageUrl"), '"image"': made(id="g-2")})
    ) as server:
        first = submit(server, picture(), memory=memory)
        assert len(server.requests) == 2
        one, two = keys(server)
        second = submit(server, picture(), memory=memory)
        assert len(server.requests) == 3
        assert sent_input(server)["input"] == {"image": PICTURE}
        assert one != two == keys(server)[2], "the same wish in the same shape has the same key"
    assert first.remote_id == second.remote_id == "g-2"


def test_the_last_shape_is_flat_and_loses_no_choice() -> None:
    memory = Forgetful()
    plan = {"mutation Generate": failed('Unknown type "GenerateInput".'), "": made("animateImage")}
    wish = picture(prompt="wind", ratio="1:1", options={"motion_intensity": "high"})
    with RawServer(Doitong(plan)) as server:
        submit(server, wish, memory=memory, webhook_field="webhookUrl", callback_url=CALLBACK)
        sent = bodies(server)
        assert len({*keys(server)}) == len(sent) == 3
        submit(server, picture(), memory=memory)
        assert len(server.requests) == 4
    assert sent[2] == {
        "query": "mutation AnimateImage($input: ImageAnimationInput!) "
        "{ animateImage(input: $input) { id status url } }",
        "variables": {
            "input": {
                "service": "runway-i2v",
                "imageUrl": PICTURE,
                "duration": 5,
                "motionIntensity": "high",
                "aspectRatio": "1:1",
                "prompt": "wind",
                "webhookUrl": CALLBACK,
            }
        },
    }


def test_a_remembered_shape_that_no_longer_fits_is_left_again() -> None:
    memory = Forgetful()
    memory.set("image_shape", "animateImage")
    plan = {"animateImage": failed("Field 'animateImage' doesn't exist on type 'Mutation'")}
    with RawServer(Doitong(plan | {'"imageUrl"': made()})) as server:
        submit(server, picture(), memory=memory)
        assert len(server.requests) == 2
    assert memory.get("image_shape") == "imageUrl"


def test_when_no_shape_fits_nothing_was_charged_and_each_was_tried_once() -> None:
    plan = {
        "animateImage": failed('Cannot query field "animateImage" on type "Mutation".'),
        '"imageUrl"': undefined("imageUrl"),
        '"image"': undefined("image"),
    }
    with RawServer(Doitong(plan)) as server:
        with pytest.raises(InvalidRequestError) as caught:
            submit(server, picture())
        assert len(server.requests) == 3
    assert caught.value.outcome == "refused"
    assert "REST" in caught.value.hint


@pytest.mark.parametrize(
    "reply",
    [
        pytest.param(undefined("imageUrl", code=""), id="no code"),
        pytest.param(undefined("imageUrl", status="200 OK"), id="200"),
        pytest.param(undefined("imageUrl", status="200 OK", code=""), id="200 and no code"),
        pytest.param(undefined("imageUrl", status="422 X"), id="422"),
        pytest.param(undefined("imageUrl", status="500 X"), id="500"),
        pytest.param(
            said(
                {"data": None, "errors": [{"message": 'Field "imageUrl" is not defined by type Q'}]}
            ),
            id="data null",
        ),
        pytest.param(
            failed("The variables input contains a field name 'imageUrl' that is not defined for"),
            id="java",
        ),
        pytest.param(
            failed(
                "Variable $input of type GenerateInput! was provided invalid value for "
                "input.imageUrl (Field is not defined on ContentInput)"
            ),
            id="ruby",
        ),
        pytest.param(
            failed("unknown field", path=["variable", "input", "input", "imageUrl"]), id="gqlgen"
        ),
        pytest.param(
            failed(
                'Argument "input" has invalid value $input.\nIn field "imageUrl": Unknown field.'
            ),
            id="absinthe",
        ),
        pytest.param(
            failed('Invalid value for argument "input", unknown field "imageUrl" of type "C"'),
            id="rust",
        ),
        pytest.param(
            failed("field 'imageUrl' not found in type: 'ContentInput'", "validation-failed"),
            id="hasura",
        ),
        pytest.param(
            failed("The specified input object field `imageUrl` does not exist.", "HC0014"),
            id="hot chocolate",
        ),
        pytest.param(
            failed('Validation error (FieldUndefined@[generate]) : Field "generate" is undefined'),
            id="the mutation",
        ),
    ],
)
def test_the_next_shape_is_tried_in_whatever_words_this_one_is_refused(reply: bytes) -> None:
    with RawServer(Doitong({'"imageUrl"': reply, '"image"': made()})) as server:
        assert submit(server, picture()).remote_id == "gen-77"
        assert len(server.requests) == 2


STOPS: list[tuple[bytes, type[DeskError]]] = [
    (undefined("quality"), InvalidRequestError),
    (undefined("quality", "200 OK", ""), InvalidRequestError),
    (failed('Field "imageUrl" of required type "String!" was not provided.'), InvalidRequestError),
    (failed("imageUrl is not reachable", "BAD_USER_INPUT"), InvalidRequestError),
    (failed("bad picture", "BAD_USER_INPUT", "400 X"), InvalidRequestError),
    (failed("no", "UNAUTHENTICATED"), AuthenticationError),
    (failed("no", "FORBIDDEN"), PermissionDeniedError),
    (failed("slow", "RATE_LIMITED"), RateLimitError),
    (failed("slow", "TOO_MANY_REQUESTS", "400 X"), RateLimitError),
    (failed("slow down", status="429 X"), RateLimitError),
    (failed("boom", "INTERNAL_SERVER_ERROR"), ServerError),
    (failed('Field "imageUrl" is not defined', "INTERNAL_SERVER_ERROR"), ServerError),
    (failed('Field "imageUrl" is not defined', path=["generate"]), UnexpectedReplyError),
    (
        said({"data": {"generate": None}, "errors": [{"message": 'Unknown field "imageUrl"'}]}),
        UnexpectedReplyError,
    ),
    (failed("something broke"), UnexpectedReplyError),
    (failed("poor", "INSUFFICIENT_CREDITS"), InsufficientCreditsError),
    (said({}, "500 X"), ServerError),
    (said({}, "503 X"), ServerError),
    (said({}, "409 X"), ServerError),
    (said({}), UnexpectedReplyError),
    (answer("<html>", kind="text/html"), UnexpectedReplyError),
    (said({"data": {"generate": {"status": "processing"}}}), UnexpectedReplyError),
]


@pytest.mark.parametrize(("reply", "kind"), STOPS)
def test_no_other_answer_moves_to_the_next_shape(reply: bytes, kind: type[DeskError]) -> None:
    with RawServer(Doitong({"/graphql": reply})) as server:
        with pytest.raises(ProviderError) as caught:
            submit(server, picture())
        assert len(server.requests) == 1
    assert type(caught.value) is kind
    unknown_outcome = kind in (ServerError, UnexpectedReplyError)
    assert caught.value.outcome == ("unknown" if unknown_outcome else "refused")
    assert KEY not in f"{caught.value} {caught.value.said} {caught.value.hint}"


def test_a_create_without_an_answer_stays_unknown_and_is_not_repeated() -> None:
    plan = iter([undefined("imageUrl"), b""])

    def handler(connection: Connection, _request: Request) -> None:
        reply = next(plan)
        connection.send(reply) if reply else connection.reset()

    with RawServer(handler) as server:
        with pytest.raises(NoAnswerError) as caught:
            submit(server, picture())
        assert len(server.requests) == 2
    assert caught.value.outcome == "unknown"
