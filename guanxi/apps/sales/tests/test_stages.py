"""The ten stages with their probabilities, in the reader's language, and what managers may do with them."""

from types import SimpleNamespace
from typing import Any

import pytest
from django.utils import translation

from guanxi.apps.conftest import Firm, Person
from guanxi.apps.parties.models import Source
from guanxi.apps.sales.models import CloseReason, Library, Opportunity, Pipeline, Pool, Stage
from guanxi.apps.sales.seed import seed
from guanxi.common import undoing
from guanxi.kernel.api import Refused
from guanxi.kernel.reading import titles

pytestmark = pytest.mark.django_db

TEN = [("初次接触", 5, "founding"), ("表示兴趣", 15, "founding"), ("会见项目决策者", 30, "founding"),
       ("导出需求", 40, "proposal"), ("提交解决方案", 50, "proposal"), ("演示", 60, "evaluation"),
       ("评价、修改方案", 70, "evaluation"), ("客户口头答应", 80, "negotiation"), ("合同谈判", 90, "negotiation"),
       ("签订合同", 100, "signing")]


@pytest.mark.covers("STG-01", "STG-02")
def test_ten_stages_with_their_probabilities_and_phases(sales: SimpleNamespace) -> None:
    stages = [one for key, one in sales.stages.items() if key != "lost"]
    with translation.override("zh-hans"):
        assert [(str(one), int(one.probability), one.phase) for one in stages] == TEN
        assert [str(Stage.Phase(phase).label) for phase in dict.fromkeys(one.phase for one in stages)] == [
            "机会建立", "方案提供", "方案评估", "商务谈判", "合同签定"]
    with translation.override("en"):
        assert str(stages[0]) == "First contact"
    assert [one.kind for one in stages] == ["open"] * 9 + ["won"]
    assert sales.stages["lost"].kind == "lost"


@pytest.mark.covers("I18N-02")
def test_titles_follow_the_reader_even_when_kept_in_memory(sales: SimpleNamespace, salesperson: Person) -> None:
    wanted = [("sales.stage", sales.stages["signed"].pk)]
    found = []
    for code in ("zh-hans", "en", "zh-hans"):
        with translation.override(code):
            found += titles(salesperson(), wanted).values()
    assert found == ["签订合同", "Contract signed", "签订合同"]


def test_a_new_name_is_the_name_in_every_language(sales: SimpleNamespace, administrator: Person) -> None:
    stage = administrator.ctx.update(sales.stages["signed"], name="Done deal")
    with translation.override("zh-hans"):
        assert str(stage) == "Done deal"


def test_a_file_may_name_a_stage_in_any_language(sales: SimpleNamespace, salesperson: Person) -> None:
    made = [salesperson().create(Opportunity, name="x", stage=words).stage_id for words in ("演示", "Demonstration")]
    assert made == [sales.stages["demonstration"].pk] * 2


def test_seeding_twice_adds_nothing_and_brings_nothing_back(firm: Firm, sales: SimpleNamespace) -> None:
    models: tuple[Any, ...] = (Pipeline, Stage, CloseReason, Library, Pool, Source)
    firm.system.update(sales.stages["needs"], name="Needs")
    firm.system.delete(sales.reasons["loss_price"])
    firm.system.delete(firm.system.find(Source).order_by("pk").first())
    before = [firm.system.find(model).count() for model in models]
    seed(firm.system)
    assert [firm.system.find(model).count() for model in models] == before
    assert firm.system.find(Stage).get(key="needs").name == "Needs"
    assert before[:3] == [1, 11, 15]


@pytest.mark.covers("LED-06", "LED-07")
def test_sources_are_ready(firm: Firm) -> None:
    firm.system.update(firm.company, language="zh-hans")
    seed(firm.system)
    names = set(firm.system.find(Source).values_list("name", flat=True))
    assert {"Web接入", "电话接入", "邮件接入", "上门采购", "服务请求", "市场营销"} <= names


@pytest.mark.covers("SAL-21")
def test_there_are_reasons_for_winning_as_well_as_losing(sales: SimpleNamespace) -> None:
    kinds = [one.kind for one in sales.reasons.values()]
    assert (kinds.count("win"), kinds.count("loss"), kinds.count("lead")) == (5, 6, 5)


@pytest.mark.covers("STG-08")
def test_only_those_who_set_up_define_stages(
        sales: SimpleNamespace, salesperson: Person, administrator: Person) -> None:
    with pytest.raises(Refused, match="may not"):
        salesperson.ctx.create(Stage, name="Mine", pipeline=sales.pipeline.pk, probability=10)
    made = administrator.ctx.create(Stage, name="Trial", pipeline=sales.pipeline.pk, probability="55 %", dwell_days=14,
                                    guidance="x" * 1000)
    assert str(made.probability) == "55.00"
    for values in ({"probability": 101}, {"guidance": "x" * 1001}, {"dwell_days": 0}, {"name": "Demonstration"},
                   {"kind": "won"}):
        with pytest.raises(Refused):
            administrator.ctx.update(made, **values)
        made.refresh_from_db()
    assert (made.name, str(made.probability), made.dwell_days, made.kind) == ("Trial", "55.00", 14, "open")


@pytest.mark.covers("P16", "STG-08")
def test_a_stage_in_use_is_removed_by_saying_where_its_deals_go(
        sales: SimpleNamespace, administrator: Person, salesperson: Person, deal: Any) -> None:
    one = deal(salesperson.ctx, stage="needs", amount=100)
    with pytest.raises(Refused, match="still used by 1 opportunities"):
        administrator.ctx.delete(sales.stages["needs"])
    with pytest.raises(Refused, match="Choose another stage"):
        administrator.ctx.run("sales.stage.retire", sales.stages["needs"], to=sales.stages["signed"].pk)
    outcome = administrator.ctx.run("sales.stage.retire", sales.stages["needs"], to=sales.stages["solution"].pk)
    one.refresh_from_db()
    assert (one.stage_id, str(one.probability)) == (sales.stages["solution"].pk, "50.00")
    assert not administrator().find(Stage).filter(key="needs").exists()
    undoing.undo(administrator(), outcome.operation_id)
    one.refresh_from_db()
    assert (one.stage_id, str(one.probability)) == (sales.stages["needs"].pk, "40.00")
    assert administrator().find(Stage).filter(key="needs").exists()


@pytest.mark.covers("F2", "SAL-21")
def test_a_deal_taken_back_stands_in_its_stage_since_it_came_there(
        sales: SimpleNamespace, salesperson: Person, deal: Any) -> None:
    one = deal(salesperson.ctx, stage="needs", probability="50")
    before = Opportunity.objects.values("stage_id", "stage_since", "stage_until", "probability").get()
    outcome = salesperson().run_many("sales.opportunity.move", [one], stage=sales.stages["solution"].pk)
    assert Opportunity.objects.get().stage_since > before["stage_since"]
    assert undoing.undo(salesperson(), outcome.operation_id).conflicts == []
    assert Opportunity.objects.values("stage_id", "stage_since", "stage_until", "probability").get() == before
