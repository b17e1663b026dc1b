"""What some benefits of the demo ask of their buyers, so that a newcomer meets a form: by the benefit's slug."""

from perkhub.catalog import BuyerInput, BuyerInputKind, InputOption

QQ = BuyerInput(
    "account",
    BuyerInputKind.ACCOUNT,
    {"zh": "QQ号", "en": "QQ number"},
    {"zh": "Q币将用于这个QQ号，请仔细核对。", "en": "Which account the coins are for. Look twice."},
    pattern=r"[1-9]\d{4,10}",
)
CONTACT = BuyerInput(
    "contact",
    BuyerInputKind.EMAIL,
    {"zh": "联系邮箱", "en": "Contact e-mail"},
    {"zh": "账号有疑问时用于联系您。", "en": "In case there is a question about the account."},
    required=False,
)
PASSPORT = BuyerInput(
    "account", BuyerInputKind.ACCOUNT, {"zh": "网易通行证", "en": "NetEase account"}, {}, min_length=4, max_length=40
)
GAME = BuyerInput(
    "game",
    BuyerInputKind.SELECT,
    {"zh": "游戏", "en": "Game"},
    {},
    options=(
        InputOption("onmyoji", {"zh": "阴阳师", "en": "Onmyoji"}),
        InputOption("identity-v", {"zh": "第五人格", "en": "Identity V"}),
        InputOption("westward", {"zh": "梦幻西游", "en": "Fantasy Westward Journey"}),
    ),
)

ASKED = {"q-coins": (QQ, CONTACT), "netease-card": (PASSPORT, GAME)}
