"""Why a list could not be read on.

CursorOfAnotherOrder    the cursor was made by a list that was sorted, or searched, otherwise
"""

from perkhub.kit.errors import DomainError


class CursorOfAnotherOrder(DomainError):
    code = "CURSOR_OF_ANOTHER_ORDER"
    en = "This cursor belongs to a list in another order. Start again without it, or ask in the order it came from."
    zh = "该游标属于另一种排序的列表。请去掉游标重新开始,或使用原来的排序方式。"
