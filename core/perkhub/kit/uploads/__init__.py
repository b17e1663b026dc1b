"""Files of strangers, and files that are made for somebody to fetch: sealed piece by piece, never plain on a disk, gone after
use or after a day."""

from perkhub.kit.uploads.errors import UploadInUse, UploadUnusable
from perkhub.kit.uploads.store import (
    KEPT_FOR,
    Upload,
    delete_upload,
    find_upload,
    forget_uploads,
    lock_upload,
    open_upload,
    receive_upload,
    spare_uploads,
)

__all__ = [
    "KEPT_FOR",
    "Upload",
    "UploadInUse",
    "UploadUnusable",
    "delete_upload",
    "find_upload",
    "forget_uploads",
    "lock_upload",
    "open_upload",
    "receive_upload",
    "spare_uploads",
]
