from django.apps import AppConfig


class SchedulingConfig(AppConfig):
    name = "scheduling"
    verbose_name = "Calendar"

    def ready(self) -> None:
        # The messages that only this app can judge: is the session still planned, what is its time.
        from scheduling import events, reminders

        reminders.register()
        events.connect()
