"""The configuration: one TOML file, the environment, and secret files, read into typed settings.

``load`` is the only way in; it tells every fault at once. The tables are plain values without behaviour.
"""

from __future__ import annotations

from connector.settings.advice import notes, warnings
from connector.settings.channels import AnyPartner
from connector.settings.document import Settings
from connector.settings.effective import Row, rows
from connector.settings.example import example
from connector.settings.json_schema import json_schema
from connector.settings.loading import load
from connector.settings.loyalty import Alignment, Identifier, Matching, Program, Tier
from connector.settings.lufthansa import LufthansaPartner
from connector.settings.mews import Chain, Limits, Mews, Property
from connector.settings.operation import Database, Logging, Privacy, Reconcile, Schedule
from connector.settings.partners import AirMilesPartner, Partner, UplyftPartner
from connector.settings.qiibee import QiibeePartner
from connector.settings.rules import EarnRule, Window
from connector.settings.schemes import AnyScheme, CsvScheme, HttpScheme, QiibeeScheme, Scheme, SqlScheme
from connector.settings.toml_file import find
from connector.settings.web import Operator, Web

__all__ = [
    "AirMilesPartner",
    "Alignment",
    "AnyPartner",
    "AnyScheme",
    "Chain",
    "CsvScheme",
    "Database",
    "EarnRule",
    "HttpScheme",
    "Identifier",
    "Limits",
    "Logging",
    "LufthansaPartner",
    "Matching",
    "Mews",
    "Operator",
    "Partner",
    "Privacy",
    "Program",
    "Property",
    "QiibeePartner",
    "QiibeeScheme",
    "Reconcile",
    "Row",
    "Schedule",
    "Scheme",
    "Settings",
    "SqlScheme",
    "Tier",
    "UplyftPartner",
    "Web",
    "Window",
    "example",
    "find",
    "json_schema",
    "load",
    "notes",
    "rows",
    "warnings",
]
