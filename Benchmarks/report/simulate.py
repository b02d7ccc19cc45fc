#!/usr/bin/env python3
"""Stretches the journal of a real run: as many seconds and orders a second as wanted, everything else kept.

    simulate.py JOURNAL SECONDS RATE > LONGER
"""

import datetime
import json
import random
import sys

source, seconds, rate = sys.argv[1], float(sys.argv[2]), float(sys.argv[3])
with open(source, encoding="utf-8") as lines:
    events = [json.loads(line) for line in lines]
begin = datetime.datetime.fromisoformat(events[0]["at"].replace("Z", "+00:00"))
phases = {event["phase"]: event["t"] for event in events if event["event"] == "phase"}
first, last = phases["warm-up"], phases["settle"]


def stretched(t):
    """Where a moment of the real run lies in the long one."""
    if t <= first:
        return t
    return first + (t - first) * seconds / (last - first) if t <= last else t - last + first + seconds


EACH_SECOND = ("load", "traffic")
made = [(stretched(event["t"]), event) for event in events if event["event"] not in ("operation", *EACH_SECOND)]
by_second = {}
for event in events:
    if event["event"] in EACH_SECOND:
        by_second.setdefault(int(event["t"]), []).append(event)
for second in range(int(seconds)):
    # What was seen at this share of the real run.
    for event in by_second.get(int(first + second * (last - first) / seconds), []):
        t = first + second + event["t"] % 1
        made.append((t, {**event, "second": int(t)} if event["event"] == "load" else event))
draw = random.Random(1)
for arrival in range(int(seconds * rate)):
    t = first + arrival / rate
    names = {"arrival": arrival, "key": f"load-simulated-{arrival}"}
    for operation, mean, spread in (("placement", 1.5, 0.5), ("checkout", 3, 0.7)):
        latency = draw.lognormvariate(mean, spread)
        common = {"event": "operation", "operation": operation, **names}
        made.append((t, {**common, "kind": "invoke"}))
        end = {"kind": "ok", "order": f"{arrival:08x}-0000-4000-8000-000000000000", "status": 200}
        made.append((t + latency / 1000, {**common, **end, "latency_ms": round(latency, 3)}))
made.sort(key=lambda pair: pair[0])
for number, (t, event) in enumerate(made, 1):
    body = {name: value for name, value in event.items() if name not in ("seq", "at", "t")}
    at = (begin + datetime.timedelta(seconds=t)).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    line = {"seq": number, "at": at, "t": round(t, 6), **body}
    print(json.dumps(line, separators=(",", ":"), ensure_ascii=False))
