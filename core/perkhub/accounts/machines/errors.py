"""Why a machine client was not changed.

DomainError
├── MachineClientRevoked    it was revoked, for good
└── RotationUnderWay        two secrets are live already
"""

from perkhub.kit.errors import DomainError


class MachineClientRevoked(DomainError):
    code = "MACHINE_CLIENT_REVOKED"
    en = "This machine client was revoked, for good. Create a new one."
    zh = "该机器客户端已被永久吊销,请新建一个。"


class RotationUnderWay(DomainError):
    code = "ROTATION_UNDER_WAY"
    en = "Two secrets are live already. Wait until the older one ends, or rotate with an overlap of 0 minutes to end both."
    zh = "当前已有两个有效密钥。请等待旧密钥失效,或将重叠时间设为 0 分钟以立即停用全部旧密钥。"
