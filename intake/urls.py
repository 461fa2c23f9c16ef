from django.urls import path

from intake.views import flow, inquiries, page, public, signing, staff

PERSON = "staff/people/<uuid:person>/"
INTAKE = f"{PERSON}intake/<uuid:intake>/"

app_name = "intake"
urlpatterns = [
    path("contact/", public.contact, name="contact"),
    path("contact/sent/", public.contact_sent, name="contact_sent"),
    path("staff/inquiries/", inquiries.inquiries, name="inquiries"),
    path("staff/inquiries/new/", inquiries.new_inquiry, name="new_inquiry"),
    path("staff/inquiries/<uuid:inquiry>/", inquiries.inquiry, name="inquiry"),
    path("staff/inquiries/<uuid:inquiry>/move/", inquiries.move, name="move_inquiry"),
    path("staff/people/", staff.people, name="people"),
    path("staff/people/new/", staff.register, name="register"),
    path(f"{PERSON}intake/", staff.start, name="start_intake"),
    path(INTAKE, flow.tasks, name="tasks"),
    path(f"{INTAKE}check/", signing.check, name="check"),
    path(f"{INTAKE}sign/", signing.sign, name="sign"),
    path(f"{INTAKE}<slug:section>/", flow.section, name="section"),
    path(f"{INTAKE}<slug:section>/<int:page>/", page.page, name="page"),
]
