from django.urls import path

from messaging.views import staff

app_name = "messaging"
urlpatterns = [
    path("staff/messages/", staff.outbox, name="outbox"),
    path("staff/messages/<uuid:public_id>/", staff.detail, name="message"),
    path("staff/messages/<uuid:public_id>/retry/", staff.retry, name="retry"),
]
