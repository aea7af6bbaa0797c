"""The command ``loyalty-connector``."""

from __future__ import annotations

import os
import sys

INTERRUPTED, CUT_OFF = 130, 141  # as a shell calls what SIGINT and SIGPIPE ended


def main() -> None:
    """Run a command; every failure is one sentence on stderr and an exit code, never a traceback."""
    try:
        _main()
    except KeyboardInterrupt:  # also while a command is still imported
        sys.exit(INTERRUPTED)
    except SystemExit as end:
        if isinstance(end.__context__, BrokenPipeError):  # whoever read the output has enough
            _say_no_more()
            sys.exit(CUT_OFF)
        raise


def _main() -> None:
    from connector.cli.app import app
    from connector.cli.output import defect, exit_code, say, unwritable
    from connector.errors import ConnectorError

    try:
        app(prog_name="loyalty-connector")
    except ConnectorError as error:
        say(str(error))
        sys.exit(exit_code(error))
    except Exception as error:  # noqa: BLE001  # a defect: where it is, and nothing of what it held
        if told := unwritable(error):
            _say_no_more()
            say(told)
            sys.exit(4)
        say(defect(error))
        sys.exit(1)


def _say_no_more() -> None:
    """Let what could not be printed go, so that the interpreter does not try again at its end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


if __name__ == "__main__":
    main()
