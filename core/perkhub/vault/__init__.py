"""Codes: sealed on their way in, dealt once, shown only to their holder, and every touch logged."""

from perkhub.vault.chain import ChainHead, chain_head, export_custody, link_custody
from perkhub.vault.claim import (
    DealtCode,
    SealedCode,
    Waiting,
    burn_codes,
    claim_codes,
    free_stock,
    hold_stock,
    refuse_shortage,
    return_codes,
    settle_stock,
    stock_to_hold,
    stock_to_take,
    take_stock,
)
from perkhub.vault.columns import MEANINGS as COLUMN_MEANINGS
from perkhub.vault.credentials import Credential, CredentialKind
from perkhub.vault.custody import record_custody
from perkhub.vault.errors import LotNotOpen, OutOfStock, VariantNotStocked
from perkhub.vault.expire import expire_codes
from perkhub.vault.jobs import register_vault_jobs
from perkhub.vault.lots import (
    Failure,
    ImportView,
    LotView,
    StockLevel,
    codes_by_state,
    imports_by_ids,
    list_imports,
    list_lots,
    lots_by_ids,
    read_import,
    stock_of,
)
from perkhub.vault.models import NEVER, CustodyAction
from perkhub.vault.recall import Recall, codes_sold_of_lot, recall_lot, sold_of_lot
from perkhub.vault.refusals import ROW_FAULT_TEXTS, Refusal
from perkhub.vault.request_import import ImportRequest, request_import
from perkhub.vault.sql import IN_POOL, STOCKED
from perkhub.vault.states import CodeState, ImportState, LotState
from perkhub.vault.supplied import Delivery, Intake, TakenIn, take_in, take_in_many
from perkhub.vault.unseal import read_sealed, unseal_credentials

__all__ = [
    "COLUMN_MEANINGS",
    "IN_POOL",
    "NEVER",
    "ROW_FAULT_TEXTS",
    "STOCKED",
    "ChainHead",
    "CodeState",
    "Credential",
    "CredentialKind",
    "CustodyAction",
    "DealtCode",
    "Delivery",
    "Failure",
    "ImportRequest",
    "ImportState",
    "ImportView",
    "Intake",
    "LotNotOpen",
    "LotState",
    "LotView",
    "OutOfStock",
    "Recall",
    "Refusal",
    "SealedCode",
    "StockLevel",
    "TakenIn",
    "VariantNotStocked",
    "Waiting",
    "burn_codes",
    "chain_head",
    "claim_codes",
    "codes_by_state",
    "codes_sold_of_lot",
    "expire_codes",
    "export_custody",
    "free_stock",
    "hold_stock",
    "imports_by_ids",
    "link_custody",
    "list_imports",
    "list_lots",
    "lots_by_ids",
    "read_import",
    "read_sealed",
    "recall_lot",
    "record_custody",
    "refuse_shortage",
    "register_vault_jobs",
    "request_import",
    "return_codes",
    "settle_stock",
    "sold_of_lot",
    "stock_of",
    "stock_to_hold",
    "stock_to_take",
    "take_in",
    "take_in_many",
    "take_stock",
    "unseal_credentials",
]
