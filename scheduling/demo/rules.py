"""The demo clinic's rules: those that come with the product, published by two supervisors."""

from __future__ import annotations

from datetime import datetime, timedelta

from accounts.models import Location, User
from programs.models import RuleSet, RuleSetStep
from programs.queries import digest
from programs.rulebook import default_document, default_version
from scheduling.demo.catalog import make_staff, read

WRITER, PUBLISHER = "supervisor2@demo.test", "supervisor@demo.test"
WHY = "The rules that come with Tideway, read aloud and tried on every vignette by both of us."


def publish_rules(*, now: datetime) -> bool:
    """Publish the rules, before anybody was signed; say whether they were missing."""
    if RuleSet.objects.exists():
        return False
    writer, publisher, document = supervisor(WRITER), supervisor(PUBLISHER), default_document()
    written, published = now - timedelta(days=62), now - timedelta(days=60)
    rules = RuleSet.objects.create(
        version=default_version(),
        document=document,
        content_hash=digest(document),
        state=RuleSet.State.PUBLISHED,
        why=WHY,
        created_by=writer,
        created_at=written,
        submitted_by=writer,
        submitted_at=written,
        published_by=publisher,
        published_at=published,
    )
    kind = RuleSetStep.Kind
    RuleSetStep.objects.bulk_create(
        [
            RuleSetStep(ruleset=rules, kind=kind.CREATED, document=document, by=writer, at=written),
            RuleSetStep(ruleset=rules, kind=kind.SUBMITTED, reason=WHY, by=writer, at=written),
            RuleSetStep(ruleset=rules, kind=kind.PUBLISHED, reason="Read and agreed.", by=publisher, at=published),
        ]
    )
    return True


def supervisor(email: str) -> User:
    """A supervisor of the demo; made where a clinic was loaded before there were two."""
    found = User.objects.filter(email=email).first()
    if found:
        return found
    clinic = read("clinic.yaml")
    places = {row["key"]: Location.objects.get(name=row["name"]) for row in clinic["locations"]}
    return make_staff(next(row for row in clinic["staff"] if row["email"] == email), places)
