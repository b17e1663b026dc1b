"""Why a picture was not taken.

ImageRefused
├── ImageEmpty              not one byte
├── NotAnImage              neither PNG, JPEG, WebP, GIF nor AVIF, whatever its name says
├── ImageTooLarge           too many bytes
├── ImageTooDemanding       too many pixels or frames, or more memory or time than a picture needs
└── ImageDamaged            it begins as a picture and does not go on as one
"""

from perkhub.kit.errors import DomainError


class ImageRefused(DomainError):
    """Nothing of the file was kept."""


class ImageEmpty(ImageRefused):
    code = "IMAGE_EMPTY"
    en = "The file is empty."
    zh = "文件为空。"


class NotAnImage(ImageRefused):
    code = "NOT_AN_IMAGE"
    en = "Not a picture that we take. Send a PNG, JPEG, WebP, GIF or AVIF; of an SVG, send a PNG."
    zh = "不是可接受的图片。请上传 PNG、JPEG、WebP、GIF 或 AVIF 格式;SVG 请先转换为 PNG。"


class ImageTooLarge(ImageRefused):
    code = "IMAGE_TOO_LARGE"
    en = "The picture is too large: at most {megabytes} MB."
    zh = "图片过大,最大 {megabytes} MB。"

    def __init__(self, *, megabytes: int) -> None:
        super().__init__(megabytes=megabytes)


class ImageTooDemanding(ImageRefused):
    code = "IMAGE_TOO_DEMANDING"
    en = "The picture has too many pixels or frames: at most {side} pixels a side, and {frames} frames."
    zh = "图片像素或帧数过多:每边最多 {side} 像素,最多 {frames} 帧。"

    def __init__(self, *, side: int, frames: int) -> None:
        super().__init__(side=side, frames=frames)


class ImageDamaged(ImageRefused):
    code = "IMAGE_DAMAGED"
    en = "The picture is damaged. Open it, save it anew, and send that."
    zh = "图片已损坏。请打开并重新保存后再上传。"
