"""Pure functions of texts whose answers another process may work out ahead of time."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar, cast

Asked = TypeVar("Asked", bound=Callable[..., Any])
#: Answers by function and arguments.
Answers = dict[str, dict[tuple[Any, ...], Any]]

_foreseen: dict[str, "Foreseen"] = {}


class Foreseen:
    """A function that looks whether its answer is known before it works it out."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self.function, self.__doc__ = function, function.__doc__
        self.name = f"{function.__module__}.{function.__qualname__}"
        self.known: dict[tuple[Any, ...], Any] = {}
        self.noting = False
        _foreseen[self.name] = self

    def __call__(self, *args: Any) -> Any:
        if args in self.known:
            return self.known[args]
        answer = self.function(*args)
        if self.noting:
            self.known[args] = answer
        return answer


def foreseen(function: Asked) -> Asked:
    """Declare a pure function whose arguments can be keys: equal arguments, equal answer, in every process."""
    return cast("Asked", Foreseen(function))


def learn(answers: Answers) -> None:
    """Know these answers and no others."""
    for name, one in _foreseen.items():
        one.known = answers.get(name, {})


@contextmanager
def noting() -> Iterator[Answers]:
    """Write down every answer, for another process to learn."""
    answers: Answers = {name: {} for name in _foreseen}
    learn(answers)
    for one in _foreseen.values():
        one.noting = True
    try:
        yield answers
    finally:
        for one in _foreseen.values():
            one.noting, one.known = False, {}
