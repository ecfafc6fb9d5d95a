"""Data flows one way: a model reads its own layer and those before it; only marts read marts."""

import pytest

LAYERS = ("staging", "intermediate", "features", "clustering", "measures", "marts", "semantics")


@pytest.fixture(scope="module")
def models(manifest) -> dict[str, dict]:
    """The project's models by their unique id, as dbt parses them without data."""
    nodes = manifest["nodes"]
    return {name: node for name, node in nodes.items() if node["resource_type"] == "model"}


def layer(model: dict) -> int:
    """The place of a model's folder in `LAYERS`."""
    return LAYERS.index(model["path"].split("/")[0])


def reads(models: dict[str, dict]) -> list[tuple[dict, dict]]:
    """Each model beside each model that it reads."""
    return [
        (model, models[read])
        for model in models.values()
        for read in model["depends_on"]["nodes"]
        if read in models
    ]


def test_no_model_reads_a_later_layer(models):
    backward = [
        f"{model['name']} reads {read['name']}"
        for model, read in reads(models)
        if layer(read) > layer(model)
    ]
    assert backward == []


def test_only_marts_read_marts(models):
    again = [
        f"{model['name']} reads {read['name']}"
        for model, read in reads(models)
        if LAYERS[layer(read)] == "marts" and LAYERS[layer(model)] != "marts"
    ]
    assert again == []


def test_both_rules_are_of_all_layers(models):
    assert {LAYERS[layer(model)] for model in models.values()} == set(LAYERS)
    assert len(reads(models)) > len(models) / 2


def test_right_of_the_waist_nothing_reads_single_incidents(models):
    def from_files(model: dict) -> bool:
        parents = model["depends_on"]["nodes"]
        return any(
            p.startswith("source.") or (p in models and from_files(models[p])) for p in parents
        )

    waist = {name for name, model in models.items() if "waist" in model["tags"]}
    left, waiting = set(), [*waist]
    while waiting:
        left.add(name := waiting.pop())
        waiting += [read for read in models[name]["depends_on"]["nodes"] if read in models]
    rows = {name for name in left - waist if from_files(models[name])}
    past_it = [
        f"{model['name']} reads {read['name']}"
        for model, read in reads(models)
        if read["unique_id"] in rows and model["unique_id"] not in left
    ]
    assert past_it == []
    assert {"int_crimes", "stg_arrests"} <= {models[name]["name"] for name in rows}
