"""Rules: which action on which records waits for whose consent."""

from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from guanxi.common import conditions
from guanxi.common.conditions import Condition
from guanxi.kernel import actions
from guanxi.kernel.api import About, Ctx, Q, Record, Refused, Section, f, policy, registry

ONLY_IF = _('The address of a filtered list, or its filter such as ["amount", "gt", 10000]; empty: always.')


def objects() -> list[tuple[str, Any]]:
    """The objects that people work with."""
    return [(model._meta.label_lower, model.about.one) for model in registry.objects()
            if "view" in model.about.verbs and model._meta.app_label != "automation" and registry.document(model) is None]


def verbs() -> list[tuple[str, Any]]:
    """What can be done to a record of any object, each verb once."""
    found = {verb: actions.verb_of(ApprovalRule, verb).label for verb in ("update", "delete", "assign")}
    for model in registry.objects():
        found |= {one.verb: one.label for one in registry.declared(model).values() if one.takes != "none"
                  and model._meta.app_label != "automation" and one.verb not in found}
    return list(found.items())


class ApprovalRule(Record):
    """An action on some records runs only after others have agreed. The first rule that fits is asked."""

    name = f.Name(_("Name"))
    object_type = f.Choice(None, _("Object"), choices=objects, max_length=80)
    action = f.Choice(None, _("Action"), choices=verbs, max_length=60)
    condition = Condition(_("Only if"), help_text=ONLY_IF)
    order = f.Integer(_("Order"), default=100)
    active = f.Flag(_("Active"), default=True)
    locks = f.Flag(_("The record is locked meanwhile"), default=True)
    own = f.Flag(_("The requester may agree to their own request"))
    steps = f.Lines("automation.ApprovalStep", _("Steps"))

    renews = True
    about = About(one=_("approval rule"), many=_("approval rules"), icon="gavel", title=name,
                  columns=(name, object_type, action, condition, order, active), filters=(object_type, active),
                  form=((name,), (object_type, action), (condition,), Section(_("How"), ((order, active), (locks, own))),
                        Section(_("Steps"), ((steps,),))),
                  scope="everyone", order="order", match=(name,), side=("history",))

    class Meta(Record.Meta):
        constraints = [models.UniqueConstraint(
            fields=("name",), condition=Q(deleted_at=None), name="automation_rule_name",
            violation_error_message=_("There is a rule of this name already."))]

    def prepare(self) -> None:
        self.condition = conditions.bare(self.condition)

    @property
    def filter(self) -> Any:
        return conditions.tree(self.condition)

    def clean(self) -> None:
        model = self._model()
        try:
            actions.verb_of(model, self.action)
        except Refused as refusal:
            raise ValidationError({"action": refusal.reason}) from refusal
        conditions.check(_system(), model, self, "condition")
        if not self.steps:
            raise ValidationError({"steps": _("Say who is asked: add at least one step.")})
        for number, step in enumerate(self.steps, 1):
            try:
                conditions.check(_system(), model, step, "condition")
            except ValidationError as error:
                raise ValidationError({"steps": _("Step %(number)s: %(reason)s") % {
                    "number": number, "reason": error.message_dict["condition"][0]}}) from error

    def _model(self) -> type[Record]:
        try:
            return registry.model_of(self.object_type)
        except Refused as refusal:
            raise ValidationError({"object_type": refusal.reason}) from refusal


class ApprovalStep(Record):
    """Who is asked at one step, how many of them must agree, and what happens if nobody is found."""

    class Kind(f.Options):
        PEOPLE = "people", _("Named people")
        SUPERIOR = "superior", _("Superior of a level")
        CHAIN = "chain", _("Superiors one after the other up to a level")
        ROLE = "role", _("Everybody with a role")
        HEAD = "head", _("Head of the department")
        CHOSEN = "chosen", _("Chosen by the requester")

    class Mode(f.Options):
        ALL = "all", _("All must agree")
        ANY = "any", _("One of them is enough")

    class Nobody(f.Options):
        ASK = "ask", _("ask the administrators")
        PASS = "pass", _("go on without")

    rule = f.Link(ApprovalRule, _("Rule"))
    position = f.Integer(_("Position"), computed=True, default=0)
    kind = f.Choice(Kind, _("Who"))
    person = f.Link(settings.AUTH_USER_MODEL, _("Person"), null=True)
    people = f.Tags(_("Further people"), help_text=_("Their names or ids."))
    level = f.Integer(_("Level"), default=1, help_text=_("1 is the superior, 2 the superior's superior."))
    role = f.Link(policy.Role, _("Role"), null=True)
    mode = f.Choice(Mode, _("How many"), default=Mode.ANY)
    condition = Condition(_("Only if"), of="rule.object_type", help_text=ONLY_IF)
    fallback_person = f.Link(settings.AUTH_USER_MODEL, _("Otherwise this person"), null=True)
    fallback_role = f.Link(policy.Role, _("Otherwise everybody with this role"), null=True)
    nobody = f.Choice(Nobody, _("If nobody is found"))
    remind_days = f.Integer(_("Remind after days"), null=True)

    about = About(one=_("approval step"), many=_("approval steps"), icon="stairs", title=kind, parent=rule, area="",
                  columns=(kind, person, level, role, mode, condition, fallback_person, nobody, remind_days),
                  scope="everyone", verbs=("view", "export"), side=())

    class Meta(Record.Meta):
        constraints = [models.CheckConstraint(
            condition=Q(level__gte=1, level__lte=20) & (Q(remind_days=None) | Q(remind_days__gte=1)),
            name="automation_step_numbers",
            violation_error_message=_("A level lies between 1 and 20, and reminders come after one day or more."))]

    def prepare(self) -> None:
        self.condition = conditions.bare(self.condition)
        self.kind, self.mode, self.nobody = (
            self.kind or self.Kind.PEOPLE, self.mode or self.Mode.ANY, self.nobody or self.Nobody.ASK)

    @property
    def filter(self) -> Any:
        return conditions.tree(self.condition)

    def clean(self) -> None:
        self.people = [str(_person(word)) for word in self.people]
        if self.kind == self.Kind.PEOPLE and not self.people and self.person_id is None:
            raise ValidationError({"person": _("Name at least one person.")})
        if self.kind == self.Kind.ROLE and self.role_id is None:
            raise ValidationError({"role": _("Choose the role whose holders are asked.")})


def _system() -> Ctx:
    return Ctx(system=True, via="approval", reason="a rule is checked")


def _person(word: str) -> int:
    """The person of this id or name."""
    everybody: Any = get_user_model()
    rows = _system().find(everybody)
    by_id = word.isascii() and word.isdigit() and len(word) < 19
    found = rows.filter(pk=int(word)) if by_id else everybody.titled(rows, word)
    ids = list(found.values_list("pk", flat=True)[:2])
    if len(ids) != 1:
        raise ValidationError({"people": (_("Nobody here is called “%(name)s”.") if not ids else _(
            "Several people are called “%(name)s”: give the id.")) % {"name": word}})
    return int(ids[0])
