"""People with browsers for the tests of surfaces, and calls made at the same moment."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib.auth import get_user_model
from django.db import connections
from django.test import Client

from guanxi.kernel.api import Ctx
from guanxi.kernel.policy import Holding, Role


@dataclass
class Somebody:
    """A person with a signed-in browser. Calling gives a fresh context."""

    user: Any
    client: Client

    def __call__(self) -> Ctx:
        return Ctx(user=self.user, via="page")

    @property
    def id(self) -> int:
        return int(self.user.pk)


def spelled(rights: dict[str, dict[str, str]]) -> list[dict[str, str]]:
    """The grants of a role from ``{"parties.customer": {"view": "own"}}``."""
    return [{"object": thing, "verb": verb, "scope": scope}
            for thing, verbs in rights.items() for verb, scope in verbs.items()]


def add(system: Ctx, name: str, role: Role, superior: Somebody | None = None) -> Somebody:
    """Somebody who holds a role, which is written if it is new."""
    user: Any = get_user_model()(name=name, username=name, email=f"{name}@example.com")
    if superior is not None:
        user.superior = superior.user
    with system.door("test"):
        system.save(user)
        if role._state.adding:
            system.save(role)
        system.save(Holding(role=role, user=user))
    client = Client(headers={"accept-language": "en"})
    client.force_login(user)
    return Somebody(user, client)


def at_once(calls: list[Callable[[], Any]]) -> list[Any]:
    """Run the calls in threads that start together; what each returned, or the exception it ended with."""
    gate, outcomes = threading.Barrier(len(calls)), [None] * len(calls)

    def work(place: int, call: Callable[[], Any]) -> None:
        gate.wait()
        try:
            outcomes[place] = call()
        except Exception as error:  # noqa: BLE001 - the test compares it
            outcomes[place] = error  # type: ignore[call-overload]
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work, args=pair) for pair in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes
