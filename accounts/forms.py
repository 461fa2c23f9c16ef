"""The sign-in form: allauth's checks with our labels, and what a password manager looks for."""

from __future__ import annotations

from typing import Any

from allauth.account.forms import LoginForm
from django import forms
from django.utils.translation import gettext_lazy as _

PASSWORD_MAXIMUM = 128


class SignInForm(LoginForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        login, password = self.fields["login"], self.fields["password"]
        login.label = _("Email address")
        login.widget = forms.EmailInput(attrs={"autocomplete": "username", "maxlength": "254"})
        login.error_messages |= {
            "required": _("Write your email address."),
            "invalid": _("Write an email address like name@example.com."),
        }
        password.label = _("Password")
        password.help_text = ""
        password.widget = forms.PasswordInput(
            attrs={"autocomplete": "current-password", "maxlength": str(PASSWORD_MAXIMUM)}
        )
        password.error_messages |= {"required": _("Write your password.")}
