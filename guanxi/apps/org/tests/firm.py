"""A small firm to test with: departments, people with the ready roles, browsers signed in as them, and races."""

from dataclasses import dataclass, field

from django.test import Client

from guanxi.apps.org.models import Company, Department, Membership, Position, User
from guanxi.apps.org.seed import seed
from guanxi.kernel.api import Ctx, policy

PASSWORD = "correct-horse-battery-9"
#: The people of most tests by the name of their fixture: name, role, department, and the fixture of the superior.
PEOPLE = {
    "manager": ("maria", "sales_manager", "east", ""),
    "salesperson": ("anna", "salesperson", "east", "manager"),
    "colleague": ("adam", "salesperson", "east", "manager"),
    "other_salesperson": ("bert", "salesperson", "south", ""),
    "administrator": ("admin", "administrator", "head_office", ""),
}


@dataclass
class Person:
    """Somebody of the firm. Calling it gives a fresh ``Ctx``; ``ctx`` and ``client`` stay the same within a test."""

    user: User
    ctx: Ctx
    client: Client = field(default_factory=Client)

    def __call__(self) -> Ctx:
        return Ctx(user=self.user, via="page", client="192.0.2.7")

    @property
    def id(self) -> int:
        return int(self.user.pk)


@dataclass
class Firm:
    """The company, its tree (head office > sales > east and south), roles by key, and how to add people."""

    system: Ctx
    company: Company
    head_office: Department
    sales: Department
    east: Department
    south: Department
    salesman: Position
    roles: dict[str, policy.Role]

    def add(self, name: str, *roles: str, department: Department | None = None, superior: User | None = None,
            email: str = "", phone: str = "") -> Person:
        """A person of the firm, holding ready roles by key, with a browser signed in."""
        with self.system.door("test"):
            user = User(name=name, email=email or f"{name}@example.com", phone=phone, superior=superior)
            user.set_password(PASSWORD)
            self.system.save(user)
            if department:
                self.system.save(Membership(user=user, department=department, position=self.salesman, main=True))
            for key in roles:
                self.system.save(policy.Holding(user=user, role=self.roles[key]))
        person = Person(user, Ctx(user=user, via="page", client="192.0.2.7"))
        person.client.force_login(user)
        return person

    def hire(self, fixture: str, superior: Person | None = None) -> Person:
        """One of the people of most tests."""
        name, role, department, _above = PEOPLE[fixture]
        return self.add(name, role, department=getattr(self, department), superior=superior.user if superior else None)


def found() -> Firm:
    """A new firm without its people."""
    system = Ctx(system=True, via="command", reason="test")
    with system.door("test"):
        company = system.save(Company(name="深圳市关系科技有限公司", short_name="关系", language="en"))
        head_office = system.save(Department(name="Head office"))
        sales = system.save(Department(name="Sales", parent=head_office))
        east = system.save(Department(name="East", parent=sales))
        south = system.save(Department(name="South", parent=sales))
        salesman = system.save(Position(name="Sales representative"))
    return Firm(system, company, head_office, sales, east, south, salesman, seed(system))
