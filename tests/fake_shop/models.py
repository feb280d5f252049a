"""Four tiny objects: a person who signs in, a customer, a reason and an order."""

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models

from guanxi.kernel.api import About, Q, Record, f


class Person(Record, AbstractBaseUser):
    """Somebody who works in the shop."""

    username = f.Name("User name", unique=True)
    name = f.PersonName("Name")
    is_active = f.Flag("Active", default=True)
    boss = f.Link("fake_shop.Person", "Superior", null=True)

    USERNAME_FIELD = "username"
    objects = BaseUserManager()
    renews = True
    about = About(one="person", many="people", title=name, slug="people", columns=(name, username), search=(name,),
                  scope="everyone", verbs=("view", "create", "update"))


class Customer(Record):
    """Who buys in the shop."""

    class Level(f.Options):
        A = "a", "Key"
        B = "b", "Normal"

    name = f.Name("Name")
    phone = f.Phone("Phone", blank=True)
    email = f.Email("E-mail", blank=True)
    level = f.Choice(Level, "Level", default="b")
    credit = f.Money("Credit", null=True, blank=True)
    since = f.Day("Since", null=True, blank=True)
    seen_at = f.Moment("Last seen", null=True, blank=True)
    tags = f.Tags("Tags")
    token = f.Name("Token", blank=True, secret=True)
    note = f.Text("Note")

    about = About(one="customer", many="customers", title=name, area="sales", columns=(name, phone, level, credit),
                  search=(name, phone, email, note), filters=(level, credit), form=((name, phone), (level, credit), (note,)),
                  order="sort_key", match=(name,))

    class Meta(Record.Meta):
        constraints = [models.UniqueConstraint(
            fields=("email",), condition=Q(deleted_at=None) & ~Q(email=""), name="shop_customer_email",
            violation_error_message="This e-mail belongs to another customer.")]


class Reason(Record):
    """Why an order was cancelled."""

    name = f.Name("Name")
    about = About(one="reason", many="reasons", title=name, scope="everyone", search=(name,))


class Order(Record):
    """What a customer wants."""

    class Stage(f.States):
        DRAFT = "draft", "Draft"
        SENT = "sent", "Sent"
        CANCELLED = "cancelled", "Cancelled"

    number = f.Number("No.", pattern="O-{yyyy}-{n:05}")
    customer = f.Link(Customer, "Customer")
    stage = f.State(Stage, "Stage")
    amount = f.Money("Amount", default=0)
    due = f.Day("Due", null=True, blank=True)
    reason = f.Link(Reason, "Cancelled because", null=True)
    note = f.Text("Note")

    about = About(one="order", many="orders", title=number, subtitle=customer, parent=customer, board=stage, amount=amount,
                  calendar=due, columns=(number, customer, stage, amount, due), search=(number, note),
                  filters=(stage, customer, due), form=((customer, due), (amount,), (note,)))

    class Meta(Record.Meta):
        constraints = [
            models.CheckConstraint(
                name="shop_order_reason", condition=~Q(stage="cancelled") | Q(reason__isnull=False),
                violation_error_message="Say why the order was cancelled."),
            models.CheckConstraint(name="shop_order_amount", condition=Q(amount__gte=0),
                                   violation_error_message="An amount is never negative.")]


class Delivery(Record):
    """An order on its way; opened by listening to the order."""

    order = f.Link(Order, "Order")
    done = f.Flag("Delivered")
    about = About(one="delivery", many="deliveries", title=order, parent=order, columns=(order, done))


class Basket(Record):
    """A document with lines: what goes out together."""

    title = f.Name("Title")
    lines = f.Lines("fake_shop.BasketLine", "Lines")
    total = f.Money("Total", computed=True, default=0)
    about = About(one="basket", many="baskets", title=title, columns=(title, total), form=((title,), (lines,)), amount=total)

    def prepare(self) -> None:
        for line in self.lines:
            line.amount = round(line.quantity * line.price, 2)
        self.total = sum((line.amount for line in self.lines), start=0)


class BasketLine(Record):
    """One thing in a basket."""

    basket = f.Link(Basket, "Basket")
    position = f.Integer("Position", computed=True, default=0)
    text = f.Name("Text")
    customer = f.Link(Customer, "For", null=True)
    quantity = f.Decimal("Quantity", default=1)
    price = f.Money("Price", default=0)
    amount = f.Money("Amount", computed=True, default=0)
    about = About(one="basket line", many="basket lines", title=text, parent=basket, area="", verbs=("view", "export"),
                  columns=(text, quantity, price, amount))

    class Meta(Record.Meta):
        constraints = [models.CheckConstraint(name="shop_line_quantity", condition=Q(quantity__gt=0),
                                              violation_error_message="A quantity is more than nothing.")]
