"""Stripe's own description of its API, as a validator of parameters and of objects.

The description comes in a wheel of another project; only this one file is taken out, and its hash is pinned."""

import hashlib
import json
import subprocess
import sys
import zipfile
from pathlib import Path

from jsonschema import Draft202012Validator

WHEEL = "seahaven-stripe-world==0.3.0"
MEMBER = "seahaven_stripe_world/spec/spec3.json"
SHA256 = "f0e0fc8fffbffda45bf5f3df59846443c1d47a3cfcbfae232eedf4743124ebee"
# The package needs a newer Python than we do; its file needs none.
DOWNLOAD = ["download", "--quiet", "--disable-pip-version-check", "--no-deps", "--only-binary=:all:", "--python-version", "3.14"]


def fetch(folder):
    """The description's text, downloaded once."""
    path = folder / "spec3.json"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        subprocess.run([sys.executable, "-m", "pip", *DOWNLOAD, "--dest", folder, WHEEL], check=True)
        (wheel,) = folder.glob("*.whl")
        path.write_bytes(zipfile.ZipFile(wheel).read(MEMBER))
    content = path.read_bytes()
    assert hashlib.sha256(content).hexdigest() == SHA256, f"{path} is not the pinned description"
    return content


def to_draft_2020(value):
    """OpenAPI 3.0 writes `nullable`; JSON Schema writes it as a choice."""
    if isinstance(value, list):
        return [to_draft_2020(one) for one in value]
    if not isinstance(value, dict):
        return value
    if "$ref" in value:
        return value
    schema = {name: to_draft_2020(one) for name, one in value.items() if name != "nullable"}
    return {"anyOf": [schema, {"type": "null"}]} if value.get("nullable") is True else schema


class Description:
    def __init__(self, folder):
        self.document = json.loads(fetch(folder))
        self.components = to_draft_2020(self.document["components"])
        self.validators = {}

    def validator(self, key, schema):
        """Validators are kept: an object has thousands of subschemas."""
        if key not in self.validators:
            bundle = {"components": self.components, **to_draft_2020(schema)}
            self.validators[key] = Draft202012Validator(bundle)
        return self.validators[key]

    def operation(self, method, route):
        """Paths are the same whatever their parameters are called."""
        shape = ["{}" if part.startswith("{") else part for part in route.split("/")]
        for path, operations in self.document["paths"].items():
            if ["{}" if part.startswith("{") else part for part in path.split("/")] == shape:
                return operations.get(method.lower())
        return None

    def request_faults(self, method, route, params):
        operation = self.operation(method, route)
        if method == "POST":
            schema = operation["requestBody"]["content"]["application/x-www-form-urlencoded"]["schema"]
        else:
            query = [one for one in operation.get("parameters", []) if one["in"] == "query"]
            members = {one["name"]: one["schema"] for one in query}
            schema = {"type": "object", "properties": members, "additionalProperties": False}
        return faults(self.validator(("request", method, route), schema), params)

    def reply_faults(self, method, route, status, reply):
        """What a reply, or an error, lacks or should not have."""
        answers = self.operation(method, route)["responses"]
        answer = answers.get(str(status), answers["default"])
        schema = answer["content"]["application/json"]["schema"]
        kind = "error" if status >= 400 else "reply"
        return faults(self.validator((kind, method, route), schema), reply)

    def object_faults(self, name, value):
        schema = {"$ref": f"#/components/schemas/{name}"}
        return faults(self.validator(("object", name), schema), value)


def faults(validator, value):
    found = list(validator.iter_errors(value))
    return [f"{'/'.join(map(str, error.absolute_path))}: {error.message[:200]}" for error in deepest(found)]


def deepest(errors):
    """A choice fails with all its branches: the deepest fault says what is meant."""
    for error in errors:
        if error.context:
            yield max(deepest(error.context), key=lambda inner: len(inner.absolute_path))
        else:
            yield error
