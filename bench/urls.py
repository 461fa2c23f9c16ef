"""The addresses of the product and of the floors."""

from django.urls import path

from bench import floor
from iop.urls import urlpatterns as product

urlpatterns = [path("bench/floor/", floor.save), path("bench/seat/", floor.take_seat), *product]
