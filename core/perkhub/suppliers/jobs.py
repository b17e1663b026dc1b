"""The work of suppliers that nobody waits for: reading catalogs and statements, and asking what lies there."""

from datetime import timedelta
from functools import cache

from perkhub.kit.jobs import every, job
from perkhub.suppliers.balances import BALANCE_JOB, ask_balance, ask_balances
from perkhub.suppliers.catalog_sync import SYNC_JOB, read_catalog
from perkhub.suppliers.statements.read import STATEMENT_JOB, read_statement, request_statements

PATIENCE = timedelta(days=7)


@cache
def register_supplier_jobs() -> None:
    """Register everything, once."""
    job(SYNC_JOB, patience=PATIENCE)(read_catalog)
    job(BALANCE_JOB, patience=timedelta(minutes=10))(ask_balance)
    job(STATEMENT_JOB, patience=PATIENCE)(read_statement)
    every(seconds=1800, name="suppliers.statements")(request_statements)
    every(seconds=60, name="suppliers.balances")(ask_balances)
