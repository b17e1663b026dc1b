"""Tables of organisations: who they are, who belongs to them, and who was invited."""

from tortoise import fields
from tortoise.fields import RESTRICT
from tortoise.migrations.constraints import CheckConstraint
from tortoise.models import Model

from perkhub.accounts.organisations.roles import Role
from perkhub.accounts.organisations.states import OrganisationState
from perkhub.kit.ids import new_id


class OrganisationRow(Model):
    """A party that is an organisation; `id` is the party's. Its name is no personal data: it stands on orders and bills."""

    id = fields.UUIDField(primary_key=True)
    name = fields.CharField(max_length=120)
    external_reference = fields.CharField(max_length=120, unique=True, null=True)
    state = fields.CharEnumField(OrganisationState, max_length=10)
    reason = fields.CharField(max_length=300, null=True)
    version = fields.IntField()
    created_at = fields.DatetimeField()

    class Meta:
        table = "organisation"
        indexes = [("state", "id")]
        constraints = [
            CheckConstraint(name="organisation_state", check="state IN ('requested', 'active', 'declined', 'suspended')"),
            CheckConstraint(name="organisation_version", check="version > 0"),
        ]


class OrganisationMemberRow(Model):
    """That a customer belongs to an organisation, and what they may do there. `customer_id` is the customer's party."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    organisation: fields.ForeignKeyRelation[OrganisationRow] = fields.ForeignKeyField(
        "perkhub.OrganisationRow", related_name="members", on_delete=RESTRICT
    )
    customer_id = fields.UUIDField()
    role = fields.CharEnumField(Role, max_length=10)
    joined_at = fields.DatetimeField()

    class Meta:
        table = "organisation_member"
        unique_together = (("customer_id", "organisation"),)  # also the index that finds a customer's organisations
        indexes = [("organisation_id", "id")]
        constraints = [CheckConstraint(name="organisation_member_role", check="role IN ('owner', 'admin', 'buyer', 'viewer')")]


class OrganisationInvitationRow(Model):
    """An invitation that was sent to a contact. The token is kept as a hash; sealed in full only until it was sent."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    organisation: fields.ForeignKeyRelation[OrganisationRow] = fields.ForeignKeyField(
        "perkhub.OrganisationRow", related_name="invitations", on_delete=RESTRICT
    )
    role = fields.CharEnumField(Role, max_length=10)
    contact_kind = fields.CharField(max_length=8)
    blind_index = fields.BinaryField()
    sealed = fields.BinaryField(null=True)
    masked = fields.CharField(max_length=120)
    token_hash = fields.BinaryField()
    sealed_token = fields.BinaryField(null=True)
    locale = fields.CharField(max_length=20)
    invited_by = fields.CharField(max_length=80)
    sending_id = fields.UUIDField()
    sent_count = fields.SmallIntField()
    sent_at = fields.DatetimeField()
    expires_at = fields.DatetimeField()
    accepted_at = fields.DatetimeField(null=True)
    revoked_at = fields.DatetimeField(null=True)
    created_at = fields.DatetimeField()

    class Meta:
        table = "organisation_invitation"
        unique_together = (("token_hash",),)
        indexes = [
            ("organisation_id", "id"),
            ("contact_kind", "blind_index"),
            ("expires_at",),
        ]
        constraints = [
            CheckConstraint(name="organisation_invitation_contact_kind", check="contact_kind IN ('email', 'phone')"),
            CheckConstraint(name="organisation_invitation_sent", check="sent_count > 0"),
            CheckConstraint(name="organisation_invitation_role", check="role IN ('owner', 'admin', 'buyer', 'viewer')"),
        ]
