"""The map of the product (EXPERIENCE 2.2)."""

from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView

from accounts.policies import PUBLIC, policy
from iop import views

urlpatterns = [
    path("healthz/", views.healthz, name="healthz"),
    path("readyz/", views.readyz, name="readyz"),
    path("help-now/", views.help_now, name="help_now"),
    path("home/", views.home_of_role, name="home_of_role"),
    path("staff/_styleguide/", views.styleguide, name="styleguide"),
    path(
        "admin/login/",
        policy(PUBLIC)(RedirectView.as_view(pattern_name="account_login", query_string=True)),
        name="admin_login",
    ),
    path("admin/", admin.site.urls),
    path("", include("accounts.urls")),
    path("", include("messaging.urls")),
    # Before the intake, where every word behind an intake's address is a section: `findings` is ours.
    path("", include("programs.urls")),
    path("", include("intake.urls")),
    path("", include("scheduling.urls")),
]
