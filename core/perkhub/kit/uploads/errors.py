"""Why an uploaded file cannot be used.

UploadUnusable      it is not there, not complete, or not yours
UploadInUse         another import takes it in
"""

from perkhub.kit.errors import DomainError


class UploadUnusable(DomainError):
    code = "UPLOAD_UNUSABLE"
    en = "There is no complete upload with this id of yours. Send the file to /uploads again."
    zh = "找不到该上传文件或上传未完成,请重新上传。"


class UploadInUse(DomainError):
    code = "UPLOAD_IN_USE"
    en = "Another import is taking in this upload."
    zh = "该上传文件正在被另一个导入任务使用。"
