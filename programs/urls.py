"""The catalog for the public, and the recommendation for staff."""

from django.urls import path

from programs.views import public, reports, rules, staff, vignettes

app_name = "programs"

PERSON = "staff/people/<uuid:person>/"
RECOMMENDATION = PERSON + "recommendation/<uuid:recommendation>/"
RULES = "staff/rules/"
RULESET = RULES + "<uuid:ruleset>/"
VIGNETTE = RULES + "vignettes/<slug:code>/"
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
    path("staff/reports/recommendations/", reports.recommendations, name="report"),
    path(RULES, rules.index, name="rules"),
    path(RULES + "start/", rules.start, name="rules_start"),
    path(RULES + "upload/", rules.upload_new, name="rules_upload"),
    path(RULES + "vignettes/", vignettes.index, name="vignettes"),
    path(RULES + "vignettes/new/", vignettes.new, name="vignette_new"),
    path(VIGNETTE, vignettes.vignette, name="vignette"),
    path(VIGNETTE + "change/", vignettes.change, name="vignette_change"),
    path(VIGNETTE + "retire/", vignettes.retire, name="vignette_retire"),
    path(RULESET, rules.ruleset, name="ruleset"),
    path(RULESET + "read/", rules.read, name="ruleset_read"),
    path(RULESET + "document/", rules.document, name="ruleset_document"),
    path(RULESET + "numbers/", rules.numbers, name="ruleset_numbers"),
    path(RULESET + "upload/", rules.upload, name="ruleset_upload"),
    path(RULESET + "replay/", rules.replay, name="ruleset_replay"),
    path(RULESET + "review/", rules.review, name="ruleset_review"),
    path(RULESET + "rehearse/", rules.rehearse, name="ruleset_rehearse"),
    path(RULESET + "withdraw/", rules.withdraw, name="ruleset_withdraw"),
    path(RULESET + "publish/", rules.publish, name="ruleset_publish"),
    path(RULESET + "retire/", rules.retire, name="ruleset_retire"),
]
