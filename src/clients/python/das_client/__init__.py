"""Clients of das-cast, the live feed of DAS.

RealtimeDataClient and WebSocketDataReader have the names, methods and results of
the classes of the broadcaster that das-cast replaces: programs written for those
need another import at most.
"""

from .client import RealtimeDataClient
from .feed import FeedError
from .reader import WebSocketDataReader

__all__ = ["RealtimeDataClient", "WebSocketDataReader", "FeedError"]
