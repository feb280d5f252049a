"""The committed description of the REST interface says what the declarations say."""

import json

from guanxi.surfaces.rest import schema
from guanxi.surfaces.rest.api import api
from tests.floors.source import ROOT


def test_the_description_is_fresh():
    committed = (ROOT / "docs" / "reference" / "openapi.json").read_text(encoding="utf-8")

    assert committed == schema.snapshot(api), "run: guanxi manage openapi"


def test_a_planted_change_is_noticed():
    fresh = json.loads(schema.snapshot(api))
    fresh["paths"]["/api/v1/planted"] = {}

    assert json.dumps(fresh) != json.dumps(json.loads(schema.snapshot(api)))


def test_every_operation_documents_its_refusals():
    paths = json.loads(schema.snapshot(api))["paths"]
    operations = [operation for methods in paths.values() for operation in methods.values()]
    names = [operation["operationId"] for operation in operations]

    assert len(operations) > 300
    assert len(set(names)) == len(names)
    for operation in operations:
        assert {"400", "401", "403", "404", "429", "500"} <= set(operation["responses"]), operation["operationId"]
        if "requestBody" in operation:
            assert {"413", "415"} <= set(operation["responses"]), operation["operationId"]
