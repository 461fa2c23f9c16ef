from django.urls import path

from intake.views import (
    addenda,
    checking,
    contact,
    flow,
    forms,
    inquiries,
    myforms,
    page,
    papers,
    public,
    safety,
    signing,
    staff,
)

PERSON = "staff/people/<uuid:person>/"
INTAKE = f"{PERSON}intake/<uuid:intake>/"

app_name = "intake"
urlpatterns = [
    path("contact/", public.contact, name="contact"),
    path("contact/sent/", public.contact_sent, name="contact_sent"),
    path("contact/<slug:step>/", public.contact_step, name="contact_step"),
    path("my/forms/", myforms.my_forms, name="my_forms"),
    path("my/forms/hide/", myforms.hide, name="hide"),
    path("my/forms/<uuid:form>/", myforms.my_form, name="my_form"),
    path("my/forms/<uuid:form>/<int:page>/", myforms.my_form_page, name="my_form_page"),
    path("my/forms/<uuid:form>/support/", myforms.my_form_support, name="my_form_support"),
    path("my/forms/<uuid:form>/check/", myforms.my_form_check, name="my_form_check"),
    path("my/forms/<uuid:form>/done/", myforms.my_form_done, name="my_form_done"),
    path("staff/inquiries/", inquiries.inquiries, name="inquiries"),
    path("staff/inquiries/new/", inquiries.new_inquiry, name="new_inquiry"),
    path("staff/inquiries/<uuid:inquiry>/", inquiries.inquiry, name="inquiry"),
    path("staff/inquiries/<uuid:inquiry>/move/", inquiries.move, name="move_inquiry"),
    path("staff/inquiries/<uuid:inquiry>/sort/", inquiries.sort, name="sort_inquiry"),
    path("staff/inquiries/<uuid:inquiry>/register/", inquiries.register_as, name="register_as"),
    path("staff/people/", staff.people, name="people"),
    path("staff/people/new/", staff.register, name="register"),
    path(f"{PERSON}forms/", forms.forms, name="forms"),
    path(f"{PERSON}forms/<uuid:form>/", forms.form, name="form"),
    path(f"{PERSON}forms/<uuid:form>/review/", forms.review, name="review_form"),
    path(f"{PERSON}forms/<uuid:form>/withdraw/", forms.withdraw, name="withdraw_form"),
    path(f"{PERSON}intake/", staff.start, name="start_intake"),
    path("staff/safety/", safety.safety, name="safety"),
    path(f"{PERSON}safety/", safety.person, name="person_safety"),
    path(f"{PERSON}safety/plan/", safety.write_plan, name="write_plan"),
    path(f"{PERSON}safety/plan/<int:version>/", safety.plan, name="plan"),
    path(f"{PERSON}safety/<uuid:event>/", safety.event, name="safety_event"),
    path("my/care/safety-plan/", safety.my_plan, name="my_safety_plan"),
    path(INTAKE, flow.tasks, name="tasks"),
    path(f"{INTAKE}check/", checking.check, name="check"),
    path(f"{INTAKE}correct/", addenda.correct, name="correct"),
    path(f"{INTAKE}sign/", signing.sign, name="sign"),
    path(f"{INTAKE}<slug:section>/", flow.section, name="section"),
    path(f"{INTAKE}<slug:section>/<int:page>/", page.page, name="page"),
]
