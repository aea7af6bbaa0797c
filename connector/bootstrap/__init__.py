"""The one place that knows everybody: settings in, a running application out."""

from connector.bootstrap.application import App, application, open_database

__all__ = ["App", "application", "open_database"]
