"""The check of what must always hold, over a live database."""

from perkhub.audit.run import Finding, audit

__all__ = ["Finding", "audit"]
