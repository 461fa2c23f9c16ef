"""The product's addresses and one view that forgot to declare its policy."""

from django.http import HttpRequest, HttpResponse
from django.urls import path

from iop.urls import urlpatterns as of_the_product


def forgotten(_request: HttpRequest) -> HttpResponse:
    return HttpResponse("This must never be seen.")


urlpatterns = [path("forgotten/", forgotten), *of_the_product]
