"""What operators ask, besides what buyers do."""

from tests.faults.queries import ERRORS, ORDER

CONNECT = f"""
    mutation connect($input: SupplierConnectInput!) {{
        supplierConnect(input: $input) {{ account {{ id callbackUrl }} {ERRORS} }}
    }}
"""
SYNC = f"""
    mutation sync($input: SupplierAccountInput!) {{ supplierCatalogSync(input: $input) {{ sync {{ id }} {ERRORS} }} }}
"""
OFFERS = """
    query offers($account: ID!) {
        supplierAccount(id: $account) { catalogSyncs { state } }
        supplierOffers(accountId: $account, mapped: false, first: 50) { nodes { id sku version cost { amount } } }
    }
"""
MAP = f"""
    mutation map($input: OfferMapInput!) {{ offerMap(input: $input) {{ offer {{ id active }} {ERRORS} }} }}
"""
ACCOUNTS = "query accounts { supplierAccounts { nodes { id version state haltedFor } } }"
PAUSE = f"""
    mutation pause($input: SupplierPauseInput!) {{ supplierPause(input: $input) {{ account {{ id haltedFor }} {ERRORS} }} }}
"""
TO_REVIEW = """
    query review { supplierOrders(toReview: true, first: 100) { nodes {
        id reference state cause quantity account { plugin } settlements { id state }
    } } }
"""
PROPOSE = f"""
    mutation propose($input: SupplierOrderSettleInput!) {{
        supplierOrderSettle(input: $input) {{ supplierOrder {{ state settlements {{ id state }} }} {ERRORS} }}
    }}
"""
APPROVE = f"""
    mutation approve($input: SettlementApproveInput!) {{
        supplierSettlementApprove(input: $input) {{ supplierOrder {{ state }} {ERRORS} }}
    }}
"""
PURCHASE = f"""
    mutation purchase($input: StockPurchaseInput!) {{ stockPurchase(input: $input) {{ purchase {{ id }} {ERRORS} }} }}
"""
ORDER_REFUND = f"""
    mutation refund($input: OrderRefundInput!) {{ orderRefund(input: $input) {{ order {{ ...Told }} {ERRORS} }} }} {ORDER}
"""
