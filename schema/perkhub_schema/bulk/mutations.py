"""Bringing in many products at once."""

import strawberry

from perkhub.accounts import Permission
from perkhub.catalog import Outcome, ProductUpsert, Upserted, product_views, upsert_products
from perkhub.kit.bulk import ErrorPolicy
from perkhub.kit.db import Transaction, transact
from perkhub_schema.bulk.inputs import ProductBulkUpsertInput
from perkhub_schema.catalog.types import ProductType, to_product
from perkhub_schema.graphql.access import requires
from perkhub_schema.graphql.bulk import errors_of
from perkhub_schema.graphql.context import Info
from perkhub_schema.graphql.described import described
from perkhub_schema.graphql.errors import ErrorInterface
from perkhub_schema.graphql.mutations import mutation

described(
    Outcome,
    "What came of a row, or with `dryRun` would.",
    {
        Outcome.CREATED: "The product was not there, and now is.",
        Outcome.CHANGED: "The product, a variant or a listing of it is another than before.",
        Outcome.UNCHANGED: "Everything was so already; no version has risen.",
        Outcome.LEFT_OUT: "Nothing of it was taken; `errors` say why, or those of another row.",
    },
)


@strawberry.type(description="What came of a row, in the order of the rows.")
class ProductBulkResult:
    outcome: Outcome = strawberry.field(description="What came of it.")
    product: ProductType | None = strawberry.field(
        description="The product as it stands; null where the row was left out, or the product is not there yet."
    )
    errors: list[ErrorInterface] = strawberry.field(description="What of the row was refused; empty if nothing.")


@strawberry.type(description="What came of many products.")
class ProductBulkPayload:
    results: list[ProductBulkResult] = strawberry.field(default_factory=list, description="One for each row.")
    taken: int | None = strawberry.field(default=None, description="How many rows were taken, or would be.")
    errors: list[ErrorInterface] = strawberry.field(
        default_factory=list, description="Why rows, or all, were refused, with the path of the row; empty if none was."
    )


@mutation(
    requires(Permission.MANAGE_CATALOG),
    "Make or change up to 500 products with their variants and listings. Listings need MANAGE_PRICES in their channel. For "
    "more, see `productsImport`.",
)
async def product_bulk_upsert(info: Info, input: ProductBulkUpsertInput) -> ProductBulkPayload:
    asked, language = await input.to_upserts(info.context.identity), info.context.language
    done = await _carry_out(asked, policy=ErrorPolicy(input.error_policy), dry_run=input.dry_run)
    found = await product_views([row.result for row in done.rows if row.result is not None])
    views = {view.id: view for view in found}
    results = [
        ProductBulkResult(
            outcome=outcome,
            product=None if row.result is None else to_product(views[row.result]),
            errors=errors_of([row], language),
        )
        for row, outcome in zip(done.rows, done.outcomes, strict=True)
    ]
    taken = sum(outcome is not Outcome.LEFT_OUT for outcome in done.outcomes)
    return ProductBulkPayload(results=results, taken=taken, errors=errors_of(done.rows, language))


class _NothingTaken(Exception):
    """Ends the transaction as if nobody had come."""

    def __init__(self, done: Upserted) -> None:
        self.done = done
        super().__init__("nothing was taken")


async def _carry_out(asked: list[ProductUpsert], *, policy: ErrorPolicy, dry_run: bool) -> Upserted:
    async def work(tx: Transaction) -> Upserted:
        done = await upsert_products(tx, asked, policy=policy, dry_run=dry_run)
        if dry_run or set(done.outcomes) == {Outcome.LEFT_OUT}:
            raise _NothingTaken(done)
        return done

    try:
        return await transact(work)
    except _NothingTaken as ended:
        return ended.done


@strawberry.type
class ProductBulkMutations:
    product_bulk_upsert = product_bulk_upsert
