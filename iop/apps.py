from django.apps import AppConfig


class IopConfig(AppConfig):
    name = "iop"
    verbose_name = "System"

    def ready(self) -> None:
        # The web process publishes too: without the app imported, shared tasks would find no broker.
        from iop import celery, checks  # noqa: F401
