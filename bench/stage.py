"""What every benchmark is given: the clinic's rows, the running site and the floor."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import cached_property
from itertools import count

from bench import clinic, web


class Stage:
    """Made when first asked for: what needs no server does not wait for one."""

    def __init__(self, stack: ExitStack) -> None:
        self.stack = stack
        self.counting: dict[str, str] = {}
        self._numbers = count(1)

    @cached_property
    def clinic(self) -> clinic.Clinic:
        self.stack.enter_context(clinic.database())
        return clinic.furnish()

    @cached_property
    def site(self) -> web.Site:
        user = self.clinic.clinician
        site = self.stack.enter_context(web.serving())
        site.sign_in(user)
        return site

    def next(self) -> int:
        """A number that rises with every request, as a page's do."""
        return next(self._numbers)

    def floor(self, number: int) -> web.Answer:
        data = {"item": f"phq9_{number % 8 + 1}", "value": number // 8 % 4}
        answer = self.site.post("/bench/floor/", data, **self.counting)
        return self.expect(answer, 200)

    def expect(self, answer: web.Answer, status: int) -> web.Answer:
        """Go on only with what was really done: a refusal would look cheap."""
        if answer.status != status:
            sys.exit(f"The server answered {answer.status} in place of {status}: {answer.body[:300]!r}")
        return answer

    @contextmanager
    def counted(self) -> Iterator[None]:
        """Answers tell their queries; not while CPU is measured."""
        self.counting = {"X_Count_Queries": "1"}
        yield
        self.counting = {}

    def tell(self, name: str, compared: web.Compared) -> None:
        print(f"{name:<24} product {compared.product}", f"{'':<24} floor   {compared.floor}", sep="\n", flush=True)
