from django.urls import path

from scheduling.views import match, patient, places, preview, staff, waitlist

app_name = "scheduling"
urlpatterns = [
    path("my/", patient.my_schedule, name="my_schedule"),
    path("my/week/<slug:week>/", patient.my_week, name="my_week"),
    path("my/sessions/<uuid:session>/", patient.my_session, name="my_session"),
    path("my/sessions/<uuid:session>/confirm/", patient.confirm, name="confirm"),
    path("my/sessions/<uuid:session>/cannot-come/", patient.cannot_come, name="cannot_come"),
    path("preview/cohorts/<uuid:cohort>/", preview.cohort_week, name="preview_week"),
    path("staff/", staff.today, name="today"),
    path("staff/people/<uuid:person>/", staff.person, name="person"),
    path("staff/people/<uuid:person>/places/<uuid:enrollment>/withdraw/", staff.withdraw, name="withdraw"),
    path("staff/people/<uuid:person>/places/<uuid:enrollment>/", places.place, name="place"),
    path("staff/people/<uuid:person>/places/<uuid:enrollment>/enroll/", places.take, name="take"),
    path("staff/people/<uuid:person>/places/<uuid:enrollment>/move/", places.move, name="move"),
    path("staff/people/<uuid:person>/places/<uuid:enrollment>/complete/", places.complete, name="complete"),
    path("staff/people/<uuid:person>/group-agreement/", places.agreement, name="group_agreement"),
    path("staff/people/<uuid:person>/waitlist/", waitlist.join, name="join_waitlist"),
    path("staff/waitlist/", waitlist.waitlist, name="waitlist"),
    path("staff/waitlist/<uuid:entry>/", waitlist.entry, name="waiting"),
    path("staff/waitlist/<uuid:entry>/<slug:deed>/", waitlist.deed, name="waiting_deed"),
    path("staff/waitlist/places/<uuid:cohort>/", waitlist.offer, name="offer"),
    path("staff/sessions/<uuid:session>/", staff.session, name="session"),
    path(
        "staff/people/<uuid:person>/recommendation/<uuid:recommendation>/match/",
        match.match,
        name="match",
    ),
    path(
        "staff/people/<uuid:person>/recommendation/<uuid:recommendation>/match/<uuid:cohort>/",
        match.hold,
        name="hold",
    ),
]
