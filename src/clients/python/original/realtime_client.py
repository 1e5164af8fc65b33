"""The original's name of it, for programs that import it so."""

from das_client import RealtimeDataClient

__all__ = ["RealtimeDataClient"]
