"""Holds an answer against docs/reference/openapi.yaml: status, headers, type and every field, none missing and none too many."""

import copy
import json
import re
from urllib.parse import urlsplit

import jsonschema
import yaml

from harness.server import REPOSITORY

JSON_TYPES = ("application/json", "application/problem+json")
FORMATS = jsonschema.FormatChecker(formats=())
INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?(Z|[+-]\d\d:\d\d(:\d\d)?)")
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@FORMATS.checks("date-time")
def _is_instant(text):
    return not isinstance(text, str) or bool(INSTANT.fullmatch(text))


@FORMATS.checks("uuid")
def _is_uuid(text):
    return not isinstance(text, str) or bool(UUID.fullmatch(text))


@FORMATS.checks("uri")
def _is_uri(text):
    return not isinstance(text, str) or bool(re.match(r"https?://[^/]+/", text))


class Contract:
    def __init__(self):
        self.document = yaml.safe_load((REPOSITORY / "docs/reference/openapi.yaml").read_text())
        schemas = self.document["components"]["schemas"]
        self.schemas = {name: self._closed(schema) for name, schema in schemas.items()}
        # A literal path wins over one with a name in it: statistics/ is not an id.
        self.paths = sorted(
            ((re.compile(re.sub(r"\{\w+\}", "[^/]+", path)), path) for path in self.document["paths"]),
            key=lambda known: known[1].count("{"),
        )

    def operations(self):
        """(method, path template, operation) of every route."""
        for path, item in self.document["paths"].items():
            for method in ("get", "post", "put", "patch", "delete"):
                if method in item:
                    yield method.upper(), path, item[method]

    def template(self, path):
        return next((template for pattern, template in self.paths if pattern.fullmatch(path)), None)

    def check(self, response, prefix="/"):
        """Fails with a sentence when the answer to a documented request is not one of those that are documented."""
        request = response.request
        path = urlsplit(str(request.url)).path
        if prefix != "/" and path.startswith(prefix):
            path = "/" + path[len(prefix) :]
        item = self.document["paths"].get(self.template(path))
        operation = item and item.get(request.method.lower())
        if operation is None:
            return
        where = f"{request.method} {path} answered {response.status_code}"
        documented = operation["responses"]
        known = documented.get(str(response.status_code)) or documented.get("default")
        assert known, f"{where}, which openapi.yaml does not know"
        known = self._resolved(known)
        for name, header in known.get("headers", {}).items():
            if self._resolved(header).get("required"):
                assert name in response.headers, f"{where} without {name}"
        self._check_body(response, known.get("content"), where)

    def _check_body(self, response, content, where):
        if not content:
            assert not response.content, f"{where} with a body: {response.content[:200]!r}"
            return
        kind = response.headers.get("content-type", "").split(";")[0].strip()
        assert kind in content, f"{where} as {kind!r}; it should be one of {list(content)}"
        if kind in JSON_TYPES:
            self.check_value(json.loads(response.content), content[kind]["schema"], where)

    def check_value(self, value, schema, where):
        if isinstance(schema, str):
            schema = {"$ref": f"#/components/schemas/{schema}"}
        root = {**self._closed(schema), "components": {"schemas": self.schemas}}
        validator = jsonschema.Draft202012Validator(root, format_checker=FORMATS)
        error = jsonschema.exceptions.best_match(validator.iter_errors(value))
        if error:
            raise AssertionError(f"{where}: {error.json_path}: {error.message[:600]}")

    def _resolved(self, node):
        while "$ref" in node:
            target = self.document
            for step in node["$ref"].removeprefix("#/").split("/"):
                target = target[step]
            node = target
        return node

    def _closed(self, schema):
        """The same schema with `allOf` melted into one object, and objects refusing members that they do not name."""
        schema = copy.deepcopy(schema)
        if "allOf" in schema:
            schema = self._melted(schema)
        for key in ("items", "additionalProperties", "propertyNames"):
            if isinstance(schema.get(key), dict):
                schema[key] = self._closed(schema[key])
        for key in ("anyOf", "oneOf"):
            if key in schema:
                schema[key] = [self._closed(part) for part in schema[key]]
        if "properties" in schema:
            schema["properties"] = {name: self._closed(part) for name, part in schema["properties"].items()}
            schema.setdefault("additionalProperties", False)
        return schema

    def _melted(self, schema):
        whole = {"type": "object", "required": [], "properties": {}}
        for part in schema["allOf"]:
            part = self._resolved(part)
            if "allOf" in part:
                part = self._melted(part)
            whole["required"] += [name for name in part.get("required", []) if name not in whole["required"]]
            whole["properties"].update(part.get("properties", {}))
        return whole
