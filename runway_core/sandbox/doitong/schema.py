"""Doitong's GraphQL schema and the answers of its HTTP endpoint.

Doitong publishes no schema: types, the two queries and the scalar are assumed from its samples. The HTTP
statuses are those of the GraphQL-over-HTTP draft (github.com/graphql/graphql-over-http): an answer without
data is no 2xx.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from graphql import (
    DocumentNode,
    ExecutionResult,
    GraphQLError,
    GraphQLResolveInfo,
    GraphQLSchema,
    build_schema,
    execute_sync,
    get_operation_ast,
    parse,
    validate,
)
from starlette.responses import JSONResponse, Response

from runway_core.sandbox.doitong.jobs import Call, Jobs
from runway_core.sandbox.doitong.refused import STATUS, Refused
from runway_core.sandbox.doitong.shapes import Shape
from runway_core.sandbox.doitong.wish import read_wish
from runway_core.sandbox.faults import Stumbled

TOKENS_MAX = 5000
"""Words and signs of a query: far more than introspection needs."""
Json = dict[str, Any]

SDL = '''
"""Any JSON value."""
scalar JSON

enum GenerationType { VIDEO IMAGE AUDIO AVATAR }

input GenerationContentInput {
  "What the video should show."
  text: String
  %(pictures)s
  webhookUrl: String
}

input GenerationOptionsInput {
  "Seconds, 5 to 10."
  duration: Int
  "16:9, 9:16 or 1:1."
  aspectRatio: String
  "gen-2, gen-3 or gen-4."
  version: String
  quality: String
  motionIntensity: String
  webhookUrl: String
}

input GenerateInput {
  type: GenerationType!
  "runway for text, runway-i2v for an image; chosen by the input when missing."
  provider: String
  input: GenerationContentInput!
  options: GenerationOptionsInput
  webhookUrl: String
}

type Generation {
  id: ID!
  "processing, queued, completed or failed."
  status: String!
  type: GenerationType!
  provider: String!
  url: String
  metadata: JSON
  creditCost: Int
  duration: Int
  webhookUrl: String
  createdAt: String!
  completedAt: String
}

type Query {
  "Whether the service answers."
  ok: Boolean!
  %(looks)s
}

type Mutation {
  generate(input: GenerateInput!): Generation!
  %(animate)s
}
'''
ANIMATE_INPUT = """
input ImageAnimationInput {
  service: String
  imageUrl: String!
  prompt: String
  duration: Int
  aspectRatio: String
  version: String
  quality: String
  motionIntensity: String
  webhookUrl: String
}
"""


class Endpoint:
    """One shape's schema and what answers it."""

    def __init__(self, shape: Shape, jobs: Jobs) -> None:
        self._schema = _schema(shape)
        self._jobs = jobs
        self._errors_at_200 = shape.errors_at_200
        self._root = {
            "ok": True,
            "generate": self._generate,
            "animateImage": self._animate,
            **dict.fromkeys(shape.looks, self._look),
        }

    def answer(self, body: object, call: Call) -> Response:
        """Answer a request's decoded body.

        Raises:
            Refused: it is no GraphQL request.
            Stumbled: a fault prompt.
        """
        query, variables, name = _parts(body)
        try:
            document = parse(query, max_tokens=TOKENS_MAX)
            problems = validate(self._schema, document)
        except GraphQLError as error:
            return self._failed([error], "GRAPHQL_PARSE_FAILED")
        except RecursionError:
            raise Refused("GRAPHQL_PARSE_FAILED", "The query is nested too deeply") from None
        if problems:
            return self._failed(problems, "GRAPHQL_VALIDATION_FAILED")
        return self._executed(document, variables, name, call)

    def _executed(
        self, document: DocumentNode, variables: Json | None, name: str | None, call: Call
    ) -> Response:
        if get_operation_ast(document, name) is None:
            raise Refused("BAD_REQUEST", "The query must have one operation, or operationName")
        result = execute_sync(
            self._schema,
            document,
            root_value=self._root,
            context_value=call,
            variable_values=variables,
            operation_name=name,
        )
        for error in result.errors or ():
            if isinstance(error.original_error, Stumbled):
                raise error.original_error
        if result.data is None:
            return self._failed(result.errors or (), "BAD_USER_INPUT")
        return JSONResponse(_told(result, call))

    def _failed(self, errors: Sequence[GraphQLError], code: str) -> Response:
        told = [_error(error, code) for error in errors]
        status = 200 if self._errors_at_200 else STATUS.get(told[0]["extensions"]["code"], 500)
        return JSONResponse({"errors": told}, status)

    def _generate(self, info: GraphQLResolveInfo, input: Json) -> Json:
        if input["type"] != "VIDEO":
            raise Refused("BAD_USER_INPUT", "type: only VIDEO is practised here", field="type")
        content = input["input"]
        flat = {
            "service": input.get("provider"),
            "prompt": content.get("text"),
            "webhookUrl": input.get("webhookUrl") or content.get("webhookUrl"),
            **{name: content.get(name) for name in ("imageUrl", "image")},
        }
        options = {k: v for k, v in (input.get("options") or {}).items() if v is not None}
        return self._make(flat | options, info)

    def _animate(self, info: GraphQLResolveInfo, input: Json) -> Json:
        return self._make({"service": "runway-i2v", **input}, info)

    def _make(self, values: Mapping[str, object], info: GraphQLResolveInfo) -> Json:
        return self._jobs.make(read_wish(values, prompt_required=False), info.context)

    def _look(self, info: GraphQLResolveInfo, id: str) -> Json | None:
        return self._jobs.find(id, info.context)


def _schema(shape: Shape) -> GraphQLSchema:
    parts = {
        "pictures": "\n  ".join(f"{name}: String" for name in shape.pictures),
        "looks": "\n  ".join(f"{name}(id: ID!): Generation" for name in shape.looks),
        "animate": "animateImage(input: ImageAnimationInput!): Generation!" * shape.animates,
    }
    return build_schema(SDL % parts + ANIMATE_INPUT * shape.animates)


def _parts(body: object) -> tuple[str, Json | None, str | None]:
    values: Json = body if isinstance(body, dict) else {}
    query, variables, name = (values.get(k) for k in ("query", "variables", "operationName"))
    if (
        not isinstance(query, str)
        or not isinstance(variables, dict | None)
        or not isinstance(name, str | None)
    ):
        raise Refused("BAD_REQUEST", "The body must be a JSON object with a GraphQL query")
    return query, variables, name


def _told(result: ExecutionResult, call: Call) -> Json:
    errors = [_error(error, "INTERNAL_SERVER_ERROR") for error in result.errors or ()]
    errors += call.warnings
    return {"data": result.data, **({"errors": errors} if errors else {})}


def _error(error: GraphQLError, code: str) -> Json:
    """An error in the words of graphql-js, which such servers run."""
    cause = error.original_error
    told: Json = {"message": _in_javascript(error.message)}
    if error.locations:
        told["locations"] = [{"line": at.line, "column": at.column} for at in error.locations]
    if error.path:
        told["path"] = error.path
    if isinstance(cause, Refused):
        return {"message": str(cause), **told, "extensions": {"code": cause.code, **cause.more}}
    if cause is not None and not isinstance(cause, GraphQLError):
        told["message"], code = "Internal server error", "INTERNAL_SERVER_ERROR"
    return told | {"extensions": {"code": code}}


_REWRITES: tuple[tuple[str, str | Callable[[re.Match[str]], str]], ...] = (
    (r"'([^'\"]*)'", r'"\1"'),
    (r'([{,] ?)"(\w+)": ', r"\1\2: "),
    (r"\{(?=\w+: )", "{ "),
    (r"(?<=[^{\s])\}", " }"),
)


def _in_javascript(message: str) -> str:
    """graphql-core writes values as Python does, graphql-js as JavaScript does."""
    for pattern, replacement in _REWRITES:
        message = re.sub(pattern, replacement, message)
    return message
