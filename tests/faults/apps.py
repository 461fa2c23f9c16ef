"""What a worker under test has beside the product: both kinds of message may leave, and a naive sender."""

from django.apps import AppConfig


class FaultsConfig(AppConfig):
    name = "tests.faults"

    def ready(self) -> None:
        from messaging import registry, texts

        # These tests are about the outbox: whether a session is still planned is not asked here.
        for kind in texts.kinds():
            registry.register(kind, recheck=lambda _message, _now: None)
