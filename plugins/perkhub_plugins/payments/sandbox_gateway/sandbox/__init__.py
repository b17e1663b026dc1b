"""The gateway itself: a party of its own, with its own books, that forgets everything when it stops.

It imports nothing of the plugin that talks to it, and of Perkhub only the clock and the words that announce a sandbox.
"""

import secrets

from perkhub.plugin.sandbox import Sandbox, SandboxApp
from perkhub_plugins.payments.sandbox_gateway.sandbox.app import build_app
from perkhub_plugins.payments.sandbox_gateway.sandbox.signatures import Merchant


def build(base_url: str) -> SandboxApp:
    """A gateway with one merchant, whose secrets are new each time."""
    merchant = Merchant("sandbox-merchant", secret=secrets.token_hex(24), webhook_secret=secrets.token_hex(24))
    settings = {
        "base_url": base_url,
        "merchant_id": merchant.merchant_id,
        "secret": merchant.secret,
        "webhook_secret": merchant.webhook_secret,
    }
    return SandboxApp(build_app(base_url, merchant), settings)


gateway = Sandbox("A payment gateway with a pay page, signed callbacks and faults to switch on", build)
