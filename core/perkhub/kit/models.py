"""Tables of the kit: the outbox, idempotency keys, data keys, the activity log, kept operations."""

from tortoise import fields
from tortoise.indexes import PartialIndex
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint
from tortoise.models import Model

from perkhub.kit.ids import new_id


class Outbox(Model):
    """An event or a job, from its acceptance to its end; or a periodic task, which waits for its next turn for ever.

    `attempts` counts the runs that were begun. It only grows, for it tells one run from the next: the queue's ids, the
    lease and every write of a run carry it. `forgiven` are the runs that do not count against the limit of attempts.
    """

    id = fields.UUIDField(primary_key=True, default=new_id)
    kind = fields.CharField(max_length=8)
    name = fields.CharField(max_length=80)
    version = fields.IntField()
    payload: fields.Field[dict[str, object]] = fields.JSONField()
    state = fields.CharField(max_length=8)
    attempts = fields.IntField()
    forgiven = fields.IntField()
    run_at = fields.DatetimeField()
    handed_at = fields.DatetimeField(null=True)
    started_at = fields.DatetimeField(null=True)
    lease_until = fields.DatetimeField(null=True)
    unique_key = fields.CharField(max_length=120, null=True)
    progress: fields.Field[dict[str, object] | None] = fields.JSONField(null=True)
    last_error = fields.TextField(null=True)
    correlation_id = fields.CharField(max_length=64)
    # The operator's deed that this belongs to; what it changes is told there.
    activity_id = fields.UUIDField(null=True)
    created_at = fields.DatetimeField()
    finished_at = fields.DatetimeField(null=True)

    class Meta:
        table = "outbox"
        indexes = [
            PartialIndex(fields=("run_at", "handed_at"), condition={"state": "ready"}, name="outbox_due"),
            PartialIndex(fields=("lease_until",), condition={"state": "running"}, name="outbox_leased"),
            PartialIndex(fields=("id",), condition={"state": "dead"}, name="outbox_dead"),
        ]
        constraints = [
            CheckConstraint(name="outbox_kind", check="kind IN ('event', 'job', 'periodic')"),
            CheckConstraint(name="outbox_state", check="state IN ('ready', 'running', 'done', 'dead')"),
            UniqueConstraint(
                name="outbox_waiting_once",
                fields=("unique_key",),
                condition="state = 'ready' AND unique_key IS NOT NULL",
            ),
        ]


class IdempotencyKey(Model):
    """A caller's key, the fingerprint of the input it came with, and what came of it: an id or an error, never a reply."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    actor = fields.CharField(max_length=80)
    operation = fields.CharField(max_length=60)
    key = fields.CharField(max_length=120)
    input_hash = fields.BinaryField()
    result_id = fields.UUIDField(null=True)
    error: fields.Field[dict[str, object] | None] = fields.JSONField(null=True)
    created_at = fields.DatetimeField()

    class Meta:
        table = "idempotency_key"
        unique_together = (("actor", "operation", "key"),)


class DataKey(Model):
    """A key that seals data, itself wrapped by a key-encryption key. `purpose` is unique for the keys of the house."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    purpose = fields.CharField(max_length=80, unique=True)
    wrapped = fields.BinaryField()
    wrapped_by = fields.CharField(max_length=40)
    created_at = fields.DatetimeField()

    class Meta:
        table = "data_key"


class Activity(Model):
    """One deed of somebody who runs the shop; written in the transaction that did it, and never changed.

    `input` is what they asked for, without secrets and personal data. Its changes keep no foreign key to it, and both
    none to what was changed: the log outlives everything but its own retention.
    """

    id = fields.UUIDField(primary_key=True, default=new_id)
    at = fields.DatetimeField()
    actor = fields.CharField(max_length=80)
    operation = fields.CharField(max_length=80)
    source_address = fields.CharField(max_length=64, null=True)
    user_agent = fields.CharField(max_length=200, null=True)
    client = fields.CharField(max_length=80, null=True)
    correlation_id = fields.CharField(max_length=64)
    input: fields.Field[dict[str, object] | None] = fields.JSONField(null=True)

    class Meta:
        table = "activity"
        indexes = [("at", "id"), ("actor", "at", "id"), ("operation", "at", "id"), ("correlation_id",)]


class ActivityChange(Model):
    """What a deed, or a job that it began, changed of one thing: of both sides only the fields that differ."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    activity_id = fields.UUIDField()
    at = fields.DatetimeField()
    subject = fields.CharField(max_length=40)
    subject_id = fields.UUIDField()
    before: fields.Field[dict[str, object]] = fields.JSONField()
    after: fields.Field[dict[str, object]] = fields.JSONField()

    class Meta:
        table = "activity_change"
        indexes = [("activity_id", "id"), ("subject", "subject_id", "id"), ("at",)]


class KeptOperation(Model):
    """A GraphQL operation under the SHA-256 of its text. `published`: by an operator, and so for good."""

    hash = fields.CharField(max_length=64, primary_key=True)
    text = fields.TextField()
    published = fields.BooleanField()
    created_at = fields.DatetimeField()

    class Meta:
        table = "kept_operation"
        indexes = [PartialIndex(fields=("created_at", "hash"), condition={"published": False}, name="kept_operation_oldest")]


# Append-only, whatever the application does: only retention, which says so in its transaction, takes away.
APPEND_ONLY = """
    CREATE FUNCTION refuse_activity_change() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP = 'DELETE' AND current_setting('perkhub.retention', true) = 'on' THEN
            RETURN OLD;
        END IF;
        RAISE EXCEPTION 'the activity log is append-only' USING ERRCODE = 'restrict_violation';
    END $$;
    CREATE TRIGGER activity_append_only BEFORE UPDATE OR DELETE ON activity
        FOR EACH ROW EXECUTE FUNCTION refuse_activity_change();
    CREATE TRIGGER activity_change_append_only BEFORE UPDATE OR DELETE ON activity_change
        FOR EACH ROW EXECUTE FUNCTION refuse_activity_change();
    CREATE TRIGGER activity_not_emptied BEFORE TRUNCATE ON activity
        FOR EACH STATEMENT EXECUTE FUNCTION refuse_activity_change();
    CREATE TRIGGER activity_change_not_emptied BEFORE TRUNCATE ON activity_change
        FOR EACH STATEMENT EXECUTE FUNCTION refuse_activity_change()
"""
CLAIMS_REFUSED = "PH001"
# Undoes a statement that was to do all or nothing.
REFUSE_CLAIMS = f"""
    CREATE FUNCTION refuse_claims() RETURNS boolean LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION 'not all that was claimed is there' USING ERRCODE = '{CLAIMS_REFUSED}';
    END $$
"""
RAW_SQL = [
    (REFUSE_CLAIMS, "DROP FUNCTION refuse_claims()"),
    (
        APPEND_ONLY,
        """
    DROP TRIGGER activity_append_only ON activity;
    DROP TRIGGER activity_change_append_only ON activity_change;
    DROP TRIGGER activity_not_emptied ON activity;
    DROP TRIGGER activity_change_not_emptied ON activity_change;
    DROP FUNCTION refuse_activity_change()
""",
    ),
]
