"""A real web server beside the test's own process, on the same database."""

from tests.schema.ops.conftest import gateway, gateway_process
from tests.schema.orders.conftest import web

__all__ = ["gateway", "gateway_process", "web"]
