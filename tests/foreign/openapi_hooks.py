"""Tells schemathesis that bodies which it has no serializer for are sent as they are."""

import schemathesis


@schemathesis.serializer("application/x-ndjson", "application/gzip", "application/zip")
def raw(_context, value):
    data = getattr(value, "data", value)
    return data if isinstance(data, bytes) else str(data).encode()
