"""The catalog for the public, and the recommendation for staff."""

from django.urls import path

from programs.views import public

app_name = "programs"

urlpatterns = [
    path("", public.home, name="home"),
    path("programs/", public.index, name="index"),
    path("programs/<slug:slug>/", public.program, name="program"),
    path("how-it-works/", public.how_it_works, name="how_it_works"),
    path("costs/", public.costs, name="costs"),
    path("families/", public.families, name="families"),
    path("privacy/", public.privacy, name="privacy"),
    path("accessibility/", public.accessibility, name="accessibility"),
]
