"""A worklist offers more rows while it draws more, and says so when it does not."""

import pytest
from django.template.loader import render_to_string

from intake.listing import Worklist, page_of


def listed(rows: int, stand: int) -> Worklist[int]:
    return Worklist("open", {"open": stand}, list(range(rows)), (("open", "All open"),), "open")


@pytest.mark.parametrize(("asked", "drawn"), [(0, 25), (26, 26), (100, 100), (125, 100), (-1, 25)])
def test_a_page_has_25_to_100_rows(asked, drawn):
    assert page_of(asked) == drawn


def test_the_next_rows_are_a_link_away():
    html = render_to_string("ui/more.html", {"worklist": listed(25, 60)})

    assert 'href="?show=open&amp;rows=50"' in html
    assert "35 more" in html


def test_the_longest_list_has_no_link_that_leads_back_to_itself():
    html = render_to_string("ui/more.html", {"worklist": listed(100, 140)})

    assert "href" not in html
    assert "These are the first 100." in html


def test_a_whole_list_says_nothing():
    assert render_to_string("ui/more.html", {"worklist": listed(7, 7)}).strip() == ""
