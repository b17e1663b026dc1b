"""How the demo shop is arranged: its brands in both languages, and a tree of categories with what stands in each."""

from dataclasses import dataclass

from perkhub_schema.demo.benefits import GAMES, MUSIC, SHOPPING, TOOLS, TRAVEL, VIDEO, Benefit


@dataclass(frozen=True, slots=True)
class Shelf:
    """A category, those below it, and the slugs of what stands in it."""

    slug: str
    zh: str
    en: str
    benefits: tuple[str, ...] = ()
    below: tuple["Shelf", ...] = ()


def _slugs(benefits: tuple[Benefit, ...]) -> tuple[str, ...]:
    return tuple(benefit.slug for benefit in benefits)


# By what the table of benefits calls them: the name in addresses, and the name in English.
BRANDS = {
    "爱奇艺": ("iqiyi", "iQIYI"),
    "腾讯视频": ("tencent-video", "Tencent Video"),
    "优酷": ("youku", "Youku"),
    "芒果TV": ("mgtv", "Mango TV"),
    "哔哩哔哩": ("bilibili", "Bilibili"),
    "QQ音乐": ("qq-music", "QQ Music"),
    "网易云音乐": ("netease-music", "NetEase Cloud Music"),
    "喜马拉雅": ("ximalaya", "Ximalaya"),
    "星巴克": ("starbucks", "Starbucks"),
    "瑞幸咖啡": ("luckin-coffee", "Luckin Coffee"),
    "肯德基": ("kfc", "KFC"),
    "喜茶": ("heytea", "HEYTEA"),
    "美团": ("meituan", "Meituan"),
    "饿了么": ("eleme", "Ele.me"),
    "盒马": ("hema", "Hema"),
    "滴滴出行": ("didi", "DiDi"),
    "高德地图": ("amap", "Amap"),
    "哈啰": ("hello", "Hello"),
    "携程": ("ctrip", "Trip.com"),
    "京东": ("jd", "JD.com"),
    "天猫超市": ("tmall-supermarket", "Tmall Supermarket"),
    "沃尔玛": ("walmart", "Walmart"),
    "WPS": ("wps", "WPS"),
    "百度网盘": ("baidu-netdisk", "Baidu Netdisk"),
    "网易有道": ("youdao", "Youdao"),
    "Keep": ("keep", "Keep"),
    "知乎": ("zhihu", "Zhihu"),
    "腾讯": ("tencent", "Tencent"),
    "网易": ("netease", "NetEase"),
    "Steam": ("steam", "Steam"),
}

SHELVES = (
    Shelf(
        "entertainment",
        "影音娱乐",
        "Entertainment",
        below=(
            Shelf("video", "视频会员", "Video", _slugs(VIDEO)),
            Shelf("music", "音乐听书", "Music and audio", _slugs(MUSIC)),
            Shelf("games", "游戏充值", "Games", _slugs(GAMES)),
        ),
    ),
    Shelf(
        "food",
        "餐饮美食",
        "Food and drink",
        below=(
            Shelf("coffee-tea", "咖啡茶饮", "Coffee and tea", ("starbucks-voucher", "luckin-coffee", "heytea-voucher")),
            Shelf("meals", "快餐外卖", "Meals and takeaway", ("kfc-voucher", "meituan-takeaway", "eleme-card")),
        ),
    ),
    Shelf("travel", "出行旅游", "Travel", _slugs(TRAVEL)),
    Shelf(
        "shopping",
        "购物礼品卡",
        "Shopping and gift cards",
        (*_slugs(SHOPPING), "hema-card"),
        below=(Shelf("groceries", "生鲜商超", "Groceries", ("hema-card", "tmall-supermarket", "walmart-card")),),
    ),
    Shelf("tools", "学习工具", "Learning and tools", _slugs(TOOLS)),
)
