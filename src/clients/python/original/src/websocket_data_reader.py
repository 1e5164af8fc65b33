"""The original's name of it, for programs that import it so."""

from das_client import WebSocketDataReader

__all__ = ["WebSocketDataReader"]
