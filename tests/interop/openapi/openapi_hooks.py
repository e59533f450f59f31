"""Makes schemathesis send bodies unchanged when it has no serializer for them."""

import schemathesis


@schemathesis.serializer("application/x-ndjson", "application/gzip", "application/zip")
def raw(_context, value):
    data = getattr(value, "data", value)
    return data if isinstance(data, bytes) else str(data).encode()
