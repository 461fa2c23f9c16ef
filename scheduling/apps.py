from django.apps import AppConfig


class SchedulingConfig(AppConfig):
    name = "scheduling"
    verbose_name = "Calendar"

    def ready(self) -> None:
        # The messages that only this app can judge: is the session still planned, what is its time.
        from intake.authorized import sessions_are_known_by
        from scheduling import events, reminders
        from scheduling.queries.units import sessions_of_seats

        reminders.register()
        events.connect()
        # A record's coverage counts units of an authorization, and does not know of seats.
        sessions_are_known_by(sessions_of_seats)
