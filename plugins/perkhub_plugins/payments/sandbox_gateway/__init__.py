"""The sandbox gateway: a payment gateway that exists only for development and tests, reached as a real one would be.

`client` is the plugin, `sandbox` the gateway itself; they share the protocol page beside them and not a line of code.
"""

from perkhub.plugin import PaymentMethod, Register, hookimpl
from perkhub_plugins.payments.sandbox_gateway.client import SandboxGateway

perkhub_contract = "1.0"


@hookimpl
def register_payments(register: Register[PaymentMethod]) -> None:
    """Offer the sandbox gateway."""
    register(SandboxGateway)
