"""Fulu's signatures, by vectors that were made apart from this code; and what their weakness means for us."""

import pytest

from perkhub_plugins.suppliers.fulu.signing import CardUnreadable, Unsendable, decrypt_card, is_signed, serialised, signature

SECRET = "0123456789abcdef0123456789abcdef"
REQUEST = {
    "app_key": "demo-app-key",
    "method": "fulu.order.card.add",
    "timestamp": "2026-01-02 03:04:05",
    "version": "2.0",
    "format": "json",
    "charset": "utf-8",
    "sign_type": "md5",
    "app_auth_token": "",
    "biz_content": '{"product_id":10000587,"buy_num":2,"customer_order_no":"PO-0001"}',
}
CALLBACK = {
    "order_id": "19072426795315681646",
    "charge_finish_time": "2019-07-24 16:46:14",
    "customer_order_no": "PO-0001",
    "order_status": "success",
    "recharge_description": "充值成功",
    "product_id": "10000497",
    "price": "1.0000",
    "buy_num": "2",
    "operator_serial_number": "",
}


def test_a_request_is_signed_as_the_vector_says():
    assert signature(serialised(REQUEST), SECRET) == "ac8cfbf0bed6cf7451468363d4198c66"


def test_a_callback_is_signed_as_the_vector_says():
    assert signature(serialised(CALLBACK), SECRET) == "0dc0a427861d498955a1f1da3fb95041"


def test_the_order_of_the_keys_does_not_matter():
    assert serialised(dict(reversed(CALLBACK.items()))) != serialised(CALLBACK)
    assert is_signed(serialised(dict(reversed(CALLBACK.items()))), "0dc0a427861d498955a1f1da3fb95041", SECRET)


def test_nothing_is_escaped_that_need_not_be():
    assert serialised({"a": "/<>&充值"}) == '{"a":"/<>&充值"}'


def test_permuted_digits_keep_the_signature_so_nothing_is_believed_for_it():
    permuted = {**CALLBACK, "order_id": "".join(sorted(CALLBACK["order_id"]))}
    assert is_signed(serialised(permuted), signature(serialised(CALLBACK), SECRET), SECRET)


def test_a_wrong_signature_or_secret_does_not_fit():
    text = serialised(CALLBACK)
    assert not is_signed(text, signature(text, SECRET[::-1]), SECRET)
    assert not is_signed(text, "", SECRET)
    assert not is_signed(text, "ü" * 32, SECRET)
    assert not is_signed(text + "x", signature(text, SECRET), SECRET)


def test_emoji_are_not_sent():
    with pytest.raises(Unsendable):
        signature("🎁", SECRET)
    assert not is_signed("🎁", "0" * 32, SECRET)


@pytest.mark.parametrize("broken", ["", "not base64!", "AAAA", "QUJDREVGR0hJSktMTU5PUA==", "充值"])
def test_a_card_that_is_none_is_told(broken: str):
    with pytest.raises(CardUnreadable):
        decrypt_card(broken, SECRET)
