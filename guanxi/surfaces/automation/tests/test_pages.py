"""Approvals on pages and through the API: the inbox, one request, the card on a record, dialogs and answers."""

import json
from typing import Any

import pytest

from guanxi.common.talk import Notification
from guanxi.kernel.api import Entry
from guanxi.surfaces.automation.models import ApprovalRequest, ApprovalRule
from guanxi.surfaces.automation.tests.conftest import asked, state, status

pytestmark = [pytest.mark.django_db, pytest.mark.in_turn]
HX = {"HX-Request": "true"}


def told(response: Any) -> str:
    return str(json.loads(response.headers["HX-Trigger"])["done"]["message"])


def post(sender: Any, url: str, /, **data: Any) -> Any:
    return sender.client.post(url, data, headers=HX)


def test_a_dialog_says_before_and_after_who_is_asked(anna: Any, lead: Any, rule: Any) -> None:
    rule({"kind": "chain", "level": 2}, name="Large leads")
    big, small = lead(anna), lead(anna, 10)
    page = anna.client.get(f"/leads/{big.pk}/do/contact").content.decode()
    assert "Needs approval" in page
    assert "boss, chief — rule “Large leads”" in page
    assert "Needs approval" not in anna.client.get(f"/leads/{small.pk}/do/contact").content.decode()
    answer = post(anna, f"/leads/{big.pk}/do/contact")
    assert (answer.status_code, told(answer)) == (204, "“Contacted: Firm 5000” was sent for approval to boss.")
    assert status(big) == "new"
    again = post(anna, f"/leads/{big.pk}/do/contact")
    assert again.status_code == 422
    assert "is locked: anna has asked for approval" in again.content.decode()


@pytest.mark.covers("P21")
def test_the_inbox_shows_what_is_asked_and_takes_the_answer(anna: Any, boss: Any, bert: Any, lead: Any, rule: Any,
                                                           ask: Any) -> None:
    rule({"kind": "superior"})
    record = lead(anna)
    request = ask(anna, record)
    page = boss.client.get("/approvals/").content.decode()
    assert "Contacted: Firm 5000" in page
    assert "Asked by anna" in page
    assert f'action="/approvals/{request.pk}/decide"' in page
    assert 'href="/approvals/" ' in page
    assert "Nothing here" in bert.client.get("/approvals/").content.decode()
    assert "Contacted: Firm 5000" in anna.client.get("/approvals/?tab=asked").content.decode()
    wrong = post(boss, f"/approvals/{request.pk}/decide", verb="reject", comment="")
    assert wrong.status_code == 422
    assert "This field is needed." in wrong.content.decode()
    answer = post(boss, f"/approvals/{request.pk}/decide", verb="approve", comment="Fine.")
    assert (answer.status_code, told(answer)) == (204, "“Contacted: Firm 5000” is approved and done.")
    assert status(record) == "contacted"
    assert "“Fine.”" in boss.client.get("/approvals/?tab=done").content.decode()
    assert "Nothing here" in boss.client.get("/approvals/").content.decode()


@pytest.mark.covers("IDOR-07")
def test_direct_posts_of_others_are_refused(anna: Any, bert: Any, lead: Any, rule: Any, ask: Any) -> None:
    rule({"kind": "superior"})
    request = ask(anna, lead(anna))
    for url, data in ((f"/approvals/{request.pk}/decide", {"verb": "approve"}), (f"/approvals/{request.pk}/do/approve", {})):
        assert post(anna, url, **data).status_code == 403
        assert post(bert, url, **data).status_code == 404
    assert bert.client.get(f"/approvals/{request.pk}").status_code == 404
    assert post(anna, f"/approvals/{request.pk}/decide", verb="delete").status_code == 404
    assert state(request) == "pending"
    attempts = Entry.objects.filter(verb="automation.approvalrequest.attempt").order_by("pk")
    assert [str(entry.actor) for entry in attempts] == ["anna", "bert", "anna"]


def test_a_request_has_a_page_with_its_trail_and_buttons(anna: Any, boss: Any, lead: Any, rule: Any, ask: Any) -> None:
    rule({"kind": "superior"}, action="update", locks=False)
    record = lead(anna, 500)
    request = ask(anna, record, "update", amount="1500")
    page = boss.client.get(f"/approvals/{request.pk}").content.decode()
    assert "<del>500.00</del> → <ins>1,500.00</ins>" in page
    assert "Open the record" not in page
    own = anna.client.get(f"/approvals/{request.pk}").content.decode()
    assert "<del>500.00</del> → <ins>1,500.00</ins>" in own
    assert f"/approvals/{request.pk}/do/withdraw" in own
    assert f"/approvals/{request.pk}/decide" not in own
    dialog = boss.client.get(f"/approvals/{request.pk}/do/delegate", headers=HX)
    assert dialog.status_code == 200
    answer = post(boss, f"/approvals/{request.pk}/do/add_signer", who=boss.user.superior_id, place="after")
    assert answer.status_code == 204
    assert asked(request) == ["boss"]


def test_the_record_shows_its_approvals(anna: Any, boss: Any, lead: Any, rule: Any, ask: Any) -> None:
    rule({"kind": "superior"})
    record = lead(anna)
    assert "Waits for approval" not in anna.client.get(f"/leads/{record.pk}").content.decode()
    request = ask(anna, record)
    page = anna.client.get(f"/leads/{record.pk}").content.decode()
    assert "Waits for approval" in page
    assert f'href="/approvals/{request.pk}"' in page


def test_what_must_wait_says_so_before_it_is_tried(anna: Any, boss: Any, lead: Any, rule: Any, ask: Any) -> None:
    rule({"kind": "superior"})
    record = lead(anna)
    free = anna.client.get(f"/leads/{record.pk}").content.decode()
    assert f'href="/leads/{record.pk}/edit"' in free
    assert f'href="/leads/{record.pk}/do/contact"' in free
    request = ask(anna, record)
    why = "“Firm 5000” is locked: anna has asked for approval of “Contacted”."
    page = anna.client.get(f"/leads/{record.pk}")
    held = page.content.decode()
    for link in (f'href="/leads/{record.pk}/edit"', f'href="/leads/{record.pk}/do/contact"', f"/leads/{record.pk}/cell/"):
        assert link not in held
    shown = [*page.context["actions"], *page.context["more_actions"]]
    assert {one["key"] for one in shown if one["enabled"]} == {"log_follow_up", "plan_activity"}
    assert {one["reason"].startswith(why) for one in shown if one["key"] in ("contact", "delete", "assign")} == {True}
    assert page.context["edit_held"].startswith(why)
    assert "It waits for the decision of boss." in held
    for verb in ("withdraw", "remind"):
        assert f'href="/approvals/{request.pk}/do/{verb}"' in held
    dialog = anna.client.get(f"/leads/{record.pk}/do/contact", headers=HX).content.decode()
    assert "is locked: anna has asked" in dialog
    for url in (f"/leads/{record.pk}/edit", f"/leads/{record.pk}/cell/amount"):
        answer = anna.client.get(url)
        assert (answer.status_code, "is locked: anna has asked" in answer.content.decode()) == (400, True)
    post(anna, f"/approvals/{request.pk}/do/withdraw")
    again = anna.client.get(f"/leads/{record.pk}").content.decode()
    assert f'href="/leads/{record.pk}/edit"' in again
    assert "It waits for" not in again


def test_a_change_that_waits_keeps_only_further_changes_back(anna: Any, lead: Any, rule: Any, ask: Any) -> None:
    rule({"kind": "superior"}, action="update", locks=False)
    record = lead(anna, 500)
    ask(anna, record, "update", amount="1500")
    page = anna.client.get(f"/leads/{record.pk}")
    assert page.context["edit_held"].startswith("“Firm 500” is locked")
    assert f'href="/leads/{record.pk}/do/contact"' in page.content.decode()


def test_a_change_in_a_form_or_a_cell_is_sent_for_approval(anna: Any, lead: Any, rule: Any) -> None:
    rule({"kind": "superior"}, action="update")
    record, other = lead(anna, 500), lead(anna, 600)
    for url, one in ((f"/leads/{record.pk}/edit", record), (f"/leads/{other.pk}/cell/amount", other)):
        answer = post(anna, url, amount="2000", version=one.version)
        assert answer.status_code == 204
        assert "was sent for approval to boss" in told(answer)
    assert ApprovalRequest.objects.count() == 2


def test_chosen_rows_of_a_list(anna: Any, lead: Any, rule: Any) -> None:
    rule({"kind": "superior"})
    ids = [lead(anna, amount).pk for amount in (10, 5000)]
    answer = post(anna, "/leads/do/contact", ids=ids, once="k")
    assert told(answer) == "Contacted: 1 record; 1 sent for approval"


def test_the_rail_counts_what_waits(anna: Any, boss: Any, lead: Any, rule: Any, ask: Any) -> None:
    rule({"kind": "superior"})
    ask(anna, lead(anna))
    pages = {who: person.client.get("/approvals/") for who, person in (("boss", boss), ("anna", anna))}
    assert {who: page.context["shell"]["counts"]["/approvals/"] for who, page in pages.items()} == {"boss": 1, "anna": 0}
    assert {who: page.content.decode().count('cut">Approvals</span><span class="count">1</span></a>') for who, page in pages.items()} == {
        "boss": 1, "anna": 0}


def test_notifications_lead_to_the_request(anna: Any, boss: Any, lead: Any, rule: Any, ask: Any) -> None:
    rule({"kind": "superior"})
    request = ask(anna, lead(anna))
    page = boss.client.get("/notifications").content.decode()
    assert "Contacted: Firm 5000" in page
    assert "Your approval is needed." in page
    pk = Notification.objects.get(user=boss.user).pk
    assert boss.client.get(f"/notifications/{pk}/open").headers["Location"] == f"/approvals/{request.pk}"


# the API -----------------------------------------------------------------------------------------


def api(who: Any, method: str, path: str, body: Any = None, version: Any = None) -> Any:
    headers = {"If-Match": f'"{version}"'} if version else {}
    return getattr(who.client, method)(f"/api/v1/{path}", json.dumps(body or {}), content_type="application/json",
                                       headers={"X-Requested-With": "fetch", **headers})


def test_the_interface_answers_202_with_the_request(anna: Any, boss: Any, lead: Any, rule: Any) -> None:
    rule({"kind": "superior"}, name="acts")
    rule({"kind": "superior"}, action="update", name="changes")
    rule({"kind": "superior"}, action="delete", name="deletes")
    acted, changed, deleted = (lead(anna) for _time in range(3))
    answers = [api(anna, "post", f"leads/{acted.pk}/contact", version=1),
               api(anna, "patch", f"leads/{changed.pk}", {"amount": "9000"}, version=1),
               api(anna, "delete", f"leads/{deleted.pk}", version=1)]
    assert [answer.status_code for answer in answers] == [202, 202, 202]
    made = answers[0].json()["asked"]
    assert (made["object"], made["record"]["state"], made["record"]["object_id"]) == (
        "automation.approvalrequest", "pending", acted.pk)
    assert [status(one) for one in (acted, changed, deleted)] == ["new"] * 3
    seen = boss.client.get(f"/api/v1/approvals/{made['record']['id']}").json()
    answer = api(boss, "post", f"approvals/{seen['id']}/approve", {"comment": "ok"}, version=seen["version"])
    assert (answer.status_code, answer.json()["record"]["state"], status(acted)) == (200, "granted", "contacted")


def test_the_interface_in_bulk(anna: Any, lead: Any, rule: Any) -> None:
    rule({"kind": "superior"})
    rows = [lead(anna, amount) for amount in (10, 5000)]
    answer = api(anna, "post", "leads/bulk/contact", {"ids": [row.pk for row in rows]}).json()
    assert [(one["id"], one["status"]) for one in answer["results"]] == [(rows[0].pk, 200), (rows[1].pk, 202)]
    assert answer["done"] == 1


def test_rules_are_made_through_the_interface(admin: Any) -> None:
    body = {"name": "By program", "object_type": "sales.lead", "action": "contact", "condition": '["amount", "gt", 5]',
            "steps": [{"kind": "people", "people": ["admin"], "mode": "all"}]}
    answer = api(admin, "post", "approvalrules", body)
    assert answer.status_code == 201, answer.content
    assert admin.client.get(f"/approvalrules/{answer.json()['id']}").status_code == 200


# rules on pages ----------------------------------------------------------------------------------


def test_rules_are_made_in_a_form_with_their_steps(admin: Any, anna: Any, boss: Any, lead: Any, ask: Any) -> None:
    page = admin.client.get("/approvalrules/new").content.decode()
    assert '<option value="sales.lead"' in page
    assert '<option value="contact"' in page
    assert "steps.new.person" in page
    form = {"name": "Large leads", "object_type": "sales.lead", "action": "contact", "order": "1", "active": "true",
            "locks": "true", "own": "", "condition": 'https://crm.example/leads/?f=["amount","gt",1000]&sort=name',
            "steps.count": "1", "steps.1.kind": "people", "steps.1.person": str(boss.id), "steps.1.mode": ""}
    wrong = post(admin, "/approvalrules/new", **{**form, "steps.1.person": ""})
    assert wrong.status_code == 422
    assert "Name at least one person." in wrong.content.decode()
    assert post(admin, "/approvalrules/new", **form).status_code == 204
    made = ApprovalRule.objects.get()
    assert (made.condition, made.steps[0].mode, made.steps[0].person) == ('["amount","gt",1000]', "any", boss.user)
    assert asked(ask(anna, lead(anna))) == ["boss"]
    assert admin.client.get(f"/approvalrules/{made.pk}/edit").status_code == 200
    assert anna.client.get("/approvalrules/").status_code == 403


def test_a_condition_is_put_together_like_the_filter_of_a_list(admin: Any, anna: Any, boss: Any, lead: Any,
                                                                ask: Any) -> None:
    page = admin.client.get("/approvalrules/new").content.decode()
    assert 'data-condition="object_type"' in page
    assert 'data-condition="rule.object_type"' in page
    start = admin.client.get("/condition?object=sales.lead", headers=HX)
    assert 'field=amount" data-fill="#dialog-new-body"' in start.content.decode()
    form = admin.client.get("/condition?object=sales.lead&field=amount", headers=HX)
    assert 'data-fill="#dialog-new-body"' in form.content.decode()
    given = {**dict(form.context["hidden"]), "op": "gte", "value": "100000"}
    built = admin.client.get("/condition", given, headers=HX, follow=True)
    assert [one["sentence"] for one in built.context["filters"]] == ["Expected amount ≥ 100,000.00"]
    tree = built.context["tree"]
    assert json.loads(tree) == {"all": [["amount", "gte", "100000"]]}
    more = admin.client.get("/condition", {"object": "sales.lead", "f": tree, "field": "company", "op": "contains",
                                           "value": "Firm", "apply": "1"}, headers=HX, follow=True)
    assert len(more.context["filters"]) == 2
    less = admin.client.get(more.context["filters"][1]["remove_url"], headers=HX)
    assert less.context["tree"] == tree
    wrong = admin.client.get("/condition", {**given, "value": "many"}, headers=HX)
    assert (wrong.status_code, wrong.context["operator"]) == (422, "gte")
    made = post(admin, "/approvalrules/new", name="Large leads", object_type="sales.lead", action="contact", order="1",
                active="true", locks="true", condition=tree, **{
                    "steps.count": "1", "steps.1.kind": "people", "steps.1.person": str(boss.id), "steps.1.mode": "",
                    "steps.1.condition": '["company","contains","Firm"]'})
    assert made.status_code == 204, made.content
    assert asked(ask(anna, lead(anna, 200_000))) == ["boss"]
    anna().run("sales.lead.contact", lead(anna, 99_999))


@pytest.mark.parametrize(("language", "words"), [
    ("en", "Expected amount > 1,000.00"), ("zh-hans", "预计销售额 > 1,000.00"), ("zh-hant", "預計銷售額 > 1,000.00")])
def test_a_condition_is_read_as_a_sentence(admin: Any, rule: Any, language: str, words: str) -> None:
    one = rule({"kind": "superior", "condition": '["company","contains","Firm"]'})
    admin.client.cookies["django_language"] = language
    admin().update(admin.user, language=language)
    for url in ("/approvalrules/", f"/approvalrules/{one.pk}"):
        page = admin.client.get(url).content.decode()
        assert words.replace(">", "&gt;") in page
        assert "[&quot;amount" not in page
    told = admin.client.get("/condition/words", {"object": "sales.lead", "f": one.condition}, headers=HX)
    assert told.context["sentences"] == [words]


def test_conditions_are_about_what_one_may_see(bert: Any) -> None:
    for url in ("/condition", "/condition/words"):
        assert bert.client.get(url, {"object": "sales.opportunity"}, headers=HX).status_code == 403
        assert bert.client.get(url, {"object": "nothing.here"}, headers=HX).status_code == 400
        assert bert.client.get(url, {"object": "sales.lead", "f": '["no_such", "gt", 1]'}, headers=HX).status_code == 400
        assert bert.client.get(url, {"object": "sales.lead", "f": "[not json"}, headers=HX).status_code == 400
