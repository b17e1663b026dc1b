"""Reloadly's side: a vendor of its own, with its own books, that forgets everything when it stops.

It imports nothing of the plugin that talks to it, and of Perkhub only the words that announce a sandbox and its faults.
"""

from perkhub.plugin.sandbox import Sandbox, SandboxApp
from perkhub_plugins.suppliers.reloadly.sandbox.app import Vendor, build_app


def build(base_url: str) -> SandboxApp:
    """A vendor with one client, whose secrets are new each time."""
    vendor = Vendor(base_url)
    settings = {
        "auth_url": f"{base_url}/oauth/token",
        "base_url": base_url,
        "client_id": vendor.client_id,
        "client_secret": vendor.client_secret,
        "webhook_secret": vendor.webhook_secret,
    }
    return SandboxApp(build_app(vendor), settings)


reloadly = Sandbox("Reloadly gift cards: tokens, orders, cards, signed callbacks, and faults to switch on", build)
