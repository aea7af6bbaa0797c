"""The whole configuration as one document."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import Field, PrivateAttr, Strict
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from connector.settings.alerts import Alerts
from connector.settings.channels import AnyPartner
from connector.settings.loyalty import Alignment, Matching, Program
from connector.settings.mews import Chain, Mews
from connector.settings.operation import Database, Logging, Privacy, Reconcile, Schedule
from connector.settings.schemes import AnyScheme
from connector.settings.values import TableName
from connector.settings.web import Web


class Settings(BaseSettings):
    """What the connector was told; made by :func:`connector.settings.load` only.

    ``scheme`` is None when the first road is off; ``partners`` is empty when the second is. Secrets are
    ``SecretStr``, durations ``timedelta``, amounts ``Decimal``, paths absolute.
    """

    model_config = SettingsConfigDict(extra="forbid", frozen=True, strict=True, hide_input_in_errors=True)

    chain: Chain
    mews: Mews
    programs: Annotated[tuple[Program, ...], Strict(False)] = ()
    scheme: AnyScheme | None = None
    matching: Matching = Matching()
    alignment: Alignment = Alignment()
    partners: dict[TableName, AnyPartner] = Field({})
    schedule: Schedule = Schedule()
    reconcile: Reconcile = Reconcile()
    database: Database = Database()
    web: Web = Web()
    alerts: Alerts = Alerts()
    privacy: Privacy = Privacy()
    logging: Logging = Logging()

    _sources: dict[str, str] = PrivateAttr(default_factory=dict)
    _file: Path = PrivateAttr(default=Path("connector.toml"))
    _warnings: tuple[str, ...] = PrivateAttr(default=())

    @property
    def file(self) -> Path:
        """The file that the settings were read from, absolute."""
        return self._file

    def source_of(self, key: str) -> str:
        """Return where a value came from: "file", "environment NAME", "secret file PATH" or "default".

        ``key`` is written as in messages: ``partners.air_miles.earn[0].per``.
        """
        return self._sources.get(key, "default")

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Take what ``load`` read, and nothing else.

        The library's readers of environment and secret files make a second table out of another spelling
        and a phantom one out of a misspelt name; ours only fill in what exists.
        """
        return (init_settings,)
