"""The command that shows everything."""

from perkhub_schema.demo import run_demo


def demo() -> None:
    """A believable shop, with codes in stock and a customer who has money: web, worker and sandbox in one go."""
    run_demo()
