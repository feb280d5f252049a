"""People, imports, deletions and merges at the same moment: nothing hangs in the air, nothing is there twice."""

import os
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from guanxi.apps.conftest import administrator, at_once, firm
from guanxi.apps.org.tests.standing import alone  # noqa: F401  fixture
from guanxi.apps.parties.models import Contact, Customer
from guanxi.apps.parties.rules.identity import credit_code_valid
from guanxi.apps.sales.seed import seed as seed_sales
from guanxi.common import merging
from guanxi.kernel import actions, door, registry
from guanxi.kernel.api import Refused
from guanxi.kernel.door import Once
from guanxi.kernel.policy import Holding, Role
from tests.contract.factory import make, minimal
from tests.impex.conftest import bring, figures

__all__ = ["administrator", "bring", "figures", "firm"]
pytestmark = pytest.mark.django_db(transaction=True)
ON_POSTGRES = pytest.mark.skipif(not os.environ.get("GUANXI_TEST_POSTGRES"), reason="needs PostgreSQL: SQLite has one writer")
TIMES = 4
industry, stage, opportunity, department, membership, quote = map(registry.model_of, (
    "parties.industry", "sales.stage", "sales.opportunity", "org.department", "org.membership", "sales.quote"))


def ended(results: list[Any]) -> list[str]:
    """Only refusals come back instead of a record."""
    assert [one for one in results if isinstance(one, BaseException) and not isinstance(one, Refused)] == []
    return ["refused" if isinstance(one, Refused) else "done" for one in results]


@pytest.mark.covers("CONC-01")
def test_two_people_change_different_fields_of_one_record(firm, administrator):
    row = administrator().create(Customer, name="Acme")
    known = {"city": "深圳", "fax": "0755-26712345", "note": "Two", "website": "https://acme.example"}
    results = at_once([lambda key=key, value=value: administrator().update(row, version=1, **{key: value})
                       for key, value in known.items()])
    assert ended(results) == ["done"] * len(known)
    row.refresh_from_db()
    assert row.version == 1 + len(known)
    assert all(getattr(row, key) for key in known)


@pytest.mark.covers("CONC-05")
def test_fifty_quotes_at_once_have_fifty_numbers_in_a_row(firm, administrator):
    seed_sales(firm.system)
    values = minimal(administrator(), quote)
    results = at_once([lambda: [administrator().create(quote, **values).number for _time in range(2)] for _who in range(25)])
    assert ended(results) == ["done"] * 25
    numbers = sorted(int(one.rsplit("-", 1)[-1]) for pair in results for one in pair)
    assert numbers == list(range(numbers[0], numbers[0] + 50))


@pytest.mark.covers("CONC-11")
@pytest.mark.parametrize("kind", ["stage", "department", "role", "line"])
def test_what_is_deleted_while_it_is_chosen_leaves_nobody_hanging(kind, firm, administrator):
    seed_sales(firm.system)
    system, ends = firm.system, Counter()
    pipeline = system.find(registry.model_of("sales.pipeline")).first()
    for n in range(TIMES):
        if kind == "stage":
            gone = system.create(stage, name=f"S{n}", pipeline=pipeline.pk, probability=5, position=90 + n)
            writes, user, link = opportunity, opportunity, "stage"
            given = minimal(administrator(), opportunity) | {"stage": gone.pk}
        elif kind == "department":
            gone = system.create(department, name=f"D{n}")
            writes, user, link, given = membership, membership, "department", {"user": administrator.id, "department": gone.pk}
        elif kind == "role":
            gone = system.create(Role, name=f"R{n}", grants=[])
            writes, user, link, given = Holding, Holding, "role", {"user": administrator.id, "role": gone.pk}
        else:
            gone = make(administrator(), registry.model_of("catalog.product"))
            writes, user, link = quote, registry.model_of("sales.quoteline"), "product"
            given = minimal(administrator(), quote) | {"lines": [{"product": gone.pk, "quantity": 1}]}
        before = writes.objects.count()
        results = at_once([lambda model=writes, values=given: administrator().create(model, **values),
                           lambda row=gone: administrator().delete(row)])
        ends[tuple(ended(results))] += 1
        gone.refresh_from_db()
        hanging = user.objects.filter(deleted_at=None, **{link: gone.pk}).count()
        assert (gone.deleted_at is None) == isinstance(results[1], Refused)
        assert hanging == (0 if gone.deleted_at else 1), ended(results)
        assert writes.objects.count() == before + hanging
    assert set(ends) <= {("done", "refused"), ("refused", "done")}


@pytest.mark.covers("CONC-11")
def test_twenty_choose_what_one_deletes(firm, administrator):
    """Whoever comes too late is refused; nobody waits for ever, and no other fault comes out."""
    system = firm.system
    gone = system.create(industry, name="Gone")
    results = at_once([*(lambda n=n: administrator().create(Customer, name=f"C{n}", industry=gone.pk) for n in range(20)),
                       lambda: administrator().delete(gone)])
    words, hanging = ended(results), Customer.objects.filter(industry=gone.pk).count()
    gone.refresh_from_db()
    assert hanging == words[:20].count("done") == Customer.objects.count()
    assert (gone.deleted_at is None) == (words[20] == "refused") == bool(hanging)


@ON_POSTGRES
@pytest.mark.covers("CONC-11", "P16")
def test_who_comes_too_late_is_told_and_nothing_is_written(firm, administrator):
    """One deletes after the other has looked, but before the other commits."""
    gone, other = (firm.system.create(industry, name=name) for name in ("Gone", "Other"))
    row, create = firm.system.create(Customer, name="Acme"), actions.verb_of(Customer, "create")
    with in_between("parties.customer.create", lambda: administrator().delete(gone)), pytest.raises(Refused) as told:
        door.run(administrator(), create, None, {"name": "New", "industry": gone.pk}, key="once")
    assert told.value.reason == ("“New”, Industry: “Gone” was moved to the recycle bin in the meantime. "
                                 "Choose another, or restore it first.")
    assert (told.value.field, told.value.record, told.value.status) == ("industry", None, 409)
    assert (list(Customer.objects.all()), Once.objects.filter(key="once").count()) == ([row], 0)
    made = door.run(administrator(), create, None, {"name": "New", "industry": other.pk}, key="once")
    assert made.record.industry == other
    third = firm.system.create(industry, name="Third")
    with in_between("parties.customer.update", lambda: administrator().delete(third)), pytest.raises(Refused, match="Third"):
        administrator().run_many("parties.customer.update", [row.pk, made.record.pk], industry=third.pk)
    assert not Customer.objects.filter(industry=third).exists()


@ON_POSTGRES
@pytest.mark.covers("CONC-10")
def test_a_merge_in_between_leads_to_the_survivor_or_says_which_it_is(firm, administrator):
    kept, gone = (administrator().create(Customer, name=name) for name in ("Kept", "Gone"))
    with in_between("parties.contact.create", lambda: merging.merge(administrator(), kept, [gone])):
        made = administrator().create(Contact, name="Wang", customer=gone.pk)
    assert made.customer == kept
    ctx, also = administrator(), administrator().create(Customer, name="Also gone")
    with pytest.raises(Refused) as told:
        save_while(ctx, Contact(name="Li", customer=also), lambda: merging.merge(administrator(), kept, [also]))
    assert told.value.reason == "“Li”, Customer: “Also gone” was merged into “Kept” in the meantime. Choose that one."
    assert Contact.objects.get() == made


@pytest.mark.covers("CONC-10")
def test_what_is_added_to_a_record_while_it_is_merged_ends_on_the_survivor(firm, administrator):
    for n in range(TIMES):
        kept, gone = (administrator().create(Customer, name=f"{name} {n}") for name in ("Kept", "Gone"))
        adding = [lambda number=number, pk=gone.pk: administrator().create(Contact, name=f"C{number}", customer=pk)
                  for number in range(5)]
        results = at_once([*adding, lambda pair=(kept, gone): merging.merge(administrator(), pair[0], [pair[1]])])
        assert ended(results) == ["done"] * 6, results
        assert Contact.objects.filter(deleted_at=None, customer=kept).count() == 5
        assert not Contact.objects.filter(deleted_at=None, customer=gone).exists()


@ON_POSTGRES
@pytest.mark.covers("CONC-11")
def test_rows_of_an_import_whose_choice_was_deleted_in_between_are_refused_alone(firm, administrator, bring, figures):
    gone, other = (firm.system.create(industry, name=name) for name in ("Gone", "Other"))
    with in_between("parties.customer.create", lambda: administrator().delete(gone)):
        run = bring(administrator(), "name,industry\nA,Gone\nB,Other\nC,Gone\n", mode="create",
                    columns={"name": ["name"], "industry": ["industry"]})
    assert figures(run) == {"created": 1, "failed": 2}
    assert [(row.name, row.industry) for row in Customer.objects.all()] == [("B", other)]


@pytest.mark.covers("CONC-12")
def test_customers_that_people_create_while_they_are_imported_are_there_once(firm, administrator, bring, figures):
    codes = [next(filter(credit_code_valid, (f"91440300MA5{n:06}{last}" for last in "0123456789ABCDEFGHJKLMNPQRTUWXY")))
             for n in range(30)]
    table = "name,credit_code\n" + "".join(f"公司{n},{code}\n" for n, code in enumerate(codes))
    typing = [lambda part=part: [attempt(administrator, f"公司{n}", codes[n]) for n in range(part, 30, 3)] for part in range(3)]
    *typed, run = at_once([*typing, lambda: bring(
        administrator(), table, columns={"name": ["name"], "credit_code": ["credit_code"]}, mode="create",
        match=["credit_code"])])
    assert not [one for one in (*typed, run) if isinstance(one, BaseException)]
    assert Counter(Customer.objects.filter(deleted_at=None).values_list("credit_code", flat=True)) == Counter(codes)
    made = figures(run)
    by_hand = sum(map(sum, typed))
    assert made.get("created", 0) + by_hand == 30
    assert sum(made.values()) == 30


def attempt(person: Any, name: str, code: str) -> int:
    """One customer typed in by hand; refused where it is there already."""
    try:
        person().create(Customer, name=name, credit_code=code)
    except Refused:
        return 0
    return 1


@contextmanager
def in_between(name: str, call: Any) -> Iterator[None]:
    """Within, somebody else does something once, just before the transaction of an action comes to its end."""
    ends: list[Any] = []

    def listener(*_told: Any) -> None:
        if not ends:
            ends.extend(at_once([call]))

    registry.add_listener(name, listener)
    try:
        yield
    finally:
        registry.listeners(name).remove(listener)
    assert ended(ends) == ["done"]


def save_while(ctx: Any, record: Any, call: Any) -> None:
    """Save a record; somebody else does something before the transaction comes to its end."""
    with ctx.door("test"):
        ctx.save(record)
        assert ended(at_once([call])) == ["done"]
