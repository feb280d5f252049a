"""Departments form a tree without a depth limit; people work in any number of them, in a position."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from guanxi.kernel.api import About, Q, Record, f


class Department(Record):
    """A unit of the company. Units stand below one another to any depth."""

    name = f.Name(_("Name"))
    parent = f.Link("org.Department", _("Belongs to"), null=True)
    manager = f.Link(settings.AUTH_USER_MODEL, _("Manager"), null=True)
    code = f.Name(_("Code"), blank=True, max_length=40)
    place = f.Integer(_("Place among its neighbours"), default=0)
    note = f.Text(_("Note"))

    renews = True
    about = About(one=_("department"), many=_("departments"), icon="sitemap", title=name, subtitle=parent,
                  columns=(name, parent, manager, code), search=(name, code), filters=(parent, manager),
                  form=((name, code), (parent, manager), (place,), (note,)), side=("members", "history"),
                  scope="everyone", order="sort_key", match=(code, name))

    class Meta(Record.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=("parent", "name"), condition=Q(deleted_at=None), name="org_department_name",
                violation_error_message=_("There is a department of this name in the same place.")),
            models.UniqueConstraint(
                fields=("name",), condition=Q(deleted_at=None, parent=None), name="org_department_top",
                violation_error_message=_("There is a department of this name in the same place.")),
        ]


class Position(Record):
    """What somebody is in a department: a post with a name."""

    name = f.Name(_("Name"), unique=True)
    note = f.Text(_("What it is for"))

    renews = True
    about = About(one=_("position"), many=_("positions"), icon="id", title=name, columns=(name, note), search=(name,),
                  form=((name,), (note,)), side=("history",), scope="everyone", order="sort_key", match=(name,))


class Membership(Record):
    """Somebody works in a department, in a position. One of several departments is the main one."""

    user = f.Link("org.User", _("Person"))
    department = f.Link(Department, _("Department"))
    position = f.Link(Position, _("Position"), null=True)
    main = f.Flag(_("Main department"))

    renews = True
    about = About(area="", one=_("place of work"), many=_("places of work"), icon="users-group", title=department,
                  subtitle=user, parent=user, columns=(user, department, position, main), search=(),
                  filters=(department, position, main), form=((user, department), (position, main)),
                  side=("history",), scope="everyone")

    class Meta(Record.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=("user", "department"), condition=Q(deleted_at=None), name="org_membership_once",
                violation_error_message=_("This person works in this department already.")),
            models.UniqueConstraint(
                fields=("user",), condition=Q(deleted_at=None, main=True), name="org_membership_main",
                violation_error_message=_("This person has a main department already: change that one first.")),
        ]
