"""The work, one file per noun: read Mews, align memberships, decide stays, deliver messages."""
