"""Why a picture could not be shown where it was asked for. Why a file is no picture: `kit.images.errors`.

ImageUnknown        no such picture; it may have been forgotten, for nobody used it for a day
TooManyMedia        a product has all the pictures that it may have
"""

from perkhub.kit.errors import DomainError


class ImageUnknown(DomainError):
    code = "IMAGE_UNKNOWN"
    en = "There is no such picture. What was uploaded and not used for a day is gone: upload it again."
    zh = "图片不存在。上传后一天内未使用的图片会被清除,请重新上传。"


class TooManyMedia(DomainError):
    code = "TOO_MANY_MEDIA"
    en = "A product has at most {most} pictures. Remove one first."
    zh = "每个商品最多 {most} 张图片,请先移除一张。"

    def __init__(self, *, most: int) -> None:
        super().__init__(path=("productId",), most=most)
