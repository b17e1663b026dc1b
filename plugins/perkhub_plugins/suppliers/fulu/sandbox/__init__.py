"""Fulu's side: a vendor of its own, with its own books, that forgets everything when it stops.

It imports nothing of the plugin that talks to it, and of Perkhub only the words that announce a sandbox and its faults.
"""

import secrets

from perkhub.plugin.sandbox import Sandbox, SandboxApp
from perkhub_plugins.suppliers.fulu.sandbox.app import Vendor, build_app
from perkhub_plugins.suppliers.fulu.sandbox.books import FINAL, ORDER_UNKNOWN, SHORT_OF_MONEY


def build(base_url: str) -> SandboxApp:
    """A vendor with one merchant, whose secret is new each time."""
    vendor = Vendor("sandbox-app-key", secrets.token_hex(16))
    settings = {
        "base_url": f"{base_url}/api/getway",
        "app_key": vendor.app_key,
        "app_secret": vendor.secret,
        "final_codes": ",".join(map(str, FINAL)),
        "halt_codes": str(SHORT_OF_MONEY),
        "not_found_codes": str(ORDER_UNKNOWN),
    }
    return SandboxApp(build_app(vendor), settings)


fulu = Sandbox("Fulu 福禄: card secrets and top-ups, callbacks, and faults to switch on", build)
