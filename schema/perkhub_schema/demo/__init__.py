"""The demo: a filled shop on one machine, with its web server, its worker and a payment gateway to play with."""

from perkhub_schema.demo.run import run_demo

__all__ = ["run_demo"]
