"""The first shape: mirror, members, stays, ledger.

Revision ID: 0001
Revises:
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql import sqltypes

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:

    op.create_table(
        "award",
        sa.Column("id", sqltypes.AutoString(), nullable=False),
        sa.Column("partner", sqltypes.AutoString(), nullable=False),
        sa.Column("root_id", sqltypes.AutoString(), nullable=False),
        sa.Column("seat", sqltypes.AutoString(), nullable=False),
        sa.Column("program_code", sqltypes.AutoString(), nullable=False),
        sa.Column("membership_id", sqltypes.AutoString(), nullable=False),
        sa.Column("member_number", sqltypes.AutoString(), nullable=True),
        sa.Column("property_id", sqltypes.AutoString(), nullable=False),
        sa.Column("departure", sa.Date(), nullable=False),
        sa.Column("unit", sqltypes.AutoString(), nullable=False),
        sa.Column("miles", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("frozen", sqltypes.AutoString(), nullable=False),
        sa.Column("created_at", sqltypes.UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_award")),
        sa.UniqueConstraint("partner", "root_id", "seat", name=op.f("uq_award_partner_root_id_seat")),
    )
    with op.batch_alter_table("award", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_award_root_id"), ["root_id"], unique=False)

    op.create_table(
        "candidate",
        sa.Column("member_id", sqltypes.AutoString(), nullable=False),
        sa.Column("account_id", sqltypes.AutoString(), nullable=False),
        sa.Column("method", sqltypes.AutoString(), nullable=False),
        sa.PrimaryKeyConstraint("member_id", "account_id", name=op.f("pk_candidate")),
    )
    with op.batch_alter_table("candidate", schema=None) as batch_op:
        batch_op.create_index("ix_candidate_account_id", ["account_id"], unique=False)

    op.create_table(
        "circuit",
        sa.Column("key", sqltypes.AutoString(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("opened_at", sqltypes.UTCDateTime(), nullable=True),
        sa.Column("probe_at", sqltypes.UTCDateTime(), nullable=True),
        sa.Column("probe_owner", sqltypes.AutoString(), nullable=True),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_circuit")),
    )
    op.create_table(
        "confirmation",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("plan_id", sqltypes.AutoString(), nullable=False),
        sa.Column("operator", sqltypes.AutoString(), nullable=False),
        sa.Column("at", sqltypes.UTCDateTime(), nullable=False),
        sa.Column("used_at", sqltypes.UTCDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_confirmation")),
        sa.UniqueConstraint("plan_id", name=op.f("uq_confirmation_plan_id")),
    )
    op.create_table(
        "cursor",
        sa.Column("stream", sqltypes.AutoString(), nullable=False),
        sa.Column("scope", sqltypes.AutoString(), nullable=False),
        sa.Column("watermark", sqltypes.UTCDateTime(), nullable=True),
        sa.Column("window_start", sqltypes.UTCDateTime(), nullable=True),
        sa.Column("window_end", sqltypes.UTCDateTime(), nullable=True),
        sa.Column("page", sqltypes.AutoString(), nullable=True),
        sa.Column("rows_read", sa.Integer(), nullable=False),
        sa.Column("updated_at", sqltypes.UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("stream", "scope", name=op.f("pk_cursor")),
    )
    op.create_table(
        "decision",
        sa.Column("partner", sqltypes.AutoString(), nullable=False),
        sa.Column("reservation_id", sqltypes.AutoString(), nullable=False),
        sa.Column("root_id", sqltypes.AutoString(), nullable=False),
        sa.Column("status", sqltypes.AutoString(), nullable=False),
        sa.Column("reason", sqltypes.AutoString(), nullable=False),
        sa.Column("text", sqltypes.AutoString(), nullable=False),
        sa.Column("due_at", sqltypes.UTCDateTime(), nullable=True),
        sa.Column("decided_at", sqltypes.UTCDateTime(), nullable=False),
        sa.Column("explanation", sqltypes.AutoString(), nullable=False),
        sa.PrimaryKeyConstraint("partner", "reservation_id", name=op.f("pk_decision")),
    )
    with op.batch_alter_table("decision", schema=None) as batch_op:
        batch_op.create_index("ix_decision_partner_status", ["partner", "status"], unique=False)
        batch_op.create_index("ix_decision_status_due_at", ["status", "due_at"], unique=False)

    op.create_table(
        "fact",
        sa.Column("name", sqltypes.AutoString(), nullable=False),
        sa.Column("value", sqltypes.AutoString(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_fact")),
    )
    op.create_table(
        "guest",
        sa.Column("id", sqltypes.AutoString(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("merge_target_id", sqltypes.AutoString(), nullable=True),
        sa.Column("has_ota_email", sa.Boolean(), nullable=False),
        sa.Column("classifications", sqltypes.AutoString(), nullable=False),
        sa.Column("email_key", sa.LargeBinary(), nullable=True),
        sa.Column("name_key", sa.LargeBinary(), nullable=True),
        sa.Column("loyalty_key", sa.LargeBinary(), nullable=True),
        sa.Column("updated", sqltypes.UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_guest")),
    )
    with op.batch_alter_table("guest", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_guest_email_key"), ["email_key"], unique=False)
        batch_op.create_index(batch_op.f("ix_guest_loyalty_key"), ["loyalty_key"], unique=False)

    op.create_table(
        "harm",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("at", sqltypes.UTCDateTime(), nullable=False),
        sa.Column("kind", sqltypes.AutoString(), nullable=False),
        sa.Column("membership_id", sqltypes.AutoString(), nullable=False),
        sa.Column("plan_id", sqltypes.AutoString(), nullable=False),
        sa.Column("deletes", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_harm")),
    )
    with op.batch_alter_table("harm", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_harm_at"), ["at"], unique=False)

    op.create_table(
        "intent",
        sa.Column("account_id", sqltypes.AutoString(), nullable=False),
        sa.Column("program_id", sqltypes.AutoString(), nullable=False),
        sa.Column("member_id", sqltypes.AutoString(), nullable=False),
        sa.Column("created_at", sqltypes.UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("account_id", "program_id", name=op.f("pk_intent")),
    )
    op.create_table(
        "lane",
        sa.Column("partner", sqltypes.AutoString(), nullable=False),
        sa.Column("lane", sqltypes.AutoString(), nullable=False),
        sa.Column("message_key", sqltypes.AutoString(), nullable=False),
        sa.Column("taken_at", sqltypes.UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("partner", "lane", name=op.f("pk_lane")),
    )
    with op.batch_alter_table("lane", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_lane_message_key"), ["message_key"], unique=False)

    op.create_table(
        "lease",
        sa.Column("name", sqltypes.AutoString(), nullable=False),
        sa.Column("owner", sqltypes.AutoString(), nullable=False),
        sa.Column("until", sqltypes.UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_lease")),
    )
    op.create_table(
        "link",
        sa.Column("member_id", sqltypes.AutoString(), nullable=False),
        sa.Column("account_id", sqltypes.AutoString(), nullable=False),
        sa.Column("method", sqltypes.AutoString(), nullable=False),
        sa.Column("membership_id", sqltypes.AutoString(), nullable=True),
        sa.Column("linked_at", sqltypes.UTCDateTime(), nullable=False),
        sa.Column("unlinked_at", sqltypes.UTCDateTime(), nullable=True),
        sa.Column("cancelled_at", sqltypes.UTCDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("member_id", name=op.f("pk_link")),
    )
    with op.batch_alter_table("link", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_link_account_id"), ["account_id"], unique=False)

    op.create_table(
        "member",
        sa.Column("member_id", sqltypes.AutoString(), nullable=False),
        sa.Column("number", sqltypes.AutoString(), nullable=True),
        sa.Column("tier", sqltypes.AutoString(), nullable=True),
        sa.Column("points", sa.Integer(), nullable=True),
        sa.Column("expires_on", sa.Date(), nullable=True),
        sa.Column("state", sqltypes.AutoString(), nullable=True),
        sa.Column("mews_id", sqltypes.AutoString(), nullable=True),
        sa.Column("email_key", sa.LargeBinary(), nullable=True),
        sa.Column("name_key", sa.LargeBinary(), nullable=True),
        sa.Column("loyalty_key", sa.LargeBinary(), nullable=True),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("protected", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("member_id", name=op.f("pk_member")),
    )
    with op.batch_alter_table("member", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_member_email_key"), ["email_key"], unique=False)
        batch_op.create_index(batch_op.f("ix_member_loyalty_key"), ["loyalty_key"], unique=False)
        batch_op.create_index(batch_op.f("ix_member_mews_id"), ["mews_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_member_number"), ["number"], unique=False)

    op.create_table(
        "membership",
        sa.Column("id", sqltypes.AutoString(), nullable=False),
        sa.Column("account_id", sqltypes.AutoString(), nullable=False),
        sa.Column("program_id", sqltypes.AutoString(), nullable=False),
        sa.Column("state", sqltypes.AutoString(), nullable=False),
        sa.Column("is_primary", sa.Boolean(), nullable=False),
        sa.Column("number", sqltypes.AutoString(), nullable=True),
        sa.Column("points", sa.Integer(), nullable=True),
        sa.Column("expires_on", sa.Date(), nullable=True),
        sa.Column("tier_id", sqltypes.AutoString(), nullable=True),
        sa.Column("provider_id", sqltypes.AutoString(), nullable=True),
        sa.Column("url", sqltypes.AutoString(), nullable=True),
        sa.Column("deleted", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_membership")),
    )
    with op.batch_alter_table("membership", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_membership_account_id"), ["account_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_membership_number"), ["number"], unique=False)
        batch_op.create_index(batch_op.f("ix_membership_program_id"), ["program_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_membership_provider_id"), ["provider_id"], unique=False)

    op.create_table(
        "order_item",
        sa.Column("id", sqltypes.AutoString(), nullable=False),
        sa.Column("order_id", sqltypes.AutoString(), nullable=False),
        sa.Column("updated", sqltypes.UTCDateTime(), nullable=False),
        sa.Column("body", sqltypes.AutoString(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_item")),
    )
    with op.batch_alter_table("order_item", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_order_item_order_id"), ["order_id"], unique=False)

    op.create_table(
        "program",
        sa.Column("id", sqltypes.AutoString(), nullable=False),
        sa.Column("code", sqltypes.AutoString(), nullable=False),
        sa.Column("name", sqltypes.AutoString(), nullable=False),
        sa.Column("type", sqltypes.AutoString(), nullable=False),
        sa.Column("subscription", sqltypes.AutoString(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_program")),
    )
    op.create_table(
        "property",
        sa.Column("id", sqltypes.AutoString(), nullable=False),
        sa.Column("chain_id", sqltypes.AutoString(), nullable=False),
        sa.Column("table_name", sqltypes.AutoString(), nullable=False),
        sa.Column("name", sqltypes.AutoString(), nullable=False),
        sa.Column("time_zone", sqltypes.AutoString(), nullable=False),
        sa.Column("currency", sqltypes.AutoString(), nullable=False),
        sa.Column("editable_seconds", sa.Integer(), nullable=False),
        sa.Column("day_offset_seconds", sa.Integer(), nullable=False),
        sa.Column("created", sqltypes.UTCDateTime(), nullable=False),
        sa.Column("read_at", sqltypes.UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_property")),
    )
    op.create_table(
        "reservation",
        sa.Column("id", sqltypes.AutoString(), nullable=False),
        sa.Column("property_id", sqltypes.AutoString(), nullable=False),
        sa.Column("number", sqltypes.AutoString(), nullable=False),
        sa.Column("channel_number", sqltypes.AutoString(), nullable=True),
        sa.Column("state", sqltypes.AutoString(), nullable=False),
        sa.Column("account_id", sqltypes.AutoString(), nullable=False),
        sa.Column("departed_at", sqltypes.UTCDateTime(), nullable=True),
        sa.Column("updated", sqltypes.UTCDateTime(), nullable=False),
        sa.Column("seen_processed_at", sqltypes.UTCDateTime(), nullable=True),
        sa.Column("items_complete", sa.Boolean(), nullable=False),
        sa.Column("dirty", sa.Boolean(), nullable=False),
        sa.Column("body", sqltypes.AutoString(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reservation")),
    )
    with op.batch_alter_table("reservation", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_reservation_account_id"), ["account_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_reservation_channel_number"), ["channel_number"], unique=False)
        batch_op.create_index("ix_reservation_dirty_id", ["dirty", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_reservation_number"), ["number"], unique=False)

    op.create_table(
        "send",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("key", sqltypes.AutoString(), nullable=False),
        sa.Column("stamp", sqltypes.UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_send")),
    )
    with op.batch_alter_table("send", schema=None) as batch_op:
        batch_op.create_index("ix_send_key_stamp", ["key", "stamp"], unique=False)

    op.create_table(
        "service",
        sa.Column("id", sqltypes.AutoString(), nullable=False),
        sa.Column("property_id", sqltypes.AutoString(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_service")),
    )
    op.create_table(
        "suspense",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("subject_kind", sqltypes.AutoString(), nullable=False),
        sa.Column("subject_id", sqltypes.AutoString(), nullable=False),
        sa.Column("reason", sqltypes.AutoString(), nullable=False),
        sa.Column("partner", sqltypes.AutoString(), nullable=False),
        sa.Column("text", sqltypes.AutoString(), nullable=False),
        sa.Column("first_at", sqltypes.UTCDateTime(), nullable=False),
        sa.Column("last_at", sqltypes.UTCDateTime(), nullable=False),
        sa.Column("resolved_at", sqltypes.UTCDateTime(), nullable=True),
        sa.Column("resolved_by", sqltypes.AutoString(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_suspense")),
        sa.UniqueConstraint(
            "subject_kind",
            "subject_id",
            "reason",
            "partner",
            name=op.f("uq_suspense_subject_kind_subject_id_reason_partner"),
        ),
    )
    with op.batch_alter_table("suspense", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_suspense_resolved_at"), ["resolved_at"], unique=False)

    op.create_table(
        "tier",
        sa.Column("id", sqltypes.AutoString(), nullable=False),
        sa.Column("program_id", sqltypes.AutoString(), nullable=False),
        sa.Column("code", sqltypes.AutoString(), nullable=False),
        sa.Column("name", sqltypes.AutoString(), nullable=False),
        sa.Column("ordering", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tier")),
    )
    with op.batch_alter_table("tier", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_tier_program_id"), ["program_id"], unique=False)

    op.create_table(
        "claim",
        sa.Column("partner", sqltypes.AutoString(), nullable=False),
        sa.Column("seat", sqltypes.AutoString(), nullable=False),
        sa.Column("reservation_id", sqltypes.AutoString(), nullable=False),
        sa.Column("award_id", sqltypes.AutoString(), nullable=False),
        sa.ForeignKeyConstraint(["award_id"], ["award.id"], name=op.f("fk_claim_award_id_award")),
        sa.PrimaryKeyConstraint("partner", "seat", "reservation_id", name=op.f("pk_claim")),
    )
    with op.batch_alter_table("claim", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_claim_award_id"), ["award_id"], unique=False)

    op.create_table(
        "history",
        sa.Column("award_id", sqltypes.AutoString(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("at", sqltypes.UTCDateTime(), nullable=False),
        sa.Column("actor", sqltypes.AutoString(), nullable=False),
        sa.Column("message_key", sqltypes.AutoString(), nullable=False),
        sa.Column("before", sqltypes.AutoString(), nullable=False),
        sa.Column("after", sqltypes.AutoString(), nullable=False),
        sa.Column("detail", sqltypes.AutoString(), nullable=False),
        sa.Column("hash", sqltypes.AutoString(), nullable=False),
        sa.ForeignKeyConstraint(["award_id"], ["award.id"], name=op.f("fk_history_award_id_award")),
        sa.PrimaryKeyConstraint("award_id", "seq", name=op.f("pk_history")),
    )
    op.create_table(
        "message",
        sa.Column("key", sqltypes.AutoString(), nullable=False),
        sa.Column("award_id", sqltypes.AutoString(), nullable=False),
        sa.Column("partner", sqltypes.AutoString(), nullable=False),
        sa.Column("kind", sqltypes.AutoString(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("miles", sa.Integer(), nullable=False),
        sa.Column("state", sqltypes.AutoString(), nullable=False),
        sa.Column("due_at", sqltypes.UTCDateTime(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("lane", sqltypes.AutoString(), nullable=False),
        sa.Column("waits_for", sqltypes.AutoString(), nullable=True),
        sa.Column("credit", sqltypes.AutoString(), nullable=False),
        sa.Column("path", sqltypes.AutoString(), nullable=True),
        sa.Column("headers", sqltypes.AutoString(), nullable=True),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        sa.Column("owner", sqltypes.AutoString(), nullable=True),
        sa.Column("lease_until", sqltypes.UTCDateTime(), nullable=True),
        sa.Column("first_sent_at", sqltypes.UTCDateTime(), nullable=True),
        sa.Column("last_sent_at", sqltypes.UTCDateTime(), nullable=True),
        sa.Column("settled_at", sqltypes.UTCDateTime(), nullable=True),
        sa.Column("reference", sqltypes.AutoString(), nullable=False),
        sa.Column("reason", sqltypes.AutoString(), nullable=False),
        sa.Column("created_at", sqltypes.UTCDateTime(), nullable=False),
        sa.CheckConstraint("kind IN ('credit', 'reversal')", name=op.f("ck_message_kind")),
        sa.CheckConstraint(
            "state IN ('held', 'ready', 'in_flight', 'in_doubt', 'accepted', 'credited', 'refused', 'suspended', 'superseded', 'void', 'shadow', 'test')",
            name=op.f("ck_message_state"),
        ),
        sa.CheckConstraint("miles > 0 AND miles < 1000000", name=op.f("ck_message_miles")),
        sa.ForeignKeyConstraint(["award_id"], ["award.id"], name=op.f("fk_message_award_id_award")),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_message")),
        sa.UniqueConstraint("award_id", "kind", "revision", name=op.f("uq_message_award_id_kind_revision")),
    )
    with op.batch_alter_table("message", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_message_award_id"), ["award_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_message_first_sent_at"), ["first_sent_at"], unique=False)
        batch_op.create_index("ix_message_partner_state_due_at", ["partner", "state", "due_at"], unique=False)


def downgrade() -> None:

    with op.batch_alter_table("message", schema=None) as batch_op:
        batch_op.drop_index("ix_message_partner_state_due_at")
        batch_op.drop_index(batch_op.f("ix_message_first_sent_at"))
        batch_op.drop_index(batch_op.f("ix_message_award_id"))

    op.drop_table("message")
    op.drop_table("history")
    with op.batch_alter_table("claim", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_claim_award_id"))

    op.drop_table("claim")
    with op.batch_alter_table("tier", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_tier_program_id"))

    op.drop_table("tier")
    with op.batch_alter_table("suspense", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_suspense_resolved_at"))

    op.drop_table("suspense")
    op.drop_table("service")
    with op.batch_alter_table("send", schema=None) as batch_op:
        batch_op.drop_index("ix_send_key_stamp")

    op.drop_table("send")
    with op.batch_alter_table("reservation", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_reservation_number"))
        batch_op.drop_index("ix_reservation_dirty_id")
        batch_op.drop_index(batch_op.f("ix_reservation_channel_number"))
        batch_op.drop_index(batch_op.f("ix_reservation_account_id"))

    op.drop_table("reservation")
    op.drop_table("property")
    op.drop_table("program")
    with op.batch_alter_table("order_item", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_order_item_order_id"))

    op.drop_table("order_item")
    with op.batch_alter_table("membership", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_membership_provider_id"))
        batch_op.drop_index(batch_op.f("ix_membership_program_id"))
        batch_op.drop_index(batch_op.f("ix_membership_number"))
        batch_op.drop_index(batch_op.f("ix_membership_account_id"))

    op.drop_table("membership")
    with op.batch_alter_table("member", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_member_number"))
        batch_op.drop_index(batch_op.f("ix_member_mews_id"))
        batch_op.drop_index(batch_op.f("ix_member_loyalty_key"))
        batch_op.drop_index(batch_op.f("ix_member_email_key"))

    op.drop_table("member")
    with op.batch_alter_table("link", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_link_account_id"))

    op.drop_table("link")
    op.drop_table("lease")
    with op.batch_alter_table("lane", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_lane_message_key"))

    op.drop_table("lane")
    op.drop_table("intent")
    with op.batch_alter_table("harm", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_harm_at"))

    op.drop_table("harm")
    with op.batch_alter_table("guest", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_guest_loyalty_key"))
        batch_op.drop_index(batch_op.f("ix_guest_email_key"))

    op.drop_table("guest")
    op.drop_table("fact")
    with op.batch_alter_table("decision", schema=None) as batch_op:
        batch_op.drop_index("ix_decision_status_due_at")
        batch_op.drop_index("ix_decision_partner_status")

    op.drop_table("decision")
    op.drop_table("cursor")
    op.drop_table("confirmation")
    op.drop_table("circuit")
    with op.batch_alter_table("candidate", schema=None) as batch_op:
        batch_op.drop_index("ix_candidate_account_id")

    op.drop_table("candidate")
    with op.batch_alter_table("award", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_award_root_id"))

    op.drop_table("award")
