"""The browser of the journeys: found, installed, or asked for in a sentence."""

import os
import shutil
import subprocess

import pytest

from iop.local import browser
from iop.local.checkout import CannotStart


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """A machine without a browser; the commands that would have been run."""
    commands: list[list[str]] = []
    monkeypatch.delenv("CHROMIUM_PATH", raising=False)
    monkeypatch.setattr(browser, "_chromium", lambda: None)
    monkeypatch.setattr(browser, "_has_libatomic", lambda: False)
    monkeypatch.setattr(subprocess, "run", lambda command, **_: commands.append(command))
    return commands


def test_a_normal_user_is_told_what_to_install(bare, monkeypatch):
    monkeypatch.setattr(os, "getuid", lambda: 1000)

    with pytest.raises(
        CannotStart,
        match=r"need chromium and libatomic1\. On Debian or Ubuntu: sudo apt-get install chromium libatomic1",
    ):
        browser.ensure()

    assert bare == []


def test_root_on_debian_installs_and_then_looks_again(bare, monkeypatch):
    monkeypatch.setattr(os, "getuid", lambda: 0)
    monkeypatch.setattr(shutil, "which", lambda name: f"/usr/bin/{name}")

    with pytest.raises(CannotStart):
        browser.ensure()

    assert [command[:2] for command in bare] == [["apt-get", "update"], ["apt-get", "install"]]


def test_a_chromium_path_that_names_nothing_is_said(monkeypatch):
    monkeypatch.setenv("CHROMIUM_PATH", "/nowhere/chromium")

    with pytest.raises(CannotStart, match="CHROMIUM_PATH is /nowhere/chromium"):
        browser.ensure()
