"""Reloadly gift cards, by its REST API. `README.md` is the protocol as we know it.

`client` is the plugin, `sandbox` the vendor's side; they share that page and not a line of code.
"""

from perkhub.plugin import Register, hookimpl
from perkhub.plugin.supplier import Supplier
from perkhub_plugins.suppliers.reloadly.client import Reloadly

perkhub_contract = "1.0"


@hookimpl
def register_suppliers(register: Register[type[Supplier]]) -> None:
    """Offer Reloadly."""
    register(Reloadly)
