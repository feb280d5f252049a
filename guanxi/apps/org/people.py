"""Finding a person by what they sign in with."""

import unicodedata

from guanxi.apps.org.models import User
from guanxi.apps.org.tree import system


def find_person(login: str) -> User | None:
    """The person with this e-mail address, phone number or user name, however it was typed."""
    typed = unicodedata.normalize("NFKC", login).strip().lower()[:254].replace("\x00", "")
    people = system().find(User)
    if not typed:
        return None
    if "@" in typed:
        return people.filter(email=typed).first()
    by_name = people.filter(username=typed).first()
    if by_name is not None:
        return by_name
    try:
        number = User._meta.get_field("phone").parse(typed)
    except ValueError:
        return None
    return people.filter(phone=number).first() if number else None
