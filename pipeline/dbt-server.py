# Runs dbt commands one after another for pipeline/dbt.ts: a line of JSON on stdin is the arguments of one, a line of JSON on
# stdout what became of it. dbt starts and reads the project once, while the sources are still being read.
import dataclasses
import gc
import hashlib
import json
import os
import pathlib
import pickle
import queue
import sys
import threading

gc.disable()  # it lives for a run: what it would free is 100 MB, what it would cost a fifteenth of its CPU

answers = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)  # what dbt prints goes with its errors
requests = queue.Queue()


def listen():
    """Ends with the process that asks (its end of the pipe closes), also after kill -9: an orphan would keep the warehouse locked."""
    for line in sys.stdin:
        requests.put(json.loads(line))
    os._exit(1)


threading.Thread(target=listen, daemon=True).start()

from dbt.adapters.duckdb.connections import DuckDBConnectionManager  # noqa: E402
from dbt.cli.main import dbtRunner  # noqa: E402
from dbt.contracts.graph.manifest import Manifest  # noqa: E402

CONNECTORS = os.environ["SOURCED_CONNECTORS"]
WAREHOUSE = pathlib.Path(os.environ["SOURCED_WAREHOUSE"])


def parsed_project():
    """The parsed project, which takes dbt five seconds: kept with its environment for every workspace that has the same."""
    key = project_digest()
    kept = pathlib.Path(sys.prefix, f"sourced-{hashlib.sha256(CONNECTORS.encode()).hexdigest()[:16]}.pickle")
    try:
        with kept.open("rb") as file:
            if pickle.load(file) == key:
                return Manifest(**pickle.load(file))
    except (OSError, EOFError, pickle.UnpicklingError):
        pass
    parsed = dbtRunner().invoke(["parse", "--no-write-json"])
    if not parsed.success:
        return None  # the next command parses again, and says what is wrong
    try:
        partial = kept.with_suffix(f".{os.getpid()}")
        partial.write_bytes(pickle.dumps(key) + pickle.dumps(parts_of(parsed.result)))
        partial.replace(kept)
    except OSError:
        pass  # an environment that cannot be written serves as well
    return parsed.result


def parts_of(manifest):
    """What it is made of, without the indices and the lock, which it makes anew."""
    names = [field.name for field in dataclasses.fields(manifest) if not field.name.startswith("_")]
    return {name: getattr(manifest, name) for name in names}


def project_digest():
    """All that the parsed project depends on: its files, the connectors, the name of the database."""
    digest = hashlib.sha256(f"{CONNECTORS} {WAREHOUSE.stem}".encode())
    for file in sorted(pathlib.Path(os.environ["DBT_PROJECT_DIR"]).rglob("*")):
        if file.is_file():
            digest.update(f"{file}\0".encode() + file.read_bytes() + b"\0")
    return digest.hexdigest()


def answer(outcome):
    nodes = getattr(outcome.result, "results", [])
    return {
        "success": outcome.success,
        "nodes": [{"node": node.node.unique_id, "status": str(node.status), "message": node.message or ""} for node in nodes],
        "error": str(outcome.exception or ""),
    }


runner = dbtRunner(manifest=parsed_project())
while True:
    outcome = runner.invoke(requests.get())
    DuckDBConnectionManager.close_all_connections()  # the warehouse is free again for Node
    answers.write(json.dumps(answer(outcome)) + "\n")
    answers.flush()
