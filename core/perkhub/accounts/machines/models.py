"""Tables of machine clients: who they are, their secrets as hashes, and which of their tokens were taken back."""

from tortoise import fields
from tortoise.contrib.postgres.fields import ArrayField
from tortoise.fields import RESTRICT
from tortoise.migrations.constraints import CheckConstraint
from tortoise.models import Model

from perkhub.kit.ids import new_id


class MachineClient(Model):
    """A program with rights of its own. A token of an older `generation` is worth nothing; revoked it is for good."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    name = fields.CharField(max_length=80)
    scopes: fields.Field[list[str]] = ArrayField(element_type="text")
    channel_ids: fields.Field[list[str] | None] = ArrayField(element_type="uuid", null=True)  # null: scopes hold everywhere
    networks: fields.Field[list[str]] = ArrayField(element_type="text")  # empty: from anywhere
    requests_per_minute = fields.IntField(null=True)
    generation = fields.IntField()
    version = fields.IntField()
    expires_at = fields.DatetimeField(null=True)
    revoked_at = fields.DatetimeField(null=True)
    last_used_at = fields.DatetimeField(null=True)
    created_by = fields.CharField(max_length=80)
    created_at = fields.DatetimeField()

    class Meta:
        table = "machine_client"
        constraints = [
            CheckConstraint(name="machine_client_generation", check="generation > 0 AND version > 0"),
            CheckConstraint(name="machine_client_rate", check="requests_per_minute > 0"),
        ]


class MachineSecret(Model):
    """The SHA-256 of a client's secret, and its last characters. During a rotation two are live."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    client: fields.ForeignKeyRelation[MachineClient] = fields.ForeignKeyField(
        "perkhub.MachineClient", related_name="secrets", on_delete=RESTRICT, db_index=True
    )
    secret_hash = fields.BinaryField()
    hint = fields.CharField(max_length=8)
    expires_at = fields.DatetimeField(null=True)
    created_at = fields.DatetimeField()

    class Meta:
        table = "machine_secret"


class RevokedMachineToken(Model):
    """An access token that its client took back; kept until it would have expired."""

    id = fields.UUIDField(primary_key=True)  # the token's own id, its `jti`
    client: fields.ForeignKeyRelation[MachineClient] = fields.ForeignKeyField(
        "perkhub.MachineClient", related_name="revoked_tokens", on_delete=RESTRICT, db_index=True
    )
    expires_at = fields.DatetimeField(db_index=True)

    class Meta:
        table = "revoked_machine_token"
