"""What buyers and staff ask. Every mutation takes one `input` and answers with `errors` beside the changed object."""

ORDER = """
    fragment Told on Order {
        id state total { amount } refunded { amount } lines { quantity entitlements { id state } }
    }
"""
SHOWN = "revealed { entitlement { id state } credentials { kind value } }"
ACTION = "paymentAction { payment { id amount { amount } } redirectUrl }"
ERRORS = "errors { code message path }"

ORDER_PLACE = f"""
    mutation place($input: OrderPlaceInput!) {{
        orderPlace(input: $input) {{ order {{ ...Told }} {SHOWN} {ACTION} {ERRORS} }}
    }} {ORDER}
"""
ORDER_PAY = f"""
    mutation pay($input: OrderPayInput!) {{ orderPay(input: $input) {{ order {{ ...Told }} {ACTION} {ERRORS} }} }} {ORDER}
"""
ORDER_CANCEL = f"""
    mutation cancel($input: OrderCancelInput!) {{ orderCancel(input: $input) {{ order {{ ...Told }} {ERRORS} }} }} {ORDER}
"""
REFUND_REQUEST = f"""
    mutation refund($input: RefundRequestInput!) {{ refundRequest(input: $input) {{ order {{ ...Told }} {ERRORS} }} }} {ORDER}
"""
ENTITLEMENT_REVEAL = f"""
    mutation reveal($input: EntitlementRevealInput!) {{ entitlementReveal(input: $input) {{ {SHOWN} {ERRORS} }} }}
"""
WALLET_TOP_UP = f"""
    mutation topUp($input: WalletTopUpInput!) {{ walletTopUp(input: $input) {{ topUp {{ id state }} {ACTION} {ERRORS} }} }}
"""
MY_WALLET = "query wallet { me { wallet { balance { amount currency } } } }"
MY_ORDERS = f"""
    query orders($after: String) {{
        me {{ orders(first: 50, after: $after) {{
            nodes {{ ...Told payments {{ id method state }} }} pageInfo {{ hasNextPage endCursor }}
        }} }}
    }} {ORDER}
"""

CODES_IMPORT = f"""
    mutation take($input: CodesImportInput!) {{ codesImport(input: $input) {{ codeImport {{ id state }} {ERRORS} }} }}
"""
CODE_IMPORT = """
    query codeImport($id: ID!) {
        codeImport(id: $id) {
            state rowsRead rowsStocked rowsRefused lot { id quantity } failure { code message }
            refusals(first: 10) { nodes { row column code message } }
        }
    }
"""
LOT_RECALL = f"""
    mutation recall($input: LotRecallInput!) {{
        lotRecall(input: $input) {{ lot {{ id state counts {{ available frozen }} }} {ERRORS} }}
    }}
"""
IN_REVIEW = "query { paymentsInReview(first: 50) { nodes { id amount { amount } received { amount } } } }"
REVIEW_SETTLE = f"""
    mutation settle($input: PaymentReviewSettleInput!) {{
        paymentReviewSettle(input: $input) {{ payment {{ id state received {{ amount }} }} {ERRORS} }}
    }}
"""
