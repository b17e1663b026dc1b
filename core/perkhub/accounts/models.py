"""Tables of accounts: parties and how to reach them, one-time codes, sessions, staff, and who unmasked what.

Whatever names a person is sealed; a blind index (a keyed hash of the normal form) finds it again.
"""

from tortoise import fields
from tortoise.contrib.postgres.fields import ArrayField
from tortoise.fields import RESTRICT
from tortoise.migrations.constraints import CheckConstraint
from tortoise.models import Model

from perkhub.accounts.federation.models import ExternalIdentity, IdentityProvider, TrustedIssuer
from perkhub.accounts.machines.models import MachineClient, MachineSecret, RevokedMachineToken
from perkhub.kit.ids import new_id

# Tables of rooms of their own, found here.
__all__ = ["ExternalIdentity", "IdentityProvider", "MachineClient", "MachineSecret", "RevokedMachineToken", "TrustedIssuer"]


class Party(Model):
    """Whoever can own a wallet, an order, an entitlement. Outlives its personal data."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    kind = fields.CharField(max_length=12)
    created_at = fields.DatetimeField(db_index=True)
    erased_at = fields.DatetimeField(null=True)

    class Meta:
        table = "party"
        constraints = [CheckConstraint(name="party_kind", check="kind IN ('customer', 'organisation')")]


class Customer(Model):
    """A party that is one person. `version` grows with whatever ends sessions: a new password, a block."""

    party: fields.OneToOneRelation[Party] = fields.OneToOneField(
        "perkhub.Party", primary_key=True, related_name="customer", on_delete=RESTRICT
    )
    locale = fields.CharField(max_length=20)
    sealed_name = fields.BinaryField(null=True)
    masked_name = fields.CharField(max_length=20, null=True)
    password_hash = fields.TextField(null=True)
    blocked_at = fields.DatetimeField(null=True, db_index=True)
    version = fields.IntField()

    class Meta:
        table = "customer"
        constraints = [CheckConstraint(name="customer_version", check="version > 0")]


class Contact(Model):
    """An e-mail address or phone number of a party, sealed. No two parties share one."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    party: fields.ForeignKeyRelation[Party] = fields.ForeignKeyField(
        "perkhub.Party", related_name="contacts", on_delete=RESTRICT, db_index=True
    )
    kind = fields.CharField(max_length=8)
    sealed = fields.BinaryField()
    blind_index = fields.BinaryField()
    masked = fields.CharField(max_length=120)
    verified_at = fields.DatetimeField(null=True)
    created_at = fields.DatetimeField()

    class Meta:
        table = "contact"
        unique_together = (("kind", "blind_index"),)
        constraints = [CheckConstraint(name="contact_kind", check="kind IN ('email', 'phone')")]


class CustomerGroup(Model):
    """Customers and organisations that prices and channels may be meant for."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    name = fields.CharField(max_length=80, unique=True)
    description = fields.CharField(max_length=300)
    external_reference = fields.CharField(max_length=120, unique=True, null=True)
    version = fields.IntField()
    archived_at = fields.DatetimeField(null=True)
    created_at = fields.DatetimeField()

    class Meta:
        table = "customer_group"
        constraints = [CheckConstraint(name="customer_group_version", check="version > 0")]


class CustomerGroupMember(Model):
    """That a party is in a group, for ever or until a moment."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    party: fields.ForeignKeyRelation[Party] = fields.ForeignKeyField(
        "perkhub.Party", related_name="customer_groups", on_delete=RESTRICT
    )
    group: fields.ForeignKeyRelation[CustomerGroup] = fields.ForeignKeyField(
        "perkhub.CustomerGroup", related_name="members", on_delete=RESTRICT
    )
    until = fields.DatetimeField(null=True)
    added_by = fields.CharField(max_length=80)
    added_at = fields.DatetimeField()

    class Meta:
        table = "customer_group_member"
        unique_together = (("party", "group"),)  # also the index that finds a party's groups
        indexes = [("group_id", "id")]


class OneTimeCode(Model):
    """Six digits that prove a contact. Compared by a keyed hash; sealed in full only until the notifier has them."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    contact_kind = fields.CharField(max_length=8)
    blind_index = fields.BinaryField()
    purpose = fields.CharField(max_length=8)
    code_hash = fields.BinaryField()
    sealed_code = fields.BinaryField(null=True)
    sealed_destination = fields.BinaryField(null=True)
    locale = fields.CharField(max_length=20)
    attempts = fields.SmallIntField()
    max_attempts = fields.SmallIntField()
    expires_at = fields.DatetimeField()
    consumed_at = fields.DatetimeField(null=True)
    created_at = fields.DatetimeField(db_index=True)

    class Meta:
        table = "one_time_code"
        indexes = [("contact_kind", "blind_index", "created_at")]
        constraints = [
            CheckConstraint(name="one_time_code_contact_kind", check="contact_kind IN ('email', 'phone')"),
            CheckConstraint(name="one_time_code_purpose", check="purpose IN ('verify', 'sign_in', 'reset')"),
            CheckConstraint(name="one_time_code_attempts", check="attempts BETWEEN 0 AND max_attempts"),
        ]


class SignInSession(Model):
    """One sign-in and all refresh tokens that follow from it: the family. Revoking this one row ends them all.

    `exchanged_by` is the SHA-256 of a secret that only the browser keeps which made the last exchange.
    """

    id = fields.UUIDField(primary_key=True, default=new_id)
    subject_kind = fields.CharField(max_length=8)
    subject_id = fields.UUIDField()
    created_at = fields.DatetimeField()
    revoked_at = fields.DatetimeField(null=True)
    exchanged_by = fields.BinaryField(null=True)

    class Meta:
        table = "sign_in_session"
        indexes = [("subject_id",)]
        constraints = [CheckConstraint(name="sign_in_session_subject_kind", check="subject_kind IN ('customer', 'staff')")]


class RefreshToken(Model):
    """The SHA-256 of a refresh token that may be exchanged once. Its siblings are used up with it."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    session: fields.ForeignKeyRelation[SignInSession] = fields.ForeignKeyField(
        "perkhub.SignInSession", related_name="refresh_tokens", on_delete=RESTRICT, db_index=True
    )
    token_hash = fields.BinaryField()
    expires_at = fields.DatetimeField(db_index=True)
    used_at = fields.DatetimeField(null=True)
    created_at = fields.DatetimeField()

    class Meta:
        table = "refresh_token"
        unique_together = (("token_hash",),)


class Staff(Model):
    """A person who runs the shop. Found by e-mail; what they may do comes from their groups."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    sealed_email = fields.BinaryField()
    blind_index = fields.BinaryField()
    masked = fields.CharField(max_length=120)
    sealed_name = fields.BinaryField(null=True)
    password_hash = fields.TextField()
    active = fields.BooleanField()
    version = fields.IntField()
    created_at = fields.DatetimeField()

    class Meta:
        table = "staff"
        unique_together = (("blind_index",),)
        constraints = [CheckConstraint(name="staff_version", check="version > 0")]


class PermissionGroup(Model):
    """A named set of permissions, which hold everywhere or in the channels of these ids alone."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    name = fields.CharField(max_length=60, unique=True)
    permissions: fields.Field[list[str]] = ArrayField(element_type="text")
    description = fields.CharField(max_length=300)
    channel_ids: fields.Field[list[str] | None] = ArrayField(element_type="uuid", null=True)

    class Meta:
        table = "permission_group"
        # A limit to no channel at all would be a group that may nothing, and looks like one without a limit.
        constraints = [CheckConstraint(name="permission_group_channels", check="cardinality(channel_ids) > 0")]


class StaffGroup(Model):
    """That a staff member is in a group."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    staff: fields.ForeignKeyRelation[Staff] = fields.ForeignKeyField(
        "perkhub.Staff", related_name="memberships", on_delete=RESTRICT
    )
    group: fields.ForeignKeyRelation[PermissionGroup] = fields.ForeignKeyField(
        "perkhub.PermissionGroup", related_name="memberships", on_delete=RESTRICT, db_index=True
    )

    class Meta:
        table = "staff_group"
        unique_together = (("staff", "group"),)  # also the index that finds a member's groups


class UnmaskLog(Model):
    """Who read what of a person in clear, why and when. Keeps no foreign key: it outlives what was read."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    actor = fields.CharField(max_length=80)
    purpose = fields.CharField(max_length=10)
    contact_id = fields.UUIDField(null=True)
    party_id = fields.UUIDField()
    reason = fields.CharField(max_length=300)
    at = fields.DatetimeField()
    correlation_id = fields.CharField(max_length=64)

    class Meta:
        table = "unmask_log"
        indexes = [("party_id", "id"), ("actor", "id")]
        constraints = [CheckConstraint(name="unmask_log_purpose", check="purpose IN ('contact', 'customer', 'export')")]


# Append-only, whatever the application does.
RAW_SQL: list[tuple[str, str]] = [
    (
        """
    CREATE FUNCTION refuse_unmask_log_change() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION 'the log of unmaskings is append-only' USING ERRCODE = 'restrict_violation';
    END $$;
    CREATE TRIGGER unmask_log_append_only BEFORE UPDATE OR DELETE ON unmask_log
        FOR EACH ROW EXECUTE FUNCTION refuse_unmask_log_change();
    CREATE TRIGGER unmask_log_not_emptied BEFORE TRUNCATE ON unmask_log
        FOR EACH STATEMENT EXECUTE FUNCTION refuse_unmask_log_change()
""",
        """
    DROP TRIGGER unmask_log_append_only ON unmask_log;
    DROP TRIGGER unmask_log_not_emptied ON unmask_log;
    DROP FUNCTION refuse_unmask_log_change()
""",
    )
]
