"""The catalog for the public, and the recommendation for staff."""

from django.urls import path

from programs.views import public, staff

app_name = "programs"

PERSON = "staff/people/<uuid:person>/"
RECOMMENDATION = PERSON + "recommendation/<uuid:recommendation>/"
FINDINGS = PERSON + "intake/<uuid:intake>/findings/"

urlpatterns = [
    path("", public.home, name="home"),
    path("programs/", public.index, name="index"),
    path("programs/<slug:slug>/", public.program, name="program"),
    path("how-it-works/", public.how_it_works, name="how_it_works"),
    path("costs/", public.costs, name="costs"),
    path("families/", public.families, name="families"),
    path("privacy/", public.privacy, name="privacy"),
    path("accessibility/", public.accessibility, name="accessibility"),
    path(FINDINGS, staff.findings, name="findings"),
    path(FINDINGS + "work-out/", staff.work_out, name="work_out"),
    path(RECOMMENDATION, staff.recommendation, name="recommendation"),
    path(RECOMMENDATION + "how/", staff.how, name="how"),
    path(RECOMMENDATION + "for-the-person/", staff.person_version, name="person_version"),
    path(RECOMMENDATION + "decide/", staff.decide, name="decide"),
    path(RECOMMENDATION + "clear/<str:gate>/", staff.clear, name="clear"),
]
