"""Tables of federation: who may vouch for people, and whom they vouched for."""

from typing import Any

from tortoise import fields
from tortoise.contrib.postgres.fields import ArrayField
from tortoise.fields import RESTRICT
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint
from tortoise.models import Model

from perkhub.kit.ids import new_id


class IdentityProvider(Model):
    """An OpenID Connect provider that customers, or staff, sign in with. `key` stands in addresses."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    key = fields.CharField(max_length=40, unique=True)
    name: fields.Field[dict[str, str]] = fields.JSONField()
    audience = fields.CharField(max_length=8)
    issuer = fields.CharField(max_length=500)
    client_id = fields.CharField(max_length=300)
    sealed_client_secret = fields.BinaryField(null=True)
    scopes: fields.Field[list[str]] = ArrayField(element_type="text")
    claims: fields.Field[dict[str, Any]] = fields.JSONField()
    email_domains: fields.Field[list[str]] = ArrayField(element_type="text")
    links_by_email = fields.BooleanField()
    group_ids: fields.Field[list[str]] = ArrayField(element_type="uuid")
    version = fields.IntField()
    archived_at = fields.DatetimeField(null=True)
    created_at = fields.DatetimeField()

    class Meta:
        table = "identity_provider"
        constraints = [
            CheckConstraint(name="identity_provider_audience", check="audience IN ('customer', 'staff')"),
            CheckConstraint(name="identity_provider_version", check="version > 0"),
            # Else whoever has an account at the provider would be staff.
            CheckConstraint(name="identity_provider_staff", check="audience = 'customer' OR cardinality(email_domains) > 0"),
        ]


class TrustedIssuer(Model):
    """A host application whose own users are our customers, by the tokens that it signs for them."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    name = fields.CharField(max_length=80)
    issuer = fields.CharField(max_length=500)
    audience = fields.CharField(max_length=300)
    jwks_url = fields.CharField(max_length=500, null=True)
    pinned_keys: fields.Field[dict[str, Any] | None] = fields.JSONField(null=True)
    algorithms: fields.Field[list[str]] = ArrayField(element_type="text")
    subject_prefix = fields.CharField(max_length=60)
    claims: fields.Field[dict[str, Any]] = fields.JSONField()
    version = fields.IntField()
    archived_at = fields.DatetimeField(null=True)
    created_at = fields.DatetimeField()

    class Meta:
        table = "trusted_issuer"
        constraints = [
            # A token names its issuer, and by that alone it is known whose keys verify it.
            UniqueConstraint(name="trusted_issuer_once", fields=("issuer",), condition="archived_at IS NULL"),
            CheckConstraint(name="trusted_issuer_keys", check="(jwks_url IS NULL) <> (pinned_keys IS NULL)"),
            CheckConstraint(name="trusted_issuer_version", check="version > 0"),
        ]


class ExternalIdentity(Model):
    """That somebody at a provider, or an issuer's user, is this customer or member of staff. The subject is sealed.

    `told_groups` is what was last heard of their groups, in a token of `told_at`.
    """

    id = fields.UUIDField(primary_key=True, default=new_id)
    source_kind = fields.CharField(max_length=8)
    source_id = fields.UUIDField()
    subject_index = fields.BinaryField()
    sealed_subject = fields.BinaryField()
    label = fields.CharField(max_length=120)
    party: fields.ForeignKeyNullableRelation[Any] = fields.ForeignKeyField(
        "perkhub.Party", related_name="external_identities", on_delete=RESTRICT, null=True, db_index=True
    )
    staff: fields.ForeignKeyNullableRelation[Any] = fields.ForeignKeyField(
        "perkhub.Staff", related_name="external_identities", on_delete=RESTRICT, null=True, db_index=True
    )
    told_groups: fields.Field[list[str]] = ArrayField(element_type="text")
    told_at = fields.DatetimeField()
    created_at = fields.DatetimeField()

    class Meta:
        table = "external_identity"
        unique_together = (("source_id", "subject_index"),)
        constraints = [
            CheckConstraint(name="external_identity_source_kind", check="source_kind IN ('provider', 'issuer')"),
            CheckConstraint(name="external_identity_owner", check="(party_id IS NULL) <> (staff_id IS NULL)"),
        ]
