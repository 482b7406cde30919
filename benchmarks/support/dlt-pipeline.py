# The yardstick of connector.ts: a dlt pipeline that reads the same pages into DuckDB. `dlt-pipeline.py URL DIRECTORY RECORDS`
# prints seconds, those of the processor and the peak of memory as JSON.
import json
import os
import resource
import sys
import time

os.environ["RUNTIME__DLTHUB_TELEMETRY"] = "false"
import dlt  # noqa: E402
import duckdb  # noqa: E402
from dlt.sources.helpers import requests  # noqa: E402

url, directory, records = sys.argv[1], sys.argv[2], int(sys.argv[3])


@dlt.resource(name="refunds", write_disposition="append", primary_key="id")
def refunds():
    after, more = None, True
    while more:
        query = {"limit": 100, **({"starting_after": after} if after else {})}
        answer = requests.get(f"{url}/v1/refunds", params=query, headers={"Authorization": "Bearer bench"})
        page = answer.json()
        yield page["data"]
        more, after = page["has_more"], page["data"][-1]["id"] if page["data"] else None


start, before = time.perf_counter(), sum(os.times()[:4])
database = os.path.join(directory, "dlt.duckdb")
pipeline = dlt.pipeline(
    "bench",
    destination=dlt.destinations.duckdb(database),
    dataset_name="stripe",
    pipelines_dir=os.path.join(directory, "dlt"),
)
pipeline.run(refunds())
seconds, cpu_seconds = time.perf_counter() - start, sum(os.times()[:4]) - before
count = duckdb.connect(database).execute("SELECT count(*) FROM stripe.refunds").fetchone()[0]
assert count == records, f"{count} of {records} records"
peak = max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
print(json.dumps({"seconds": seconds, "cpu_seconds": cpu_seconds, "peak_mb": round(peak / 1024)}))
