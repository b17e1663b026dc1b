"""What the demo shop sells: a literal table of brands that everybody in China knows, at prices one could believe.

The brands are real, the offers are not: neither prices nor codes come from them.
"""

from dataclasses import dataclass
from decimal import Decimal

from perkhub_schema.demo.deliveries import CARDS_CSV, CARDS_XLSX, CODES_CSV, CODES_XLSX, ENGLISH_CSV, LINKS_XLSX, Sheet


@dataclass(frozen=True, slots=True)
class Form:
    """A buyable form of a benefit: what is printed on it, what it costs here, and how many codes were delivered."""

    sku: str
    zh: str
    en: str
    face: Decimal
    price: Decimal
    codes: int
    quota: int | None
    limit: int | None


@dataclass(frozen=True, slots=True)
class Benefit:
    """A product of the shop; `sheet` is how its supplier sends codes."""

    slug: str
    brand: str
    zh: str
    en: str
    use_zh: str
    use_en: str
    sheet: Sheet
    forms: tuple[Form, ...]
    minimum_validity_days: int = 0


def _form(
    sku: str, zh: str, en: str, face: str, price: str, codes: int = 40, *, quota: int | None = None, limit: int | None = None
) -> Form:
    return Form(sku, zh, en, Decimal(face), Decimal(price), codes, quota, limit)


VIDEO = (
    Benefit(
        "iqiyi-gold", "爱奇艺", "爱奇艺黄金VIP会员", "iQIYI Gold membership",
        "打开爱奇艺App，进入“我的-VIP会员-兑换”，输入兑换码。",
        "In the iQIYI app open Me, VIP, Redeem, and enter the code.",
        CODES_XLSX,
        (
            _form("IQIYI-GOLD-1M", "月卡", "One month", "30.00", "24.90", 60),
            _form("IQIYI-GOLD-3M", "季卡", "Three months", "78.00", "65.90"),
            _form("IQIYI-GOLD-12M", "年卡", "One year", "258.00", "218.00", 20, limit=2),
        ),
        minimum_validity_days=30,
    ),
    Benefit(
        "tencent-video", "腾讯视频", "腾讯视频VIP会员", "Tencent Video membership",
        "打开腾讯视频App，进入“个人中心-兑换VIP”，输入兑换码。",
        "In the Tencent Video app open Profile, Redeem VIP, and enter the code.",
        CODES_XLSX,
        (
            _form("TXVIDEO-1M", "月卡", "One month", "30.00", "25.50", 60),
            _form("TXVIDEO-12M", "年卡", "One year", "258.00", "222.00", 20, limit=2),
        ),
        minimum_validity_days=30,
    ),
    Benefit(
        "youku-vip", "优酷", "优酷VIP会员", "Youku membership",
        "登录优酷官网会员兑换页，输入激活码。",
        "Sign in on Youku's redemption page and enter the code.",
        CODES_CSV,
        (
            _form("YOUKU-1M", "月卡", "One month", "30.00", "19.80"),
            _form("YOUKU-3M", "季卡", "Three months", "78.00", "55.00"),
        ),
    ),
    Benefit(
        "mgtv-vip", "芒果TV", "芒果TV会员", "Mango TV membership",
        "打开芒果TV App，进入“我的-会员中心-兑换码”。",
        "In the Mango TV app open Me, Membership, Redeem code.",
        CODES_CSV,
        (_form("MGTV-1M", "月卡", "One month", "25.00", "17.90"),),
    ),
    Benefit(
        "bilibili-premium", "哔哩哔哩", "哔哩哔哩大会员", "Bilibili Premium",
        "打开哔哩哔哩App，进入“我的-大会员-兑换中心”，输入兑换码。",
        "In the Bilibili app open Me, Premium, Redeem, and enter the code.",
        CODES_XLSX,
        (
            _form("BILI-1M", "月度大会员", "One month", "25.00", "18.80", 60),
            _form("BILI-12M", "年度大会员", "One year", "168.00", "138.00", 20),
        ),
        minimum_validity_days=15,
    ),
)  # fmt: skip

MUSIC = (
    Benefit(
        "qq-music", "QQ音乐", "QQ音乐豪华绿钻", "QQ Music Green Diamond",
        "打开QQ音乐App，进入“我的-会员中心-激活码”，输入激活码。",
        "In QQ Music open Me, Membership, Activation code.",
        CODES_CSV,
        (
            _form("QQMUSIC-1M", "月卡", "One month", "18.00", "13.50"),
            _form("QQMUSIC-12M", "年卡", "One year", "178.00", "139.00", 20),
        ),
    ),
    Benefit(
        "netease-music", "网易云音乐", "网易云音乐黑胶VIP", "NetEase Cloud Music Vinyl VIP",
        "打开网易云音乐App，进入“会员中心-兑换码”，输入兑换码。",
        "In NetEase Cloud Music open Membership, Redeem code.",
        CODES_CSV,
        (_form("NCM-1M", "月卡", "One month", "18.00", "12.80"), _form("NCM-3M", "季卡", "Three months", "51.00", "36.90")),
    ),
    Benefit(
        "ximalaya-vip", "喜马拉雅", "喜马拉雅VIP会员", "Ximalaya membership",
        "打开喜马拉雅App，进入“我的-VIP会员-兑换”，输入兑换码。",
        "In the Ximalaya app open Me, VIP, Redeem.",
        CODES_XLSX,
        (_form("XMLY-1M", "月卡", "One month", "25.00", "16.90"),),
    ),
)  # fmt: skip

FOOD = (
    Benefit(
        "starbucks-voucher", "星巴克", "星巴克电子饮品券", "Starbucks drink voucher",
        "打开链接，在门店向店员出示条码。每张限用一次。",
        "Open the link and show the barcode at the counter. Good for one drink.",
        LINKS_XLSX,
        (
            _form("SBUX-TALL", "中杯拿铁券", "Latte, tall", "30.00", "24.50", 60),
            _form("SBUX-GRANDE", "大杯拿铁券", "Latte, grande", "33.00", "26.90"),
        ),
        minimum_validity_days=7,
    ),
    Benefit(
        "luckin-coffee", "瑞幸咖啡", "瑞幸咖啡饮品券", "Luckin Coffee voucher",
        "打开瑞幸咖啡App，进入“我的-优惠券-兑换”，输入券码。",
        "In the Luckin app open Me, Vouchers, Redeem.",
        CODES_CSV,
        (_form("LUCKIN-29", "29元饮品券", "Any drink up to ¥29", "29.00", "13.90", 60, limit=5),),
        minimum_validity_days=3,
    ),
    Benefit(
        "kfc-voucher", "肯德基", "肯德基代金券", "KFC cash voucher",
        "点餐前在收银台出示券码，可与其他优惠同享一次。",
        "Show the code at the counter before you order.",
        CODES_XLSX,
        (_form("KFC-20", "20元", "¥20", "20.00", "18.60"), _form("KFC-50", "50元", "¥50", "50.00", "45.90")),
        minimum_validity_days=7,
    ),
    Benefit(
        "heytea-voucher", "喜茶", "喜茶饮品券", "HEYTEA drink voucher",
        "打开喜茶小程序，进入“我的-喜茶券-兑换”，输入券码。",
        "In HEYTEA's mini program open Me, Vouchers, Redeem.",
        CODES_CSV,
        (_form("HEYTEA-19", "19元饮品券", "Any drink up to ¥19", "19.00", "15.80", 40, quota=30, limit=3),),
    ),
    Benefit(
        "meituan-takeaway", "美团", "美团外卖红包", "Meituan takeaway voucher",
        "打开美团App，进入“我的-红包卡券-兑换”，输入兑换码。",
        "In the Meituan app open Me, Vouchers, Redeem.",
        CODES_CSV,
        (_form("MEITUAN-20", "20元无门槛", "¥20, no minimum", "20.00", "17.50", 60),),
    ),
    Benefit(
        "eleme-card", "饿了么", "饿了么超级吃货卡", "Ele.me Super Foodie card",
        "打开饿了么App，进入“我的-超级吃货卡-兑换”，输入激活码。",
        "In the Ele.me app open Me, Super Foodie card, Redeem.",
        CODES_XLSX,
        (_form("ELEME-1M", "月卡", "One month", "15.00", "7.90", 40, limit=1),),
    ),
    Benefit(
        "hema-card", "盒马", "盒马礼品卡", "Hema gift card",
        "打开盒马App，进入“我的-盒马礼品卡-绑卡”，输入卡号和密码。",
        "In the Hema app open Me, Gift cards, Add, and enter number and PIN.",
        CARDS_CSV,
        (_form("HEMA-100", "100元", "¥100", "100.00", "98.00"),),
    ),
)  # fmt: skip

TRAVEL = (
    Benefit(
        "didi-ride", "滴滴出行", "滴滴快车代金券", "DiDi Express voucher",
        "打开滴滴出行App，进入“钱包-卡券-兑换”，输入券码，下单时自动抵扣。",
        "In the DiDi app open Wallet, Vouchers, Redeem; it is deducted from your next ride.",
        CODES_CSV,
        (_form("DIDI-10", "10元", "¥10", "10.00", "8.60", 60), _form("DIDI-30", "30元", "¥30", "30.00", "26.50")),
        minimum_validity_days=7,
    ),
    Benefit(
        "amap-ride", "高德地图", "高德打车代金券", "Amap ride voucher",
        "打开高德地图App，进入“打车-优惠券-兑换”，输入券码。",
        "In the Amap app open Taxi, Vouchers, Redeem.",
        CODES_CSV,
        (_form("AMAP-20", "20元", "¥20", "20.00", "16.80"),),
    ),
    Benefit(
        "hello-bike", "哈啰", "哈啰单车骑行卡", "Hello Bike pass",
        "打开哈啰App，进入“骑行卡-兑换”，输入兑换码。",
        "In the Hello app open Pass, Redeem.",
        CODES_XLSX,
        (_form("HELLO-30D", "30天畅骑卡", "30 days", "24.00", "15.90"),),
    ),
    Benefit(
        "ctrip-gift-card", "携程", "携程礼品卡(任我行)", "Trip.com gift card",
        "登录携程App，进入“我的-钱包-礼品卡-领用”，输入卡号和密码。",
        "In the Ctrip app open Me, Wallet, Gift cards, and enter number and PIN.",
        CARDS_XLSX,
        (_form("CTRIP-200", "200元", "¥200", "200.00", "194.00"), _form("CTRIP-500", "500元", "¥500", "500.00", "486.00", 20)),
        minimum_validity_days=90,
    ),
)  # fmt: skip

SHOPPING = (
    Benefit(
        "jd-e-card", "京东", "京东E卡", "JD E-card",
        "登录京东，进入“我的钱包-礼品卡-绑定新卡”，输入卡密。",
        "Sign in at JD, open Wallet, Gift cards, Add, and enter number and PIN.",
        CARDS_XLSX,
        (
            _form("JD-E-50", "50元", "¥50", "50.00", "49.40", 60),
            _form("JD-E-100", "100元", "¥100", "100.00", "98.60", 60, limit=10),
            _form("JD-E-500", "500元", "¥500", "500.00", "492.00", 20, quota=15, limit=2),
        ),
        minimum_validity_days=180,
    ),
    Benefit(
        "tmall-supermarket", "天猫超市", "天猫超市卡", "Tmall Supermarket card",
        "打开手机天猫，搜索“天猫超市卡”，点击“绑卡”，输入卡号和密码。",
        "In the Tmall app search for the card, choose Add, and enter number and PIN.",
        CARDS_XLSX,
        (_form("TMALL-100", "100元", "¥100", "100.00", "97.80"), _form("TMALL-200", "200元", "¥200", "200.00", "195.60", 20)),
        minimum_validity_days=180,
    ),
    Benefit(
        "walmart-card", "沃尔玛", "沃尔玛电子购物卡", "Walmart e-card",
        "在门店收银台或小程序出示卡号和密码。",
        "Show number and PIN at the checkout or in the mini program.",
        CARDS_CSV,
        (_form("WALMART-100", "100元", "¥100", "100.00", "97.50"),),
    ),
)  # fmt: skip

TOOLS = (
    Benefit(
        "wps-member", "WPS", "WPS超级会员", "WPS Super membership",
        "登录WPS会员兑换页，输入兑换码。",
        "Sign in on WPS's redemption page and enter the code.",
        CODES_CSV,
        (_form("WPS-1M", "月卡", "One month", "29.00", "16.90"), _form("WPS-12M", "年卡", "One year", "179.00", "128.00", 20)),
    ),
    Benefit(
        "baidu-netdisk", "百度网盘", "百度网盘超级会员", "Baidu Netdisk Super membership",
        "打开百度网盘App，进入“会员中心-激活码兑换”，输入激活码。",
        "In Baidu Netdisk open Membership, Redeem, and enter the code.",
        CODES_CSV,
        (
            _form("BDPAN-1M", "月卡", "One month", "30.00", "22.80"),
            _form("BDPAN-12M", "年卡", "One year", "298.00", "248.00", 20),
        ),
        minimum_validity_days=30,
    ),
    Benefit(
        "youdao-dictionary", "网易有道", "有道词典VIP会员", "Youdao Dictionary membership",
        "打开有道词典App，进入“我的-兑换码”，输入兑换码。",
        "In Youdao Dictionary open Me, Redeem code.",
        CODES_XLSX,
        (_form("YOUDAO-12M", "年卡", "One year", "198.00", "118.00", 20),),
    ),
    Benefit(
        "keep-member", "Keep", "Keep会员", "Keep membership",
        "打开Keep App，进入“我-会员-兑换”，输入兑换码。",
        "In the Keep app open Me, Membership, Redeem.",
        CODES_CSV,
        (_form("KEEP-3M", "季卡", "Three months", "68.00", "42.00"),),
    ),
    Benefit(
        "zhihu-yanxuan", "知乎", "知乎盐选会员", "Zhihu Yanxuan membership",
        "打开知乎App，进入“我的-盐选会员-兑换码”。",
        "In the Zhihu app open Me, Yanxuan, Redeem code.",
        CODES_CSV,
        (_form("ZHIHU-1M", "月卡", "One month", "25.00", "17.90"),),
    ),
)  # fmt: skip

GAMES = (
    Benefit(
        "q-coins", "腾讯", "Q币卡", "Tencent Q coins",
        "登录腾讯充值中心，选择“Q币卡”，输入卡号和密码。",
        "At Tencent's top-up centre choose Q coin card and enter number and PIN.",
        CARDS_CSV,
        (_form("QCOIN-10", "10元", "¥10", "10.00", "9.80", 60), _form("QCOIN-100", "100元", "¥100", "100.00", "97.90")),
    ),
    Benefit(
        "netease-card", "网易", "网易一卡通", "NetEase game card",
        "登录网易充值中心，输入卡号和密码。",
        "At NetEase's top-up centre enter number and PIN.",
        CARDS_CSV,
        (_form("NETEASE-30", "30元(300点)", "¥30, 300 points", "30.00", "28.80"),),
    ),
    Benefit(
        "steam-wallet", "Steam", "Steam钱包充值码", "Steam wallet code",
        "登录Steam客户端，进入“账户明细-兑换Steam钱包码”。",
        "In Steam open Account details, Redeem a wallet code.",
        ENGLISH_CSV,
        (_form("STEAM-100", "100元", "¥100", "100.00", "96.50", 40, limit=5),),
    ),
)  # fmt: skip

BENEFITS: tuple[Benefit, ...] = (*VIDEO, *MUSIC, *FOOD, *TRAVEL, *SHOPPING, *TOOLS, *GAMES)
