"""What the service counts, for Prometheus: requests by route and status, how long they took, how far the index is."""

from __future__ import annotations

from collections.abc import Mapping

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from registry.api.following import Reach

_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class Metrics:
    """The counters of one service; nothing in them comes from a reader, so that nobody can make them grow."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._requests = Counter(
            "foodvalley_requests", "Requests answered.", ("route", "method", "status"), registry=self.registry
        )
        self._seconds = Histogram(
            "foodvalley_request_seconds",
            "How long answers took.",
            ("route",),
            buckets=_BUCKETS,
            registry=self.registry,
        )
        self._block = Gauge("foodvalley_index_block", "The block up to which the index is.", registry=self.registry)
        self._chain = Gauge("foodvalley_chain_block", "The latest block of the chain.", registry=self.registry)
        self._lag = Gauge("foodvalley_index_lag_blocks", "How many blocks the index is behind.", registry=self.registry)
        self._outbox = Gauge(
            "foodvalley_outbox_submissions", "Submissions by state.", ("state",), registry=self.registry
        )
        self._counted: dict[tuple[str, str, int], Counter] = {}
        self._timed: dict[str, Histogram] = {}

    def count(self, route: str, method: str, status: int, seconds: float) -> None:
        """One answer; ``route`` is a pattern of the service (``/v1/agreements/{hash}``), never what was asked."""
        key = (route, method, status)
        counted = self._counted.get(key)
        if counted is None:
            counted = self._counted[key] = self._requests.labels(route, method, str(status))
        timed = self._timed.get(route)
        if timed is None:
            timed = self._timed[route] = self._seconds.labels(route)
        counted.inc()
        timed.observe(seconds)

    def rendered(self, reach: Reach, submissions: Mapping[str, int]) -> tuple[bytes, str]:
        """The text that Prometheus reads, and its media type; ``submissions`` are those of the outbox by state."""
        for state, count in submissions.items():
            self._outbox.labels(state).set(count)
        self._block.set(reach.block)
        self._chain.set(reach.chain_block)
        self._lag.set(-1 if reach.lag is None else reach.lag)
        return generate_latest(self.registry), CONTENT_TYPE_LATEST
