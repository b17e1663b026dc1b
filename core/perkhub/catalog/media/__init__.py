"""Pictures of products and brands: taken in, drawn anew, kept in the database, put in order, and forgotten when unused.

Pictures are kept in PostgreSQL and nowhere else: web servers stay stateless, a picture is there on every one of them in the
moment it is uploaded, and a backup has the row and the picture of the same moment. They are few, small (drawn anew, of
bounded size) and immutable under their hash, so that browsers and a CDN ask for each once. Whoever wants them elsewhere
replaces `blobs`, which alone knows where they are.
"""

from perkhub.catalog.media.attach import MediaChanges, MediaDraft, add_media, change_media, remove_media, reorder_media
from perkhub.catalog.media.blobs import Blob, blob_by_hash, blob_is_there
from perkhub.catalog.media.errors import ImageUnknown, TooManyMedia
from perkhub.catalog.media.forget import forget_images
from perkhub.catalog.media.logo import set_brand_logo
from perkhub.catalog.media.read import (
    ImageView,
    MediaView,
    RenditionView,
    image_views,
    logos_of_brands,
    media_by_ids,
    media_of_products,
)
from perkhub.catalog.media.receive import receive_image

__all__ = [
    "Blob",
    "ImageUnknown",
    "ImageView",
    "MediaChanges",
    "MediaDraft",
    "MediaView",
    "RenditionView",
    "TooManyMedia",
    "add_media",
    "blob_by_hash",
    "blob_is_there",
    "change_media",
    "forget_images",
    "image_views",
    "logos_of_brands",
    "media_by_ids",
    "media_of_products",
    "receive_image",
    "remove_media",
    "reorder_media",
    "set_brand_logo",
]
