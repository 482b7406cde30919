# Compiles the project for pipeline/dbt-project.ts: every model and data test as the SQL that a run executes, as JSON on stdout.
# It opens no warehouse.
import json
import os

answer = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)  # what dbt prints goes with its errors

from dbt.cli.main import dbtRunner  # noqa: E402


def compiled():
    parsed = dbtRunner().invoke(["parse", "--no-write-json"])
    if not parsed.success:
        return {"error": str(parsed.exception)}
    outcome = dbtRunner(manifest=parsed.result).invoke(["compile", "--no-write-json", "--no-introspect", "--no-populate-cache"])
    if not outcome.success:
        messages = [result.message for result in getattr(outcome.result, "results", []) if result.status == "error"]
        return {"error": "; ".join(messages) or str(outcome.exception)}
    return {"nodes": [facts(result.node, parsed.result) for result in outcome.result.results]}


def facts(node, manifest):
    is_model = node.resource_type == "model"
    return {
        "id": node.unique_id,
        "type": node.config.materialized if is_model else "test",
        "schema": node.schema if is_model else None,
        "relation": node.relation_name,
        "contract": {name: column.data_type for name, column in node.columns.items()} if node.contract.enforced else None,
        "sql": node.compiled_code,
        "reads": sorted(set(reads(node, manifest))),
    }


def reads(node, manifest):
    """The models and sources that a node reads; an ephemeral model stands in its SQL, so that it reads what that one does."""
    for id in node.depends_on.nodes:
        model = manifest.nodes.get(id)
        if model is not None and model.config.materialized == "ephemeral":
            yield from reads(model, manifest)
        else:
            yield id


json.dump(compiled(), answer)
