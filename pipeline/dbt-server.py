# Runs dbt commands one after another for pipeline/dbt.ts: a line of JSON on stdin is the arguments of one, a line of JSON on
# stdout what became of it. dbt starts and parses the project once, while the sources are still being read.
import json
import os
import queue
import sys
import threading

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

parsed = dbtRunner().invoke(["parse", "--no-write-json"])
runner = dbtRunner(manifest=parsed.result if parsed.success else None)
while True:
    outcome = runner.invoke(requests.get())
    DuckDBConnectionManager.close_all_connections()  # the warehouse is free again for Node
    answers.write(json.dumps({"success": outcome.success}) + "\n")
    answers.flush()
