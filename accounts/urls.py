"""Sign-in and the account menu. allauth does the work; these are the only doors of it that stand open."""

from allauth.account import views as allauth
from django.urls import path

from accounts import views
from accounts.policies import PUBLIC, policy

public = policy(PUBLIC)

urlpatterns = [
    path("sign-in/", public(views.SignIn.as_view()), name="account_login"),
    path("sign-out/", public(allauth.logout), name="account_logout"),
    path("account/who/", views.who, name="who"),
    path("account/role/", views.choose_role, name="choose_role"),
]
