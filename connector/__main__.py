"""The command ``loyalty-connector``."""

from __future__ import annotations

import sys

from connector.errors import ConnectorError


def main() -> None:
    """Run a command; every failure is one sentence on stderr and an exit code, never a traceback."""
    from connector.cli.app import app
    from connector.cli.output import defect, exit_code, say

    try:
        app(prog_name="loyalty-connector")
    except ConnectorError as error:
        say(str(error))
        sys.exit(exit_code(error))
    except Exception as error:  # noqa: BLE001  # a defect: where it is, and nothing of what it held
        say(defect(error))
        sys.exit(1)


if __name__ == "__main__":
    main()
